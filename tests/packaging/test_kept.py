"""Data of an older shape is not lost in silence when the local shop is opened again."""

import copy

import pytest

from localcloud import kept
from localcloud.problem import Problem


@pytest.fixture
def newer(local):
    return copy.deepcopy(local.template)


def test_data_of_the_same_shape_is_taken_over(local, tmp_path):
    kept.remember(tmp_path, local.template)
    kept.check(tmp_path, local.template)


def test_a_new_table_or_index_loses_nothing(local, newer, tmp_path):
    kept.remember(tmp_path, local.template)
    table = copy.deepcopy(newer["Resources"]["OrdersTable"])
    newer["Resources"]["NewTable"] = table
    indexes = newer["Resources"]["PaymentsTable"]["Properties"]["GlobalSecondaryIndexes"]
    indexes += [{**indexes[0], "IndexName": name} for name in ("by_a", "by_b")]
    kept.check(tmp_path, newer)


@pytest.mark.parametrize("change", ["renamed", "removed"])
def test_a_table_that_would_be_lost_is_named_with_what_to_do(local, newer, tmp_path, change):
    kept.remember(tmp_path, local.template)
    if change == "renamed":
        newer["Resources"]["CartsTable"]["Properties"]["TableName"] = {"Fn::Sub": "other"}
    else:
        del newer["Resources"]["CartsTable"]
    with pytest.raises(Problem, match=r"CartsTable.*make reset"):
        kept.check(tmp_path, newer)


def test_data_of_which_nobody_wrote_down_the_shape_is_older_than_this(local, tmp_path):
    with pytest.raises(Problem, match=r"an older version of the shop.*make reset"):
        kept.check(tmp_path, local.template)
