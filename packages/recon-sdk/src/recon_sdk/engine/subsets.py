"""Subset sums: which of the nearest open items add up to a payment, within a budget."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_DATE
from recon_sdk.logs import millinats

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.ledger import Ledger

__all__ = ["subset_sums"]

_MOST_ANSWERS = 64
"""Answers kept for one payment; more only prove that the sum says nothing."""
_LATEST_DUE = 60
"""Items due later than this after the payment are not looked at."""


@cache
def _table(size: int) -> Int64Array:
    """All subsets of `size` items as rows of 0 and 1."""
    return (np.arange(1 << size, dtype=np.int64)[:, None] >> np.arange(size)) & 1


def subset_sums(
    ledger: Ledger,
    items: Int64Array,
    starts: Int64Array,
    transactions: Int64Array,
    accounts: Int64Array,
    targets: Int64Array,
    most: int,
    counts: dict[str, int],
) -> tuple[Int64Array, Int64Array, Int64Array, Int64Array]:
    """Find all subsets of at least two items that sum to each target exactly.

    The nearest `most` items by due date are split in halves; the sums of one half are looked up
    among the sums of the other, so the search is complete in 2 ** (most / 2) steps.

    Args:
        ledger: The ledger.
        items: Invoice rows by account, in due order.
        starts: Offsets of the accounts in `items`.
        transactions: Row of each payment.
        accounts: Account of each payment.
        targets: What the items must sum to.
        most: Items looked at.
        counts: Receives how often a search found more answers than are kept.

    Returns:
        Items of all answers, size of each answer, number of the payment of each answer, and what
        its freedom costs in millinats: the logarithm of the ways to skip that many items.
    """
    invoices = ledger.invoices
    due = np.where(invoices.due_date != NO_DATE, invoices.due_date, invoices.issue_date)
    booking = ledger.transactions.booking_date
    out_items: list[Int64Array] = []
    sizes, owners, skipped = [], [], []
    gave_up = 0
    for number, (t, account, target) in enumerate(
        zip(transactions.tolist(), accounts.tolist(), targets.tolist(), strict=True)
    ):
        own = items[starts[account] : starts[account + 1]]
        day = int(booking[t])
        issued = invoices.issue_date[own]
        own = own[
            (due[own] <= day + _LATEST_DUE)
            & ((issued == NO_DATE) | (issued <= day + 7))
            & (invoices.open_amount[own] <= target + _credit(invoices.open_amount[own]))
        ]
        place = int(np.searchsorted(due[own], day, side="right"))
        first = max(0, min(place - (2 * most) // 3, len(own) - most))
        own = own[first : first + most]
        if len(own) < 2 or int(np.maximum(invoices.open_amount[own], 0).sum()) < target:
            continue
        values = invoices.open_amount[own]
        half = len(own) // 2
        left, right = _table(half) @ values[:half], _table(len(own) - half) @ values[half:]
        order = np.argsort(right, kind="stable")
        ordered = right[order]
        lo = np.searchsorted(ordered, target - left, side="left")
        hi = np.searchsorted(ordered, target - left, side="right")
        hit = np.flatnonzero(hi > lo)
        answers = 0
        for a in hit.tolist():
            for b in order[lo[a] : hi[a]].tolist():
                chosen = np.flatnonzero(
                    np.concatenate([_table(half)[a], _table(len(own) - half)[b]])
                )
                if len(chosen) < 2:
                    continue
                answers += 1
                if answers > _MOST_ANSWERS:
                    break
                span = int(chosen[-1] - chosen[0]) + 1
                out_items.append(own[chosen])
                sizes.append(len(chosen))
                owners.append(number)
                skipped.append(millinats(comb(span - 2, len(chosen) - 2)) if span > 2 else 0)
            if answers > _MOST_ANSWERS:
                gave_up += 1
                break
    counts["subset searches given up"] = counts.get("subset searches given up", 0) + gave_up
    if not sizes:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing, nothing
    return (
        np.concatenate(out_items),
        np.array(sizes, np.int64),
        np.array(owners, np.int64),
        np.array(skipped, np.int64),
    )


def _credit(values: Int64Array) -> int:
    """How much the credit notes among some items could take off a sum."""
    return -int(np.minimum(values, 0).sum())
