"""Raw tables: what a source holds, before anything is checked.

Every source, whatever its form, becomes a raw table; one checker reads raw tables. Columns are
distinct texts and codes, so that a text that stands in a thousand rows is checked once.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import attrs

from recon_sdk.columns import Int8Array, Int32Array, Int64Array
from recon_sdk.errors import RowError

__all__ = ["Complaint", "Form", "RaggedRow", "RawColumn", "RawTable", "shown"]


class Complaint(NamedTuple):
    """Why a value is refused."""

    detail: str
    """What is wrong."""
    remedy: str = ""
    """What to do about it."""


class Form(enum.IntEnum):
    """What an amount text is."""

    WRITTEN = 0
    """As people write it: separators and signs are to be found out."""
    PLAIN = 1
    """From a decimal type: a point is the decimal point; a currency code may follow."""
    MINOR = 2
    """From an integer type: minor units."""


class RaggedRow(NamedTuple):
    """A row with too few or too many fields."""

    line: int
    """Line in the file, starting at 1."""
    fields: int
    """Number of fields that it has."""


@attrs.frozen(kw_only=True, eq=False)
class RawColumn:
    """One column: distinct texts and a code for each row.

    Attributes:
        header: The column's name in the source.
        values: Texts as they stand in the source, distinct (ids may repeat), in the order of their
            first row.
        codes: Index into `values` for each row, -1 where the source has nothing.
        forms: `Form` of each value, None where all are written texts.
        refused: Values that the source's type rules out, by index.
    """

    header: str
    values: Sequence[str]
    codes: Int32Array
    forms: Int8Array | None = None
    refused: Mapping[int, Complaint] = attrs.field(factory=dict)


def _row_numbers(rows: Int64Array) -> Int64Array:
    return rows + 1


@attrs.frozen(kw_only=True, eq=False)
class RawTable:
    """What one source holds.

    Attributes:
        source: File name, or a word for a table.
        rows: Number of rows, ragged ones and empty lines not counted.
        columns: Columns by our name; those that the source lacks are absent.
        ignored: Names in the source that are none of ours.
        ragged: Rows that did not fit the header, in order; not among `rows`.
        blank: Number of empty lines, likewise.
        width: Number of fields that a row should have.
        lines_of: Gives the source lines (from 1) of ascending row indices.
        encoding: Encoding of a text file, else "".
        delimiter: Delimiter of a text file, else "".
    """

    source: str
    rows: int
    columns: Mapping[str, RawColumn]
    ignored: tuple[str, ...] = ()
    ragged: Sequence[RaggedRow] = ()
    blank: int = 0
    width: int = 0
    lines_of: Callable[[Int64Array], Int64Array] = _row_numbers
    encoding: str = ""
    delimiter: str = ""

    def ragged_error(self, row: RaggedRow) -> RowError:
        """Word the error of a ragged row."""
        return RowError(
            self.source,
            row.line,
            "",
            f"the row has {row.fields} fields, the header has {self.width}",
            "put fields that contain the delimiter in double quotes",
        )

    def text(self, column: str, row: int) -> str:
        """Give the text of one cell, "" where there is none."""
        found = self.columns.get(column)
        if found is None or found.codes[row] < 0:
            return ""
        return found.values[int(found.codes[row])]

    def header(self, column: str) -> str:
        """Give the source's name of one of our columns; ours where it has none."""
        found = self.columns.get(column)
        return column if found is None else found.header


def shown(text: str) -> str:
    """Quote a text for a message, shortened."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
