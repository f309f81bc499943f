"""What only AWS would refuse, or what would be lost in silence: a rule each, and its control."""

import copy

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from localcloud.functions import grants, rules
from tests.packaging.templates import of_type


@pytest.fixture
def broken(resources):
    return copy.deepcopy(resources)


def policies(found: dict, function: str) -> list:
    role = found[f"{function}Role"]["Properties"]
    return [each["PolicyDocument"]["Statement"] for each in role["Policies"]]


def without(found: dict, function: str, action: str) -> None:
    for statements in policies(found, function):
        statements[:] = [one for one in statements if action not in one["Action"]]


# ---- a template of its own ----------------------------------------------------------------------


def test_every_traced_function_may_write_its_traces(resources):
    traced = [f for f in of_type(resources, rules.FUNCTION).values() if f["Tracing"] == "Active"]
    assert traced
    assert rules.untraced(resources) == []


def test_control_a_function_that_may_not_is_found(broken):
    without(broken, "Settle", "xray:PutTraceSegments")
    assert rules.untraced(broken) == ["Settle"]


def test_every_function_has_a_log_group_and_may_write_to_it(resources):
    assert rules.unlogged(resources) == []


def test_control_a_function_without_group_retention_or_right_is_found(broken):
    del broken["SweepLogs"]
    del broken["EraseLogs"]["Properties"]["RetentionInDays"]
    without(broken, "Ledger", "logs:PutLogEvents")
    assert sorted(rules.unlogged(broken)) == ["Erase", "Ledger", "Sweep"]


def test_every_alarm_tells_somebody(resources):
    assert of_type(resources, rules.ALARM)
    assert rules.silent_alarms(resources) == []


def test_control_an_alarm_without_action_is_found(broken):
    del broken["StockDriftAlarm"]["Properties"]["AlarmActions"]
    assert rules.silent_alarms(broken) == ["StockDriftAlarm"]


def test_cloudwatch_can_write_to_the_topic_of_alarms(resources):
    # It can't to one that is encrypted with SNS's own key.
    assert "KmsMasterKeyId" not in resources["Alarms"]["Properties"]
    assert resources["ShopEvents"]["Properties"]["KmsMasterKeyId"] == "alias/aws/sns"


def test_every_queue_of_dead_letters_has_an_alarm(resources):
    assert rules.unwatched_queues(resources) == []


@pytest.mark.parametrize("queue", ["PaymentEventsDead", "LedgerAgainDead", "FailedRuns"])
def test_control_a_queue_streams_or_runs_target_without_alarm_is_found(broken, queue):
    del broken[f"{queue}Alarm"]
    assert rules.unwatched_queues(broken) == [queue]


def test_every_policy_is_well_within_its_limit(resources):
    assert rules.long_policies(resources) == []


def test_control_a_policy_beyond_its_part_is_found(broken):
    (statements,) = policies(broken, "Sweep")
    while grants.length(grants.document(statements)) <= grants.INLINE * grants.FULL:
        statements.append(grants.allow(["dynamodb:GetItem"], [{"Ref": "OrdersTable"}]))
    assert rules.long_policies(broken) == ["SweepRole"]


def test_queues_tables_topics_and_logs_outlive_the_stack(resources):
    for name, resource in resources.items():
        if resource["Type"] in (rules.QUEUE, rules.TABLE, "AWS::Logs::LogGroup"):
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
            assert resource["UpdateReplacePolicy"] == "Retain", name


def test_a_name_holds_the_shops_and_the_stages(resources):
    keys = {"TableName", "QueueName", "TopicName", "AlarmName"}
    for name, resource in resources.items():
        for key in keys & set(resource.get("Properties", {})):
            text = resource["Properties"][key]["Fn::Sub"]
            assert text.startswith("${App}-${Stage}-"), name
            assert "_" not in text, name


# ---- an update of it ----------------------------------------------------------------------------


def test_an_update_that_changes_nothing_is_no_danger(resources):
    assert rules.dangers(resources, resources) == []


def change(found: dict, name: str, **properties: object) -> None:
    found[name]["Properties"].update(properties)


def index(name: str) -> dict:
    return {"IndexName": name, "KeySchema": [], "Projection": {}}


def test_one_index_more_is_taken_and_two_at_once_are_not(resources, broken):
    indexes = broken["OrdersTable"]["Properties"]["GlobalSecondaryIndexes"]
    indexes.append(index("by_new"))
    assert rules.dangers(resources, broken) == []
    indexes.append(index("by_newer"))
    (found,) = rules.dangers(resources, broken)
    assert found == "OrdersTable: more than one index is added or removed at once"


def test_an_index_that_changes_under_its_name_is_found(resources, broken):
    first = broken["OrdersTable"]["Properties"]["GlobalSecondaryIndexes"][0]
    first["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}
    (found,) = rules.dangers(resources, broken)
    assert "changes its Projection under its name" in found


def test_a_replaced_or_removed_table_or_queue_is_found(resources, broken):
    change(broken, "OrdersTable", TableName="other")
    change(broken, "PaymentEvents", QueueName="other")
    del broken["UsersTable"]
    assert sorted(rules.dangers(resources, broken)) == [
        "OrdersTable: replaced by its TableName",
        "PaymentEvents: replaced by its QueueName",
        "UsersTable: removed",
    ]


@pytest.mark.parametrize("kind", rules.REPLACES)
def test_what_replaces_a_resource_is_what_awss_schema_says(kind):
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    named = [*schema.get("createOnlyProperties", ())]
    named += schema.get("conditionalCreateOnlyProperties", ())
    keys = {one.removeprefix("/properties/") for one in named}
    assert keys <= set(rules.REPLACES[kind]), "a key of the schema is missing here"
