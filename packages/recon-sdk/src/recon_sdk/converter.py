"""The one cattrs converter, and a strict one.

A plain converter turns 12.9 into 12, `True` into 1, 7 into "7" and a text into a list of letters.
For money and switches that is corruption. Here a value either has the type or is refused.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import enum
import math
import re
import types
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, NoReturn, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import (
    IterableValidationError,
    IterableValidationNote,
    StructureHandlerNotFoundError,
)
from cattrs.gen import make_dict_structure_fn

__all__ = ["WrongValueError", "make_converter"]

_Hook = Callable[[Any, Any], Any]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_LISTS: Mapping[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    abc.Sequence: tuple,
    abc.Iterable: tuple,
    abc.Collection: tuple,
    tuple: tuple,
    set: set,
    abc.Set: frozenset,
    frozenset: frozenset,
}
_TABLES = (dict, abc.Mapping, abc.MutableMapping)


class WrongValueError(Exception):
    """A value has another type than asked for. The message is meant for people."""


def make_converter() -> cattrs.Converter:
    """Make the strict converter.

    Whole numbers are no truth values and have no fraction, texts are texts, lists come from lists,
    dates are ISO 8601, enumerations go by value, and an unknown key is an error.
    """
    converter = cattrs.Converter(
        forbid_extra_keys=True,
        structure_fallback_factory=_unknown,
        unstruct_collection_overrides={abc.Set: _in_order, tuple: list},
    )
    for kind, hook in _SCALARS.items():
        converter.register_structure_hook(kind, _or_enumeration(hook))
    converter.register_structure_hook_factory(attrs.has, lambda kind: _class(kind, converter))
    converter.register_structure_hook_factory(
        lambda kind: _origin(kind) in _LISTS, lambda kind: _list(kind, converter)
    )
    converter.register_structure_hook_factory(
        lambda kind: _origin(kind) in _TABLES, lambda kind: _table(kind, converter)
    )
    converter.register_structure_hook_factory(
        lambda kind: get_origin(kind) in {Union, types.UnionType},
        lambda kind: _union(kind, converter),
    )
    converter.register_structure_hook_factory(
        lambda kind: _origin(kind) == Literal, lambda kind: _choice(get_args(kind))
    )
    converter.register_structure_hook_factory(_is_enumeration, _enumeration)
    converter.register_structure_hook(enum.Enum, _or_enumeration(_unknown))
    for named in (enum.StrEnum, enum.IntEnum):  # else they pass as the texts that they are
        converter.register_unstructure_hook(named, lambda member: member.value)
    converter.register_unstructure_hook(dt.date, dt.date.isoformat)
    converter.register_unstructure_hook(dt.datetime, dt.datetime.isoformat)
    converter.register_unstructure_hook(Decimal, lambda value: format(value, "f"))
    return converter


# ------------------------------------------------------------------------------------------------
# Single values
# ------------------------------------------------------------------------------------------------


def _refuse(wanted: str, value: object) -> NoReturn:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    message = f"must be {wanted}, not {shown}"
    raise WrongValueError(message)


def _exactly(kind: type, words: str) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            _refuse(words, value)
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value):
        _refuse("a number", value)
    return float(value)


def _date(value: Any, _: Any) -> dt.date:
    if type(value) is dt.date:  # TOML has dates of its own
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    _refuse("a date such as 2026-03-31", value)


def _time(value: Any, _: Any) -> dt.datetime:
    if isinstance(value, str) and _DATE.match(value):
        with contextlib.suppress(ValueError):
            value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        _refuse("a time with its offset, such as 2026-03-31T12:00:00+00:00", value)
    return value


def _decimal(value: Any, _: Any) -> Decimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        _refuse("a decimal number in quotes, such as '12.50'", value)
    return Decimal(value)


def _choice(allowed: tuple[Any, ...]) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        for one in allowed:
            if type(value) is type(one) and value == one:
                return one
        _refuse("one of " + ", ".join(map(repr, allowed)), value)

    return hook


def _enumeration(kind: type[enum.Enum]) -> _Hook:
    pick = _choice(tuple(member.value for member in kind))
    return lambda value, _: kind(pick(value, _))


def _in_order(items: Iterable[Any]) -> list[Any]:
    return sorted(items, key=repr)


def _unknown(kind: Any, _: Any = None) -> NoReturn:
    """Refuse a type when its hook is asked for, not only when a value comes."""
    message = f"there is no plain form of {kind!r}"
    raise StructureHandlerNotFoundError(message, kind)


def _is_enumeration(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _or_enumeration(scalar: _Hook) -> _Hook:
    """Send an enumeration whose members are texts or numbers to its own hook.

    The converter looks for the hook of a class along its bases, so it finds `str` for a `StrEnum`.
    """

    def hook(value: Any, kind: Any) -> Any:
        return (_enumeration(kind) if _is_enumeration(kind) else scalar)(value, kind)

    return hook


_SCALARS: Mapping[Any, _Hook] = {
    bool: _exactly(bool, "true or false"),
    int: _exactly(int, "a whole number"),
    str: _exactly(str, "a text"),
    float: _number,
    dt.date: _date,
    dt.datetime: _time,
    Decimal: _decimal,
}


# ------------------------------------------------------------------------------------------------
# Values of values
# ------------------------------------------------------------------------------------------------


def _origin(kind: Any) -> Any:
    return get_origin(kind) or kind


def _each(
    items: Iterable[tuple[Any, Any]], hooks: Callable[[Any], tuple[_Hook, Any]], kind: Any
) -> list[tuple[Any, Any]]:
    """Structure the values; on failure report every failing one with its position or key."""
    done, errors = [], []
    for at, value in items:
        hook, inner = hooks(at)
        try:
            done.append((at, hook(value, inner)))
        except Exception as error:
            error.add_note(IterableValidationNote(f"@ {at}", at, inner))
            errors.append(error)
    if errors:
        message = "values are wrong"
        raise IterableValidationError(message, errors, kind)
    return done


def _list(kind: Any, converter: cattrs.Converter) -> _Hook:
    build = _LISTS[_origin(kind)]
    inner: tuple[Any, ...] = get_args(kind) or (Any, ...)
    fixed = build is tuple and _origin(kind) is tuple and inner[-1] is not ...
    hooks = [(converter.get_structure_hook(one), one) for one in inner if one is not ...]

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple):
            _refuse("a list", value)
        if fixed and len(value) != len(hooks):
            _refuse(f"a list of {len(hooks)}", value)
        done = _each(enumerate(value), lambda at: hooks[at if fixed else 0], kind)
        return build(item for _, item in done)

    return hook


def _table(kind: Any, converter: cattrs.Converter) -> _Hook:
    key_kind, inner = get_args(kind) or (Any, Any)
    key_hook = converter.get_structure_hook(key_kind)
    inner_hook = converter.get_structure_hook(inner)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            _refuse("a table of keys and values", value)
        done = _each(value.items(), lambda _: (inner_hook, inner), kind)
        return {key_hook(key, key_kind): item for key, item in done}

    return hook


def _union(kind: Any, converter: cattrs.Converter) -> _Hook:
    arms = [arm for arm in get_args(kind) if arm is not type(None)]
    optional = len(arms) < len(get_args(kind))
    hooks = [(converter.get_structure_hook(arm), arm) for arm in arms]

    def hook(value: Any, _: Any) -> Any:
        if value is None and optional:
            return None
        for at, (arm_hook, arm) in enumerate(hooks):
            try:
                return arm_hook(value, arm)
            except Exception:
                if at == len(hooks) - 1:
                    raise
        return None

    return hook


def _class(kind: Any, converter: cattrs.Converter) -> _Hook:
    inner: _Hook = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def hook(value: Any, wanted: Any) -> Any:
        if not isinstance(value, Mapping):
            _refuse("a table of keys and values", value)
        return inner(value, wanted)

    return hook
