"""The list of mutations fits the code: each guard is still there to be taken out."""

import ast

import pytest

from tests.mutations import ROOT, rows

MUTATIONS = rows()
# Everything that has guards of its own. The rest shows, documents or watches.
GUARDED = set(
    """accounts balance cart catalog checkout events inventory jobs kernel orders payments privacy
    reporting settlement subscriptions""".split()
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_takes_one_guard_out_and_leaves_python(mutation):
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    assert mutation.old != mutation.new
    mutated = ast.parse(mutation.applied(text))
    assert ast.dump(mutated) != ast.dump(ast.parse(text)), "only words have changed"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_the_tests_that_notice_it_are_there(mutation):
    assert 1 <= len(mutation.tests) <= 2
    for named in mutation.tests:
        path, _, test = named.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in text, named


def test_each_has_a_name_of_its_own_and_there_are_enough():
    assert len({one.name for one in MUTATIONS}) == len(MUTATIONS) >= 25


def test_every_part_of_the_shop_with_guards_is_on_the_list():
    assert {one.context for one in MUTATIONS} == GUARDED


def test_control_a_guard_that_has_moved_is_seen():
    mutation = MUTATIONS[0]
    for text in ("", mutation.old * 2):
        with pytest.raises(ValueError, match="times"):
            mutation.applied(text)
