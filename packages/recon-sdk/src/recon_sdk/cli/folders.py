"""Folders that hold a ledger: invoices, transactions, and what is true of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["rates_in", "table_in"]

_ENDINGS = (".csv", ".parquet")


def table_in(folder: Path, name: str) -> Path:
    """Find the table of a name in a ledger folder.

    Raises:
        InputError: There is none.
    """
    for ending in _ENDINGS:
        if (folder / (name + ending)).is_file():
            return folder / (name + ending)
    raise InputError(
        str(folder),
        f"has no {name}.csv or {name}.parquet",
        "a ledger folder has invoices, transactions and truth.csv",
    )


def rates_in(folder: Path, given: Path | None) -> Path | None:
    """Give the rates that are given, else those of the folder, if it has any."""
    rates = folder / "rates.csv"
    return rates if given is None and rates.is_file() else given
