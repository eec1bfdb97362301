"""Tables of text, written as CSV, JSON lines or Parquet."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.errors import InputError
from recon_sdk.money import exponent_of
from recon_sdk.writing.atomic import no_folder, replacing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from recon_sdk.columns import Int32Array, Int64Array

__all__ = ["Cells", "Column", "check_target", "decimals", "millionths", "write_table"]

_CHUNK = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


class Cells(enum.Enum):
    """What a column holds, which decides how its texts are written."""

    TEXT = "text"
    """Free text. In CSV a cell that a spreadsheet would take for a formula gets a leading `'`."""
    AMOUNT = "amount"
    """Decimal texts, written as they are, also in JSON and Parquet: no float holds money."""
    INTEGER = "integer"
    """Texts of whole numbers; numbers in JSON and Parquet, null where empty."""
    FRACTION = "fraction"
    """Texts with six decimals; numbers in JSON and Parquet, null where empty."""

    @property
    def is_number(self) -> bool:
        """Whether JSON and Parquet have a number here."""
        return self in {Cells.INTEGER, Cells.FRACTION}


@attrs.frozen(kw_only=True)
class Column:
    """One column.

    Attributes:
        name: Its header.
        cells: What it holds.
        values: One text for each row.
    """

    name: str
    cells: Cells = Cells.TEXT
    values: Sequence[str]


def write_table(columns: Sequence[Column], path: str | os.PathLike[str]) -> None:
    """Write columns of one length; the ending of `path` decides the form.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
        MissingExtraError: Parquet was asked for and pyarrow is not installed.
    """
    _check_ending(Path(path))
    ending = Path(path).suffix.lower()
    if ending == ".parquet":
        from recon_sdk.writing.arrow import write_parquet

        with replacing(path) as temporary:
            write_parquet(columns, temporary)
        return
    lines = _TEXT_FORMS[ending]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for chunk in lines(columns):
            file.write(chunk)


def check_target(path: str | os.PathLike[str], *, is_table: bool = True) -> None:
    """Find out early whether a file could be written.

    Args:
        path: The file.
        is_table: It is written by one of the functions for tables, so its ending matters.

    Raises:
        InputError: The ending is unknown, or the folder does not exist.
    """
    target = Path(path)
    if is_table:
        _check_ending(target)
    if not target.resolve().parent.is_dir():
        raise no_folder(target)


def _check_ending(path: Path) -> None:
    ending = path.suffix.lower()
    if ending not in {".parquet", *_TEXT_FORMS}:
        raise InputError(
            str(path), f"unknown ending {ending!r}", "use .csv, .jsonl, .ndjson or .parquet"
        )


def decimals(minor: Int64Array, codes: Int32Array, currencies: Sequence[str]) -> list[str]:
    """Write minor units as decimal texts, each with the decimals of its currency.

    Args:
        minor: Amounts.
        codes: For each amount the position of its currency.
        currencies: ISO 4217 codes.
    """
    exponents = np.array([exponent_of(c) for c in currencies] or [0], np.int64)[codes]
    whole, rest = np.divmod(np.abs(minor), 10**exponents)
    signs = np.where(minor < 0, "-", "").tolist()
    parts = zip(signs, whole.tolist(), rest.tolist(), exponents.tolist(), strict=True)
    return [
        f"{sign}{units}.{str(cents).zfill(places)}" if places else f"{sign}{units}"
        for sign, units, cents, places in parts
    ]


def millionths(values: Iterable[int]) -> list[str]:
    """Write millionths as texts with six decimals.

    Example:
        >>> millionths([912345, 0, 1_000_000, -50_000])
        ['0.912345', '0.000000', '1.000000', '-0.050000']
    """
    return [
        f"{'-' if value < 0 else ''}{abs(value) // 1_000_000}.{abs(value) % 1_000_000:06d}"
        for value in values
    ]


def _csv_lines(columns: Sequence[Column]) -> Iterator[str]:
    yield ",".join(column.name for column in columns) + "\n"
    for start in range(0, len(columns[0].values), _CHUNK):
        cells = [_csv_cells(column, start) for column in columns]
        yield "\n".join(map(",".join, zip(*cells, strict=True))) + "\n"


def _csv_cells(column: Column, start: int) -> Sequence[str]:
    values = column.values[start : start + _CHUNK]
    return [_csv_text(value) for value in values] if column.cells is Cells.TEXT else values


def _csv_text(value: str) -> str:
    """Guard against formulas, then quote; the same bytes on every Python, unlike `csv.writer`."""
    if value.startswith(_FORMULA):
        value = "'" + value
    if _NEEDS_QUOTES.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value


def _json_lines(columns: Sequence[Column]) -> Iterator[str]:
    keys = [json.dumps(column.name) + ": " for column in columns]
    for start in range(0, len(columns[0].values), _CHUNK):
        cells = [_json_cells(column, start) for column in columns]
        rows = zip(*cells, strict=True)
        yield "".join("{" + ", ".join(map(str.__add__, keys, row)) + "}\n" for row in rows)


def _json_cells(column: Column, start: int) -> list[str]:
    values = column.values[start : start + _CHUNK]
    if column.cells.is_number:
        return [value or "null" for value in values]
    return [json.dumps(value, ensure_ascii=False) for value in values]


_TEXT_FORMS = {".csv": _csv_lines, ".jsonl": _json_lines, ".ndjson": _json_lines}
