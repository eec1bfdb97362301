"""Settlement: what a match does to the balances of its rows. Pure; every storage decides with it.

Source:
    `docs/explanation/money.md`: over all confirmed matches, for each invoice |Σ settled| is at
    most |amount| with the same sign, for each transaction |Σ paid| is at most |amount|; in one
    currency Σ paid = Σ settled + the named difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import DataError
from recon_sdk.matches import Allocation, Difference, Match, MatchKind

if TYPE_CHECKING:
    from recon_sdk.invoices import Invoice
    from recon_sdk.transactions import BankTransaction

__all__ = ["Usage", "check_claim", "kind_of", "usage_of", "with_allocations"]


@attrs.frozen(kw_only=True)
class Usage:
    """What a set of allocations takes of each row, in minor units.

    Attributes:
        settled: By invoice id, signed like the invoice.
        paid: By transaction id, signed like the transaction.
    """

    settled: Mapping[str, int]
    paid: Mapping[str, int]

    def obstacle(
        self, invoices: Mapping[str, Invoice], transactions: Mapping[str, BankTransaction]
    ) -> str:
        """Say why the rows cannot bear this on top of what is confirmed; "" if they can."""
        for key, minor in self.settled.items():
            invoice = invoices[key]
            if invoice.void:
                return f"invoice {key!r} is void"
            if not _within(invoice.settled + minor, invoice.amount.minor):
                return f"invoice {key!r} has only {invoice.open_amount} open"
        for key, minor in self.paid.items():
            transaction = transactions[key]
            if transaction.ignored:
                return f"transaction {key!r} is ignored"
            if not _within(transaction.allocated + minor, transaction.amount.minor):
                return f"transaction {key!r} has only {transaction.unallocated_amount} unallocated"
        return ""


def usage_of(allocations: Iterable[Allocation]) -> Usage:
    """Sum what allocations take of each row."""
    settled: dict[str, int] = {}
    paid: dict[str, int] = {}
    for a in allocations:
        settled[a.invoice_id] = settled.get(a.invoice_id, 0) + a.settled.minor
        paid[a.transaction_id] = paid.get(a.transaction_id, 0) + a.paid.minor
    return Usage(settled=settled, paid=paid)


def kind_of(allocations: Sequence[Allocation]) -> MatchKind:
    """Give the kind of a set of allocations.

    Raises:
        DataError: It is empty, names a pair twice, or joins several invoices to several payments.
    """
    pairs = {(a.invoice_id, a.transaction_id) for a in allocations}
    if not pairs:
        msg = "a match needs at least one allocation"
        raise DataError(msg)
    if len(pairs) != len(allocations):
        msg = "a match names a pair of invoice and transaction twice"
        raise DataError(msg)
    invoices, transactions = ({pair[side] for pair in pairs} for side in (0, 1))
    if len(transactions) == 1:
        return MatchKind.ONE_TO_ONE if len(invoices) == 1 else MatchKind.MANY_TO_ONE
    if len(invoices) == 1:
        return MatchKind.ONE_TO_MANY
    msg = (
        "a match joins one payment to several invoices or several payments to one invoice; "
        "make several matches of it"
    )
    raise DataError(msg)


def check_claim(
    allocations: Sequence[Allocation],
    difference: Difference | None,
    invoices: Mapping[str, Invoice],
    transactions: Mapping[str, BankTransaction],
) -> MatchKind:
    """Check that allocations can be a match of these rows, whatever is open of them.

    Returns:
        The kind of the match.

    Raises:
        DataError: Signs, currencies or the sum are wrong.
    """
    kind = kind_of(allocations)
    for a in allocations:
        owed, moved = invoices[a.invoice_id].amount, transactions[a.transaction_id].amount
        if a.settled.currency != owed.currency or a.paid.currency != moved.currency:
            msg = (
                f"{a.invoice_id!r} is settled in {owed.currency} and {a.transaction_id!r} pays in "
                f"{moved.currency}, not {a.settled.currency} and {a.paid.currency}"
            )
            raise DataError(msg)
        if a.settled.minor * owed.minor <= 0:
            msg = f"{a.settled} cannot settle {a.invoice_id!r} over {owed}"
            raise DataError(msg)
    for key, minor in usage_of(allocations).paid.items():
        moved = transactions[key].amount
        if minor * moved.minor < 0:
            msg = f"{minor} minor units cannot be a part of {moved} ({key!r})"
            raise DataError(msg)
    if difference is not None and difference.invoice_id not in {a.invoice_id for a in allocations}:
        msg = f"the difference names {difference.invoice_id!r}, which has no allocation"
        raise DataError(msg)
    gap = _gap(allocations)
    named = difference.amount.minor if difference is not None and difference.kind.closes else 0
    if gap is not None and gap != named:
        msg = (
            f"what is paid differs from what is settled by {gap} minor units, of which the "
            f"difference names {named}"
        )
        raise DataError(msg)
    return kind


def with_allocations(match: Match, allocations: Sequence[Allocation]) -> Match:
    """Give the match with amounts that a person chose.

    A difference that closes the invoice stays only where it is still the gap; any other gap is
    left for `check_claim` to refuse.

    Raises:
        DataError: The allocations join other pairs than the match.
    """
    ordered = tuple(sorted(allocations, key=lambda a: (a.invoice_id, a.transaction_id)))
    before = [(a.invoice_id, a.transaction_id) for a in match.allocations]
    if [(a.invoice_id, a.transaction_id) for a in ordered] != sorted(before):
        msg = "the amounts are for other pairs than those of the match"
        raise DataError(msg)
    difference = match.difference
    if difference is not None and difference.kind.closes and _gap(ordered) == 0:
        difference = None
    return attrs.evolve(match, allocations=ordered, difference=difference)


def _gap(allocations: Sequence[Allocation]) -> int | None:
    """Paid less settled, signed like what is settled; None where currencies differ."""
    if any(a.settled.currency != a.paid.currency for a in allocations):
        return None
    return sum(
        (1 if a.settled.minor > 0 else -1) * (abs(a.paid.minor) - abs(a.settled.minor))
        for a in allocations
    )


def _within(used: int, amount: int) -> bool:
    return 0 <= used <= amount or amount <= used <= 0
