"""Families: sets of invoices that one payment may settle, before they are weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_DATE, Int64Array
from recon_sdk.engine.shapes import offsets, spread
from recon_sdk.facts import PartyRelation, ReferenceGrade

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray
    from recon_sdk.config import Limits
    from recon_sdk.ledger import Ledger

__all__ = [
    "ENOUGH",
    "Accounts",
    "Entries",
    "neighbour_runs",
    "open_accounts",
    "paid_accounts",
    "quoted_sets",
    "silent_runs",
]

ENOUGH = 8_000
"""Evidence from which a payment is explained well enough to leave out the subset search."""
_BEFORE, _AFTER = 15, 12
"""Items looked at before and after the payment's place in due order."""
_LONGEST_RUN = 12
_BAND = 20
"""A run is looked at when its sum is within 1/20 of what was paid."""
_SILENT_DAYS = 30
"""Days around the last due date of a run in which a payment of nobody may settle it."""
_CHUNK = 2048
_SHARING = 4


@attrs.frozen(eq=False)
class Accounts:
    """Open items by account: one party, direction and currency."""

    items: Int64Array
    """Invoice rows by account, due date, issue date, row."""
    starts: Int64Array
    keys: Int64Array
    """Sorted packed (party, direction, currency) of each account."""


@attrs.frozen(eq=False)
class Entries:
    """Payments that may be batches: a transaction and one account of a party that it names."""

    transaction: Int64Array
    account: Int64Array
    target: Int64Array
    """What the items must sum to, above 0."""

    def __len__(self) -> int:
        return len(self.target)

    def take(self, chosen: Int64Array | BoolArray) -> Entries:
        """Some of the entries."""
        return Entries(self.transaction[chosen], self.account[chosen], self.target[chosen])


def _account_key(party: Int64Array, direction: Int64Array, currency: Int64Array) -> Int64Array:
    return (party << 20) | ((direction + 1) << 16) | currency


def open_accounts(ledger: Ledger) -> Accounts:
    """Gather the open invoices by party, direction and currency."""
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
    return Accounts(rows[order], np.concatenate([fresh, [len(key)]]), key[fresh])


def paid_accounts(ledger: Ledger, accounts: Accounts) -> Entries:
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
    return Entries(*(np.concatenate(parts) for parts in zip(*out, strict=True)))


def neighbour_runs(
    ledger: Ledger, accounts: Accounts, entries: Entries
) -> tuple[Entries, Int64Array, Int64Array, Int64Array]:
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


def silent_runs(
    ledger: Ledger, accounts: Accounts, best: Int64Array
) -> tuple[Entries, Int64Array, Int64Array, Int64Array]:
    """Runs of any party that sum to a payment which names and quotes nobody."""
    transactions, invoices = ledger.transactions, ledger.invoices
    rows = np.flatnonzero(
        (ledger.parties.strongest <= PartyRelation.UNRESOLVED)
        & (ledger.references.strongest == 0)
        & (transactions.unallocated_amount != 0)
        & (best < ENOUGH)
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
    return Entries(row, account, target), items, size, np.zeros(len(size), np.int64)


def quoted_sets(
    ledger: Ledger, entries: Entries, accounts: Accounts, limits: Limits
) -> tuple[Entries, Int64Array, Int64Array, Int64Array]:
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
