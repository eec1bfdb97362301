"""Strict structuring: plain data from TOML or JSON into attrs classes; errors are paths."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from recon_sdk.converter import make_converter
from recon_sdk.errors import ConfigError, DataError
from recon_sdk.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Problem",
    "at",
    "check_structurable",
    "join_path",
    "problems_of",
    "structure",
    "unstructure",
]

T = TypeVar("T")

_CONVERTER = make_converter()


@attrs.frozen
class Problem:
    """One thing that is wrong in the given data.

    Attributes:
        path: Where, for example `rules.exact_amount.weight` or `plugins[1]`.
        detail: What is wrong.
    """

    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.detail} @ {self.path}" if self.path else self.detail


def structure(value: object, kind: type[T], path: str = "") -> T:
    """Build a value of a class from plain data.

    Args:
        value: Mappings, lists, texts, numbers, as TOML and JSON readers give them.
        kind: The class to build.
        path: Where the value stands; prefixed to the path of an error.

    Raises:
        ConfigError: The first thing that is wrong, with its path.
    """
    try:
        return _CONVERTER.structure(value, kind)
    except Exception as error:
        first = _walk(error, path)[0]
        raise ConfigError(first.path, first.detail) from error


def problems_of(value: object, kind: type, path: str = "") -> tuple[Problem, ...]:
    """List everything that is wrong with the data, () where nothing is."""
    try:
        structure(value, kind)
    except ConfigError as error:
        return tuple(_walk(error.__cause__ or error, path))
    return ()


def check_structurable(kind: type) -> None:
    """See whether `structure` can build the class and all classes that its fields name.

    Raises:
        TypeError: A field has a type that plain data cannot express.
    """
    todo, seen = [kind], {kind}
    while todo:
        here = todo.pop()
        try:
            _CONVERTER.get_structure_hook(here)
        except Exception as error:
            detail = f"{here.__name__} has a field that plain data cannot express: {error}"
            raise TypeError(detail) from error
        for field in attrs.fields(attrs.resolve_types(here)):
            if isinstance(field.type, type) and attrs.has(field.type) and field.type not in seen:
                seen.add(field.type)
                todo.append(field.type)


@contextlib.contextmanager
def at(path: str) -> Iterator[None]:
    """Give errors about data the path where it stands.

    Raises:
        ConfigError: The block raised an error about data.
    """
    try:
        yield
    except DataError as error:
        raise ConfigError(path, str(error)) from error
    except ConfigError as error:
        raise ConfigError(join_path(path, error.path), error.detail) from error


def unstructure(value: object) -> Any:
    """Turn attrs classes into plain data; the inverse of `structure`."""
    return _CONVERTER.unstructure(value)


def join_path(path: str, step: str | int) -> str:
    """Append a key or a position to a path."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path and step else path or step


def _walk(error: BaseException, path: str) -> list[Problem]:
    """Flatten an error of the converter into what is wrong where, in the order of the data."""
    if isinstance(error, BaseValidationError):
        return [
            problem
            for inner in error.exceptions
            for problem in _walk(inner, join_path(path, _step_of(inner)))
        ]
    if isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        return [
            Problem(join_path(path, key), f"unknown key{did_you_mean(key, known)}")
            for key in sorted(map(str, error.extra_fields))
        ]
    if isinstance(error, ConfigError):
        return [Problem(join_path(path, error.path), error.detail)]
    if isinstance(error, KeyError):
        return [Problem(path, "is required and missing")]
    return [Problem(path, str(error) or type(error).__name__)]


def _step_of(error: BaseException) -> str | int:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return note.name
        if isinstance(note, IterableValidationNote):
            return note.index
    return ""
