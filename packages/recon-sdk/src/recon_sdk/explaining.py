"""Explaining: the deterministic text of a match. The same record gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from recon_sdk.explanations import Explanation
from recon_sdk.matches import DecisionKind, DifferenceKind, MatchKind, Reason
from recon_sdk.scoring import ONE

if TYPE_CHECKING:
    from recon_sdk.explanations import MatchContext
    from recon_sdk.invoices import Invoice
    from recon_sdk.matches import Contribution, Difference
    from recon_sdk.transactions import BankTransaction

__all__ = ["REASON_WORDS", "TemplateExplainer", "explain_match"]

REASON_WORDS = {
    Reason.AMBIGUOUS: "another answer fits as well",
    Reason.NO_IDENTITY: "nothing but amount and date speaks for it",
    Reason.UNEXPLAINED_DIFFERENCE: "nothing ordinary explains the difference",
    Reason.PARTIAL_PAYMENT: "only a part was paid",
    Reason.OVERPAYMENT: "more was paid than is open",
    Reason.BELOW_MARGIN: "the next best answer is too near",
    Reason.POSSIBLE_DUPLICATE: "another payment of the same amount fits too",
    Reason.INTERCHANGEABLE: "another open invoice of the same amount could take a member's place",
    Reason.DIRECTION_UNKNOWN: "it is not known whether the invoice is payable or receivable",
    Reason.NO_RATE: "the currencies differ and no exchange rate is stored",
    Reason.RULE_FAILED: "a rule failed in this run",
    Reason.INCOMPLETE_SEARCH: "the search for the best answer ended at its budget",
    Reason.ALTERNATIVE: "it is the runner-up of another proposal",
}
"""What each reason means, as a clause."""

_DIFFERENCE_WORDS = {
    DifferenceKind.ROUNDING: "rounding",
    DifferenceKind.BANK_FEE: "a bank fee",
    DifferenceKind.CASH_DISCOUNT: "a cash discount",
    DifferenceKind.WITHHOLDING: "tax withheld",
    DifferenceKind.VAT: "tax not paid",
    DifferenceKind.FX: "the exchange rate",
}
_MOST_NAMED = 5


@attrs.frozen
class TemplateExplainer:
    """The built-in explainer: plain English sentences from the decision record."""

    name: str = "template"

    async def explain(self, context: MatchContext) -> Explanation:
        """Word the match."""
        return Explanation(text=explain_match(context), source=self.name)


def explain_match(context: MatchContext) -> str:
    """Word a match in plain English.

    Every number, date and name in the text comes from the context.
    """
    match = context.match
    parts = [_claim(context)]
    because = [c.words for c in _strongest(match.contributions) if c.points > 0 and c.words]
    if because:
        parts.append(_sentence("for it: " + "; ".join(because)))
    against = [c.words for c in match.contributions if c.points < 0 and c.words]
    if against:
        parts.append(_sentence("against it: " + "; ".join(against)))
    if match.difference is not None:
        parts.append(_difference(match.difference, context))
    parts.append(f"Score {match.score / ONE:.2f}.")
    if match.decision is DecisionKind.AUTO:
        parts.append("Safe to confirm: no other answer comes near.")
    else:
        reasons = "; ".join(REASON_WORDS[r] for r in match.reasons)
        parts.append(_sentence(f"to be reviewed: {reasons}" if reasons else "to be reviewed"))
    return " ".join(parts)


def _strongest(contributions: tuple[Contribution, ...]) -> list[Contribution]:
    """By points, ties by name; `amount_tolerance` says nothing new beside an exact amount."""
    exact = any(c.rule == "exact_amount" and c.points > 0 for c in contributions)
    kept = [c for c in contributions if not (exact and c.rule == "amount_tolerance")]
    return sorted(kept, key=lambda c: (-c.points, c.rule))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _claim(context: MatchContext) -> str:
    match = context.match
    invoices, transactions = context.invoices, context.transactions
    if match.kind is MatchKind.ONE_TO_ONE:
        return (
            f"{_payment(transactions[0])} settles {_invoice(invoices[0])}"
            f" of {abs(invoices[0].open_amount)}."
        )
    if match.kind is MatchKind.MANY_TO_ONE:
        total = sum(i.open_amount.minor for i in invoices)
        whole = attrs.evolve(invoices[0].open_amount, minor=abs(total))
        return (
            f"{_payment(transactions[0])} settles {len(invoices)} invoices of together {whole}: "
            f"{_listed([_number(i) for i in invoices])}."
        )
    total = sum(t.unallocated_amount.minor for t in transactions)
    whole = attrs.evolve(transactions[0].unallocated_amount, minor=abs(total))
    days = _listed([str(t.booking_date) for t in transactions])
    return (
        f"{len(transactions)} payments of together {whole} ({days}) settle "
        f"{_invoice(invoices[0])} of {abs(invoices[0].open_amount)}."
    )


def _payment(transaction: BankTransaction) -> str:
    return f"The payment of {abs(transaction.unallocated_amount)} on {transaction.booking_date}"


def _number(invoice: Invoice) -> str:
    return invoice.invoice_number or invoice.id


def _invoice(invoice: Invoice) -> str:
    word = "credit note" if invoice.is_credit_note else "invoice"
    who = f" ({invoice.vendor_name})" if invoice.vendor_name else ""
    return f"{word} {_number(invoice)}{who}"


def _listed(items: list[str]) -> str:
    shown = items[:_MOST_NAMED]
    if len(items) > _MOST_NAMED:
        return ", ".join(shown) + f" and {len(items) - _MOST_NAMED} more"
    return ", ".join(shown)


def _difference(difference: Difference, context: MatchContext) -> str:
    amount = abs(difference.amount)
    if difference.kind is DifferenceKind.UNDERPAYMENT:
        return f"{amount} stays open."
    if difference.kind is DifferenceKind.OVERPAYMENT:
        return f"The surplus of {amount} stays on the transaction."
    word = _DIFFERENCE_WORDS.get(difference.kind, "unexplained")
    owed = sum(invoice.open_amount.minor for invoice in context.invoices)
    side = "less" if difference.amount.minor * owed < 0 else "more"
    where = "" if len(context.invoices) == 1 else " in all"
    return f"{amount} {side} was paid{where}: {word}."
