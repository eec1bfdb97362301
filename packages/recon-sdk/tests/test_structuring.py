"""Strict structuring: a value has its type, or is refused with its path."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs
import pytest

from recon_sdk.bounds import Between
from recon_sdk.errors import ConfigError
from recon_sdk.schema import attribute_words, schema_of
from recon_sdk.structuring import (
    Problem,
    check_structurable,
    problems_of,
    structure,
    unstructure,
)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Side(enum.StrEnum):
    LEFT = "left"


@attrs.frozen
class Inner:
    size: int = attrs.field(default=1, validator=Between(1, 3))


@attrs.frozen
class Outer:
    """All types of values.

    Attributes:
        flag: Says yes
            or no.
        count: How many.

    Source:
        Nowhere.
    """

    flag: bool = False
    count: int = 0
    share: float = 0.5
    word: str = ""
    day: dt.date = dt.date(2026, 1, 1)
    moment: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rate: Decimal = Decimal("1.5")
    colour: Colour = Colour.RED
    level: Level = Level.LOW
    side: Side = Side.LEFT
    choice: Literal["a", 1] = "a"
    words: tuple[str, ...] = ()
    pair: tuple[int, str] = (1, "a")
    numbers: list[int] = attrs.field(factory=list)
    items: Sequence[int] = ()
    kinds: frozenset[str] = frozenset()
    table: Mapping[str, Inner] = attrs.field(factory=dict)
    inner: Inner = attrs.field(factory=Inner)
    maybe: int | None = None
    either: int | str = 0
    anything: Any = None


@pytest.mark.parametrize(
    ("key", "value", "built"),
    [
        ("share", 1, 1.0),
        ("day", "2026-03-31", dt.date(2026, 3, 31)),
        ("day", dt.date(2026, 3, 31), dt.date(2026, 3, 31)),
        ("moment", "2026-03-31T12:00:00+00:00", dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)),
        ("rate", "0.10", Decimal("0.10")),
        ("colour", "blue", Colour.BLUE),
        ("level", 1, Level.LOW),
        ("side", "left", Side.LEFT),
        ("choice", 1, 1),
        ("words", ["a", "b"], ("a", "b")),
        ("pair", [2, "b"], (2, "b")),
        ("items", [1], (1,)),
        ("kinds", ["a"], frozenset({"a"})),
        ("table", {"x": {"size": 2}}, {"x": Inner(2)}),
        ("maybe", None, None),
        ("maybe", 3, 3),
        ("either", "x", "x"),
        ("anything", [{"a": 1}], [{"a": 1}]),
    ],
)
def test_right_values_are_taken(key, value, built):
    assert getattr(structure({key: value}, Outer), key) == built


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("flag", 1, "must be true or false, not 1"),
        ("flag", "true", "must be true or false, not 'true'"),
        ("count", True, "must be a whole number, not True"),
        ("count", 12.9, "must be a whole number, not 12.9"),
        ("count", 12.0, "must be a whole number, not 12.0"),
        ("count", "12", "must be a whole number, not '12'"),
        ("share", "0.5", "must be a number, not '0.5'"),
        ("share", True, "must be a number, not True"),
        ("share", float("nan"), "must be a number, not nan"),
        ("share", float("inf"), "must be a number, not inf"),
        ("word", 7, "must be a text, not 7"),
        ("word", None, "must be a text, not None"),
        ("day", "31.03.2026", "must be a date such as 2026-03-31, not '31.03.2026'"),
        ("day", "20260331", "must be a date"),
        ("day", "2026-02-30", "must be a date"),
        ("day", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "must be a date"),
        ("moment", "2026-03-31T12:00:00", "must be a time with its offset"),
        ("rate", 1.5, "must be a decimal number in quotes"),
        ("rate", "1e5", "must be a decimal number in quotes"),
        ("colour", "RED", "must be one of 'red', 'blue', not 'RED'"),
        ("level", True, "must be one of 1, not True"),
        ("level", 1.0, "must be one of 1, not 1.0"),
        ("side", "right", "must be one of 'left', not 'right'"),
        ("choice", True, "must be one of 'a', 1, not True"),
        ("words", "abc", "must be a list, not 'abc'"),
        ("words", {"a": 1}, "must be a list"),
        ("numbers", "12", "must be a list"),
        ("pair", [1], "must be a list of 2, not [1]"),
        ("table", [], "must be a table of keys and values, not []"),
        ("inner", "x", "must be a table of keys and values, not 'x'"),
        ("maybe", "3", "must be a whole number, not '3'"),
        ("word", ["x" * 100], "must be a text, not ['xxx"),
    ],
)
def test_wrong_values_are_refused(key, value, message):
    with pytest.raises(ConfigError) as caught:
        structure({key: value}, Outer, "here")
    assert caught.value.path == f"here.{key}"
    assert message in caught.value.detail
    assert len(caught.value.detail) < 130


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"words": ["a", 1]}, "words[1]"),
        ({"pair": ["a", "b"]}, "pair[0]"),
        ({"table": {"x": {"size": "1"}}}, "table.x.size"),
        ({"table": {"x": {"size": 9}}}, "table.x.size"),
        ({"inner": {"sise": 9}}, "inner.sise"),
        ({"table": {1: {}}}, "table"),
    ],
)
def test_paths_lead_inside(data, path):
    with pytest.raises(ConfigError) as caught:
        structure(data, Outer)
    assert caught.value.path == path


def test_all_problems_are_listed_as_what_at_path():
    data = {"count": "1", "table": {"x": {"size": 9}}, "cuont": 1}
    assert [str(problem) for problem in problems_of(data, Outer)] == [
        "must be a whole number, not '1' @ count",
        "must be from 1 to 3, not 9 @ table.x.size",
        "unknown key; did you mean 'count'? @ cuont",
    ]
    assert problems_of({}, Outer) == ()
    assert problems_of(3, Outer, "x")[0].path == "x"


def test_a_missing_value_is_named():
    @attrs.frozen
    class Needs:
        word: str

    assert problems_of({}, Needs) == (Problem("word", "is required and missing"),)


def test_unstructure_is_the_inverse():
    value = Outer(words=("a",), colour=Colour.BLUE, maybe=2)
    plain = unstructure(value)
    assert json.loads(json.dumps(plain)) == plain
    assert structure(plain, Outer) == value


def test_classes_that_plain_data_cannot_express_are_told():
    @attrs.frozen
    class Bad:
        function: slice = slice(1)

    check_structurable(Outer)
    with pytest.raises(TypeError, match="Bad has a field that plain data cannot express"):
        check_structurable(Bad)


def test_descriptions_come_from_the_docstring():
    assert attribute_words(Outer) == {"flag": "Says yes or no.", "count": "How many."}


def test_schema_describes_what_is_taken():
    schema = schema_of(Outer)
    assert schema["additionalProperties"] is False
    assert schema["description"] == "All types of values."
    properties = schema["properties"]
    assert properties["flag"] == {
        "type": "boolean",
        "description": "Says yes or no.",
        "default": False,
    }
    shapes = {key: {**shape, "default": 0} for key, shape in properties.items()}
    plain = {"default": 0}
    assert shapes["share"] == {"type": "number", **plain}
    assert shapes["day"] == {"type": "string", "format": "date", **plain}
    assert shapes["colour"] == {"enum": ["red", "blue"], **plain}
    assert shapes["choice"] == {"enum": ["a", 1], **plain}
    assert shapes["words"] == {"type": "array", "items": {"type": "string"}, **plain}
    assert shapes["pair"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert shapes["maybe"] == {"anyOf": [{"type": "integer"}, {"type": "null"}], **plain}
    assert shapes["anything"] == plain
    assert properties["inner"]["properties"]["size"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 3,
        "default": 1,
    }
    assert properties["table"]["additionalProperties"]["type"] == "object"
    json.dumps(schema)


def test_schema_knows_the_validators_of_attrs():
    v = attrs.validators

    @attrs.frozen
    class Bounded:
        low: int = attrs.field(validator=v.and_(v.ge(1), v.lt(9)))
        maybe: int | None = attrs.field(default=None, validator=v.optional(v.le(9)))
        word: str = attrs.field(default="a", validator=v.in_(["a", "b"]))

    schema = schema_of(Bounded)
    assert schema["required"] == ["low"]
    properties = schema["properties"]
    assert properties["low"] == {"type": "integer", "minimum": 1, "exclusiveMaximum": 9}
    assert properties["maybe"]["maximum"] == 9
    assert properties["word"]["enum"] == ["a", "b"]


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        (Between(1), 0, "size: must be at least 1, not 0"),
        (Between(0, 1), 1.5, "size: must be from 0 to 1, not 1.5"),
        (Between(0), float("nan"), "size: must be at least 0, not nan"),
    ],
)
def test_bounds_name_the_attribute(bounds, value, message):
    with pytest.raises(ConfigError, match=message):
        bounds(None, attrs.fields(Inner).size, value)
