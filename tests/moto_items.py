"""moto's items and conditions, without what makes them slow; what comes out is the same.

moto reckons an item's size anew with each attribute that it puts in, copies a value at every level
of its nesting in order to write it down, and does so for each attribute that a projection names.
Here the size of a new item is reckoned once, and a value is written down in one walk. A condition
is parsed once for the same words and names; only its values are looked up each time.
"""

import base64
import copy
from typing import Any

from moto.dynamodb import responses
from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize

MOST_BYTES = 405_000  # moto's
SETS = {"SS", "NS", "BS"}
_parse = ConditionExpressionParser.parse
_operand = ConditionExpressionParser._make_operand
_project = Item.project
_answer = responses.dynamo_to_dict
# By words, names and the names of values: the tree, and which names and values it mentions.
_trees: dict[tuple[Any, ...], tuple[Any, list[str], list[str]]] = {}


def install() -> None:
    DynamoType.__init__ = _init
    DynamoType.__deepcopy__ = _copied
    DynamoType.size = _size
    DynamoType.to_regular_json = _written
    responses.dynamo_to_dict = _answered
    Item.__init__ = _init_item
    Item.project = _projected
    ConditionExpressionParser.parse = _parsed
    ConditionExpressionParser._make_operand = _made_operand


# ---- values ------------------------------------------------------------------------------------


def _init(made: Any, given: Any) -> None:
    if type(given) is DynamoType:
        kind, value = given.type, given.value
    else:
        kind, value = next(iter(given.items()), (None, None))
        if kind is None:
            raise IndexError("a value without a type")
    if kind == "L":
        value = [DynamoType(each) for each in value]
    elif kind == "M":
        value = {name: DynamoType(each) for name, each in value.items()}
    made.type, made.value = kind, value


def _copied(one: Any, memo: Any) -> Any:
    made = DynamoType.__new__(DynamoType)
    made.type = kind = one.type
    if kind == "L":
        made.value = [copy.deepcopy(each, memo) for each in one.value]
    elif kind == "M":
        made.value = {name: copy.deepcopy(each, memo) for name, each in one.value.items()}
    else:
        made.value = list(one.value) if kind in SETS else one.value
    return made


def _size(one: Any) -> int:
    kind, value = one.type, one.value
    if kind == "N":
        return len(str(value))
    if kind in SETS:
        return sum(len(str(each)) if kind == "NS" else bytesize(each) for each in value)
    if kind == "L":
        return sum(each.size() for each in value)
    if kind == "M":
        return sum(bytesize(name) + _valued(each).size() for name, each in value.items())
    if type(value) is str:
        return len(value.encode())
    return 1 if isinstance(value, bool) else bytesize(value)


def _valued(value: Any) -> Any:
    return value if type(value) is DynamoType else DynamoType(value)


def _written(one: Any) -> dict[str, Any]:
    kind, value = one.type, one.value
    if type(value) is dict:
        value = {name: _plain(each) for name, each in value.items()}
    elif type(value) is list:
        value = [_plain(each) for each in value]
    elif kind == "B" and isinstance(value, str):
        value = base64.b64decode(value)
    return {kind: value}


def _plain(value: Any) -> Any:
    return _written(value) if type(value) is DynamoType else copy.deepcopy(value)


def _answered(one: Any) -> Any:
    kind = type(one)
    if kind is str:
        return one
    if kind is DynamoType and one.type not in {"B", "BS"}:
        return {one.type: _answered(one.value)}
    if kind is dict:
        return {name: _answered(each) for name, each in one.items()}
    if kind is list:
        return [_answered(each) for each in one]
    if isinstance(one, Item):
        return _answered(one.to_json())
    return _answer(one)


# ---- items -------------------------------------------------------------------------------------


def _init_item(item: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
    item.hash_key, item.range_key = hash_key, range_key
    item.attrs = LimitedSizeDict()
    for name, value in attrs.items():
        dict.__setitem__(item.attrs, name, DynamoType(value))
    if item.size() > MOST_BYTES:
        raise ItemSizeTooLarge


def _projected(item: Any, expressions: list[list[str]]) -> Any:
    written = item.to_regular_json()
    # Of this one item, for this one call.
    item.to_regular_json = lambda: written
    try:
        return _project(item, expressions)
    finally:
        del item.to_regular_json


# ---- conditions --------------------------------------------------------------------------------


def _parsed(parser: Any) -> Any:
    if not parser.condition_expression:
        return _parse(parser)
    names = tuple(sorted((parser.expression_attribute_names or {}).items()))
    values = tuple(sorted(parser.expression_attribute_values or {}))
    words = (parser.condition_expression, names, values)
    if words not in _trees:
        _trees[words] = _tree(parser)
    tree, named, valued = _trees[words]
    parser.expr_attr_names_found.extend(named)
    parser.expr_attr_values_found.extend(valued)
    return parser._make_op_condition(tree)


def _tree(parser: Any) -> tuple[Any, list[str], list[str]]:
    """A condition as moto parses it, before it is made of its values."""
    own = ConditionExpressionParser(
        parser.condition_expression,
        parser.expression_attribute_names,
        parser.expression_attribute_values,
    )
    own._make_op_condition = lambda tree: tree
    return _parse(own), own.expr_attr_names_found, own.expr_attr_values_found


def _made_operand(parser: Any, node: Any) -> Any:
    if node.kind == parser.Kind.EXPRESSION_ATTRIBUTE_VALUE:
        return AttributeValue(parser._lookup_expression_attribute_value(node.text))
    return _operand(parser, node)
