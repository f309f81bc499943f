"""Queues that hear the shop's events: what CloudFormation makes so that the topic fills them.

Which types a queue asks for follows from the code: from the `@listens(…)` whose queue it is.
"""

from __future__ import annotations

from typing import Any

from localcloud.functions.rows import Queue, Rows, logical
from localcloud.problem import Problem

Template = dict[str, Any]
TOPIC = "ShopEvents"


def resources(rows: Rows) -> Template:
    """A subscription and a queue's policy for each queue with `events`. Raises `Problem` for one
    that no listener names, and for listeners whose queue has no row."""
    from chalicelib.kernel.messaging import listeners

    known = list(listeners.found().values())
    queues = {row.queue.name: row.queue for row in rows.functions if row.queue and row.queue.events}
    made: Template = {}
    for queue in queues.values():
        asked = listeners.policy(queue.name, known)
        if not asked["type"]:
            raise Problem(f"functions.toml: nobody listens to events on the queue {queue.name}.")
        made |= _of(queue, asked)
    return made


def unheard(rows: Rows) -> list[str]:
    """Listeners whose queue has no row with `events`: they would never be called."""
    from chalicelib.kernel.messaging import listeners

    queues = {row.queue.name for row in rows.functions if row.queue and row.queue.events}
    return sorted(one.name for one in listeners.found().values() if one.queue not in queues)


def _of(queue: Queue, asked: dict[str, list[str]]) -> Template:
    name, arn = logical(queue.name), {"Fn::GetAtt": [logical(queue.name), "Arn"]}
    subscription = {
        "TopicArn": {"Ref": TOPIC},
        "Protocol": "sqs",
        "Endpoint": arn,
        # As it was published: a wrapped message hides the id of the call that caused it.
        "RawMessageDelivery": True,
        "FilterPolicy": asked,
    }
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": TOPIC}}},
    }
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    return {
        f"{name}Subscription": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
        f"{name}Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": name}], "PolicyDocument": policy},
        },
    }
