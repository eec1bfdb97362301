"""Instalments: several payments that settle one invoice.

Families: all payments that quote the invoice, in time order; two payments, or three, that sum to it;
equal parts. Each is searched completely among the nearest payments of the invoice's party.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_DATE, NO_TEXT
from recon_sdk.engine.shapes import Shapes, offsets, spread
from recon_sdk.evidence import PRIOR, date_evidence, identity_evidence, reference_evidence
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.logs import ilog, millinats
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.config import Limits
    from recon_sdk.ledger import Ledger

__all__ = ["find_instalments"]

_INSTALMENT = millinats(0.05)
_EXACT = millinats(0.85)
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
_EARLY_DAYS, _LATE_DAYS = 7, 400
_CANDIDATES = 12
_SATISFIED = 9_000
"""A pair with this evidence settles the invoice well enough to leave out party-only parts."""


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
    invoice, transaction = _parts(ledger, satisfied)
    counts["part payments considered"] = len(invoice)
    starts = np.searchsorted(invoice, np.arange(len(ledger.invoices) + 1))
    amount = np.abs(ledger.transactions.unallocated_amount[transaction])
    asked = np.abs(ledger.invoices.open_amount)
    quotes = Pairs(ledger, invoice, transaction).reference_grade >= ReferenceGrade.SWAPPED
    sets = [
        *_quoting(invoice, starts, amount, asked, quotes, limits),
        *_sums(starts, amount, asked),
        *_equal_parts(starts, amount, asked, limits),
    ]
    unique = sorted(set(sets))
    if not unique:
        return _empty()
    return _weighed(ledger, unique, invoice, transaction)


def _empty() -> Shapes:
    nothing, start = np.zeros(0, np.int64), np.zeros(1, np.int64)
    return Shapes(
        invoice_starts=start,
        invoice_rows=nothing,
        transaction_starts=start,
        transaction_rows=nothing,
        evidence=nothing,
        difference=np.zeros(0, np.int8),
        usual=np.zeros(0, bool),
    )


def _parts(ledger: Ledger, satisfied: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Pairs of an invoice and a payment that may be a part of it, by invoice and booking day."""
    invoices, transactions, parties = ledger.invoices, ledger.transactions, ledger.parties
    # By quoted number.
    references = ledger.references
    spelt = references.grade >= ReferenceGrade.SWAPPED
    words = references.words[spelt]
    found_i, found_t = [], []
    for column in (invoices.invoice_number, invoices.payment_reference):
        rows = np.flatnonzero(column != NO_TEXT)
        order = rows[np.argsort(column[rows], kind="stable")]
        ordered = column[order].astype(np.int64)
        lo = np.searchsorted(ordered, words & 0xFFFFFFFF)
        count = np.searchsorted(ordered, words & 0xFFFFFFFF, side="right") - lo
        found_i.append(order[spread(lo, count)])
        found_t.append(np.repeat(words >> 32, count))
    # By party, among payments that quote nothing of their own.
    silent = references.strongest[parties.words >> 32] == 0
    clear = silent & (parties.sharing == 1)
    row, party = parties.words[clear] >> 32, parties.words[clear] & 0xFFFFFFFF
    day = transactions.booking_date.astype(np.int64)
    order = np.lexsort((row, day[row], party))
    row, party = row[order], party[order]
    low = int(day.min()) if len(day) else 0
    packed = (party << 32) | (day[row] - low)
    issue = np.where(invoices.issue_date != NO_DATE, invoices.issue_date, invoices.due_date)
    wanting = np.flatnonzero(
        (parties.invoice_party >= 0) & (issue != NO_DATE) & (satisfied < _SATISFIED)
    )
    own = parties.invoice_party[wanting].astype(np.int64) << 32
    start = np.maximum(issue[wanting].astype(np.int64) - _EARLY_DAYS - low, 0)
    lo = np.searchsorted(packed, own | start)
    hi = np.searchsorted(packed, own | (start + _LATE_DAYS))
    count = np.minimum(hi - lo, 4 * _CANDIDATES)
    found_i.append(np.repeat(wanting, count))
    found_t.append(row[spread(lo, count)])

    pairs = Pairs(ledger, np.concatenate(found_i), np.concatenate(found_t))
    fits = (
        pairs.same_currency
        & pairs.sign_fits
        & (np.abs(pairs.unallocated_amount) < np.abs(pairs.open_amount))
        & (pairs.open_amount > 0)
        & ((pairs.issue_date == NO_DATE) | (pairs.booking_date >= pairs.issue_date - _EARLY_DAYS))
    )
    pairs = pairs.take(fits)
    order = np.lexsort((pairs.transaction_rows, pairs.booking_date, pairs.invoice_rows))
    word = (pairs.invoice_rows << 32) | pairs.transaction_rows
    ordered = word[order]
    distinct = np.ones(len(ordered), bool)
    distinct[1:] = ordered[1:] != ordered[:-1]
    order = order[distinct]
    invoice, transaction = pairs.invoice_rows[order], pairs.transaction_rows[order]
    first = np.searchsorted(invoice, invoice)
    near = np.arange(len(invoice)) - first < _CANDIDATES
    return invoice[near], transaction[near]


_Set = tuple[int, ...]
"""Positions of parts of one invoice, ascending."""


def _quoting(
    invoice: Int64Array,
    starts: Int64Array,
    amount: Int64Array,
    asked: Int64Array,
    quotes: Int64Array,
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
    del starts
    return [tuple(at[head[k] : k + 1].tolist()) for k in done.tolist()]


def _sums(starts: Int64Array, amount: Int64Array, asked: Int64Array) -> list[_Set]:
    """Two or three payments that sum to the invoice."""
    out: list[_Set] = []
    counts = np.diff(starts)
    for size in np.flatnonzero(np.bincount(counts)).tolist():
        for parts in (2, 3):
            if size < parts:
                continue
            invoices = np.flatnonzero(counts == size)
            block = amount[starts[invoices][:, None] + np.arange(size)]
            picks = np.array(list(combinations(range(size), parts)))
            for a in range(0, len(invoices), 4096):
                total = block[a : a + 4096][:, picks].sum(axis=2)
                row, pick = np.nonzero(total == asked[invoices[a : a + 4096]][:, None])
                base = starts[invoices[a + row]][:, None] + picks[pick]
                out.extend(tuple(s) for s in base.tolist())
    return out


def _equal_parts(
    starts: Int64Array, amount: Int64Array, asked: Int64Array, limits: Limits
) -> list[_Set]:
    """Four or more equal parts; the last one may differ by the rounding."""
    out: list[_Set] = []
    for row in np.flatnonzero(np.diff(starts) > 3).tolist():  # noqa: PLR2004
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
    amount += _EXACT + np.where(equal, _EQUAL, _FREE - (sizes - 1) * ilog(whole))

    step = np.diff(pairs.booking_date.astype(np.int64), prepend=0)
    stepped = np.where(
        (step >= 28) & (step <= 31), _MONTHLY, np.where((step >= 5) & (step <= 55), _STEP, _ODD_STEP)
    )  # fmt: skip
    stepped[first] = 0
    steps = np.bincount(owner, weights=stepped, minlength=len(sets)).astype(np.int64)

    parties, references = ledger.parties, ledger.references
    sharing = np.ones(len(pairs), np.int64)
    if len(parties.words):
        sharing = np.where(
            pairs.party_at >= 0, parties.sharing[pairs.party_at], 1
        ).astype(np.int64)
    count = (
        parties.payments[np.maximum(pairs.party, 0)].astype(np.int64)
        if len(parties.payments)
        else np.zeros(len(pairs), np.int64)
    )
    fits = np.ones(len(pairs), np.int64)
    if len(references.words):
        fits = np.where(
            (pairs.reference_at >= 0) & ~pairs.same_party, references.sharing[pairs.reference_at], 1
        ).astype(np.int64)
    each = identity_evidence(pairs.party_relation, sharing, count) + reference_evidence(
        pairs.reference_grade,
        pairs.reference_length.astype(np.int64),
        fits,
        pairs.other_reference_length.astype(np.int64),
    )
    # A part that says nothing of the party or the invoice may be anybody's.
    said = (pairs.party_relation >= PartyRelation.IN_TEXT) | (
        pairs.reference_grade >= ReferenceGrade.SWAPPED
    )
    silent = np.bincount(owner[~said], minlength=len(sets)) > 0
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
        difference=np.zeros(len(kept), np.int8),
        usual=np.ones(len(kept), bool),
    )
