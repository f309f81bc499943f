"""What a view is handed: body and query, parsed as its annotations say, or it is not called."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.kernel.web.http import Access, Answer, Declared, respond
from chalicelib.kernel.web.request import Request
from chalicelib.kernel.web.schema import Body, Query


class Wish(Body):
    quantity: int = 1


class Page(Query):
    page_size: int = 20


ran: list[tuple[Any, ...]] = []


def both(request: Request, body: Wish, query: Page, thing_id: str) -> Answer:
    """Take everything there is."""
    ran.append((body, query, thing_id))
    return Answer(None)


@pytest.fixture(autouse=True)
def _staged(tables):
    ran.clear()


def call(
    body: bytes, query: dict[str, str] | None = None, *, form: bool = False, kind: str = ""
) -> Any:
    raw = SimpleNamespace(
        method="POST",
        path="/things/{thing_id}",
        headers={"content-type": kind or "application/json"},
        query_params=query,
        uri_params={"thing_id": "mug"},
        raw_body=body,
        context={"requestId": "req-1", "identity": {"sourceIp": "203.0.113.7"}},
    )
    route = Declared("POST", raw.path, both, __name__, Access.PUBLIC, form=form)
    return respond(route, raw, {"thing_id": "mug"})


def test_a_view_is_handed_its_body_its_query_and_what_its_path_names():
    assert call(json.dumps({"quantity": 3}).encode(), {"pageSize": "7"}).status_code == 200
    assert ran == [(Wish(quantity=3), Page(page_size=7), "mug")]


def test_no_body_and_no_query_are_empty_ones():
    assert call(b"").status_code == 200
    assert ran == [(Wish(), Page(), "mug")]


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        (b'{"quantity": "many"}', {}, 422),
        (b'{"quantity": 1, "price": 0}', {}, 422),
        (b"{", {}, 400),
        (b"{}", {"pageSize": "all"}, 422),
    ],
    ids=["wrong", "unknown", "broken", "query"],
)
def test_what_does_not_fit_never_reaches_the_view(body, query, status):
    assert call(body, query).status_code == status
    assert ran == []


def test_a_form_is_read_only_where_the_route_says_so():
    form = {"body": b"quantity=4", "kind": "application/x-www-form-urlencoded"}
    assert call(**form).status_code == 415
    assert ran == []
    assert call(**form, form=True).status_code == 200
    assert ran == [(Wish(quantity=4), Page(), "mug")]


def test_a_module_that_would_load_its_schemas_when_imported_does_not_start():
    def view(request: Request, body: Wish) -> Answer:
        return Answer(body)

    Declared("POST", "/x", view, __name__, Access.PUBLIC)
    view.__annotations__["body"] = Wish  # as without `from __future__ import annotations`
    with pytest.raises(TypeError, match="from __future__ import annotations"):
        Declared("POST", "/x", view, __name__, Access.PUBLIC)
