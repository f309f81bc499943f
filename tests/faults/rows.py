"""Damage in a table that no code of the shop does: a row that can't be read, counters that lie."""

from typing import Any

import boto3

from chalicelib.config import settings


def damage(table: str, key: dict[str, str], **attributes: Any) -> None:
    """Set attributes of one item, whatever they were."""
    boto3.client("dynamodb").update_item(
        TableName=settings().table(table),
        Key={name: {"S": value} for name, value in key.items()},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        ExpressionAttributeNames={f"#{name}": name for name in attributes},
        ExpressionAttributeValues={
            f":{name}": {"S": value} if isinstance(value, str) else {"N": str(value)}
            for name, value in attributes.items()
        },
    )


def unreadable(table: str, key: dict[str, str]) -> None:
    """A status that is none: whoever reads the row gets a ValueError."""
    damage(table, key, status="NONSENSE")
