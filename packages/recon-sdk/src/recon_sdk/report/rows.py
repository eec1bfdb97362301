"""Rows of the report's tables, as texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.matches import DecisionKind
from recon_sdk.money import exponent_of
from recon_sdk.report.figures import money
from recon_sdk.report.words import DIFFERENCES, KINDS, REASONS, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.columns import Int32Array, Int64Array
    from recon_sdk.explanations import MatchContext
    from recon_sdk.invoices import Invoice
    from recon_sdk.matches import Contribution
    from recon_sdk.results import Result
    from recon_sdk.transactions import BankTransaction

__all__ = [
    "DuplicateRow",
    "InvoiceRow",
    "MatchRow",
    "Part",
    "Settlement",
    "TransactionRow",
    "alternatives_of",
    "duplicates",
    "largest",
    "largest_matches",
    "match_row",
    "unmatched_invoices",
    "unmatched_transactions",
]


@attrs.frozen(kw_only=True)
class InvoiceRow:
    """An invoice: its key, its number or else its key, its party, dates and open amount."""

    id: str
    number: str
    party: str
    issued: str
    due: str
    amount: str
    currency: str


@attrs.frozen(kw_only=True)
class TransactionRow:
    """A payment: its key, day, counterparty, text and what is left of its amount."""

    id: str
    booked: str
    party: str
    text: str
    amount: str
    currency: str


@attrs.frozen(kw_only=True)
class Settlement:
    """One allocation: which payment settles how much of which invoice."""

    invoice: InvoiceRow
    transaction: TransactionRow
    settled: str
    paid: str


@attrs.frozen(kw_only=True)
class Part:
    """One rule's part in a score.

    Attributes:
        rule: The rule in words.
        words: What it says of the match.
        points: What it adds, with a sign.
        percent: Length of its bar, 0 to 100.
        is_against: Whether it takes away.
    """

    rule: str
    words: str
    points: str
    percent: str
    is_against: bool


@attrs.frozen(kw_only=True)
class MatchRow:
    """A match as the table shows it.

    Attributes:
        id: The match's id.
        kind: Its kind in words.
        is_auto: Whether it was decided automatically.
        reasons: Codes and titles of what speaks against deciding it unseen.
        score: Two decimals.
        percent: 0 to 100, for the bar.
        invoices: Its invoices.
        transactions: Its payments.
        paid: What is used of the payments, with currency.
        difference: The named gap with its amount, "" for none.
        settlements: Its allocations.
        parts: Breakdown of the score.
        explanation: The explanation.
        alternatives: Other answers, each in a few words.
        size: Magnitude of what is paid in whole units, for sorting.
        day: First booking date, for sorting.
    """

    id: str
    kind: str
    is_auto: bool
    reasons: Sequence[tuple[str, str]]
    score: str
    percent: str
    invoices: Sequence[InvoiceRow]
    transactions: Sequence[TransactionRow]
    paid: str
    difference: str
    settlements: Sequence[Settlement]
    parts: Sequence[Part]
    explanation: str
    alternatives: Sequence[str]
    size: str
    day: str


@attrs.frozen(kw_only=True)
class DuplicateRow:
    """A payment that repeats another one."""

    transaction: TransactionRow
    earlier: TransactionRow


def largest_matches(result: Result, most: int) -> Int64Array:
    """Positions of the matches to show: those for review first, then by amount, largest first."""
    found, ledger = result.outcome.matches, result.ledger
    chosen = found.chosen
    if not chosen:
        return np.zeros(0, np.int64)
    codes = ledger.transactions.currency[found.transaction_rows]
    paid = np.abs(found.paid) * 10_000 // _units(codes, ledger.currencies)
    totals = np.add.reduceat(paid, found.starts[:chosen])
    order = np.lexsort((np.arange(chosen), -totals, found.reasons[:chosen] == 0))
    return order[:most]


def match_row(
    context: MatchContext, explanation: str, alternatives: Sequence[MatchContext]
) -> MatchRow:
    """Put one match into words."""
    match = context.match
    invoices = {invoice.id: invoice_row(invoice) for invoice in context.invoices}
    transactions = {payment.id: transaction_row(payment) for payment in context.transactions}
    paid = sum(a.paid.minor for a in match.allocations)
    currency = match.allocations[0].paid.currency
    gap = match.difference
    return MatchRow(
        id=match.id,
        kind=KINDS[match.kind],
        is_auto=match.decision is DecisionKind.AUTO,
        reasons=[(reason.value, REASONS[reason].title) for reason in match.reasons],
        score=f"{match.score / 1e6:.2f}",
        percent=f"{match.score / 1e4:.0f}",
        invoices=list(invoices.values()),
        transactions=list(transactions.values()),
        paid=f"{money(paid, currency)} {currency}",
        difference=f"{DIFFERENCES[gap.kind]} {money(gap.amount.minor, gap.amount.currency)}"
        if gap
        else "",
        settlements=[
            Settlement(
                invoice=invoices[a.invoice_id],
                transaction=transactions[a.transaction_id],
                settled=f"{money(a.settled.minor, a.settled.currency)} {a.settled.currency}",
                paid=f"{money(a.paid.minor, a.paid.currency)} {a.paid.currency}",
            )
            for a in match.allocations
        ],
        parts=_parts(match.contributions),
        explanation=explanation,
        alternatives=[_in_short(other) for other in alternatives],
        size=f"{abs(paid) / 10 ** exponent_of(currency):.2f}",
        day=min(row.booked for row in transactions.values()),
    )


def alternatives_of(result: Result) -> dict[int, list[int]]:
    """Positions of the runners-up by the position of the chosen match."""
    found = result.outcome.matches
    runners_up: dict[int, list[int]] = {}
    for at in range(found.chosen, len(found)):
        runners_up.setdefault(int(found.alternative_of[at]), []).append(at)
    return runners_up


def invoice_row(invoice: Invoice) -> InvoiceRow:
    """Put an invoice into texts."""
    left = invoice.open_amount
    return InvoiceRow(
        id=invoice.id,
        number=invoice.invoice_number or invoice.id,
        party=invoice.vendor_name or invoice.vendor_id,
        issued=str(invoice.issue_date or ""),
        due=str(invoice.due_date or ""),
        amount=money(left.minor, left.currency),
        currency=left.currency,
    )


def transaction_row(transaction: BankTransaction) -> TransactionRow:
    """Put a payment into texts."""
    left = transaction.unallocated_amount
    return TransactionRow(
        id=transaction.id,
        booked=str(transaction.booking_date),
        party=transaction.counterparty_name or _account(transaction.counterparty_iban),
        text=" ".join(t for t in (transaction.description, transaction.reference) if t),
        amount=money(left.minor, left.currency),
        currency=left.currency,
    )


def _account(iban: str) -> str:
    """Name an account without showing all of it, since pages are passed on."""
    return f"Account ending in {iban[-4:]}" if iban else ""


def unmatched_invoices(result: Result, most: int) -> list[InvoiceRow]:
    """Invoices in no chosen match, largest first."""
    ledger = result.ledger
    rows = _unused(result, len(ledger.invoices), of_invoices=True)
    c = ledger.invoices
    chosen = largest(rows, c.open_amount, c.currency, ledger.currencies, most)
    return [invoice_row(ledger.invoice(row)) for row in chosen]


def unmatched_transactions(result: Result, most: int) -> list[TransactionRow]:
    """Payments in no chosen match, largest first."""
    ledger = result.ledger
    rows = _unused(result, len(ledger.transactions), of_invoices=False)
    c = ledger.transactions
    chosen = largest(rows, c.unallocated_amount, c.currency, ledger.currencies, most)
    return [transaction_row(ledger.transaction(row)) for row in chosen]


def duplicates(result: Result, most: int) -> list[DuplicateRow]:
    """Unmatched payments that repeat another one, largest first."""
    ledger, of = result.ledger, result.outcome.duplicate_of
    free = _unused(result, len(ledger.transactions), of_invoices=False)
    c = ledger.transactions
    rows = largest(free[of[free] >= 0], c.unallocated_amount, c.currency, ledger.currencies, most)
    return [
        DuplicateRow(
            transaction=transaction_row(ledger.transaction(row)),
            earlier=transaction_row(ledger.transaction(int(of[row]))),
        )
        for row in rows
    ]


def largest(
    rows: Int64Array,
    amounts: Int64Array,
    codes: Int32Array,
    currencies: Sequence[str],
    most: int,
) -> list[int]:
    """The rows with the largest amounts in whole units; equal ones in the order of their keys."""
    units = np.abs(amounts[rows]) * 10_000 // _units(codes[rows], currencies)
    return [int(row) for row in rows[np.argsort(-units, kind="stable")[:most]]]


def _units(codes: Int32Array, currencies: Sequence[str]) -> Int64Array:
    """Minor units in one whole unit, for each code."""
    units: Int64Array = np.array([10 ** exponent_of(c) for c in currencies] or [1], np.int64)
    return units[codes]


def _unused(result: Result, length: int, *, of_invoices: bool) -> Int64Array:
    found = result.outcome.matches
    end = int(found.starts[found.chosen])
    free = np.ones(length, bool)
    free[(found.invoice_rows if of_invoices else found.transaction_rows)[:end]] = False
    return np.flatnonzero(free)


def _parts(contributions: Iterable[Contribution]) -> list[Part]:
    parts = []
    for c in contributions:
        if c.value is None:
            continue
        parts.append(
            Part(
                rule=label(c.rule),
                words=c.words,
                points=f"{c.points / 1e6:+.2f}".replace("-", "\u2212"),
                percent=f"{min(100.0, abs(c.points) / 1e4):.1f}",
                is_against=c.points < 0,
            )
        )
    return parts


def _in_short(context: MatchContext) -> str:
    """Word a runner-up: its invoices, payments and score."""
    invoices = [invoice_row(invoice) for invoice in context.invoices]
    payments = [transaction_row(payment) for payment in context.transactions]
    asked = ", ".join(f"{i.number} ({i.amount} {i.currency}, {i.id})" for i in invoices)
    paid = ", ".join(f"{p.amount} {p.currency} on {p.booked} ({p.id})" for p in payments)
    return f"{asked} by {paid}, score {context.match.score / 1e6:.2f}"
