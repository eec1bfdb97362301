"""Match the names in a source with our column names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.reading.options import ReadOptions
    from recon_sdk.reading.specs import SideSpec

__all__ = ["DELIMITERS", "Headers", "best_delimiter", "fold", "match_headers", "wanted"]

DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
"""Delimiters of text files, and how a message calls them."""


@attrs.frozen
class Headers:
    """Which column of the source is which of ours.

    Attributes:
        positions: Index in the source by our name, in the order of the specification.
        ignored: Names in the source that are none of ours.
    """

    positions: dict[str, int]
    ignored: tuple[str, ...]


def _wanted(spec: SideSpec, options: ReadOptions, column: str) -> tuple[str, ...]:
    """Names under which a column may stand in the source, the best first."""
    mapping = options.mapping
    if f"{spec.name}.{column}" in mapping:
        return (mapping[f"{spec.name}.{column}"],)
    return (mapping[column], column) if column in mapping else (column,)


def fold(name: object) -> str:
    """Give what two names have in common that differ only in case or outer blanks."""
    return str(name).strip().casefold()


def wanted(spec: SideSpec, options: ReadOptions) -> dict[str, list[str]]:
    """Give our columns by the folded names under which they may stand in the source."""
    names: dict[str, list[str]] = {}
    for column in spec.columns:
        for name in _wanted(spec, options, column):
            names.setdefault(fold(name), []).append(column)
    return names


def _find(source: str, names: Sequence[str], wanted_name: str) -> int | None:
    """Find a name exactly, else without regard to case and outer blanks."""
    hits = [i for i, name in enumerate(names) if name == wanted_name]
    if not hits:
        hits = [i for i, name in enumerate(names) if fold(name) == fold(wanted_name)]
    if len(hits) > 1:
        raise InputError(
            source,
            f"the column {wanted_name!r} stands there {len(hits)} times",
            "rename or remove all but one",
        )
    return hits[0] if hits else None


def match_headers(
    spec: SideSpec, source: str, names: Sequence[str], options: ReadOptions
) -> Headers:
    """Match the names in a source with our columns.

    Raises:
        InputError: A needed column is missing, or a name stands for two columns.
    """
    positions: dict[str, int] = {}
    owner: dict[int, str] = {}
    for column in spec.columns:
        found = None
        for name in _wanted(spec, options, column):
            found = _find(source, names, name)
            if found is not None:
                break
        if found is None:
            continue
        if found in owner:
            raise InputError(
                source,
                f"the column {names[found]!r} is mapped twice, to {owner[found]} and {column}",
                "correct --map so that each column has one meaning",
            )
        owner[found] = column
        positions[column] = found
    for needed in (("id",), ("amount",), spec.dates):
        if not any(column in positions for column in needed):
            raise _missing(spec, source, names, " or ".join(needed), options)
    ignored = (names[i] for i in range(len(names)) if i not in owner)
    return Headers(positions, tuple(ignored))


def _missing(
    spec: SideSpec, source: str, names: Sequence[str], needed: str, options: ReadOptions
) -> InputError:
    if len(names) == 1:
        for sign, word in DELIMITERS.items():
            if sign in names[0]:
                return InputError(
                    source,
                    f"only one column was found, {names[0][:60]!r}, and it contains {word}",
                    f"name the delimiter: --delimiter {word}",
                )
    found = ", ".join(repr(name) for name in names[:30]) or "none"
    column = needed.split(" or ", 1)[0]
    name = _wanted(spec, options, column)[0]
    called = f" (looked for {name!r})" if name != column else ""
    return InputError(
        source,
        f"{spec.name} need a column {needed}{called}; found: {found}",
        f"name it: --map {column}=NAME",
    )


def best_delimiter(spec: SideSpec, options: ReadOptions, split: dict[str, list[str]]) -> str:
    """Choose the delimiter under which a header shows most of our columns.

    Args:
        spec: The side.
        options: For mapped names.
        split: The header's names by delimiter.
    """
    known = wanted(spec, options)

    def rank(delimiter: str) -> tuple[int, int]:
        names = split[delimiter]
        return sum(fold(name) in known for name in names), len(names)

    return max(split, key=rank)
