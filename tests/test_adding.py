"""A new thing touches its own files and no others: each is added in a copy of the project.

A provider has a test of its own (tests/webhooks/test_new_provider.py).
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.stage import ROOT

PACKAGED = ("app.py", "chalicelib", "infra", "tools", "localcloud", "docs", ".chalice")
CONTEXT = {
    "__init__.py": '"""What customers wish for."""\n',
    "rules.py": '''"""Wishes."""

from chalicelib.kernel.errors import Conflict


class WishTaken(Conflict):
    """Somebody has wished for it before."""

    code = "WISH_TAKEN"
''',
    "tables.py": '''"""Wishes.

Access patterns
    write  a wish   Put   wishes (wish_id), only once
"""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.kernel.db import dynamo
from chalicelib.kernel.db.dynamo import Document
from chalicelib.wishes.rules import WishTaken


class WishItem(Document):
    class Meta:
        table = "wishes"

    wish_id = UnicodeAttribute(hash_key=True)


def put(wish_id: str) -> None:
    only_once = WishItem.wish_id.does_not_exist()
    dynamo.put(WishItem(wish_id), condition=only_once, on_condition_failed=WishTaken())
''',
    "schemas.py": '''"""Requests and answers of wishes."""

from chalicelib.kernel.web.schema import Body, Id, Wire


class Wish(Body):
    """What is wished for."""

    wish_id: Id


class WishAnswer(Wire):
    """The wish, as it was written down."""

    wish_id: Id
''',
    "routes.py": '''"""Wishes over HTTP."""

from __future__ import annotations

from chalicelib.kernel.web.http import Access, Answer, Routes
from chalicelib.kernel.web.request import Request
from chalicelib.wishes import schemas, tables

routes = Routes(__name__)


@routes.post("/api/wishes", access=Access.PUBLIC, gives="WishAnswer", also=(409,))
def wish(request: Request, body: schemas.Wish) -> Answer:
    """Wish for something."""
    tables.put(body.wish_id)
    return Answer(schemas.WishAnswer(wish_id=body.wish_id))
''',
    "workers.py": '''"""Wishes are counted, and tidied up each day."""

from chalice.app import Blueprint

from chalicelib.kernel.messaging.events import Event
from chalicelib.kernel.messaging.listeners import listens
from chalicelib.kernel.messaging.worker import scheduled

workers = Blueprint(__name__)


@workers.lambda_function(name="tidy_wishes")
@scheduled
def tidy_wishes(now: int) -> int:
    return now


@listens("order.paid")
def fulfil(event: Event) -> None:
    """Nothing is left to wish for."""
''',
}
ROW = """
[tidy_wishes]
about = "Tidies up wishes."
schedule = "rate(1 day)"
memory = 256
timeout = 60
[tidy_wishes.may]
wishes = ["DeleteItem"]
"""
TABLE = """
  WishesTable:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
    Properties:
      TableName: !Sub "${App}-${Stage}-wishes"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: wish_id, AttributeType: S}
      KeySchema:
        - {AttributeName: wish_id, KeyType: HASH}
"""
SCRIPT = """
import json
from pathlib import Path
from app import app
from chalicelib.kernel import i18n
from chalicelib.kernel.messaging import listeners
from chalicelib.wishes.rules import WishTaken
from chalicelib.kernel.web.answers import status_of
from tools import datadoc, functions
from tools.openapi import document

spec = document.generated()
made = json.loads(functions.made(Path.cwd()))["Resources"]
print(json.dumps({
    "route": sorted(app.routes["/api/wishes"]),
    "document": sorted(spec["paths"]["/api/wishes"]["post"]["responses"]),
    "code known": "WISH_TAKEN" in json.dumps(spec),
    "status": status_of(WishTaken()),
    "texts": [i18n.text(locale, "WISH_TAKEN", {}) for locale in ("en", "zh-CN")],
    "listener": "wishes.fulfil" in listeners.found(),
    "worker": [each.name for each in app.pure_lambda_functions if "wish" in each.name],
    "made of the row": sorted(name for name in made if "Wishes" in name),
    "granted": json.dumps(made["TidyWishesRole"]).count("WishesTable"),
    "in the docs": "wishes (wish_id), only once" in datadoc.page(),
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    """What the project knows of the new context, which was only put there."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PACKAGED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, tree / name)
    folder = tree / "chalicelib" / "wishes"
    folder.mkdir()
    for name, text in CONTEXT.items():
        (folder / name).write_text(text)
    for name, more in (("functions.toml", ROW), ("tables.yaml", TABLE)):
        path = tree / "infra" / name
        path.write_text(path.read_text() + more)
    for locale, text in (("en", "Wished for already."), ("zh-CN", "已有人许愿。")):
        path = tree / "chalicelib" / "kernel" / "texts" / f"{locale}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "WISH_TAKEN": text}))
    stage = {"STAGE": "test", "TABLE_PREFIX": "t-", "PARAM_PREFIX": "/t", "AWS_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tree,
        env={**os.environ, **stage, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    made: dict = json.loads(done.stdout)
    return made


def test_a_new_route_is_found_and_stands_in_the_document(found):
    assert found["route"] == ["OPTIONS", "POST"]
    assert {"200", "409", "422"} <= set(found["document"])


def test_a_new_error_is_a_class_and_two_texts(found):
    assert found["code known"] and found["status"] == 409
    assert found["texts"] == ["Wished for already.", "已有人许愿。"]


def test_a_new_table_is_a_model_and_an_entry(found):
    assert found["in the docs"]


def test_a_new_listener_is_a_function(found):
    assert found["listener"]


def test_a_new_worker_is_a_function_and_a_row(found):
    assert found["worker"] == ["tidy_wishes"]
    assert found["made of the row"] == [
        *("TidyWishes", "TidyWishesLogs", "TidyWishesRole"),
    ]
    assert found["granted"] == 1
