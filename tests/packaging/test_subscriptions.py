"""Queues that hear events: the topic fills them with what the code listens to."""

import pytest

from chalicelib.kernel.messaging import listeners
from localcloud.functions import resources, rows, subscriptions
from localcloud.problem import Problem
from tests.packaging.test_rows import INFRA, WORKER, read
from tools import permissions

HEARS = WORKER.replace('name = "notices"', 'name = "notices", events = true')


@pytest.fixture
def mails(monkeypatch):
    """Somebody listens to paid orders on the queue `notices`."""
    mails = listeners.Listener("a.mails", frozenset({"order.paid"}), print, queue="notices")
    monkeypatch.setattr(listeners, "found", lambda: {mails.name: mails})


def test_a_queue_of_events_is_filled_with_what_its_listeners_take(tmp_path, mails):
    made = resources.template(read(tmp_path, HEARS), INFRA)["Resources"]
    properties = made["NoticesSubscription"]["Properties"]
    assert properties["FilterPolicy"] == {"type": ["order.paid"], "v": ["1"], "quiet": ["false"]}
    assert properties["RawMessageDelivery"] is True
    assert properties["Endpoint"] == {"Fn::GetAtt": ["Notices", "Arn"]}


def test_only_the_topic_may_fill_it(tmp_path, mails):
    made = resources.template(read(tmp_path, HEARS), INFRA)["Resources"]
    (allowed,) = made["NoticesPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "ShopEvents"}}}
    assert made["NoticesPolicy"]["Properties"]["Queues"] == [{"Ref": "Notices"}]


def test_a_queue_that_nobody_listens_to_is_refused(tmp_path):
    with pytest.raises(Problem, match="nobody listens"):
        resources.template(read(tmp_path, HEARS), INFRA)


def test_every_listeners_queue_has_a_row():
    assert subscriptions.unheard(permissions.all_rows()) == []


def test_control_a_listener_whose_queue_has_no_row_is_seen(mails):
    assert subscriptions.unheard(permissions.all_rows()) == ["a.mails"]


STREAM = """
[note]
about = "Notes new carts."
memory = 256
timeout = 30
inserts = ["carts"]
queue = { name = "notes" }
"""


def test_a_function_may_get_a_tables_new_items_alone(tmp_path):
    made = resources.template(read(tmp_path, STREAM), INFRA)["Resources"]
    (source,) = [
        each["Properties"]
        for each in made["Note"]["Properties"]["Events"].values()
        if each["Type"] == "DynamoDB"
    ]
    assert source["Stream"] == {"Fn::GetAtt": ["CartsTable", "StreamArn"]}
    assert source["FilterCriteria"] == {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}


def test_new_items_too_need_a_queue_for_those_that_fail(tmp_path):
    with pytest.raises(Problem, match="give it one"):
        read(tmp_path, STREAM.replace('queue = { name = "notes" }', ""))


def test_a_row_says_where_its_records_come_from():
    relay: rows.Function = permissions.all_rows().one("relay")
    assert set(relay.sources) == {"orders", "payments", "products", "carts"}
