"""Accounts of what a run made of a row, a pair or a match, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.errors import NotFoundError
from recon_sdk.matches import DecisionKind
from recon_sdk.report.rows import invoice_row, transaction_row
from recon_sdk.report.words import DIFFERENCES, KINDS, REASONS, printable
from recon_sdk.suggestions import did_you_mean
from recon_sdk.writing.matches import match_ids
from recon_sdk.writing.wording import Rows, contributions_by_group, explained_matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.explanations import MatchContext
    from recon_sdk.invoices import Invoice
    from recon_sdk.matches import Contribution, Match
    from recon_sdk.results import Result
    from recon_sdk.transactions import BankTransaction

__all__ = ["account_of_key", "account_of_pair"]

_MOST_CANDIDATES = 5


def account_of_key(result: Result, key: str) -> Iterator[str]:
    """Tell what became of a match, an invoice or a transaction, whichever has this key.

    Raises:
        NotFoundError: There is nothing of this key.
    """
    ledger = result.ledger
    invoice, transaction = ledger.invoice_row(key), ledger.transaction_row(key)
    if invoice >= 0:
        yield from _account_of_invoice(result, invoice)
    if transaction >= 0:
        yield from _account_of_transaction(result, transaction)
    if invoice < 0 and transaction < 0:
        yield from _account_of_match(result, _position_of(result, key))


def account_of_pair(result: Result, invoice_id: str, transaction_id: str) -> Iterator[str]:
    """Tell why an invoice and a transaction are matched, or why not.

    Raises:
        NotFoundError: One of them is unknown.
    """
    ledger = result.ledger
    invoice, transaction = ledger.invoice_row(invoice_id), ledger.transaction_row(transaction_id)
    if invoice < 0:
        raise NotFoundError(_unknown("invoice", invoice_id, ledger.invoices.ids.tolist()))
    if transaction < 0:
        raise NotFoundError(
            _unknown("transaction", transaction_id, ledger.transactions.ids.tolist())
        )
    found = result.outcome.matches
    both = (found.invoice_rows == invoice) & (found.transaction_rows == transaction)
    if (at := _chosen_at(result, both)) is not None:
        yield from _account_of_match(result, at)
        return
    yield f"{invoice_id} and {transaction_id} are not matched with each other."
    yield from _rows(ledger.invoice(invoice), ledger.transaction(transaction))
    yield ""
    yield _standing(result, invoice, transaction)
    yield from _breakdown(
        contributions_by_group(
            Rows(ledger),
            result.rule_set,
            np.array([invoice]),
            np.array([transaction]),
            np.array([0, 1]),
        )[0]
    )
    yield ""
    for name, of in (
        (invoice_id, found.invoice_rows == invoice),
        (transaction_id, found.transaction_rows == transaction),
    ):
        if (at := _chosen_at(result, of)) is None:
            yield f"{name} is in no match."
        else:
            yield f"{name} went to match {_in_short(_context(result, at)[0].match)}"
    for at in _matches_at(result, both):
        yield f"They are in a runner-up: match {_in_short(_context(result, at)[0].match)}"


def _account_of_invoice(result: Result, row: int) -> Iterator[str]:
    found, invoice = result.outcome.matches, result.ledger.invoice(row)
    if (at := _chosen_at(result, found.invoice_rows == row)) is not None:
        yield from _account_of_match(result, at)
        return
    yield f"Invoice {invoice.id} is in no match."
    yield f"  {_invoice(invoice)}"
    candidates = list(_candidates(result, row))
    yield ""
    if not candidates:
        yield "No transaction was near enough to compare with."
        return
    yield "Its best candidates:"
    for rank, (payment_row, score) in enumerate(candidates, 1):
        payment = result.ledger.transaction(payment_row)
        taker = _chosen_at(result, found.transaction_rows == payment_row)
        fate = (
            "" if taker is None else f", taken by match {match_ids(result, taker, taker + 1)[0]}"
        )
        yield f"  {rank}. score {score / 1e6:.2f}{fate}: {_transaction(payment)}"
    yield "Ask about one of them: recon explain INVOICES TRANSACTIONS INVOICE_ID TRANSACTION_ID"


def _account_of_transaction(result: Result, row: int) -> Iterator[str]:
    found, ledger = result.outcome.matches, result.ledger
    if (at := _chosen_at(result, found.transaction_rows == row)) is not None:
        yield from _account_of_match(result, at)
        return
    payment = ledger.transaction(row)
    yield f"Transaction {payment.id} is in no match."
    yield f"  {_transaction(payment)}"
    earlier = int(result.outcome.duplicate_of[row])
    if earlier >= 0:
        yield f"It looks like a second payment of what {ledger.transactions.ids[earlier]} paid."
    columns = result.outcome.candidates
    pairs = np.flatnonzero(columns.transaction_rows == row)
    pairs = pairs[np.argsort(-columns.score[pairs], kind="stable")][:_MOST_CANDIDATES]
    yield ""
    yield (
        "Invoices it was a candidate for:" if len(pairs) else "It was a candidate for no invoice."
    )
    for k in pairs.tolist():
        invoice = ledger.invoice(int(columns.invoice_rows[k]))
        yield f"  score {columns.score[k] / 1e6:.2f}: {_invoice(invoice)}"


def _account_of_match(result: Result, at: int) -> Iterator[str]:
    context, explanation = _context(result, at)
    match = context.match
    yield f"Match {_in_short(match)}"
    yield printable(explanation)
    yield ""
    invoices = {invoice.id: invoice for invoice in context.invoices}
    payments = {payment.id: payment for payment in context.transactions}
    for a in match.allocations:
        yield from _rows(invoices[a.invoice_id], payments[a.transaction_id])
        yield f"  settles      {a.settled}, paid {a.paid}"
    if match.difference:
        yield f"  difference   {DIFFERENCES[match.difference.kind]}, {match.difference.amount}"
    yield from _breakdown(match.contributions)
    for reason in match.reasons:
        advice = REASONS[reason]
        yield f"{reason.value}: {advice.title}. {advice.meaning} {advice.action}"
    if match.alternative_of:
        yield f"It is a runner-up of match {match.alternative_of}."
    for other in np.flatnonzero(result.outcome.matches.alternative_of == at).tolist():
        yield f"Also possible: match {_in_short(_context(result, other)[0].match)}"
    for rival in match.rivals:
        yield (
            f"Lost: {', '.join(rival.invoice_ids)} by {', '.join(rival.transaction_ids)}, "
            f"score {rival.score / 1e6:.2f}: {rival.why}"
        )


def _context(result: Result, at: int) -> tuple[MatchContext, str]:
    return next(explained_matches(result, np.array([at])))


def _position_of(result: Result, key: str) -> int:
    """Find a match by its id, or by the beginning of it if only one match has it."""
    ids = match_ids(result, 0, len(result.outcome.matches))
    fitting = [at for at, name in enumerate(ids) if name.startswith(key)]
    exact = [at for at in fitting if ids[at] == key]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    if fitting:
        detail = f"{len(fitting)} matches begin with {key!r}; give more of the id"
        raise NotFoundError(detail)
    ledger = result.ledger
    known = [*ids, *ledger.invoices.ids.tolist(), *ledger.transactions.ids.tolist()]
    raise NotFoundError(_unknown("match, invoice or transaction", key, known))


def _matches_at(result: Result, allocations: BoolArray) -> list[int]:
    """Positions of the matches that have one of the allocations."""
    starts: Int64Array = result.outcome.matches.starts
    at = np.searchsorted(starts, np.flatnonzero(allocations), side="right") - 1
    return sorted({int(k) for k in at})


def _chosen_at(result: Result, allocations: BoolArray) -> int | None:
    """Position of the chosen match that has one of the allocations; chosen ones never overlap."""
    positions = _matches_at(result, allocations)
    return positions[0] if positions and positions[0] < result.outcome.matches.chosen else None


def _candidates(result: Result, invoice: int) -> Iterator[tuple[int, int]]:
    columns = result.outcome.candidates
    for at in np.flatnonzero(columns.invoice_rows == invoice).tolist():
        yield int(columns.transaction_rows[at]), int(columns.score[at])


def _standing(result: Result, invoice: int, transaction: int) -> str:
    """Say how far the pair got."""
    for rank, (row, score) in enumerate(_candidates(result, invoice), 1):
        if row == transaction:
            return f"The transaction is candidate {rank} of the invoice, score {score / 1e6:.2f}:"
    return (
        "The transaction is not among the candidates kept for the invoice: they were not near "
        "enough to be compared, or others scored higher. Its score would be made of:"
    )


def _breakdown(contributions: Iterable[Contribution]) -> Iterator[str]:
    yield "  score"
    for c in contributions:
        if c.value is None:
            yield f"    {c.rule:<20} no opinion"
        else:
            words = f"  {printable(c.words)}" if c.words else ""
            yield (
                f"    {c.rule:<20} {c.value / 1e6:.2f} of {c.weight / 1e6:+.2f}"
                f" gives {c.points / 1e6:+.2f}{words}"
            )


def _in_short(match: Match) -> str:
    decided = "automatic" if match.decision is DecisionKind.AUTO else "for review"
    return f"{match.id} ({KINDS[match.kind].lower()}, {decided}, score {match.score / 1e6:.2f})"


def _rows(invoice: Invoice, payment: BankTransaction) -> Iterator[str]:
    yield f"  invoice      {_invoice(invoice)}"
    yield f"  transaction  {_transaction(payment)}"


def _invoice(invoice: Invoice) -> str:
    row = invoice_row(invoice)
    parts = [f"{row.id}:", row.number if row.number != row.id else "", row.party]
    parts += [f"{row.amount} {row.currency}", f"due {row.due}" if row.due else ""]
    return printable(" ".join(part for part in parts if part))


def _transaction(payment: BankTransaction) -> str:
    row = transaction_row(payment)
    parts = [f"{row.id}:", row.party, f"{row.amount} {row.currency}", f"on {row.booked}"]
    return printable(" ".join(part for part in (*parts, row.text) if part))


def _unknown(noun: str, key: str, known: Iterable[str]) -> str:
    return f"there is no {noun} {key!r} in these files{did_you_mean(key, known)}"
