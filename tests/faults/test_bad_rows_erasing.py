"""One bad row keeps nobody else from being erased, and no other order from being emptied."""

import pytest

from chalicelib import composition
from chalicelib.kernel import clock
from chalicelib.kernel.personal_data import Person
from chalicelib.privacy import erasure
from chalicelib.privacy.contexts import PERSONAL_DATA
from tests import factory
from tests.accounts import people
from tests.faults.rows import damage
from tests.faults.world import scan
from tests.metrics import metrics


class Traces:
    """Has nothing, or trouble, of one user."""

    def __init__(self, bad: str) -> None:
        self.bad = bad

    def erase(self, person, now: int) -> bool:
        if person.user_id == self.bad:
            raise KeyError(person.user_id)
        return True


@pytest.fixture
def leaving(tables):
    """Three users who asked to be erased."""
    users = [people.register(f"{name}@shop.test") for name in ("ada", "bob", "cyd")]
    waits = {"it": type("Waits", (), {"erase": lambda self, person, now: False})()}
    for user in users:
        signed_in = people.sign_in(user.email)
        caller = composition.identify(signed_in.access_token, None, now=clock.now())
        assert erasure.erase(caller, people.PASSWORD, waits, now=clock.now()) is False
    return users


def go_on(bad: str) -> erasure.Erased:
    return erasure.go_on({"it": Traces(bad)}, now=clock.now() + 120)


def test_one_person_who_can_not_be_erased_keeps_no_other_one_waiting(leaving, capsys):
    capsys.readouterr()
    done = go_on(leaving[0].user_id)
    assert (done.erased, done.left) == (2, 1)
    assert sum(line.get("RowsFailed", 0) for line in metrics(capsys)) == 1


def test_an_account_that_can_not_be_read_keeps_no_other_one_waiting(leaving):
    damage("users", {"user_id": leaving[0].user_id}, epoch="soon")
    done = go_on("nobody")
    assert done.erased == 2
    assert done.counts() == {"erased": 2, "left": 0, "failed": 1, "complete": False}


def test_one_order_that_can_not_be_emptied_keeps_no_other_one_from_it(shop):
    shop.sell("pen", stock=5)
    shop.sell("mug", stock=5)
    user = people.register("ada@shop.test")
    for name in ("pen", "mug", "mug"):
        shop.checkout(factory.cart_with({name: 1}), user_id=user.user_id, email="ada@shop.test")
    damage("stock", {"variant_id": "pen", "place": "main"}, reserved=0)
    done = PERSONAL_DATA["orders"].erase(Person(user.user_id, None), now=clock.now())
    assert done is False
    emails = [row["email"] for row in scan("orders")]
    assert emails.count("ada@shop.test") == 1
