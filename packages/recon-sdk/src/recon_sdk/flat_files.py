"""Small flat files: CSV, JSON lines or a JSON list of objects, read whole and strictly."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.errors import InputError, RowError
from recon_sdk.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["FlatRow", "read_rows"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ENDINGS = ".csv, .jsonl, .ndjson or .json"


@attrs.frozen(kw_only=True)
class FlatRow:
    """One row.

    Attributes:
        source: The file.
        line: Its line, starting at 1 with the header; in a JSON list its position, starting at 1.
        values: Values by column; blank ones are left out. Texts in CSV, as written in JSON.
    """

    source: str
    line: int
    values: dict[str, Any]


def read_rows(
    path: str | os.PathLike[str],
    required: Sequence[str],
    optional: Sequence[str] = (),
    ignored: Sequence[str] = (),
) -> list[FlatRow]:
    """Read the rows of a file.

    Args:
        path: Ends in `.csv`, `.jsonl`, `.ndjson` or `.json`.
        required: Columns that must be there; their values may still be blank.
        optional: Columns that may be there.
        ignored: Columns that may be there and are left out.

    Raises:
        InputError: The file cannot be read, or a column is missing or unknown.
        RowError: A row is malformed.
    """
    file = Path(path)
    readers: dict[str, Callable[[str, str], list[FlatRow]]] = {
        ".csv": _csv,
        ".json": _json_list,
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
    }
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise InputError(str(file), f"the ending is unknown; use {_ENDINGS}")
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(str(file), f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8"
        raise InputError(str(file), f"byte {error.start} is not UTF-8", remedy) from error
    rows = reader(text, str(file))
    columns = {column for row in rows for column in row.values}
    if file.suffix.lower() == ".csv":
        columns = set(_header(text, str(file))[1])
    _check_columns(str(file), columns, rows, required, {*required, *optional, *ignored})
    wanted = {*required, *optional}
    return [attrs.evolve(row, values=_filled(row, wanted)) for row in rows]


def _check_columns(
    source: str,
    columns: set[str],
    rows: list[FlatRow],
    required: Sequence[str],
    allowed: set[str],
) -> None:
    for column in sorted(columns - allowed):
        remedy = f"take it away; columns are {listed(allowed)}"
        detail = f"unknown column {column!r}{did_you_mean(column, allowed)}"
        raise InputError(source, detail, remedy)
    missing = set(required) - columns
    if missing and (rows or source.lower().endswith(".csv")):
        remedy = f"needed are {listed(required)}"
        raise InputError(source, f"there is no column {listed(missing)}", remedy)


def _filled(row: FlatRow, wanted: set[str]) -> dict[str, Any]:
    return {
        key: value
        for key, value in row.values.items()
        if key in wanted and value not in ("", None)
    }


def _header(text: str, source: str) -> tuple[str, list[str]]:
    first = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    delimiter = max(",;\t", key=first.count)
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
    twice = {cell for cell in header if header.count(cell) > 1}
    if twice:
        raise InputError(source, f"column {listed(twice)} stands twice", "keep one of them")
    return delimiter, header


def _csv(text: str, source: str) -> list[FlatRow]:
    delimiter, header = _header(text, source)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for line, cells in _numbered(reader, source):
        if not any(cell.strip() for cell in cells) or [c.strip() for c in cells] == header:
            continue
        if len(cells) != len(header):
            detail = f"has {len(cells)} fields, the header has {len(header)}"
            raise RowError(source, line, "", detail, "put quotes around fields with separators")
        values = {key: _unguarded(cell.strip()) for key, cell in zip(header, cells, strict=True)}
        rows.append(FlatRow(source=source, line=line, values=values))
    return rows


def _numbered(reader: Any, source: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it starts."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = "close the quotes; write a quote inside a field twice"
            raise RowError(source, line, "", str(error), remedy) from error
        yield line, cells


def _unguarded(cell: str) -> str:
    """Take away the `'` that our own files put before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _json_lines(text: str, source: str) -> list[FlatRow]:
    rows = []
    for line, entry in enumerate(text.split("\n"), 1):
        if entry.strip():
            try:
                values = json.loads(entry)
            except ValueError as error:
                remedy = "write one JSON object on each line"
                raise RowError(source, line, "", f"is not JSON: {error}", remedy) from error
            rows.append(_object(values, source, line))
    return rows


def _json_list(text: str, source: str) -> list[FlatRow]:
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise InputError(source, f"is not JSON: {error}") from error
    if not isinstance(entries, list):
        raise InputError(source, "is not a JSON list", "write a list of objects")
    return [_object(values, source, position) for position, values in enumerate(entries, 1)]


def _object(values: object, source: str, line: int) -> FlatRow:
    if not isinstance(values, dict):
        detail = f"is a {type(values).__name__}, not an object"
        raise RowError(source, line, "", detail, "write keys and values in braces")
    return FlatRow(source=source, line=line, values=values)
