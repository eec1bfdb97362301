"""Twins: payments that repeat another, and invoices that could stand for one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_DATE
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray, Int32Array, Int64Array
    from recon_sdk.engine.shapes import Shapes
    from recon_sdk.ledger import Ledger

__all__ = [
    "duplicates",
    "earlier_twins",
    "first_settles",
    "interchangeable",
    "later_quotes",
    "repeated_quotes",
    "same_amount_siblings",
]

_LOOK_BACK_DAYS = 12
"""Days within which an equal payment of the same party is taken for the same payment again."""
_VAGUE_DAYS = 16
"""The same, where the chosen payment does not quote the number whole."""
_NOBODY_DAYS = 20
"""The same, for an unused payment that names nobody."""
_UNUSED_DAYS = 45
"""The same, for an earlier payment of the party that settles nothing else."""
_QUOTED_DAYS = 150
"""The same, for payments that both quote the invoice."""
_LOOK_BACK_ROWS = 8
_SIBLING_DUE_DAYS = 180
_EARLY_DAYS = 7
"""An invoice may be paid so many days before it is issued, as a member or in a member's place."""
_ROUND = 1000


def _earlier_equal(ledger: Ledger, rows: Int64Array, days: int) -> tuple[Int64Array, Int64Array]:
    """Earlier transactions of the same amount and account currency, for each of some rows.

    Returns:
        Positions in `rows` and rows of the earlier transactions, nearest first for each position.
    """
    transactions = ledger.transactions
    day = transactions.booking_date
    order = np.lexsort(
        (np.arange(len(day)), day, transactions.unallocated_amount, transactions.currency)
    )
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    found, earlier = [], []
    alive = np.arange(len(rows))
    for back in range(1, _LOOK_BACK_ROWS + 1):
        at = place[rows[alive]] - back
        alive, at = alive[at >= 0], at[at >= 0]
        other, mine = order[at], rows[alive]
        same = (
            (transactions.unallocated_amount[other] == transactions.unallocated_amount[mine])
            & (transactions.currency[other] == transactions.currency[mine])
            & (day[mine] - day[other] <= days)
        )
        alive, other = alive[same], other[same]
        if len(alive) == 0:
            break
        found.append(alive)
        earlier.append(other)
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    at = np.concatenate(found)
    by_position = np.argsort(at, kind="stable")
    return at[by_position], np.concatenate(earlier)[by_position]


def _may_pay(
    ledger: Ledger,
    invoices: Int64Array,
    earlier: Int64Array,
    later: Int64Array,
    used: BoolArray,
) -> BoolArray:
    """Whether an earlier payment may pay an invoice that a later one was chosen for.

    By what it says of party and number, by how long before it was booked, and by whether it
    settles something else.
    """
    days = ledger.transactions.booking_date[later].astype(np.int64)
    days -= ledger.transactions.booking_date[earlier]
    pairs = Pairs(ledger, invoices, earlier)
    quotes = pairs.reference_grade >= ReferenceGrade.SWAPPED
    elsewhere = pairs.other_reference_length > 0
    nobody = pairs.party_relation <= PartyRelation.UNRESOLVED
    plain = np.abs(pairs.unallocated_amount) % _ROUND != 0
    issued = (pairs.issue_date == NO_DATE) | (pairs.booking_date >= pairs.issue_date - 7)
    soon = (days <= _LOOK_BACK_DAYS) & (pairs.same_party | (nobody & plain))
    unused = (days <= _UNUSED_DAYS) & pairs.same_party & ~used[earlier]
    unused |= (days <= _NOBODY_DAYS) & nobody & plain & ~used[earlier]
    return np.asarray((quotes | (~elsewhere & (soon | unused))) & issued)


def earlier_twins(
    ledger: Ledger, invoices: Int64Array, transactions: Int64Array, used: BoolArray
) -> BoolArray:
    """Whether an earlier payment of the same amount might pay the invoice just as well."""
    at, other = _earlier_equal(ledger, transactions, _QUOTED_DAYS)
    fits = _may_pay(ledger, invoices[at], other, transactions[at], used)
    # Where the number is not quoted whole, any such payment of the party soon before is a twin,
    # whatever it quotes itself.
    own = Pairs(ledger, invoices[at], transactions[at]).reference_grade
    earlier = Pairs(ledger, invoices[at], other)
    days = ledger.transactions.booking_date[transactions[at]].astype(np.int64)
    days -= ledger.transactions.booking_date[other]
    fits |= (own < ReferenceGrade.DIGITS) & earlier.same_party & (days <= _VAGUE_DAYS)
    out = np.zeros(len(invoices), bool)
    out[at[fits]] = True
    return out


def repeated_quotes(
    ledger: Ledger, invoices: Int64Array, transactions: Int64Array, refused: Int64Array
) -> BoolArray:
    """Whether an earlier payment of the same amount quotes the same invoice as clearly.

    The earlier booking settles; the later one is no answer, and no rival of the earlier one.

    Args:
        ledger: The ledger.
        invoices: Invoice of each pair.
        transactions: Its transaction.
        refused: Pairs that a person refused (invoice << 32 | transaction): they settle nothing.
    """
    pairs = Pairs(ledger, invoices, transactions)
    clear = np.flatnonzero(pairs.reference_grade >= ReferenceGrade.DIGITS)
    at, other = _earlier_equal(ledger, transactions[clear], _QUOTED_DAYS)
    earlier = Pairs(ledger, invoices[clear[at]], other)
    issued = (earlier.issue_date == NO_DATE) | (earlier.booking_date >= earlier.issue_date - 7)
    same = (
        (earlier.reference_grade >= ReferenceGrade.DIGITS)
        & (earlier.party_relation != PartyRelation.OTHER_ACCOUNT)
        & issued
        & ~np.isin((invoices[clear[at]] << 32) | other, refused, kind="sort")
    )
    out = np.zeros(len(invoices), bool)
    out[clear[at[same]]] = True
    return out


def first_settles(
    ledger: Ledger, shapes: Shapes, chosen: Int64Array, known: Shapes
) -> tuple[Int64Array, Int64Array]:
    """Let the first of two equal payments settle, where the second was chosen.

    Args:
        ledger: The ledger.
        shapes: All hypotheses; the pairs among them stand first, by invoice and transaction.
        chosen: Positions of the chosen ones.
        known: The pairs among `shapes`.

    Returns:
        Positions in `chosen`, and the pairs (positions in `shapes`) to put in their place.
    """
    kind = shapes.kind[chosen]
    single = np.flatnonzero(kind == 0)
    invoice = shapes.invoice_rows[shapes.invoice_starts[chosen[single]]]
    transaction = shapes.transaction_rows[shapes.transaction_starts[chosen[single]]]
    used = np.zeros(len(ledger.transactions), bool)
    starts, counts = shapes.transaction_starts, shapes.transaction_counts
    for h in chosen.tolist():
        used[shapes.transaction_rows[starts[h] : starts[h] + counts[h]]] = True
    at, other = _earlier_equal(ledger, transaction, _QUOTED_DAYS)
    free = ~used[other]
    at, other = at[free], other[free]
    fits = _may_pay(ledger, invoice[at], other, transaction[at], used)
    # Long after, a payment that quotes the invoice stands against one that only names the party.
    quotes = _quotes(ledger, invoice[at], transaction[at]) & ~_quotes(ledger, invoice[at], other)
    day = ledger.transactions.booking_date
    fits &= ~quotes | (day[transaction[at]] - day[other] <= _LOOK_BACK_DAYS)
    # A payment that says nothing does not take the place of one that names the party or quotes.
    before, after = Pairs(ledger, invoice[at], other), Pairs(ledger, invoice[at], transaction[at])
    fits &= _says(before) | ~_says(after)
    at, other = at[fits], other[fits]
    word = (known.invoice_rows << 32) | known.transaction_rows
    wanted = (invoice[at] << 32) | other
    place = np.minimum(np.searchsorted(word, wanted), max(len(word) - 1, 0))
    real = word[place] == wanted if len(word) else np.zeros(len(at), bool)
    at, place = at[real], place[real]
    out_at, out_place, taken = [], [], set()
    seen: set[int] = set()
    # The earliest of several stands last, since the nearest come first.
    for k in range(len(at) - 1, -1, -1):
        position, pair = int(at[k]), int(place[k])
        payment = int(known.transaction_rows[pair])
        if position in seen or payment in taken:
            continue
        seen.add(position)
        taken.add(payment)
        out_at.append(int(single[position]))
        out_place.append(pair)
    return np.array(out_at, np.int64), np.array(out_place, np.int64)


def _says(pairs: Pairs) -> BoolArray:
    """Whether a payment says whose it is."""
    return np.asarray(pairs.same_party | (pairs.reference_grade >= ReferenceGrade.SWAPPED))


def _quotes(ledger: Ledger, invoices: Int64Array, transactions: Int64Array) -> BoolArray:
    grade = Pairs(ledger, invoices, transactions).reference_grade
    return np.asarray(grade >= ReferenceGrade.SWAPPED)


def later_quotes(
    ledger: Ledger, invoices: Int64Array, transactions: Int64Array, used: BoolArray
) -> BoolArray:
    """Whether only a later, unused payment of the same amount quotes the invoice."""
    out = np.zeros(len(invoices), bool)
    position = np.full(len(ledger.transactions), -1, np.int64)
    position[transactions] = np.arange(len(transactions))
    free = np.flatnonzero(~used)
    at, other = _earlier_equal(ledger, free, _QUOTED_DAYS)
    chosen = position[other]
    at, chosen = at[chosen >= 0], chosen[chosen >= 0]
    invoice = invoices[chosen]
    says = _quotes(ledger, invoice, free[at]) & ~_quotes(ledger, invoice, transactions[chosen])
    out[chosen[says]] = True
    return out


def duplicates(
    ledger: Ledger, invoices: Int64Array, transactions: Int64Array, used: BoolArray
) -> Int32Array:
    """Find unused payments that repeat a chosen one.

    Args:
        ledger: The ledger.
        invoices: Invoice of each chosen allocation.
        transactions: Transaction of each chosen allocation.
        used: Whether a transaction is in a chosen match.

    Returns:
        For each transaction the row of the earlier payment that it repeats, else -1.
    """
    out = np.full(len(ledger.transactions), -1, np.int32)
    free = np.flatnonzero(~used)
    paid_by = np.full(len(ledger.transactions), -1, np.int64)
    paid_by[transactions] = invoices
    at, other = _earlier_equal(ledger, free, _QUOTED_DAYS)
    settled = paid_by[other] >= 0
    at, other = at[settled], other[settled]
    pairs = Pairs(ledger, paid_by[other], free[at])
    day = ledger.transactions.booking_date
    says = (pairs.reference_grade >= ReferenceGrade.SWAPPED) | (
        pairs.same_party
        & (pairs.other_reference_length == 0)
        & (day[free[at]] - day[other] <= _LOOK_BACK_DAYS)
    )
    out[free[at[says]]] = other[says]
    return out


def same_amount_siblings(ledger: Ledger, invoices: Int64Array, days: int) -> BoolArray:
    """Whether the party has another open invoice of the same amount near in time."""
    columns, party = ledger.invoices, ledger.parties.invoice_party
    due = np.where(columns.due_date != NO_DATE, columns.due_date, columns.issue_date).astype(
        np.int64
    )
    order = np.lexsort((np.arange(len(due)), due, columns.open_amount, columns.currency, party))
    same = (
        (party[order][1:] == party[order][:-1])
        & (party[order][1:] >= 0)
        & (columns.open_amount[order][1:] == columns.open_amount[order][:-1])
        & (columns.currency[order][1:] == columns.currency[order][:-1])
        & (np.diff(due[order]) <= days)
    )
    near = np.zeros(len(due), bool)
    near[order[1:][same]] = True
    near[order[:-1][same]] = True
    return near[invoices]


def interchangeable(
    ledger: Ledger, shapes: Shapes, batches: Int64Array, in_batch: BoolArray
) -> BoolArray:
    """Whether another open invoice could take a member's place in a batch.

    One of the party with the amount of a member that lacks its own reference, or one that the
    payment quotes and the batch leaves out.

    Args:
        ledger: The ledger.
        shapes: Hypotheses.
        batches: Positions of the batches to judge.
        in_batch: For each invoice whether a payment quotes it (it is pinned then).
    """
    columns, party = ledger.invoices, ledger.parties.invoice_party
    order = np.lexsort((np.arange(len(party)), columns.open_amount, party))
    key_party, key_amount = party[order], columns.open_amount[order]
    out = np.zeros(len(batches), bool)
    quoted_by = _clearly_quoted(ledger, shapes, batches)
    due = np.where(columns.due_date != NO_DATE, columns.due_date, columns.issue_date)
    for number, h in enumerate(batches.tolist()):
        members = shapes.invoice_rows[shapes.invoice_starts[h] : shapes.invoice_starts[h + 1]]
        payment = int(shapes.transaction_rows[shapes.transaction_starts[h]])
        day = int(ledger.transactions.booking_date[payment])
        earliest = int(due[members].min())
        own = Pairs(ledger, members, np.full(len(members), payment)).reference_grade
        inside = set(members.tolist())
        if quoted_by.get(payment, set()) - inside:
            out[number] = True
            continue
        for member, grade in zip(members.tolist(), own.tolist(), strict=True):
            if grade >= ReferenceGrade.SWAPPED:
                continue
            lo = np.searchsorted(key_party, party[member])
            hi = np.searchsorted(key_party, party[member], side="right")
            a = lo + np.searchsorted(key_amount[lo:hi], columns.open_amount[member])
            b = lo + np.searchsorted(key_amount[lo:hi], columns.open_amount[member], side="right")
            for other in order[a:b].tolist():
                if other in inside or in_batch[other]:
                    continue
                if (
                    due[other] < earliest - _SIBLING_DUE_DAYS
                    or columns.issue_date[other] > day + _EARLY_DAYS
                ):
                    continue
                out[number] = True
    return out


def _clearly_quoted(ledger: Ledger, shapes: Shapes, batches: Int64Array) -> dict[int, set[int]]:
    """Open invoices of the batch's party that each batch's payment quotes."""
    references, invoices = ledger.references, ledger.invoices
    party = ledger.parties.invoice_party
    carriers: dict[int, list[int]] = {}
    payments = shapes.transaction_rows[shapes.transaction_starts[batches]]
    wanted = np.zeros(len(ledger.transactions), bool)
    wanted[payments] = True
    clear = wanted[references.words >> 32] & (references.grade >= ReferenceGrade.DIGITS)
    words = references.words[clear]
    codes = np.zeros(len(ledger.texts) + 1, bool)
    codes[words & 0xFFFFFFFF] = True
    for row in np.flatnonzero(codes[invoices.invoice_number]).tolist():
        carriers.setdefault(int(invoices.invoice_number[row]), []).append(row)
    own = {
        int(payment): int(party[shapes.invoice_rows[shapes.invoice_starts[h]]])
        for payment, h in zip(payments.tolist(), batches.tolist(), strict=True)
    }
    out: dict[int, set[int]] = {}
    for word in words.tolist():
        payment, code = word >> 32, word & 0xFFFFFFFF
        rows = {
            r
            for r in carriers.get(code, [])
            if party[r] == own[payment] and invoices.open_amount[r] != 0
        }
        out.setdefault(payment, set()).update(rows)
    return out
