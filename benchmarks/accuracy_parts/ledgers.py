"""Labelled ledger folders, read by themselves and not by what is measured."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import attrs

Row = Mapping[str, str]
Link = tuple[str, str]


@attrs.frozen(eq=False, slots=False)
class Ledger:
    """A folder with invoices.csv, transactions.csv, truth.csv and perhaps rates.csv.

    Attributes:
        folder: Where it is.
        invoices: Rows by id.
        transactions: Rows by id.
        truth: Kind of payment by link (invoice id, transaction id).
    """

    folder: Path
    invoices: Mapping[str, Row]
    transactions: Mapping[str, Row]
    truth: Mapping[Link, str]

    @classmethod
    def read(cls, folder: Path) -> Ledger:
        """Read the folder."""
        truth = _rows(folder / "truth.csv")
        return cls(
            folder,
            {row["id"]: row for row in _rows(folder / "invoices.csv")},
            {row["id"]: row for row in _rows(folder / "transactions.csv")},
            {(row["invoice_id"], row["transaction_id"]): row["kind"] for row in truth},
        )

    @property
    def rates(self) -> Path | None:
        """The file of exchange rates, if there is one."""
        path = self.folder / "rates.csv"
        return path if path.exists() else None

    @cached_property
    def payments_of(self) -> Mapping[str, list[str]]:
        """Transactions that settle an invoice, by invoice."""
        return _group(self.truth)

    @cached_property
    def invoices_of(self) -> Mapping[str, list[str]]:
        """Invoices that a transaction settles, by transaction."""
        return _group((transaction, invoice) for invoice, transaction in self.truth)

    def is_one_to_one(self, link: Link) -> bool:
        """Whether a true link is all that its invoice and its transaction have."""
        invoice, transaction = link
        return len(self.payments_of[invoice]) == len(self.invoices_of[transaction]) == 1


def find_folders(paths: Iterable[Path]) -> list[Path]:
    """Give the ledger folders among the paths and directly inside them."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p.parent for p in path.glob("*/truth.csv"))
        here = [path] if (path / "truth.csv").exists() else inside
        if not here:
            sys.exit(f"{path}: no truth.csv in it nor in a folder directly inside it")
        found += here
    return found


def cents(amount: str) -> int:
    """Read an amount with at most two decimals as whole hundredths."""
    return round(float(amount) * 100)


def _group(links: Iterable[Link]) -> Mapping[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key, value in links:
        groups[key].append(value)
    return groups


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
