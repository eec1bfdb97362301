"""Folds: disjoint sets of parties, an invoice's payments staying with it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import Int64Array
from recon_sdk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.ledger import Ledger

__all__ = ["Folds", "Labels", "labels_of", "make_folds"]


@attrs.frozen(eq=False)
class Labels:
    """The labelled links of a ledger, by invoice, then transaction row.

    Attributes:
        invoice_rows: Invoice of each link.
        transaction_rows: Transaction of each link.
        unknown: Links left out since the ledger lacks one of their rows.
    """

    invoice_rows: Int64Array
    transaction_rows: Int64Array
    unknown: int

    def __len__(self) -> int:
        return len(self.invoice_rows)

    @property
    def words(self) -> Int64Array:
        """Sorted words: invoice row << 32 | transaction row."""
        return (self.invoice_rows << 32) | self.transaction_rows


@attrs.frozen(eq=False)
class Folds:
    """Which fold each invoice is in.

    Attributes:
        count: Number of folds.
        unit: For each invoice its group of parties that share payments.
        fold: For each invoice its fold.
        units: Number of groups that have a labelled link.
        order: For each group its place in a random order that depends on the seed and keys alone.
    """

    count: int
    unit: Int64Array
    fold: Int64Array
    units: int
    order: Int64Array


def labels_of(ledger: Ledger, links: Iterable[tuple[str, str]]) -> Labels:
    """Find the rows of labelled links."""
    found, unknown = set(), 0
    for invoice_id, transaction_id in links:
        invoice, transaction = (
            ledger.invoice_row(invoice_id),
            ledger.transaction_row(transaction_id),
        )
        if min(invoice, transaction) < 0:
            unknown += 1
        else:
            found.add((invoice, transaction))
    rows = np.array(sorted(found), np.int64).reshape(-1, 2)
    return Labels(rows[:, 0], rows[:, 1], unknown)


def make_folds(ledger: Ledger, labels: Labels, count: int, seed: int) -> Folds:
    """Split the parties of a recognised ledger.

    Parties that one payment settles stay together; an invoice without a party is one of its own.
    Groups go to the fold with the least in it, the largest first, ties in an order drawn with the
    seed.

    Raises:
        InputError: There are fewer labelled groups than folds.
    """
    invoices = len(ledger.invoices)
    party = ledger.parties.invoice_party.astype(np.int64)
    parties = int(party.max(initial=-1)) + 1
    node = np.where(party >= 0, party, parties + np.arange(invoices))
    root = _joined(node, labels, parties + invoices)
    _, first, unit = np.unique(root[node], return_index=True, return_inverse=True)
    unit = unit.reshape(-1).astype(np.int64)
    links = np.bincount(unit[labels.invoice_rows], minlength=len(first))
    labelled = int(np.count_nonzero(links))
    if labelled < count:
        source = "truth"
        raise InputError(
            source,
            f"its links belong to {labelled} parties that share no payment",
            f"{count} folds need at least {count} of them",
        )
    drawn = [_drawn(seed, key) for key in ledger.invoices.ids[first].tolist()]
    by_draw = sorted(range(len(first)), key=drawn.__getitem__)
    order = np.empty(len(first), np.int64)
    order[by_draw] = np.arange(len(first))
    fold_of_unit = np.zeros(len(first), np.int64)
    loads = [0] * count
    for at in sorted(by_draw, key=lambda unit: -int(links[unit])):
        lightest = loads.index(min(loads))
        fold_of_unit[at] = lightest
        loads[lightest] += int(links[at]) + 1
    return Folds(count, unit, fold_of_unit[unit], labelled, order)


def _joined(node: Int64Array, labels: Labels, size: int) -> Int64Array:
    """Give each node the lowest node that payments connect it with."""
    root = list(range(size))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    payer: dict[int, int] = {}
    nodes = node[labels.invoice_rows].tolist()
    for at, transaction in zip(nodes, labels.transaction_rows.tolist(), strict=True):
        one, other = find(at), find(payer.setdefault(transaction, at))
        root[max(one, other)] = min(one, other)
    return np.array([find(at) for at in range(size)], np.int64)


def _drawn(seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{key}".encode()).digest()
