"""Batches: one payment that settles several invoices of one party.

Hypotheses come in families, each searched completely within its bounds: all quoted invoices; runs
of neighbours by due date; and, where none of these explains a payment well, small subsets of the
nearest open items. A family's freedom is paid for in evidence: the number of ways to skip items
counts against a hypothesis, so that a long coincidental sum loses to a plain one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_DATE, Int32Array, Int64Array
from recon_sdk.differences import Gaps
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
from recon_sdk.facts import PartyRelation, ReferenceGrade
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
_BEFORE, _AFTER = 15, 12
"""Items looked at before and after the payment's place in due order."""
_LONGEST_RUN = 12
_BAND = 20
"""A run is looked at when its sum is within 1/20 of what was paid."""
_SILENT_DAYS = 30
"""Days around the last due date of a run in which a payment of nobody may settle it."""
_CHUNK = 2048
_SHARING = 4
_ENOUGH = 8_000
"""Evidence from which a payment is explained well enough to leave out the subset search."""
_KEEP = 4
"""Hypotheses kept for one payment and family."""


@attrs.frozen(eq=False)
class _Accounts:
    """Open items by account: one party, direction and currency."""

    items: Int64Array
    """Invoice rows by account, due date, issue date, row."""
    starts: Int64Array
    keys: Int64Array
    """Sorted packed (party, direction, currency) of each account."""


@attrs.frozen(eq=False)
class _Entries:
    """Payments that may be batches: a transaction and one account of a party that it names."""

    transaction: Int64Array
    account: Int64Array
    target: Int64Array
    """What the items must sum to, above 0."""

    def __len__(self) -> int:
        return len(self.target)

    def take(self, chosen: Int64Array | BoolArray) -> _Entries:
        return _Entries(self.transaction[chosen], self.account[chosen], self.target[chosen])


def _account_key(party: Int64Array, direction: Int64Array, currency: Int64Array) -> Int64Array:
    return (party << 20) | ((direction + 1) << 16) | currency


def _accounts(ledger: Ledger) -> _Accounts:
    invoices, party = ledger.invoices, ledger.parties.invoice_party
    rows = np.flatnonzero((party >= 0) & (invoices.open_amount != 0))
    key = _account_key(
        party[rows].astype(np.int64),
        invoices.direction[rows].astype(np.int64),
        invoices.currency[rows].astype(np.int64),
    )
    due = np.where(invoices.due_date != NO_DATE, invoices.due_date, invoices.issue_date)[rows]
    order = np.lexsort((rows, invoices.issue_date[rows], due, key))
    key = key[order]
    fresh = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else key
    return _Accounts(rows[order], np.concatenate([fresh, [len(key)]]), key[fresh])


def _entries(ledger: Ledger, accounts: _Accounts) -> _Entries:
    """Pair each payment with the accounts of the parties that it names or quotes."""
    parties, transactions = ledger.parties, ledger.transactions
    clear = parties.sharing <= _SHARING
    word = [parties.words[clear]]
    references = ledger.references
    spelt = references.grade >= ReferenceGrade.DIGITS
    numbers = ledger.invoices.invoice_number.astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    at = np.searchsorted(numbers[order], references.words[spelt] & 0xFFFFFFFF)
    inside = at < len(order)
    row = (references.words[spelt] >> 32)[inside]
    invoice = order[at[inside]]
    hit = numbers[invoice] == (references.words[spelt] & 0xFFFFFFFF)[inside]
    party = ledger.parties.invoice_party[invoice].astype(np.int64)
    known = hit & (party >= 0)
    word.append((row[known] << 32) | party[known])
    both = np.sort(np.concatenate(word))
    both = both[np.concatenate([[True], both[1:] != both[:-1]])] if len(both) else both
    row, party = both >> 32, both & 0xFFFFFFFF
    value = transactions.unallocated_amount[row]
    out = []
    for direction in (-1, 0, 1):
        key = _account_key(
            party, np.full(len(row), direction), transactions.currency[row].astype(np.int64)
        )
        at = np.minimum(np.searchsorted(accounts.keys, key), max(len(accounts.keys) - 1, 0))
        target = np.abs(value) if direction == 0 else direction * value
        good = (target > 0) & (accounts.keys[at] == key if len(accounts.keys) else False)
        out.append((row[good], at[good], target[good]))
    return _Entries(*(np.concatenate(parts) for parts in zip(*out, strict=True)))


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
    accounts = _accounts(ledger)
    entries = _entries(ledger, accounts)
    found = [
        _judged(ledger, models, satisfied, call, *_runs(ledger, accounts, entries)),
        _judged(ledger, models, satisfied, call, *_quoted(ledger, entries, accounts, limits)),
    ]
    best = explained.copy()
    for shapes in found:
        beyond = shapes.evidence - _summed(satisfied[shapes.invoice_rows], shapes.invoice_starts)
        np.maximum.at(best, shapes.transaction_rows, beyond)
    silent = _silent_entries(ledger, accounts, best)
    found.append(_judged(ledger, models, satisfied, call, *silent))
    rest = entries.take(best[entries.transaction] < _ENOUGH)
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


def _runs(
    ledger: Ledger, accounts: _Accounts, entries: _Entries
) -> tuple[_Entries, Int64Array, Int64Array, Int64Array]:
    """Runs of neighbours by due date whose sum is near what was paid."""
    invoices = ledger.invoices
    values = invoices.open_amount[accounts.items]
    sums = offsets(values)
    due = np.where(invoices.due_date != NO_DATE, invoices.due_date, invoices.issue_date)
    day = due[accounts.items].astype(np.int64)
    account_of = np.repeat(np.arange(len(accounts.keys)), np.diff(accounts.starts))
    # Find each payment's place in its account by one search over packed (account, day).
    low = int(day[day != NO_DATE].min()) if np.any(day != NO_DATE) else 0
    packed = (account_of << 32) | np.maximum(day - low, 0)
    booked = ledger.transactions.booking_date[entries.transaction].astype(np.int64)
    place = np.searchsorted(packed, (entries.account << 32) | np.maximum(booked - low, 0), "right")
    first, last = accounts.starts[entries.account], accounts.starts[entries.account + 1]
    lengths = np.arange(2, _LONGEST_RUN + 1)
    steps = np.arange(-_BEFORE, _AFTER)
    parts = []
    for a in range(0, len(entries), _CHUNK):
        chunk = slice(a, min(a + _CHUNK, len(entries)))
        begin = place[chunk, None] + steps
        valid = (begin >= first[chunk, None]) & (begin < last[chunk, None])
        begin = np.where(valid, begin, 0)
        end = begin[:, :, None] + lengths
        inside = valid[:, :, None] & (
            end <= np.minimum(last[chunk, None, None], place[chunk, None, None] + _AFTER)
        )
        end = np.where(inside, end, begin[:, :, None])
        total = sums[end] - sums[begin[:, :, None]]
        target = entries.target[chunk, None, None]
        near = inside & (np.abs(total - target) * _BAND <= target)
        e, s, k = np.nonzero(near)
        parts.append((e + a, begin[e, s], lengths[k]))
    entry, begin, size = (np.concatenate(p) for p in zip(*parts, strict=True)) if parts else (
        np.zeros(0, np.int64),
    ) * 3  # fmt: skip
    items = accounts.items[spread(begin, size)]
    return entries.take(entry), items, size, np.zeros(len(size), np.int64)


def _silent_entries(
    ledger: Ledger, accounts: _Accounts, best: Int64Array
) -> tuple[_Entries, Int64Array, Int64Array, Int64Array]:
    """Runs of any party that sum to a payment which names and quotes nobody."""
    transactions, invoices = ledger.transactions, ledger.invoices
    rows = np.flatnonzero(
        (ledger.parties.strongest <= PartyRelation.UNRESOLVED)
        & (ledger.references.strongest == 0)
        & (transactions.unallocated_amount != 0)
        & (best < _ENOUGH)
    )
    values = invoices.open_amount[accounts.items]
    sums = offsets(values)
    account_of = np.repeat(np.arange(len(accounts.keys)), np.diff(accounts.starts))
    direction = ((accounts.keys >> 16) & 3) - 1
    currency = accounts.keys & 0xFFFF
    # Payments by currency and signed amount; runs look their own sum up.
    key = (transactions.currency[rows].astype(np.int64) << 52) + transactions.unallocated_amount[
        rows
    ]
    order = np.argsort(key, kind="stable")
    key, rows = key[order], rows[order]
    found: list[tuple[Int64Array, Int64Array, Int64Array]] = []
    for length in range(2, _LONGEST_RUN + 1):
        begin = np.arange(max(0, len(values) - length + 1))
        begin = begin[account_of[begin] == account_of[begin + length - 1]]
        total = sums[begin + length] - sums[begin]
        flow = direction[account_of[begin]]
        begin, total, flow = begin[flow != 0], total[flow != 0], flow[flow != 0]
        wanted = (currency[account_of[begin]] << 52) + flow * total
        lo = np.searchsorted(key, wanted)
        count = np.searchsorted(key, wanted, side="right") - lo
        count[total <= 0] = 0
        start = np.repeat(begin, count)
        row = rows[spread(lo, count)]
        due = np.maximum(invoices.due_date, invoices.issue_date)[accounts.items]
        lag = transactions.booking_date[row].astype(np.int64) - due[start + length - 1]
        near = np.abs(lag) <= _SILENT_DAYS
        found.append((row[near], start[near], np.full(int(near.sum()), length, np.int64)))
    row, start, size = (np.concatenate(parts) for parts in zip(*found, strict=True))
    account = account_of[start]
    target = np.abs(transactions.unallocated_amount[row])
    items = accounts.items[spread(start, size)]
    return _Entries(row, account, target), items, size, np.zeros(len(size), np.int64)


def _quoted(
    ledger: Ledger, entries: _Entries, accounts: _Accounts, limits: Limits
) -> tuple[_Entries, Int64Array, Int64Array, Int64Array]:
    """All invoices of an account that a payment quotes, whatever lies between them."""
    references = ledger.references
    numbers = ledger.invoices.invoice_number.astype(np.int64)
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    quoted = references.words & 0xFFFFFFFF
    lo, hi = np.searchsorted(ordered, quoted), np.searchsorted(ordered, quoted, side="right")
    count = np.where(references.grade >= ReferenceGrade.SWAPPED, np.minimum(hi - lo, _SHARING), 0)
    transaction = np.repeat(references.words >> 32, count)
    invoice = order[spread(lo, count)]
    account_of = np.full(len(numbers), -1, np.int64)
    account_of[accounts.items] = np.repeat(np.arange(len(accounts.keys)), np.diff(accounts.starts))
    account = account_of[invoice]
    good = account >= 0
    key = (transaction[good] << 32) | account[good]
    invoice = invoice[good]
    sort = np.lexsort((invoice, key))
    key, invoice = key[sort], invoice[sort]
    entry_key = (entries.transaction << 32) | entries.account
    entry_order = np.argsort(entry_key, kind="stable")
    lo = np.searchsorted(key, entry_key[entry_order])
    size = np.searchsorted(key, entry_key[entry_order], side="right") - lo
    several = (size > 1) & (size <= limits.batch_members)
    lo, size = lo[several], size[several]
    items = invoice[spread(lo, size)]
    return entries.take(entry_order[several]), items, size, np.zeros(len(size), np.int64)


def _judged(
    ledger: Ledger,
    models: Sequence[DifferenceModel],
    satisfied: Int64Array,
    call: Callable[..., object],
    entries: _Entries,
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
