"""Parquet output; the only module of this package that imports pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.errors import MissingExtraError
from recon_sdk.writing.tables import Cells, Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["write_parquet"]


def write_parquet(columns: Sequence[Column], path: Path) -> None:
    """Write columns to a Parquet file.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError(extra="arrow", needed_for="writing Parquet") from error
    table = pa.table({column.name: _array(column) for column in columns})
    pq.write_table(table, path, compression="zstd")


def _array(column: Column) -> object:
    import pyarrow as pa

    if not column.cells.is_number:
        return pa.array(column.values, pa.string())
    read = int if column.cells is Cells.INTEGER else float
    kind = pa.int64() if column.cells is Cells.INTEGER else pa.float64()
    return pa.array([read(value) if value else None for value in column.values], kind)
