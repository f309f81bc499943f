"""Policies: what a row grants and nothing more, within what IAM takes."""

import pytest

from localcloud.functions import grants, resources, rows
from localcloud.functions.grants import Resource
from localcloud.problem import Problem
from tests.stage import ROOT


def row(**given) -> rows.Function:
    return rows.Function(**{"name": "n", "about": "x", "memory": 128, "timeout": 9, **given})


TABLES = {f"table{n}": Resource("dynamodb", f"Table{n}Table", f"table{n}") for n in range(200)}


def allowed(found: list) -> set[str]:
    return {action for statement in found for action in statement["Action"]}


def test_a_table_an_index_and_a_stream_are_named_apart():
    given = row(may={"table1": ("GetItem",), "table1/index": ("Query",)})
    (_, _, get, query) = grants.statements(given, TABLES)
    assert get["Resource"] == [{"Fn::GetAtt": ["Table1Table", "Arn"]}]
    assert query["Resource"] == [{"Fn::Sub": "${Table1Table.Arn}/index/*"}]


def test_only_what_is_traced_may_trace_and_only_who_reads_parameters_may_read_them():
    scheduled = grants.statements(row(schedule="rate(1 minute)"), {**TABLES, **runs()})
    assert allowed(scheduled) == {
        *("logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"),
    }
    (*_, parameters) = grants.statements(row(parameters=("stripe",)), TABLES)
    (resource,) = parameters["Resource"]
    assert resource["Fn::Sub"].endswith("parameter/${App}/${Stage}/stripe/*")


def runs() -> dict[str, Resource]:
    return {grants.FAILED_RUNS: Resource("sqs", "FailedRuns", grants.FAILED_RUNS)}


def wide(number: int) -> list:
    """A statement for each of so many tables."""
    actions = ["Get", "Put", "Update", "Delete", "Query", "Scan", "BatchGet", "BatchWrite"]
    return [
        grants.allow([f"dynamodb:{actions[n % 8]}{n}"], [{"Fn::GetAtt": [f"Table{n}", "Arn"]}])
        for n in range(number)
    ]


def test_what_is_too_long_for_one_policy_is_packed_into_several_whole():
    assert grants.is_inline(wide(30)) and not grants.is_inline(wide(60))
    packed = grants.packed(wide(60))
    assert 1 < len(packed) <= grants.MOST_MANAGED
    assert [one for part in packed for one in part] == wide(60)
    longest = max(grants.length(grants.document(part)) for part in packed)
    assert longest <= grants.MANAGED * grants.FULL


def test_what_fits_into_no_number_of_policies_is_refused():
    with pytest.raises(Problem, match="do not fit into the policies that a role may have"):
        grants.packed(wide(400))


def test_a_function_with_packed_policies_has_all_of_them_on_its_role(tmp_path):
    tables = sorted(resources.names(rows.Rows((), ()), ROOT / "infra"))[:30]
    path = tmp_path / "functions.toml"
    lines = [f'"{table}/index/by_{n}" = ["Query{n}", "Scan{table}"]' for table in tables
             for n in range(3) if table not in ("alarms", "failed-runs")]  # fmt: skip
    head = '[wide]\nabout = "x"\nmemory = 128\ntimeout = 9\npaths = ["/api"]\n[wide.may]\n'
    path.write_text(head + "\n".join(lines))
    made = resources.template(rows.read(path), ROOT / "infra")["Resources"]
    role = made["WideRole"]["Properties"]
    assert "Policies" not in role
    named = [one["Ref"] for one in role["ManagedPolicyArns"]]
    assert named == [name for name in made if name.startswith("WidePolicy")]
    assert len(named) > 1


def test_a_policys_length_is_that_of_the_longest_names_aws_may_make():
    statement = grants.allow(["dynamodb:GetItem"], [{"Fn::GetAtt": ["OrdersTable", "Arn"]}])
    assert grants.length(statement) > len(str(statement)) + 50
