"""What people decided, applied to a ledger before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import DataError
from recon_sdk.matches import MatchStatus

if TYPE_CHECKING:
    from recon_sdk.known import Known
    from recon_sdk.ledger import Ledger

__all__ = ["after_decisions", "forbidden_sets"]


def after_decisions(ledger: Ledger, known: Known) -> Ledger:
    """Take confirmed allocations off the open and unallocated amounts.

    Decisions about rows that the ledger does not hold are none of this run's business.

    Raises:
        DataError: Confirmed decisions settle more than is open, or use more than was paid.
    """
    confirmed = [d for d in known.decisions if d.status is MatchStatus.CONFIRMED]
    if not confirmed:
        return ledger
    opened = ledger.invoices.open_amount.copy()
    free = ledger.transactions.unallocated_amount.copy()
    for decision in confirmed:
        for allocation in decision.allocations:
            i = ledger.invoice_row(allocation.invoice_id)
            t = ledger.transaction_row(allocation.transaction_id)
            if i >= 0:
                left = int(opened[i]) - allocation.settled.minor
                if left * int(opened[i]) < 0:
                    msg = (
                        f"decisions settle more than is open of invoice {allocation.invoice_id!r}"
                    )
                    raise DataError(msg)
                opened[i] = left
            if t >= 0:
                free[t] -= allocation.paid.minor
    over = (free != 0) & ((free < 0) != (ledger.transactions.unallocated_amount < 0))
    if over.any():
        key = str(ledger.transactions.ids[over.argmax()])
        msg = f"decisions use more than was paid by transaction {key!r}"
        raise DataError(msg)
    return attrs.evolve(
        ledger,
        invoices=attrs.evolve(ledger.invoices, open_amount=opened),
        transactions=attrs.evolve(ledger.transactions, unallocated_amount=free),
    )


def forbidden_sets(ledger: Ledger, known: Known) -> set[frozenset[tuple[int, int]]]:
    """Rejected sets of (invoice row, transaction row), as far as the ledger holds them."""
    out = set()
    for decision in known.decisions:
        if decision.status is MatchStatus.REJECTED:
            rows = frozenset(
                (ledger.invoice_row(i), ledger.transaction_row(t)) for i, t in decision.pairs
            )
            if all(i >= 0 and t >= 0 for i, t in rows):
                out.add(rows)
    return out
