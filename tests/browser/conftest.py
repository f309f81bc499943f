"""One browser for the folder, a new profile for each visitor, and nothing overlooked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from localcloud import Cloud
from tests.browser import chromium
from tests.browser.account_pages import Person
from tests.browser.mailbox import Mailbox
from tests.browser.shop import OtherShopper, Provider
from tests.browser.visitor import Visitor

Arrive = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with chromium.launched(chromium.require()) as opened:
        yield opened


@pytest.fixture
def visitor(browser: Any, cloud: Cloud) -> Iterator[Arrive]:
    """Brings somebody to the shop. At the end nobody may have met an error that was not meant."""
    arrived: list[Visitor] = []

    def arrive(**wishes: Any) -> Visitor:
        arrived.append(Visitor.arrive(browser, cloud.addresses["shop"], **wishes))
        return arrived[-1]

    yield arrive
    for one in arrived:
        one.context.close()
    assert [trouble for one in arrived for trouble in one.troubles] == []


@pytest.fixture
def provider(cloud: Cloud) -> Provider:
    """The payment sandbox from behind."""
    return Provider(cloud)


@pytest.fixture
def mailbox(cloud: Cloud) -> Mailbox:
    """The mails that the shop would send from now on."""
    return Mailbox(cloud)


@pytest.fixture
def person(cloud: Cloud) -> Person:
    """Somebody with an account, not signed in yet."""
    return Person.registered(cloud.addresses["shop"])


@pytest.fixture
def other_shopper(cloud: Cloud) -> OtherShopper:
    """Somebody else who buys at the same time, over the API."""
    return OtherShopper(cloud)
