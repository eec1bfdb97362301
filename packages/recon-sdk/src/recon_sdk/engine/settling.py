"""Settling: the allocations of a match.

In the direction of the invoice (a payable's money goes out), what is paid equals what is settled
plus the difference, for every difference that closes the invoice. An underpayment settles what was
paid and leaves the rest open; an overpayment leaves the surplus on the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import Int64Array
from recon_sdk.matches import DifferenceKind
from recon_sdk.money import round_half_even

if TYPE_CHECKING:
    from recon_sdk.engine.shapes import Shapes
    from recon_sdk.ledger import Ledger
    from recon_sdk.rates import RateTable

__all__ = ["Settlement", "settle"]

_CLOSING = np.array([kind.closes for kind in DifferenceKind])


@attrs.frozen(eq=False)
class Settlement:
    """Allocations of all shapes.

    Attributes:
        shape: Shape of each allocation.
        invoice_rows: Its invoice.
        transaction_rows: Its transaction.
        settled: Minor units in the invoice's currency, signed like the invoice.
        paid: Minor units in the transaction's currency, signed like the transaction.
        difference: For each shape its gap in the transaction's currency, 0 for none.
        difference_row: For each shape the invoice that the gap belongs to, -1 for none.
    """

    shape: Int64Array
    invoice_rows: Int64Array
    transaction_rows: Int64Array
    settled: Int64Array
    paid: Int64Array
    difference: Int64Array
    difference_row: Int64Array


def settle(ledger: Ledger, shapes: Shapes, rates: RateTable) -> Settlement:
    """Work out the allocations of all shapes."""
    shape, invoice, transaction = shapes.pairs()
    opened = ledger.invoices.open_amount[invoice]
    free = ledger.transactions.unallocated_amount[transaction]
    kind = shapes.kind[shape]
    code = shapes.difference[shape]
    # Sign of money for a positive amount of this invoice.
    flow = np.where(kind == 1, _batch_flow(ledger, shapes)[shape], np.sign(free) * np.sign(opened))
    foreign = ledger.invoices.currency[invoice] != ledger.transactions.currency[transaction]
    asked = flow * opened
    if np.any(foreign):
        at = np.flatnonzero(foreign)
        value, found, _ = rates.convert(
            np.abs(opened[at]),
            ledger.invoices.currency[invoice[at]],
            ledger.transactions.currency[transaction[at]],
            ledger.transactions.booking_date[transaction[at]],
        )
        asked[at] = np.where(found, np.sign(asked[at]) * value, free[at])

    # A gap that closes nothing leaves something open on one side: by its sign, not by its name.
    short = ~_CLOSING[code] & (np.abs(free) < np.abs(asked))
    over = ~_CLOSING[code] & ~short
    settled = opened.copy()
    paid = asked.copy()
    one = kind == 0
    paid[one & ~over] = free[one & ~over]
    settled[one & short] = (flow * free)[one & short]
    for row in np.flatnonzero(one & short & foreign).tolist():
        # In another currency the same share of what is open.
        settled[row] = round_half_even(int(opened[row]) * int(free[row]), int(asked[row]))
    parts = kind == 2
    paid[parts] = free[parts]
    settled[parts] = (flow * free)[parts]

    # The gap of a whole, in the invoice's direction, belongs to its largest invoice; a closing gap
    # of a batch is carried by that invoice's allocation.
    count = len(shapes)
    starts = np.searchsorted(shape, np.arange(count))
    total_free = np.zeros(count, np.int64)
    total_asked = np.zeros(count, np.int64)
    np.add.at(total_asked, shape, asked)
    single = shapes.transaction_rows[shapes.transaction_starts[:-1]]
    np.add.at(total_free, shape, np.where(parts, free, 0))
    several = shapes.kind == 2
    total_free = np.where(several, total_free, ledger.transactions.unallocated_amount[single])
    total_asked = np.where(several, asked[starts], total_asked)
    named = shapes.difference > 0
    sign = flow[starts]
    gap = np.where(named, sign * (total_free - total_asked), 0)
    order = np.lexsort((invoice, -np.abs(opened), shape))
    biggest = order[np.searchsorted(shape[order], np.arange(count))]
    belongs_to = np.where(named, invoice[biggest], -1)
    carried = named & (shapes.kind == 1) & _CLOSING[shapes.difference]
    paid[biggest[carried]] += (sign * gap)[carried]
    return Settlement(shape, invoice, transaction, settled, paid, gap, belongs_to)


def _batch_flow(ledger: Ledger, shapes: Shapes) -> Int64Array:
    """Sign of money for a positive invoice of each batch."""
    first = shapes.transaction_rows[shapes.transaction_starts[:-1]]
    total = np.zeros(len(shapes), np.int64)
    owner = np.repeat(np.arange(len(shapes)), shapes.invoice_counts)
    np.add.at(total, owner, ledger.invoices.open_amount[shapes.invoice_rows])
    return np.sign(ledger.transactions.unallocated_amount[first]) * np.sign(total)
