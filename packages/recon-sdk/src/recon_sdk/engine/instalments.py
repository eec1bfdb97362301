"""Instalments: several payments that settle one invoice.

Families: all payments that quote the invoice, in time order; two payments, or three, that sum to
it; equal parts. Each is searched completely among the nearest payments of the invoice's party.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.engine.parts import CANDIDATES, part_payments
from recon_sdk.engine.shapes import Shapes, offsets, spread
from recon_sdk.evidence import (
    DIFFERENCE_CODE,
    PRIOR,
    date_evidence,
    identity_evidence,
    reference_evidence,
)
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.logs import ilog, millinats
from recon_sdk.matches import DifferenceKind
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.config import Limits
    from recon_sdk.ledger import Ledger

__all__ = ["find_instalments"]

_INSTALMENT = millinats(0.05)
_EXACT = millinats(0.85)
_BEGUN = millinats(0.3)
"""Instalments that have begun and are not complete yet."""
_CHANCE = millinats(9)
_EQUAL = millinats(0.5)
_FREE = millinats(0.5)
_PER_PART = -4_000
"""Any payment of the party may be taken for a part; each further one costs."""
_SPAN = 365
_MONTHLY = millinats(0.75 / 4 * _SPAN)
"""A step of 28 to 31 days."""
_STEP = millinats(0.2 / 50 * _SPAN)
"""A step of 5 to 55 days."""
_ODD_STEP = millinats(0.05 / 400 * _SPAN)
_CELLS = 2_000_000
"""Sums that are held at once."""
_MOST_ANSWERS = 8


def find_instalments(
    ledger: Ledger, limits: Limits, satisfied: Int64Array, counts: dict[str, int]
) -> Shapes:
    """Find payments that may together settle one invoice.

    Args:
        ledger: The ledger, with references and parties.
        limits: Bounds of the search.
        satisfied: For each invoice the best evidence of a single exact payment, millinats.
        counts: Receives what the search met.
    """
    invoice, transaction = part_payments(ledger, limits, satisfied)
    counts["part payments considered"] = len(invoice)
    starts = np.searchsorted(invoice, np.arange(len(ledger.invoices) + 1))
    amount = np.abs(ledger.transactions.unallocated_amount[transaction])
    asked = np.abs(ledger.invoices.open_amount)
    grade = Pairs(ledger, invoice, transaction).reference_grade
    quotes = grade >= ReferenceGrade.SWAPPED
    clear = grade >= ReferenceGrade.DIGITS
    sets = [
        *_quoting(invoice, amount, asked, quotes, limits),
        *_sums(starts, amount, asked, limits),
        *_completed(invoice, starts, amount, asked, clear, limits),
        *_equal_parts(starts, amount, asked, limits),
    ]
    unique = sorted(set(sets))
    if not unique:
        nothing = np.zeros(0, np.int64)
        return Shapes.of_pairs(nothing, nothing, nothing, np.zeros(0, np.int8), np.zeros(0, bool))
    return _weighed(ledger, unique, invoice, transaction)


_Set = tuple[int, ...]
"""Positions of parts of one invoice, ascending."""


def _quoting(
    invoice: Int64Array,
    amount: Int64Array,
    asked: Int64Array,
    quotes: BoolArray,
    limits: Limits,
) -> list[_Set]:
    """The first payments that quote the invoice, up to the one that completes it."""
    at = np.flatnonzero(quotes)
    if len(at) == 0:
        return []
    sums = np.cumsum(amount[at])
    owner = invoice[at]
    fresh = np.concatenate([[True], owner[1:] != owner[:-1]])
    head = np.maximum.accumulate(np.where(fresh, np.arange(len(at)), 0))
    running = sums - (sums[head] - amount[at][head])
    number = np.arange(len(at)) - head + 1
    done = np.flatnonzero(
        (running == asked[owner]) & (number > 1) & (number <= limits.instalments)
    )
    return [tuple(at[head[k] : k + 1].tolist()) for k in done.tolist()]


def _completed(
    invoice: Int64Array,
    starts: Int64Array,
    amount: Int64Array,
    asked: Int64Array,
    quotes: BoolArray,
    limits: Limits,
) -> list[_Set]:
    """All payments that clearly quote the invoice, alone or completed by up to four."""
    out: list[_Set] = []
    for row in sorted(set(invoice[quotes].tolist())):
        at = np.arange(int(starts[row]), int(starts[row + 1]))
        fixed, free = at[quotes[at]], at[~quotes[at]][:CANDIDATES]
        missing = int(asked[row]) - int(amount[fixed].sum())
        if missing >= 0 and 1 < len(fixed) <= limits.instalments:
            out.append(tuple(fixed.tolist()))
        if missing <= 0:
            continue
        for more in range(1, min(4, len(free), limits.instalments - len(fixed)) + 1):
            picks = _picks(len(free), more)
            hits = np.flatnonzero(amount[free[picks]].sum(axis=1) == missing)
            out.extend(
                tuple(sorted((*fixed.tolist(), *free[picks[k]].tolist())))
                for k in hits[:_MOST_ANSWERS].tolist()
            )
    return out


@cache
def _picks(size: int, count: int) -> Int64Array:
    """All ways to pick some of a number of things, one in a row."""
    return np.array(list(combinations(range(size), count)), np.int64)


def _sums(starts: Int64Array, amount: Int64Array, asked: Int64Array, limits: Limits) -> list[_Set]:
    """Two or three payments that sum to the invoice."""
    out: list[_Set] = []
    counts = np.diff(starts)
    for size in np.flatnonzero(np.bincount(counts)).tolist():
        for parts in (2, 3):
            if parts > min(size, limits.instalments):
                continue
            invoices = np.flatnonzero(counts == size)
            block = amount[starts[invoices][:, None] + np.arange(size)]
            picks = _picks(size, parts)
            step = max(1, _CELLS // picks.size)
            for a in range(0, len(invoices), step):
                total = block[a : a + step][:, picks].sum(axis=2)
                row, pick = np.nonzero(total == asked[invoices[a : a + step]][:, None])
                base = starts[invoices[a + row]][:, None] + picks[pick]
                out.extend(tuple(s) for s in base.tolist())
    return out


def _equal_parts(
    starts: Int64Array, amount: Int64Array, asked: Int64Array, limits: Limits
) -> list[_Set]:
    """Four or more equal parts; the last one may differ by the rounding."""
    out: list[_Set] = []
    for row in np.flatnonzero(np.diff(starts) > 3).tolist():
        lo, hi = int(starts[row]), int(starts[row + 1])
        values, whole = amount[lo:hi], int(asked[row])
        for parts in range(4, min(hi - lo, limits.instalments) + 1):
            near = np.flatnonzero(np.abs(values * parts - whole) <= parts * parts)
            if len(near) < parts:
                continue
            chosen = near[:parts]
            if int(values[chosen].sum()) == whole:
                out.append(tuple((lo + chosen).tolist()))
    return out


def _weighed(
    ledger: Ledger, sets: list[_Set], invoice: Int64Array, transaction: Int64Array
) -> Shapes:
    sizes = np.array([len(s) for s in sets], np.int64)
    flat = np.array([k for s in sets for k in s], np.int64)
    starts = offsets(sizes)
    owner = np.repeat(np.arange(len(sets)), sizes)
    rows, payments = invoice[flat], transaction[flat]
    pairs = Pairs(ledger, rows, payments)
    first, last = starts[:-1], starts[1:] - 1
    whole = np.abs(pairs.open_amount[first])
    paid = np.abs(pairs.unallocated_amount)

    smallest = np.minimum.reduceat(paid, first)
    largest = np.maximum.reduceat(paid, first)
    equal = largest - smallest <= sizes
    amount = np.bincount(owner, weights=ilog(paid) + _CHANCE, minlength=len(sets)).astype(np.int64)
    complete = np.add.reduceat(paid, first) == whole
    amount += np.where(
        complete,
        _EXACT + np.where(equal, _EQUAL, _FREE - (sizes - 1) * ilog(whole)),
        _BEGUN - np.where(equal, 1, sizes) * ilog(whole),
    )

    step = np.diff(pairs.booking_date.astype(np.int64), prepend=0)
    stepped = np.where((step >= 5) & (step <= 55), _STEP, _ODD_STEP)
    stepped[(step >= 28) & (step <= 31)] = _MONTHLY
    stepped[first] = 0
    steps = np.bincount(owner, weights=stepped, minlength=len(sets)).astype(np.int64)

    parties, references = ledger.parties, ledger.references
    sharing = np.ones(len(pairs), np.int64)
    if len(parties.words):
        sharing = np.where(pairs.party_at >= 0, parties.sharing[pairs.party_at], 1).astype(
            np.int64
        )
    count = (
        parties.payments[np.maximum(pairs.party, 0)].astype(np.int64)
        if len(parties.payments)
        else np.zeros(len(pairs), np.int64)
    )
    fits = np.ones(len(pairs), np.int64)
    if len(references.words):
        fits = np.where(
            (pairs.reference_at >= 0) & ~pairs.same_party,
            references.sharing[pairs.reference_at],
            1,
        ).astype(np.int64)
    each = identity_evidence(pairs.party_relation, sharing, count) + reference_evidence(
        pairs.reference_grade,
        pairs.reference_length.astype(np.int64),
        fits,
        pairs.other_reference_length.astype(np.int64),
    )
    # At least one part must say whose it is: sums of payments of nobody prove nothing.
    said = (pairs.party_relation >= PartyRelation.IN_TEXT) | (
        pairs.reference_grade >= ReferenceGrade.SWAPPED
    )
    silent = np.bincount(owner[said], minlength=len(sets)) == 0
    evidence = (
        PRIOR
        + _INSTALMENT
        + amount
        + steps
        + date_evidence(pairs.issue_date[first], pairs.due_date[first], pairs.booking_date[first])
        + np.bincount(owner, weights=each, minlength=len(sets)).astype(np.int64)
        + _PER_PART * (sizes - 1)
    )
    del last
    kept = np.flatnonzero((evidence > 0) & ~silent)
    size = sizes[kept]
    chosen = payments[spread(first[kept], size)]
    by_row = np.lexsort((chosen, np.repeat(np.arange(len(kept)), size)))
    return Shapes(
        invoice_starts=np.arange(len(kept) + 1, dtype=np.int64),
        invoice_rows=rows[first[kept]],
        transaction_starts=offsets(size),
        transaction_rows=chosen[by_row],
        evidence=evidence[kept],
        difference=np.where(
            complete[kept], 0, DIFFERENCE_CODE[DifferenceKind.UNDERPAYMENT]
        ).astype(np.int8),
        usual=complete[kept],
    )
