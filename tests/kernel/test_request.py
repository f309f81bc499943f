"""Bodies and queries: bounded, strict, and each failure told by its own code."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.admin_schemas import CreateKey
from chalicelib.accounts.schemas import Login
from chalicelib.cart.schemas import AddLine, UpdateLine
from chalicelib.catalog.schemas import ListQuery
from chalicelib.checkout.schemas import BuyNow, Checkout
from chalicelib.kernel import errors, i18n
from chalicelib.kernel.web.request import (
    MAX_BODY_BYTES,
    MalformedJson,
    Request,
    check_size,
    parse_form,
    parse_json,
    validated,
)
from chalicelib.orders.owner_schemas import OrderQuery


def request(body: bytes, content_type: str | None = "application/json") -> Request:
    return Request(
        method="POST",
        path="/",
        headers={"content-type": content_type} if content_type else {},
        parameters={},
        raw_body=body,
        locale="en",
        source_ip="",
        request_id="r",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 1} x',
        b"\xff\xfe",
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_is_not_strict_json_is_refused(body):
    with pytest.raises(MalformedJson):
        parse_json(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_json_can_say_comes_through_as_it_was_said(value):
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_bytes_are_json_or_refused_never_anything_else(body):
    with contextlib.suppress(MalformedJson):
        parse_json(body)


def test_a_body_of_the_most_bytes_passes_and_one_more_does_not():
    check_size(b" " * MAX_BODY_BYTES)
    with pytest.raises(errors.BodyTooLarge) as caught:
        check_size(b" " * (MAX_BODY_BYTES + 1))
    assert caught.value.params == {"limit": MAX_BODY_BYTES}


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", None],
    ids=repr,
)
def test_json_is_told_by_its_media_type_or_by_none(content_type):
    assert request(b'{"variantId": "a"}', content_type).json(AddLine).quantity == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "json", "multipart/*"])
def test_another_media_type_is_refused_with_the_one_expected(content_type):
    with pytest.raises(errors.UnsupportedMediaType) as caught:
        request(b'{"variantId": "a"}', content_type).json(AddLine)
    assert caught.value.params == {"expected": "application/json"}


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_no_body_counts_as_an_empty_object(body):
    with pytest.raises(errors.Invalid) as caught:
        request(body).json(AddLine)
    assert [(f.field, f.text) for f in caught.value.fields] == [("variantId", "field.missing")]


def test_a_form_nests_by_dots_and_reads_a_quantity_as_a_number():
    form = parse_form(
        b"variantId=mug&quantity=2&address.line1=1+Example+Street&address.city=%C3%84"
    )
    assert form == {
        "variantId": "mug",
        "quantity": 2,
        "address": {"line1": "1 Example Street", "city": "Ä"},
    }


@pytest.mark.parametrize("value", ["-1", "1.5", "٢", "1e3", "1" * 10, "0x1", " 2"])
def test_a_quantity_that_is_not_digits_stays_text_and_is_refused(value):
    form = parse_form(f"variantId=mug&quantity={value}".encode())
    with pytest.raises(errors.Invalid) as caught:
        validated(UpdateLine, form)
    assert [field.field for field in caught.value.fields] == ["quantity"]


def test_empty_fields_of_a_form_are_as_if_not_sent():
    assert parse_form(b"note=&email=a") == {"email": "a"}


@pytest.mark.parametrize(
    "body",
    [b"&".join(b"a=1" for _ in range(101)), b"\xff=1", b"address=x&address.line1=y"],
    ids=["too many fields", "not utf-8", "a field that is text and object"],
)
def test_a_form_that_makes_no_sense_is_refused(body):
    with pytest.raises(errors.Malformed):
        parse_form(body)


@given(st.binary(max_size=200))
def test_bytes_are_a_form_or_refused_never_anything_else(body):
    with contextlib.suppress(errors.Malformed):
        assert isinstance(parse_form(body), dict)


def test_a_form_of_many_dots_stays_shallow():
    assert len(json.dumps(parse_form(b"." * 5000 + b"=1"))) < 100


def complaints(model, value) -> list[errors.FieldError]:
    with pytest.raises(errors.Invalid) as caught:
        validated(model, value)
    return caught.value.fields


LONG = "x" * 2000
WRONG = [
    (AddLine, []),
    (AddLine, "text"),
    (AddLine, {"variantId": "a", "price": 1}),
    (AddLine, {"variantId": 1}),
    (AddLine, {"variantId": "../x"}),
    (AddLine, {"variantId": "\ud800"}),
    (AddLine, {"variantId": "a", "quantity": 1.5}),
    (AddLine, {"variantId": "a", "quantity": 10**30}),
    (AddLine, {"variantId": "a", "quantity": 0}),
    (AddLine, {"variant_id": "a"}),
    (AddLine, {"variantId": "a", "\ud800": 1}),
    (Checkout, {"email": "x"}),
    (Checkout, {"email": LONG}),
    (Checkout, {"email": ["a@b.test"]}),
    (Checkout, {"email": "a@b.test", "address": "x"}),
    (Checkout, {"email": "a@b.test", "address": {}}),
    (Checkout, {"email": "a@b.test", "locale": "fr"}),
    (Checkout, {"email": "a@b.test", "note": LONG}),
    (Checkout, {"email": "a@b.test", "note": "\x00"}),
    (BuyNow, {"email": "a@b.test", "variantId": "a", "currency": "usd"}),
    (ListQuery, {"page": "0"}),
    (ListQuery, {"page": "x"}),
    (ListQuery, {"page": "9" * 5000}),
    (ListQuery, {"pageSize": "101"}),
    (ListQuery, {"pageSize": "1.5"}),
    (ListQuery, {"minPrice": "-1"}),
    (ListQuery, {"sort": "bogus"}),
    (ListQuery, {"isHot": "maybe"}),
    (ListQuery, {"brand": LONG}),
    (ListQuery, {"currency": "dollars"}),
    (Checkout, {"email": "a@b.test", "useBalance": "yes"}),
    (Login, {"email": "a@b.test", "password": "x", "cookie": 1}),
    (CreateKey, {"name": "x", "scopes": "MANAGE_STOCK"}),
    (CreateKey, {"name": "x", "scopes": []}),
    (CreateKey, {"name": "x", "scopes": ["MANAGE_STOCK"] * 99}),
    (OrderQuery, {"from": "yesterday"}),
    (OrderQuery, {"to": "2026-13-45"}),
    (OrderQuery, {"to": []}),
]


@pytest.mark.parametrize(
    ("model", "value"), WRONG, ids=lambda value: getattr(value, "__name__", ascii(value)[:60])
)
def test_every_complaint_has_words_and_never_repeats_what_was_sent(model, value):
    for complaint in complaints(model, value):
        assert complaint.text in i18n.texts("en"), complaint
        for locale in i18n.LOCALES:
            words = i18n.text(locale, complaint.text, complaint.params)
            assert "…" not in words, f"{complaint} has a gap"
            assert LONG not in words and "bogus" not in words


def test_a_complaint_names_the_field_by_its_path():
    found = complaints(Checkout, {"email": "a@b.test", "address": {"name": "A"}})
    assert {field.field for field in found} == {
        "address.line1",
        "address.country",
    }


def test_a_field_that_was_left_empty_was_not_given():
    found = validated(Checkout, {"email": "a@b.test", "note": "", "currency": " "})
    assert found.note is None and found.currency is None


@pytest.mark.parametrize(
    "email",
    ["a@b.test", "A.B+c@Sub.Shop.Test", "o'neil@shop.test", "u@bücher.test"],
)
def test_an_address_that_mail_could_reach_is_taken(email):
    assert validated(Checkout, {"email": email}).email.startswith(email.split("@")[0])


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@", "@b.test", "a@b", "a@b.", "a@.test", "a b@c.test", "a@b@c.test", "a,b@c.test",
     "<a@b.test>", "a@b.test\n", "a@b.test\r\nBcc: x@y.test", "a" * 250 + "@b.test", '"a"@b.test'],
    ids=repr,
)  # fmt: skip
def test_what_is_no_address_is_refused(email):
    assert [field.field for field in complaints(Checkout, {"email": email})] == ["email"]
