"""Batches: one payment that settles several invoices of one party.

Hypotheses come in families, each searched completely within its bounds: all quoted invoices; runs
of neighbours by due date; and, where none of these explains a payment well, small subsets of the
nearest open items. A family's freedom is paid for in evidence: the number of ways to skip items
counts against a hypothesis, so that a long coincidental sum loses to a plain one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_DATE, Int32Array, Int64Array
from recon_sdk.differences import Gaps
from recon_sdk.engine.families import (
    ENOUGH,
    Entries,
    neighbour_runs,
    open_accounts,
    paid_accounts,
    quoted_sets,
    silent_runs,
)
from recon_sdk.engine.shapes import Shapes, offsets, spread
from recon_sdk.engine.subsets import subset_sums
from recon_sdk.evidence import (
    IMPOSSIBLE,
    PRIOR,
    amount_evidence,
    date_evidence,
    identity_evidence,
    judge_gaps,
)
from recon_sdk.facts import ReferenceGrade
from recon_sdk.logs import millinats
from recon_sdk.money import exponent_of
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from recon_sdk.columns import BoolArray, Int8Array
    from recon_sdk.config import Limits
    from recon_sdk.differences import DifferenceModel
    from recon_sdk.ledger import Ledger

__all__ = ["find_batches"]

_BATCH = millinats(0.05 / 8)
"""One payment in twenty settles several invoices, of one of about eight sizes."""
_PER_MEMBER = 2_200
"""An invoice that is settled need not be explained as unpaid (one in ten is)."""
_QUOTED_ELSEWHERE = -4_000
"""A number that the payment quotes and the batch leaves out."""
_QUOTED_NONE = -7_000
"""The payment quotes numbers, none of them in the batch."""
_NO_REFERENCE = -900
_KEEP = 4
"""Hypotheses kept for one payment and family."""


def find_batches(
    ledger: Ledger,
    models: Sequence[DifferenceModel],
    limits: Limits,
    explained: Int64Array,
    satisfied: Int64Array,
    call: Callable[..., object],
    counts: dict[str, int],
) -> Shapes:
    """Find payments that may settle several invoices.

    Args:
        ledger: The ledger, with references and parties.
        models: Difference models; a batch may have one named gap as a whole.
        limits: Bounds of the search.
        explained: For each transaction the best evidence found for it so far, millinats.
        satisfied: For each invoice the best evidence of a single payment so far, millinats.
        call: Calls a model and checks its answer.
        counts: Receives what the search met and gave up.
    """
    accounts = open_accounts(ledger)
    entries = paid_accounts(ledger, accounts)
    found = [
        _judged(ledger, models, satisfied, call, *neighbour_runs(ledger, accounts, entries)),
        _judged(ledger, models, satisfied, call, *quoted_sets(ledger, entries, accounts, limits)),
    ]
    best = explained.copy()
    for shapes in found:
        beyond = shapes.evidence - _summed(satisfied[shapes.invoice_rows], shapes.invoice_starts)
        np.maximum.at(best, shapes.transaction_rows, beyond)
    silent = silent_runs(ledger, accounts, best)
    found.append(_judged(ledger, models, satisfied, call, *silent))
    rest = entries.take(best[entries.transaction] < ENOUGH)
    counts["subset searches"] = len(rest)
    items, sizes, owners, skipped = subset_sums(
        ledger, accounts.items, accounts.starts, rest.transaction, rest.account, rest.target,
        limits.batch_open_items, counts,
    )  # fmt: skip
    if len(sizes):
        found.append(
            _judged(ledger, models, satisfied, call, rest.take(owners), items, sizes, skipped)
        )
    return _distinct(Shapes.joined(found))


def _judged(
    ledger: Ledger,
    models: Sequence[DifferenceModel],
    satisfied: Int64Array,
    call: Callable[..., object],
    entries: Entries,
    items: Int64Array,
    sizes: Int64Array,
    skipped: Int64Array,
) -> Shapes:
    """Weigh hypotheses and keep the good ones of each payment."""
    invoices = ledger.invoices
    starts = offsets(sizes)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    asked = _summed(invoices.open_amount[items], starts)
    good = asked > 0
    issue = _newest(invoices.issue_date[items], starts)
    due = _newest(invoices.due_date[items], starts)
    booking = ledger.transactions.booking_date[entries.transaction]
    units = np.array([10 ** exponent_of(c) for c in ledger.currencies], np.int64)
    unit = units[ledger.transactions.currency[entries.transaction]]
    explained = np.full(len(sizes), IMPOSSIBLE, np.int64)
    kind = np.zeros(len(sizes), np.int8)
    usual = np.zeros(len(sizes), bool)
    gap = np.flatnonzero(good & (asked != entries.target))
    if len(gap):
        none = np.full(len(gap), -1, np.int32)
        gaps = Gaps(
            asked=asked[gap],
            paid=entries.target[gap],
            unit=unit[gap],
            issue_date=issue[gap],
            due_date=due[gap],
            booking_date=booking[gap],
            discount_percent=none,
            discount_until=np.full(len(gap), NO_DATE, np.int32),
            withholding_percent=none,
            net_amount=np.full(len(gap), np.iinfo(np.int64).min),
            members=sizes[gap].astype(np.int32),
            converted=np.zeros(len(gap), bool),
            band=np.zeros(len(gap), np.int32),
        )
        explained[gap], kind[gap], usual[gap] = judge_gaps(gaps, models, call)
    # A batch has no open end: the whole sum, or a named gap.
    sound = good & ((asked == entries.target) | (explained > IMPOSSIBLE))
    pairs = Pairs(ledger, items, entries.transaction[owner])
    amount, kind, usual = amount_evidence(
        asked, entries.target, unit, explained, kind, usual, open_ended=False
    )
    first = starts[:-1]
    evidence = (
        PRIOR
        + _BATCH
        + amount
        + date_evidence(issue, due, booking)
        + _identity(ledger, pairs)[first]
        + _references(ledger, pairs, owner, sizes, entries.transaction)
        + _PER_MEMBER * (sizes - 1)
        - skipped
    )
    early = (invoices.issue_date[items] != NO_DATE) & (
        invoices.issue_date[items].astype(np.int64) > booking[owner] + 7
    )
    sound &= np.bincount(owner[early], minlength=len(sizes)) == 0
    sound &= ~_cancelling(invoices.open_amount[items], pairs.reference_grade, starts)
    # Kept are the best of each payment by evidence, and by what they bring beyond the payments
    # that their members have already.
    beyond = evidence - _summed(satisfied[items], starts)
    likely = np.flatnonzero(sound & (evidence > 0))
    best = np.zeros(len(sizes), bool)
    for value in (evidence, beyond):
        order = likely[np.lexsort((likely, -value[likely], entries.transaction[likely]))]
        best[order[_rank(entries.transaction[order]) < _KEEP]] = True
    kept = np.flatnonzero(best)
    kept = kept[np.lexsort((kept, -evidence[kept], entries.transaction[kept]))]
    size = sizes[kept]
    rows = items[spread(first[kept], size)]
    by_row = np.lexsort((rows, np.repeat(np.arange(len(kept)), size)))
    return Shapes(
        invoice_starts=offsets(size),
        invoice_rows=rows[by_row],
        transaction_starts=np.arange(len(kept) + 1, dtype=np.int64),
        transaction_rows=entries.transaction[kept],
        evidence=evidence[kept],
        difference=kind[kept],
        usual=usual[kept],
    )


def _cancelling(values: Int64Array, grade: Int8Array, starts: Int64Array) -> BoolArray:
    """Whether a credit note and another member cancel out, and the payment quotes neither.

    Such a couple may be added to any batch or left out of it; the payment says nothing of it.
    """
    out = np.zeros(len(starts) - 1, bool)
    negative = np.flatnonzero(values < 0)
    for number in sorted(set((np.searchsorted(starts, negative, side="right") - 1).tolist())):
        lo, hi = int(starts[number]), int(starts[number + 1])
        silent = [
            v
            for v, g in zip(values[lo:hi].tolist(), grade[lo:hi].tolist(), strict=True)
            if g < ReferenceGrade.DIGITS
        ]
        out[number] = any(v < 0 and -v in silent for v in silent)
    return out


def _identity(ledger: Ledger, pairs: Pairs) -> Int64Array:
    parties = ledger.parties
    named = pairs.party_at >= 0
    sharing = np.ones(len(pairs), np.int64)
    if len(parties.words):
        sharing = np.where(named, parties.sharing[pairs.party_at], 1).astype(np.int64)
    payments = parties.payments[np.maximum(pairs.party, 0)].astype(np.int64)
    return identity_evidence(pairs.party_relation, sharing, payments)


def _references(
    ledger: Ledger,
    pairs: Pairs,
    owner: Int64Array,
    sizes: Int64Array,
    transaction: Int64Array,
) -> Int64Array:
    """What the quoted numbers say of whole batches: each quoted member counts."""
    grade = pairs.reference_grade
    quoted = grade >= ReferenceGrade.SWAPPED
    worth = np.minimum(pairs.reference_length.astype(np.int64), 13) * 1_900
    worth = np.where(grade >= ReferenceGrade.EXACT, worth, worth - 3_900)
    # The first quoted member proves the payment's reference; each further one its own place.
    total = np.bincount(owner, weights=np.where(quoted, worth, 0), minlength=len(sizes))
    clear = grade >= ReferenceGrade.DIGITS
    inside = np.bincount(owner[clear], minlength=len(sizes))
    any_quoted = np.bincount(owner[quoted], minlength=len(sizes)) > 0
    spelt = ledger.references.grade >= ReferenceGrade.DIGITS
    number_of = np.bincount(
        ledger.references.words[spelt] >> 32, minlength=len(ledger.transactions)
    )[transaction]
    outside = np.maximum(number_of - inside, 0)
    return np.where(
        any_quoted,
        total.astype(np.int64) + _QUOTED_ELSEWHERE * outside,
        np.where(number_of > 0, _QUOTED_NONE, _NO_REFERENCE),
    )


def _summed(values: Int64Array, starts: Int64Array) -> Int64Array:
    sums = offsets(values)
    return sums[starts[1:]] - sums[starts[:-1]]


def _newest(days: Int32Array, starts: Int64Array) -> Int32Array:
    if len(starts) == 1:
        return np.zeros(0, days.dtype)
    return np.maximum.reduceat(days, starts[:-1])


def _rank(ordered: Int64Array) -> Int64Array:
    """Position inside each run of equal values."""
    if len(ordered) == 0:
        return ordered
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.concatenate([first, [len(ordered)]]))
    return np.arange(len(ordered)) - np.repeat(first, counts)


def _distinct(shapes: Shapes) -> Shapes:
    """Keep each set of rows once, with the best evidence that some family found for it."""
    seen: dict[tuple[int, ...], int] = {}
    evidence = shapes.evidence.tolist()
    starts, rows = shapes.invoice_starts.tolist(), shapes.invoice_rows.tolist()
    transactions = shapes.transaction_rows.tolist()
    for at in range(len(shapes)):
        key = (transactions[at], *rows[starts[at] : starts[at + 1]])
        if key not in seen or evidence[at] > evidence[seen[key]]:
            seen[key] = at
    return shapes.take(np.array([seen[key] for key in sorted(seen)], np.int64))
