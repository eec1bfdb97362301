"""Parts: payments that may be a part of what is paid for one invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_DATE, NO_TEXT
from recon_sdk.engine.shapes import spread
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.config import Limits
    from recon_sdk.ledger import Ledger

__all__ = ["CANDIDATES", "part_payments"]

CANDIDATES = 24
"""Payments of one invoice's party that are looked at."""
_EARLY_DAYS = 7
_BEFORE_DUE, _AFTER_DUE = 25, 130
"""Days around the due date in which parts are looked for that do not quote the invoice."""
_LAST_PART = 400
"""Days after the due date by which the last of many equal parts has come."""
_MOST_PARTS = 32
_MOST_SILENT = 8
"""An amount that more payments bring says nothing of a payment that quotes nothing."""
_SATISFIED = 9_000
"""A pair with this evidence settles the invoice well enough to leave out party-only parts."""


def part_payments(
    ledger: Ledger, limits: Limits, satisfied: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Pairs of an invoice and a payment that may be a part of it, by invoice and booking day.

    A payment may be a part when it quotes the invoice; when it names the party and quotes nothing;
    or when it quotes nothing and brings just what is missing.
    """
    quoting = _fitting(ledger, *_by_number(ledger))
    begun = np.zeros(len(ledger.invoices), bool)
    begun[quoting[0][Pairs(ledger, *quoting).reference_grade >= ReferenceGrade.DIGITS]] = True
    wanting = np.flatnonzero(
        (ledger.invoices.open_amount != 0)
        & (ledger.invoices.issue_date != NO_DATE)
        & ((satisfied < _SATISFIED) | begun)
    )
    naming = _fitting(ledger, *_by_party(ledger, wanting))
    said = _merged([quoting, naming])
    silent = _fitting(ledger, *_by_amount(ledger, limits, wanting, *said))
    invoice, transaction = _merged([said, silent])
    day = ledger.transactions.booking_date[transaction]
    order = np.lexsort((transaction, day, invoice))
    return invoice[order], transaction[order]


def _by_number(ledger: Ledger) -> tuple[Int64Array, Int64Array]:
    """Payments that quote the invoice."""
    references = ledger.references
    words = references.words[references.grade >= ReferenceGrade.SWAPPED]
    found_i, found_t = [], []
    invoices = ledger.invoices
    for column in (invoices.invoice_number, invoices.payment_reference, invoices.order_number):
        rows = np.flatnonzero(column != NO_TEXT)
        order = rows[np.argsort(column[rows], kind="stable")]
        ordered = column[order].astype(np.int64)
        lo = np.searchsorted(ordered, words & 0xFFFFFFFF)
        count = np.searchsorted(ordered, words & 0xFFFFFFFF, side="right") - lo
        found_i.append(order[spread(lo, count)])
        found_t.append(np.repeat(words >> 32, count))
    return np.concatenate(found_i), np.concatenate(found_t)


def _by_party(ledger: Ledger, wanting: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Payments of the invoice's party that quote nothing, from near the due date on."""
    parties, references = ledger.parties, ledger.references
    silent = references.strongest[parties.words >> 32] == 0
    clear = silent & (parties.sharing == 1)
    row, party = parties.words[clear] >> 32, parties.words[clear] & 0xFFFFFFFF
    day = ledger.transactions.booking_date.astype(np.int64)
    order = np.lexsort((row, day[row], party))
    row, party = row[order], party[order]
    low = int(day.min()) if len(day) else 0
    packed = (party << 32) | (day[row] - low)
    wanting = wanting[parties.invoice_party[wanting] >= 0]
    own = parties.invoice_party[wanting].astype(np.int64) << 32
    due = _expected(ledger)[wanting]
    lo = np.searchsorted(packed, own | np.maximum(due - _BEFORE_DUE - low, 0))
    hi = np.searchsorted(packed, own | np.maximum(due + _AFTER_DUE - low, 0), side="right")
    amount = np.abs(ledger.transactions.unallocated_amount[row])
    count = np.maximum(hi - lo, 0)
    invoice, at = np.repeat(wanting, count), spread(lo, count)
    small = amount[at] < np.abs(ledger.invoices.open_amount[invoice])
    invoice, at = invoice[small], at[small]
    near = np.arange(len(invoice)) - np.searchsorted(invoice, invoice) < CANDIDATES
    return invoice[near], row[at[near]]


def _by_amount(
    ledger: Ledger,
    limits: Limits,
    wanting: Int64Array,
    invoice: Int64Array,
    transaction: Int64Array,
) -> tuple[Int64Array, Int64Array]:
    """Payments that quote nothing, and bring an equal part or just what other parts leave."""
    transactions = ledger.transactions
    nobody = np.flatnonzero(
        (ledger.references.strongest == 0) & (transactions.unallocated_amount != 0)
    )
    asked = np.abs(ledger.invoices.open_amount)
    paid = np.abs(transactions.unallocated_amount)
    unsettled = np.zeros(len(asked), bool)
    unsettled[wanting] = True
    kept = unsettled[invoice]
    invoice, transaction = invoice[kept], transaction[kept]
    needs_i, needs = [invoice], [asked[invoice] - paid[transaction]]
    clear = Pairs(ledger, invoice, transaction).reference_grade >= ReferenceGrade.DIGITS
    quoted = np.bincount(invoice[clear], weights=paid[transaction[clear]], minlength=len(asked))
    begun = np.flatnonzero(quoted)
    needs_i.append(begun)
    needs.append(asked[begun] - quoted[begun].astype(np.int64))
    two = np.flatnonzero(invoice[:-1] == invoice[1:])
    needs_i.append(invoice[two])
    needs.append(asked[invoice[two]] - paid[transaction[two]] - paid[transaction[two + 1]])
    for parts in range(2, limits.instalments + 1):
        # Parts are cut to the minor unit; one of them may take up what that leaves.
        low = asked[wanting] // parts
        needs_i.extend([wanting] * 3)
        needs.extend([low, low + 1, asked[wanting] - (parts - 1) * low])
    needed_by, amount = np.concatenate(needs_i), np.concatenate(needs)
    currency = ledger.invoices.currency[needed_by].astype(np.int64)
    key = (currency << 52) | amount
    own = (transactions.currency[nobody].astype(np.int64) << 52) | paid[nobody]
    order = np.argsort(own, kind="stable")
    own, nobody = own[order], nobody[order]
    lo = np.searchsorted(own, key)
    count = np.searchsorted(own, key, side="right") - lo
    count[count > _MOST_SILENT] = 0
    found_i, found_t = np.repeat(needed_by, count), nobody[spread(lo, count)]
    lag = transactions.booking_date[found_t] - _expected(ledger)[found_i]
    near = (lag >= -_BEFORE_DUE) & (lag <= _LAST_PART)
    relation = Pairs(ledger, found_i, found_t).party_relation
    near &= (relation <= PartyRelation.UNRESOLVED) | (relation >= PartyRelation.IN_TEXT)
    return found_i[near], found_t[near]


def _expected(ledger: Ledger) -> Int64Array:
    invoices = ledger.invoices
    return np.where(invoices.due_date != NO_DATE, invoices.due_date, invoices.issue_date).astype(
        np.int64
    )


def _fitting(
    ledger: Ledger, invoice: Int64Array, transaction: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Pairs that move the right way, in one currency, and bring less than is open."""
    pairs = Pairs(ledger, invoice, transaction)
    fits = (
        pairs.same_currency
        & pairs.sign_fits
        & (np.abs(pairs.unallocated_amount) < np.abs(pairs.open_amount))
        & (pairs.open_amount > 0)
        & ((pairs.issue_date == NO_DATE) | (pairs.booking_date >= pairs.issue_date - _EARLY_DAYS))
    )
    return invoice[fits], transaction[fits]


def _merged(
    parts: list[tuple[Int64Array, Int64Array]],
) -> tuple[Int64Array, Int64Array]:
    """Several lots of pairs as one, sorted, each pair once; at most so many an invoice."""
    word = np.concatenate([(i << 32) | t for i, t in parts])
    order = np.argsort(word, kind="stable")
    ordered = word[order]
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    order = np.sort(order[fresh])  # those of the first lots before those of the later ones
    lot = word[order]
    by_invoice = np.argsort(lot >> 32, kind="stable")
    lot = lot[by_invoice]
    invoice = lot >> 32
    near = np.arange(len(lot)) - np.searchsorted(invoice, invoice) < _MOST_PARTS
    lot = np.sort(lot[near])
    return lot >> 32, lot & 0xFFFFFFFF
