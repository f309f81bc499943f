"""Rows 37 to 40: no secret is packaged, no function may more than it must, no card is ever seen."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from chalicelib.config import SECRETS_MAX_AGE_SECONDS
from chalicelib.kernel.parameters import secrets
from tests import answers, stage
from tests.faults.world import unpacked
from tests.packaging.templates import as_list, of_type, statements
from tests.security.walk import ROUTES, name
from tests.stage import ROOT
from tools import permissions

# What a secret looks like, wherever it stands.
SECRET = re.compile(
    r"sk_(live|test)_[0-9A-Za-z]{8,}|rk_(live|test)_[0-9A-Za-z]{8,}|whsec_[0-9A-Za-z]{8,}"
    r"|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJhbGciOi[\w-]+\.[\w-]+\.[\w-]+"
)
# A card's number: 13 to 19 digits, maybe in groups, not a part of something longer.
DIGITS = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
CARD_FIELDS = re.compile(
    r"card.?number|^pan$|cvv|cvc|security.?code|card.?expir|exp.?(month|year)", re.I
)


def is_card(text: str) -> bool:
    """Whether the digits pass Luhn's test, as every card's number does."""
    digits = [int(letter) for letter in reversed(text) if letter.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (
        len(digits) >= 13 and len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0
    )


def cards_in(text: str) -> list[str]:
    return [found for found in DIGITS.findall(text) if is_card(found)]


# ---- 37: secrets ----------------------------------------------------------------------------


def test_the_environment_holds_names_only(resources):
    functions = of_type(resources, "AWS::Serverless::Function")
    assert functions
    for function, properties in functions.items():
        for variable, value in properties["Environment"]["Variables"].items():
            assert not SECRET.search(json.dumps(value)), (function, variable)
            assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL", variable), variable


def test_no_secret_is_in_the_template_or_the_packages(prod):
    assert not SECRET.search(json.dumps(prod.template))
    for archive in (prod.code,):
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.namelist():
                assert not SECRET.search(opened.read(entry).decode("utf-8", "replace")), entry


def test_a_secret_that_is_turned_is_used_within_five_minutes(tables):
    import boto3

    from chalicelib.kernel import parameters

    assert SECRETS_MAX_AGE_SECONDS <= 300
    assert secrets().required("admin/key") == stage.SECRETS["admin/key"]
    boto3.client("ssm").put_parameter(
        Name="/cartwright/test/admin/key", Value="turned", Type="SecureString", Overwrite=True
    )
    parameters.forget()  # what five minutes do
    assert secrets().required("admin/key") == "turned"


def test_secrets_never_show_their_values(tables):
    secrets().required("admin/key")
    assert "admin/key" in repr(secrets())
    assert stage.SECRETS["admin/key"] not in repr(secrets())


def test_control_a_secret_in_a_file_would_be_seen():
    assert SECRET.search('KEY = "sk_live_' + "4eC39HqLyjWDarjt" + '"')


# ---- 38: what functions may do ----------------------------------------------------------------


def test_every_statement_names_its_actions_and_its_resources(resources):
    for role, statement in statements(resources):
        for action in as_list(statement["Action"]):
            assert "*" not in action, (role, action)
        tables = [each for each in as_list(statement["Resource"]) if each == "*"]
        actions = as_list(statement["Action"])
        assert not tables or all(action.startswith("xray:") for action in actions), role


@pytest.mark.parametrize("function", permissions.functions())
def test_a_policy_reaches_the_tables_of_its_function_and_no_others(function):
    """Nobody deletes orders, payments, the ledger or the audit log, and workers see no accounts."""
    forever = {"orders", "payments", "ledger", "audit", "webhooks"}
    granted = permissions.granted(function)
    deleted = {resource for resource, action in granted if action == "dynamodb:DeleteItem"}
    assert not deleted & forever
    if function in ("settle", "sweep", "ledger", "webhooks"):
        named = {resource.partition("/")[0] for resource, _ in granted}
        assert not named & {"users", "sessions", "tickets", "api-keys"}


# ---- 40: cards ----------------------------------------------------------------------------------


def test_no_route_takes_and_no_table_keeps_what_stands_on_a_card():
    fields = {
        field
        for schema in answers.document()["components"]["schemas"].values()
        for field in schema.get("properties", {})
    }
    assert len(fields) > 50
    assert not [field for field in fields if CARD_FIELDS.search(field)]
    assert not [route.path for route in ROUTES if CARD_FIELDS.search(route.path)]
    attributes = set()
    for path in (ROOT / "chalicelib").rglob("*.py"):
        attributes |= set(re.findall(r"(\w+) = \w+Attribute\(", path.read_text("utf-8")))
    assert len(attributes) > 50
    assert not [attribute for attribute in attributes if CARD_FIELDS.search(attribute)]


def test_no_card_is_in_the_tables_after_a_purchase(shop, capsys):
    import boto3

    shop.sell("mug", stock=5)
    shop.settle(shop.buy({"mug": 1}))
    client, found = boto3.client("dynamodb"), []
    for table in client.list_tables()["TableNames"]:
        text = json.dumps(client.scan(TableName=table)["Items"], default=unpacked)
        found += [(table, each) for each in cards_in(_without_times(text))]
    assert found == []
    assert cards_in(_without_times(capsys.readouterr().out)) == []


def _without_times(text: str) -> str:
    """Milliseconds since the epoch have as many digits as the shortest cards."""
    return re.sub(r"\b1[6-9]\d{11}\b", "time", text)


@pytest.mark.parametrize("number", ["4242424242424242", "4242 4242 4242 4242", "378282246310005"])
def test_control_a_card_would_be_seen(number):
    assert cards_in(f'{{"note": "{number}"}}') == [number]


def test_the_storefront_asks_for_no_card():
    for path in sorted((ROOT / "storefront").rglob("*.js")) + sorted(
        (ROOT / "storefront").rglob("*.html")
    ):
        if {"node_modules", "vendor"} & set(Path(path).parts):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'autocomplete="?cc-|name="?card', text), path.name


def test_every_route_was_looked_at():
    assert len({name(route) for route in ROUTES}) == len(ROUTES) > 40
