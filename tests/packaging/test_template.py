"""What the deployed template must hold, whoever edits infra/."""

import json
import re

from tests.packaging.templates import as_list, events, of_type, resolve, statements
from tests.stage import ROOT

ALARM = "AWS::CloudWatch::Alarm"


def test_every_queue_worker_reports_the_messages_that_failed(resources):
    sources = list(events(resources, "SQS"))
    assert sources
    for function, source in sources:
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"], function


def test_every_queue_hides_a_message_six_times_as_long_as_its_worker_may_take(resources):
    queues = of_type(resources, "AWS::SQS::Queue")
    functions = of_type(resources, "AWS::Serverless::Function")
    for function, source in events(resources, "SQS"):
        queue = source["Queue"]["Fn::GetAtt"][0]
        assert queues[queue]["VisibilityTimeout"] >= 6 * functions[function]["Timeout"], queue


def test_every_worked_queue_has_a_dead_letter_queue_after_at_least_five_tries(resources):
    queues = of_type(resources, "AWS::SQS::Queue")
    for _, source in events(resources, "SQS"):
        redrive = queues[source["Queue"]["Fn::GetAtt"][0]]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] >= 5
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues


def test_dead_letters_are_kept_as_long_as_the_service_allows(resources):
    queues = of_type(resources, "AWS::SQS::Queue")
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    assert dead
    assert all(queues[name]["MessageRetentionPeriod"] == 14 * 24 * 3600 for name in dead)


def test_what_a_worked_queue_gives_up_raises_an_alarm(resources):
    queues, alarms = of_type(resources, "AWS::SQS::Queue"), of_type(resources, ALARM).values()
    watched = {
        one["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for one in alarms
        if one["Namespace"] == "AWS/SQS"
    }
    for _, source in events(resources, "SQS"):
        redrive = queues[source["Queue"]["Fn::GetAtt"][0]]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in watched


def test_every_alarm_of_the_shops_own_watches_what_its_code_counts(resources):
    code = "".join(path.read_text() for path in (ROOT / "chalicelib").rglob("*.py"))
    own = [
        one["MetricName"]
        for one in of_type(resources, ALARM).values()
        if one["Namespace"] == "Cartwright"
    ]
    assert own
    assert [name for name in own if f'"{name}"' not in code] == []


def test_alarms_are_no_more_than_somebody_heeds(resources):
    # Ten cost nothing, each more ten cents a month; every queue of dead letters needs one.
    assert len(of_type(resources, ALARM)) <= 16


def test_queues_and_the_bucket_are_encrypted_at_rest(resources):
    assert all(q["SqsManagedSseEnabled"] for q in of_type(resources, "AWS::SQS::Queue").values())
    for bucket in of_type(resources, "AWS::S3::Bucket").values():
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_no_table_switches_its_encryption_off(resources):
    # DynamoDB encrypts every table; only an explicit setting could weaken which key does it.
    for table in of_type(resources, "AWS::DynamoDB::Table").values():
        assert table.get("SSESpecification", {}).get("SSEEnabled", True)


def test_production_tables_can_be_restored_to_any_minute_and_not_be_dropped(resources):
    for name, table in of_type(resources, "AWS::DynamoDB::Table").items():
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], name
        assert table["DeletionProtectionEnabled"], name
        assert resources[name]["DeletionPolicy"] == "RetainExceptOnCreate", name


def test_development_tables_can_be_dropped(prod):
    development = resolve(prod.template, {"Stage": "dev"})
    tables = of_type(development, "AWS::DynamoDB::Table").values()
    assert not any(table["DeletionProtectionEnabled"] for table in tables)


def test_carts_are_removed_when_they_have_expired(resources):
    carts = of_type(resources, "AWS::DynamoDB::Table")["CartsTable"]
    assert carts["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_api_and_its_permission_follow_the_alias(prod):
    text = json.dumps(prod.template["Resources"]["RestAPI"])
    assert re.findall(r"\$\{(\w+)\}/invocations", text)
    assert "Arn}/invocations" not in text
    for name, permission in of_type(prod.template["Resources"], "AWS::Lambda::Permission").items():
        if name.endswith("InvokePermission"):
            assert permission["FunctionName"]["Ref"].endswith(".Alias"), name


def test_every_function_publishes_a_version_of_this_release(prod):
    assert prod.template["Globals"]["Function"]["AutoPublishAlias"] == "live"
    for function in of_type(prod.template["Resources"], "AWS::Serverless::Function").values():
        assert function["AutoPublishCodeSha256"] == prod.release


def test_no_function_may_do_everything_of_anything(resources):
    found = list(statements(resources))
    assert found
    for name, statement in found:
        for action in as_list(statement["Action"]):
            assert not action.endswith(":*"), (name, action)
            assert action != "*", name


def test_only_tracing_is_allowed_on_every_resource(resources):
    for name, statement in statements(resources):
        if "*" in as_list(statement["Resource"]):
            kinds = {action.split(":")[0] for action in as_list(statement["Action"])}
            assert kinds <= {"xray"}, (name, statement)


def test_every_function_has_a_role_of_its_own(resources):
    functions = of_type(resources, "AWS::Serverless::Function").values()
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions]
    assert len(set(roles)) == len(roles)


def test_the_api_has_room_for_more_routes(prod):
    """A REST API takes 300 resources, one for each piece of each path."""
    paths = prod.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    pieces = {"/".join(path.split("/")[:depth])
              for path in paths for depth in range(1, len(path.split("/")) + 1)}  # fmt: skip
    assert len(pieces) < 250


def test_functions_run_on_a_python_that_lambda_takes(prod):
    for function in of_type(prod.template["Resources"], "AWS::Serverless::Function").values():
        assert function["Runtime"] in ("python3.12", "python3.13", "python3.14")
