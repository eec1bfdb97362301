"""The list of input rows that could not be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.writing.tables import Cells, Column, write_table

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from recon_sdk.errors import RowError

__all__ = ["PROBLEM_COLUMNS", "write_problems"]

PROBLEM_COLUMNS = ("file", "line", "column", "reason", "remedy")
"""Columns of the file, in order."""


def write_problems(problems: Sequence[RowError], path: str | os.PathLike[str]) -> None:
    """Write one row for each input row that could not be used.

    Args:
        problems: For example `result.problems`.
        path: A file that ends in `.csv`, `.jsonl`, `.ndjson` or `.parquet`.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
    """
    file, line, column, reason, remedy = PROBLEM_COLUMNS
    table = [
        Column(name=file, values=[p.source for p in problems]),
        Column(name=line, cells=Cells.INTEGER, values=[str(p.line) for p in problems]),
        Column(name=column, values=[p.column for p in problems]),
        Column(name=reason, values=[p.detail for p in problems]),
        Column(name=remedy, values=[p.remedy for p in problems]),
    ]
    write_table(table, path)
