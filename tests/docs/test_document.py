"""The document of the API: written down as it is, valid, whole, and closed."""

import copy
import subprocess
import sys
from dataclasses import replace

import pytest
from chalice.app import Chalice

from app import app
from chalicelib.kernel.caller import Permission
from chalicelib.kernel.web.auth import Access
from chalicelib.kernel.web.http import Routes
from tests import answers
from tests.docs import valid
from tests.stage import ROOT
from tools.openapi import models
from tools.openapi.document import FILE, build, generated, routes, text
from tools.openapi.operations import operation_id


@pytest.fixture(scope="module")
def document():
    return answers.document()


def operations(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_file_in_docs_is_the_document_as_generated_now():
    # By a process of its own, as `make openapi` does it: other tests declare routes of their own.
    code = "from tools.openapi import document; print(document.text(), end='')"
    command = [sys.executable, "-c", code]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert FILE.read_text(encoding="utf-8") == made.stdout, (
        "docs/openapi.json has fallen behind: run `make openapi` and commit it"
    )


def test_control_a_route_that_changes_makes_the_file_fall_behind(monkeypatch):
    changed = copy.deepcopy(generated())
    changed["paths"]["/health"]["get"]["summary"] = "Another"
    monkeypatch.setattr("tools.openapi.document.generated", lambda: changed)
    assert FILE.read_text(encoding="utf-8") != text()


def test_the_document_has_the_routes_of_the_app_and_no_other(document):
    documented = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    assert documented == routes_of(app)


def routes_of(app: Chalice) -> set[tuple[str, str]]:
    # A preflight is a browser's question about a route, not one of its own; so is a HEAD.
    return {
        (path, method)
        for path, methods in app.routes.items()
        for method in methods
        if method not in ("OPTIONS", "HEAD")
    }


def test_control_a_route_past_the_declarations_is_seen(document):
    other = Chalice("other")
    other.route("/api/debug")(dict)
    assert routes_of(other) - {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }


def test_the_document_is_valid_openapi(document):
    assert valid.complaints(document) == []


def test_control_an_invalid_document_is_seen(document):
    broken = copy.deepcopy(document)
    broken["paths"]["/health"]["get"]["responses"]["200"].pop("description")
    assert valid.complaints(broken)


def test_every_reference_leads_somewhere(document):
    for pointer in valid.references(document):
        assert valid.follow(document, pointer) is not None, pointer


def test_operations_have_names_of_their_own(document):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_operation_says_what_it_does_and_where_it_belongs(document):
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert set(operation["tags"]) <= tags, name


def test_every_placeholder_of_a_path_has_its_parameter(document):
    for name, operation in operations(document):
        given = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
        assert {part[1:-1] for part in name.split("/") if part.startswith("{")} == given, name


def test_every_success_of_the_shop_has_a_schema(document):
    untold = [f"{route.method} {route.path}" for route in routes() if route.gives is None]
    assert untold == []


# What an answer's own schema can't tell.
ROOMY = {
    "Export": "whatever the shop keeps of the caller, told to the caller alone; tests of its own",
    "AllSettings": "the settings as they are stored, for who may write them; tests of its own",
    "EntryAnswer": "fields before and after, by the names that they have where they were changed",
    "ResultAnswer": "a row of a job as it was sent, and its values before and after",
    "JobWhole": "the parameters of a job, each kind's own",
}


def test_no_answer_has_room_for_a_field_that_is_not_told(document):
    assert valid.open_objects(document) <= set(ROOMY)


def test_control_an_answer_with_room_is_seen(document):
    loose = copy.deepcopy(document)
    loose["components"]["schemas"]["CartAnswer"]["additionalProperties"] = True
    assert "CartAnswer" in valid.open_objects(loose)


def test_who_may_call_is_written_at_every_operation(document):
    by_id = {operation["operationId"]: operation for _, operation in operations(document)}
    for route in routes():
        operation = by_id[operation_id(route)]
        schemes = {name for one in operation["security"] for name in one}
        if isinstance(route.access, Permission):
            assert schemes == {"bearer", "apiKey"}
            assert {"401", "403"} <= operation["responses"].keys()
        elif route.access is Access.USER:
            assert schemes == {"bearer"}
            assert "401" in operation["responses"]


def test_what_can_be_repeated_with_a_key_takes_one_and_the_rest_says_why_not(document):
    reference = {"$ref": "#/components/parameters/IdempotencyKey"}
    for route in routes():
        operation = document["paths"][route.path][route.method.lower()]
        assert (reference in operation["parameters"]) == route.idempotent, route.path
        assert route.idempotent or route.because or not route.mutates, route.path


def test_a_route_with_limits_may_answer_429(document):
    for route in routes():
        answered = document["paths"][route.path][route.method.lower()]["responses"]
        assert not route.limits or "429" in answered, route.path


def test_a_schema_that_is_not_there_stops_the_build():
    (route,) = [one for one in routes() if one.path == "/api/cart/create"]
    with pytest.raises(LookupError, match="NoSuchSchema"):
        models.given_by(replace(route, gives="NoSuchSchema"))


def test_routes_of_tests_are_not_in_the_document(document):
    blueprint = Routes("tests.docs.somewhere")
    blueprint.get("/api/not-of-the-shop", access=Access.PUBLIC)(lambda request: None)
    assert "/api/not-of-the-shop" not in build(routes())["paths"]
