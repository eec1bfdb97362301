"""JSON Schema of attrs classes, with their docstrings as descriptions."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import re
import types
from collections import abc
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import attrs

from recon_sdk.bounds import Between
from recon_sdk.structuring import unstructure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["attribute_words", "schema_of"]

_SCALARS: Mapping[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    dt.date: {"type": "string", "format": "date"},
    dt.datetime: {"type": "string", "format": "date-time"},
    Decimal: {"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"},
    type(None): {"type": "null"},
}
_LISTS = (list, tuple, set, frozenset, abc.Sequence, abc.Set, abc.Iterable, abc.Collection)
_ENTRY = re.compile(r"    (\w+): (.*)")


def schema_of(kind: Any) -> dict[str, Any]:
    """Describe a class as the strict converter reads it (draft 2020-12).

    Args:
        kind: An attrs class, or any type that a field of one may have.

    Returns:
        A schema without references: classes inside stand where they are used. A class inside
        itself is any object.
    """
    return _schema(kind, ())


def attribute_words(kind: type) -> dict[str, str]:
    """Read the descriptions under `Attributes:` in a class's docstring, each as one line."""
    _, _, section = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    words: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if entry := _ENTRY.fullmatch(line):
            name = entry[1]
            words[name] = entry[2].strip()
        elif line.startswith("        ") and name:
            words[name] += f" {line.strip()}"
        elif line.strip():
            break
    return words


def _schema(kind: Any, outer: tuple[Any, ...]) -> dict[str, Any]:
    origin = get_origin(kind) or kind
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"enum": [member.value for member in kind]}
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_schema(arm, outer) for arm in get_args(kind)]}
    if origin in _LISTS:
        return _array(kind, origin, outer)
    if origin in {dict, abc.Mapping, abc.MutableMapping}:
        inner = (get_args(kind) or (str, Any))[1]
        return {"type": "object", "additionalProperties": _schema(inner, outer)}
    if isinstance(origin, type) and attrs.has(origin):
        return {"type": "object"} if origin in outer else _object(origin, (*outer, origin))
    return {}


def _array(kind: Any, origin: Any, outer: tuple[Any, ...]) -> dict[str, Any]:
    inner = get_args(kind)
    if origin is tuple and inner and inner[-1] is not ...:
        items = [_schema(one, outer) for one in inner]
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }
    return {"type": "array", "items": _schema(inner[0], outer) if inner else {}}


def _object(kind: type, outer: tuple[Any, ...]) -> dict[str, Any]:
    words = attribute_words(kind)
    properties, required = {}, []
    for field in attrs.fields(attrs.resolve_types(kind)):
        if not field.init:
            continue
        shape = _schema(field.type, outer) | _bounds(field.validator)
        if field.name in words:
            shape["description"] = words[field.name]
        if field.default is attrs.NOTHING:
            required.append(field.name)
        else:
            shape["default"] = unstructure(_default_of(field))
        properties[field.name] = shape
    described: dict[str, Any] = {"type": "object"}
    if summary := (inspect.getdoc(kind) or "").partition("\n")[0]:
        described["description"] = summary
    described["properties"] = properties
    if required:
        described["required"] = required
    return {**described, "additionalProperties": False}


def _default_of(field: attrs.Attribute[Any]) -> Any:
    default: Any = field.default
    if isinstance(default, type(_FACTORY)):
        return None if default.takes_self else default.factory()
    return default


def _bounds(validator: Any) -> dict[str, Any]:
    """Give the bounds that our validator, or one of attrs for numbers and choices, checks."""
    found: dict[str, Any] = {}
    for one in _parts(validator):
        if isinstance(one, Between):
            found["minimum"] = one.low
            if one.high is not None:
                found["maximum"] = one.high
        elif key := _ATTRS_BOUNDS.get(getattr(one, "compare_op", "")):
            found[key] = one.bound
        elif isinstance(one, type(_IN)):
            found["enum"] = unstructure(list(one.options))
    return found


def _parts(validator: Any) -> Iterator[Any]:
    if isinstance(validator, type(_AND)):
        for one in getattr(validator, "_validators", ()):
            yield from _parts(one)
    elif isinstance(validator, type(_OPTIONAL)):
        yield from _parts(validator.validator)
    elif validator is not None:
        yield validator


# attrs names the functions that make these, not their classes.
_FACTORY: Any = attrs.Factory(list)
_IN: Any = attrs.validators.in_(())
_AND: Any = attrs.validators.and_(_IN, _IN)
_OPTIONAL: Any = attrs.validators.optional(_IN)
_ATTRS_BOUNDS = {
    ">=": "minimum",
    ">": "exclusiveMinimum",
    "<=": "maximum",
    "<": "exclusiveMaximum",
}
