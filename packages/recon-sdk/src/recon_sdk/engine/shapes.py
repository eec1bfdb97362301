"""Shapes: hypotheses of every kind as flat columns, while they are being made and chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import BoolArray, Int8Array, Int64Array
from recon_sdk.hypotheses import Hypotheses

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["Shapes", "offsets", "spread"]


def offsets(counts: Int64Array) -> Int64Array:
    """Offsets of consecutive runs of the given lengths, with the end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def spread(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """Positions of all items of runs that begin at `starts`."""
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts, counts) + within


@attrs.frozen(kw_only=True, eq=False)
class Shapes:
    """Possible matches.

    Shape: shape `s` joins the invoices `invoice_rows[invoice_starts[s]:invoice_starts[s + 1]]` and
    likewise transactions, both ascending; one of the two is a single row.

    Attributes:
        invoice_starts: Offsets into `invoice_rows`.
        invoice_rows: Rows of invoices.
        transaction_starts: Offsets into `transaction_rows`.
        transaction_rows: Rows of transactions.
        evidence: Millinats.
        difference: Position in `DifferenceKind`.
        usual: Whether the difference is an ordinary one (or there is none).
    """

    invoice_starts: Int64Array
    invoice_rows: Int64Array
    transaction_starts: Int64Array
    transaction_rows: Int64Array
    evidence: Int64Array
    difference: Int8Array
    usual: BoolArray

    def __len__(self) -> int:
        return len(self.evidence)

    @classmethod
    def of_pairs(
        cls,
        invoice_rows: Int64Array,
        transaction_rows: Int64Array,
        evidence: Int64Array,
        difference: Int8Array,
        usual: BoolArray,
    ) -> Shapes:
        """One shape for each pair."""
        starts = np.arange(len(evidence) + 1, dtype=np.int64)
        return cls(
            invoice_starts=starts,
            invoice_rows=invoice_rows,
            transaction_starts=starts,
            transaction_rows=transaction_rows,
            evidence=evidence,
            difference=difference,
            usual=usual,
        )

    @property
    def invoice_counts(self) -> Int64Array:
        """Number of invoices of each."""
        return np.diff(self.invoice_starts)

    @property
    def transaction_counts(self) -> Int64Array:
        """Number of transactions of each."""
        return np.diff(self.transaction_starts)

    @property
    def kind(self) -> Int8Array:
        """0 one to one, 1 many invoices, 2 many transactions."""
        return ((self.invoice_counts > 1) + 2 * (self.transaction_counts > 1)).astype(np.int8)

    def take(self, chosen: Int64Array | BoolArray) -> Shapes:
        """Some of the shapes."""
        at = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        i, t = self.invoice_counts[at], self.transaction_counts[at]
        return Shapes(
            invoice_starts=offsets(i),
            invoice_rows=self.invoice_rows[spread(self.invoice_starts[at], i)],
            transaction_starts=offsets(t),
            transaction_rows=self.transaction_rows[spread(self.transaction_starts[at], t)],
            evidence=self.evidence[at],
            difference=self.difference[at],
            usual=self.usual[at],
        )

    @staticmethod
    def joined(parts: Sequence[Shapes]) -> Shapes:
        """All shapes of several lots, in their order."""
        return Shapes(
            invoice_starts=offsets(np.concatenate([p.invoice_counts for p in parts])),
            invoice_rows=np.concatenate([p.invoice_rows for p in parts]),
            transaction_starts=offsets(np.concatenate([p.transaction_counts for p in parts])),
            transaction_rows=np.concatenate([p.transaction_rows for p in parts]),
            evidence=np.concatenate([p.evidence for p in parts]),
            difference=np.concatenate([p.difference for p in parts]),
            usual=np.concatenate([p.usual for p in parts]),
        )

    def pairs(self) -> tuple[Int64Array, Int64Array, Int64Array]:
        """All (shape, invoice row, transaction row), by shape, invoice, transaction."""
        i, t = self.invoice_counts, self.transaction_counts
        # One side is single, so the number of pairs is the size of the other.
        counts = np.maximum(i, t)
        shape = np.repeat(np.arange(len(self)), counts)
        within = np.arange(len(shape)) - np.repeat(np.cumsum(counts) - counts, counts)
        invoice = self.invoice_rows[self.invoice_starts[shape] + np.minimum(within, i[shape] - 1)]
        transaction = self.transaction_rows[
            self.transaction_starts[shape] + np.minimum(within, t[shape] - 1)
        ]
        return shape, invoice, transaction

    def hypotheses(self, invoices: int, transactions: int) -> Hypotheses:
        """The same as sets of nodes, for an assigner."""
        i, t = self.invoice_counts, self.transaction_counts
        starts = offsets(i + t)
        members = np.empty(int(starts[-1]), np.int64)
        members[spread(starts[:-1], i)] = self.invoice_rows
        members[spread(starts[:-1] + i, t)] = self.transaction_rows + invoices
        return Hypotheses(
            evidence=self.evidence,
            starts=starts,
            members=members,
            invoices=invoices,
            transactions=transactions,
        )
