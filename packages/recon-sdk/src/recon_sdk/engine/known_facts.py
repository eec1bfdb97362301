"""What people decided, applied to a ledger before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.errors import DataError
from recon_sdk.matches import MatchStatus

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.known import Known
    from recon_sdk.ledger import InvoiceColumns, Ledger, TransactionColumns
    from recon_sdk.money import Money

__all__ = ["after_decisions", "forbidden_sets"]


def after_decisions(ledger: Ledger, known: Known) -> Ledger:
    """Take confirmed allocations off the open and unallocated amounts.

    Decisions about rows that the ledger does not hold are none of this run's business; one that is
    told twice counts once.

    Raises:
        DataError: Confirmed decisions settle more than is open, use more than was paid, or are in
            another currency than the row.
    """
    confirmed = {
        frozenset(d.allocations) for d in known.decisions if d.status is MatchStatus.CONFIRMED
    }
    if not confirmed:
        return ledger
    invoices, transactions = ledger.invoices, ledger.transactions
    settled, paid = np.zeros(len(invoices), np.int64), np.zeros(len(transactions), np.int64)
    for allocation in (allocation for decision in confirmed for allocation in decision):
        if (row := ledger.invoice_row(allocation.invoice_id)) >= 0:
            settled[row] += _minor(ledger, invoices, row, allocation.settled)
        if (row := ledger.transaction_row(allocation.transaction_id)) >= 0:
            paid[row] += _minor(ledger, transactions, row, allocation.paid)
    opened, free = invoices.open_amount, transactions.unallocated_amount
    if (over := _beyond(settled, opened)).any():
        key = str(invoices.ids[over.argmax()])
        msg = f"decisions settle more than is open of invoice {key!r}"
        raise DataError(msg)
    if (over := _beyond(paid, free)).any():
        key = str(transactions.ids[over.argmax()])
        msg = f"decisions use more than was paid by transaction {key!r}"
        raise DataError(msg)
    return attrs.evolve(
        ledger,
        invoices=attrs.evolve(invoices, open_amount=opened - settled),
        transactions=attrs.evolve(transactions, unallocated_amount=free - paid),
    )


def _minor(
    ledger: Ledger, columns: InvoiceColumns | TransactionColumns, row: int, money: Money
) -> int:
    currency = ledger.currencies[columns.currency[row]]
    if money.currency != currency:
        msg = f"a decision takes {money} off {str(columns.ids[row])!r}, which is in {currency}"
        raise DataError(msg)
    return money.minor


def _beyond(used: Int64Array, whole: Int64Array) -> BoolArray:
    """Whether more is used than there is, or with the other sign."""
    return np.asarray((used * np.sign(whole) < 0) | (np.abs(used) > np.abs(whole)))


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
