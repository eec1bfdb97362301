"""The list of names that a run learned, in the form that `--aliases` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.writing.tables import Column, write_table

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from recon_sdk.known import Alias

__all__ = ["write_aliases"]


def write_aliases(aliases: Sequence[Alias], path: str | os.PathLike[str]) -> None:
    """Write one row for each name.

    Args:
        aliases: For example `result.learned_aliases`.
        path: A file that ends in `.csv`, `.jsonl`, `.ndjson` or `.parquet`; of these `--aliases`
            reads CSV and JSON lines.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
    """
    table = [
        Column(name="name", values=[a.name for a in aliases]),
        Column(name="vendor_id", values=[a.vendor_id for a in aliases]),
        Column(name="source", values=[a.source for a in aliases]),
    ]
    write_table(table, path)
