"""Row 11: codes that are worth money can't be guessed in bulk, from the day there are any.

Coupons and gift cards come with routes and refusals of their own. These tests look at every route
and every refusal there is, so that the first one without a limit, or uncounted, fails.
"""

import json
import re

import pytest

import app
from chalicelib.kernel.limits import CHECKOUT
from chalicelib.kernel.web.http import Access, Declared, Routes
from chalicelib.security import signals
from tests.stage import ROOT

assert app.app.routes
CODES = ROOT / "chalicelib" / "kernel" / "texts" / "en.json"
WORTH_MONEY = re.compile(r"coupon|gift-?card", re.I)
UNLIMITED = Declared("POST", "/api/coupons/claim", print, "chalicelib.x", Access.PUBLIC)


def guessable(routes: list[Declared]) -> list[str]:
    """Routes that somebody could try codes at without end."""
    tried = (each for each in routes if each.mutates and WORTH_MONEY.search(each.path))
    return [each.path for each in tried if not each.limits]


def uncounted(codes: list[str]) -> list[str]:
    """Refusals of a code that no signal counts."""
    refusals = (code for code in codes if code.isupper() and WORTH_MONEY.match(code))
    return [code for code in refusals if code not in signals.OF_CODES]


def test_no_route_lets_codes_be_tried_without_end():
    assert guessable(Routes.declared) == []


def test_no_refusal_of_a_code_goes_uncounted():
    assert uncounted(list(json.loads(CODES.read_text("utf-8")))) == []


def test_control_a_route_without_a_limit_and_a_refusal_without_a_signal_are_seen():
    assert guessable([UNLIMITED]) == [UNLIMITED.path]
    assert uncounted(["COUPON_INVALID", "SUCCESS"]) == ["COUPON_INVALID"]


@pytest.mark.parametrize("path", ["/api/cart/{cart_id}/checkout", "/api/payment/create"])
def test_what_tries_cards_is_limited_as_a_checkout_is(path):
    (route,) = [each for each in Routes.declared if each.path == path]
    assert route.limits == CHECKOUT
