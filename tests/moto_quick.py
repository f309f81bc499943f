"""moto's tables, without what makes them slow; what comes out is the same.

A transaction of moto's copies the whole table for each of its writes, to have it back when one is
refused: here the copy shares every item that the transaction does not name. An update's expression
is parsed once however often it comes; the three of moto's ten walks over it that judge nothing but
its words are made once for the same words, and each of the others asks once per class of node
whether it has anything to do there. Names of actions are spelt moto's way once each.
"""

import copy
import functools
import pickle
from typing import Any

from moto.core import responses, utils
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node, UpdateExpression
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.sqs import models as sqs

OF_WORDS = [
    validators.ActionCountValidator,
    validators.OverlappingPathsValidator,
    validators.UpdateHashRangeKeyValidator,
]
_transact = DynamoDBBackend.transact_write_items
_parse = UpdateExpressionParser.make.__func__
_concerns: dict[tuple[type, ...], dict[type, bool | None]] = {}
# Expressions, with their names and the table's key, that moto's first three walks have let pass.
_passed: set[tuple[Any, ...]] = set()


def install() -> None:
    DynamoDBBackend.transact_write_items = _transact_write_items
    UpdateExpressionParser.make = classmethod(functools.lru_cache(maxsize=4096)(_parse))
    validators.deepcopy = _copy_of_expression
    validators.Validator.validate = _validate
    DepthFirstTraverser.traverse = _traverse
    spelt = functools.cache(utils.camelcase_to_underscores)
    for module in (utils, responses, sqs):
        module.camelcase_to_underscores = spelt


# ---- transactions ------------------------------------------------------------------------------


def _transact_write_items(backend: Any, writes: list[dict[str, Any]]) -> None:
    named: dict[str, list[dict[str, Any]]] = {}
    for write in writes:
        for request in write.values():
            named.setdefault(request["TableName"], []).append(request.get("Key") or request["Item"])
    before: dict[str, Any] = {}

    def as_it_was(table: Any, memo: Any) -> Any:
        if table.name not in before:
            before[table.name] = _kept(table, named[table.name])
        return before[table.name]

    Table.__deepcopy__ = as_it_was
    try:
        _transact(backend, writes)
    finally:
        del Table.__deepcopy__


def _kept(table: Any, keys: list[dict[str, Any]]) -> Any:
    """The table as it is now, whatever becomes of its items of these keys."""
    kept = copy.copy(table)
    kept.items = copy.copy(table.items)
    if table.has_range_key:
        for name, found in table.items.items():
            kept.items[name] = dict(found)
    for key in keys:
        name = DynamoType(key[table.hash_key_attr])
        rank = DynamoType(key[table.range_key_attr]) if table.has_range_key else None
        item = table.get_item(name, rank)
        if item is not None and rank is not None:
            kept.items[name][rank] = copy.deepcopy(item)
        elif item is not None:
            kept.items[name] = copy.deepcopy(item)
    if table.stream_shard is not None:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.items = list(table.stream_shard.items)
        kept.stream_shard.table = kept
    return kept


# ---- expressions -------------------------------------------------------------------------------


def _copy_of_expression(one: Any) -> Any:
    if type(one) is not UpdateExpression:
        return copy.deepcopy(one)
    if not hasattr(one, "pickled"):
        one.pickled = pickle.dumps(one)
    copied = pickle.loads(one.pickled)
    copied.words = one.pickled
    return copied


def _validate(validator: Any) -> Any:
    walks, tree = validator.processors, validator.node_to_validate
    names = tuple(sorted((validator.expression_attribute_names or {}).items()))
    words = (getattr(tree, "words", None), names, tuple(validator.table.table_key_attrs))
    of_words = [type(walk) for walk in walks[: len(OF_WORDS)]] == OF_WORDS
    if of_words and words in _passed:
        walks = walks[len(OF_WORDS) :]
    for walk in walks:
        tree = walk.traverse(tree)
    if of_words and words[0] is not None:
        _passed.add(words)
    return tree


def _traverse(walk: Any, root: Any) -> Any:
    concerns = _concerns.setdefault(walk.nodes_to_be_processed(), {})
    prepare = _preparing(walk)

    def visit(node: Any, child_id: int) -> Any:
        kind = type(node)
        if kind not in concerns:
            concerns[kind] = _concern(kind, walk)
        concern = concerns[kind]
        if concern is None:
            return node
        parent = node.parent
        for place, child in enumerate(node.children or ()):
            if prepare is not None:
                prepare(node, place)
            visit(child, place)
        if not concern:
            return node
        made = walk.process(node)
        made.parent = parent
        if parent:
            parent.children[child_id] = made
        return made

    return visit(root, -1)


def _concern(kind: type, walk: Any) -> bool | None:
    """Whether the walk does something to nodes of this class; None when it is no node at all."""
    return issubclass(kind, walk.nodes_to_be_processed()) if issubclass(kind, Node) else None


def _preparing(walk: Any) -> Any:
    """What the walk does before it enters a child, when it is more than nothing."""
    idle = type(walk).pre_processing_of_child is DepthFirstTraverser.pre_processing_of_child
    return None if idle else walk.pre_processing_of_child
