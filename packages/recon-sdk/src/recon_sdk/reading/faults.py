"""Collect what is wrong with rows, and word the first thing that is wrong with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import numpy as np

from recon_sdk.columns import BoolArray, Int32Array, Int64Array
from recon_sdk.errors import RowError
from recon_sdk.reading.raw import Complaint, RawColumn, RawTable

__all__ = ["MAX_PROBLEMS", "Fault", "Faults", "refused_rows"]

MAX_PROBLEMS = 10_000
"""Problems of one side that are worded and kept; all are counted."""


@attrs.frozen(kw_only=True, eq=False)
class Fault:
    """One thing that is wrong with some rows.

    Attributes:
        header: The source's name of the column.
        rows: Row indices, ascending.
        explain: Words it for a row; gets the row and the source lines of rows.
        partners: Row that each row collides with, where it collides with one.
    """

    header: str
    rows: Int64Array
    explain: Callable[[int, Mapping[int, int]], Complaint]
    partners: Int64Array | None = None


class Faults:
    """What is wrong with the rows of one source; of several things, the first one added counts."""

    def __init__(self, raw: RawTable) -> None:
        self._raw = raw
        self._faults: list[Fault] = []
        self._first = np.full(raw.rows, -1, np.int8)

    def add(self, fault: Fault) -> None:
        """Add one more thing."""
        rows = fault.rows[self._first[fault.rows] < 0]
        if len(rows):
            self._first[rows] = len(self._faults)
            self._faults.append(fault)

    @property
    def bad(self) -> BoolArray:
        """Which rows are bad."""
        return self._first >= 0

    def drop(self, rows: BoolArray) -> None:
        """Forget rows that are left out anyway."""
        self._first[rows] = -1

    def errors(self) -> tuple[list[RowError], int]:
        """Word the first problems, ragged rows included, in the order of the source.

        Returns:
            At most `MAX_PROBLEMS` errors, and how many there are in all.
        """
        raw = self._raw
        rows = np.flatnonzero(self._first >= 0)
        total = len(rows) + len(raw.ragged)
        rows = rows[:MAX_PROBLEMS]
        lines = self._lines(rows)
        errors = [raw.ragged_error(row) for row in raw.ragged[:MAX_PROBLEMS]]
        for row in rows.tolist():
            fault = self._faults[self._first[row]]
            complaint = fault.explain(row, lines)
            errors.append(
                RowError(raw.source, lines[row], fault.header, complaint.detail, complaint.remedy)
            )
        errors.sort(key=lambda error: error.line)
        return errors[:MAX_PROBLEMS], total

    def _lines(self, rows: Int64Array) -> dict[int, int]:
        """Source lines of rows and of those that they collide with, in one look at the source."""
        partners = (
            fault.partners[np.isin(fault.rows, rows)]
            for fault in self._faults
            if fault.partners is not None
        )
        every = np.array(sorted({row for a in (rows, *partners) for row in a.tolist()}), np.int64)
        return dict(zip(every.tolist(), self._raw.lines_of(every).tolist(), strict=True))


def refused_rows(
    column: RawColumn, refused: Mapping[int, Complaint], codes: Int32Array | None = None
) -> Fault | None:
    """Turn refused distinct values into a fault of their rows."""
    if not refused:
        return None
    codes = column.codes if codes is None else codes
    hit = np.zeros(len(column.values) + 1, np.bool_)
    hit[list(refused)] = True

    def explain(row: int, _lines: Mapping[int, int]) -> Complaint:
        return refused[int(codes[row])]

    return Fault(header=column.header, rows=np.flatnonzero(hit[codes]), explain=explain)
