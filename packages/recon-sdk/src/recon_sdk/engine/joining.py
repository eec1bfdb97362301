"""Joining: rows that share a blocking key become candidate pairs, in batches of bounded size.

The transaction side of each blocker is sorted once. The number of pairs of every invoice is known
from a binary search before any pair exists, so the work is cut by invoice ranges of a pair budget:
no hot key can break memory, all pairs of an invoice meet in one batch, and nothing is merged
later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_DATE, Int64Array
from recon_sdk.engine.seam import SetAsideError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk.blocking import Blocker, Keys
    from recon_sdk.config import Limits
    from recon_sdk.ledger import Ledger

__all__ = ["Join", "PairRange"]

_DAY_BITS = 22
"""Enough for the days of the years 1 to 9999."""


@attrs.frozen(eq=False)
class PairRange:
    """The candidate pairs of a range of invoices, sorted by invoice, then transaction row.

    Attributes:
        invoice_rows: Invoice of each pair.
        transaction_rows: Transaction of each pair.
        first: First invoice of the range.
        end: One past the last.
    """

    invoice_rows: Int64Array
    transaction_rows: Int64Array
    first: int
    end: int


@attrs.frozen(eq=False)
class _Index:
    """One blocker, probed: for each invoice key a slice of sorted transactions."""

    invoice_rows: Int64Array
    lo: Int64Array
    hi: Int64Array
    transactions: Int64Array


class Join:
    """All blockers of a ledger, probed.

    Attributes:
        cut: Rows left out because a key held more than the nearest ones.
        total: Pairs that will be emitted, with repeats across blockers.

    Raises:
        SetAsideError: A blocker raised, or its keys have a wrong type, dtype, length or row.
    """

    def __init__(self, ledger: Ledger, blockers: tuple[Blocker, ...], limits: Limits) -> None:
        self._ledger = ledger
        self._limits = limits
        self.cut = 0
        self._indexes = [index for b in blockers if (index := self._probe(b)) is not None]
        counts = np.zeros(len(ledger.invoices) + 1, np.int64)
        for index in self._indexes:
            np.add.at(counts, index.invoice_rows + 1, index.hi - index.lo)
        self._before = np.cumsum(counts)
        self.total = int(self._before[-1])

    def _probe(self, blocker: Blocker) -> _Index | None:
        ledger = self._ledger
        left = _keys(blocker, "invoice_keys", ledger, len(ledger.invoices))
        right = _keys(blocker, "transaction_keys", ledger, len(ledger.transactions))
        if len(left.keys) == 0 or len(right.keys) == 0:
            return None
        distinct = np.sort(right.keys)
        distinct = distinct[np.concatenate([[True], distinct[1:] != distinct[:-1]])]
        code = np.searchsorted(distinct, left.keys)
        code[code == len(distinct)] = 0
        known = distinct[code] == left.keys
        rows, code = left.rows[known].astype(np.int64), code[known].astype(np.int64)
        if len(rows) == 0:
            return None

        # Transactions by key, then booking day, then row: one sort of packed words.
        booking = ledger.transactions.booking_date.astype(np.int64)
        base = int(booking.min())
        right_code = np.searchsorted(distinct, right.keys).astype(np.int64)
        word = (right_code << _DAY_BITS) | (booking[right.rows] - base)
        order = np.lexsort((right.rows, word))
        word, transactions = word[order], right.rows[order].astype(np.int64)

        due, issue = ledger.invoices.due_date[rows], ledger.invoices.issue_date[rows]
        latest = np.where(due != NO_DATE, due, issue).astype(np.int64)
        earliest = np.where(issue != NO_DATE, issue, due).astype(np.int64)
        dated = latest != NO_DATE
        top = (1 << _DAY_BITS) - 1
        first = np.where(dated, np.clip(earliest - blocker.days_before - base, 0, top), 0)
        last = np.where(dated, np.clip(latest + blocker.days_after - base, -1, top), top)
        prefix = code << _DAY_BITS
        lo = np.searchsorted(word, prefix + first, side="left")
        hi = np.maximum(np.searchsorted(word, prefix + last, side="right"), lo)
        middle = np.where(dated, np.clip(latest - base, 0, top), top)
        lo, hi = self._nearest(lo, hi, np.searchsorted(word, prefix + middle, side="left"))
        kept = hi > lo
        rows, lo, hi = rows[kept], lo[kept], hi[kept]
        if np.any(rows[1:] < rows[:-1]):
            by_row = np.argsort(rows, kind="stable")
            rows, lo, hi = rows[by_row], lo[by_row], hi[by_row]
        return _Index(rows, lo, hi, transactions)

    def _nearest(
        self, lo: Int64Array, hi: Int64Array, middle: Int64Array
    ) -> tuple[Int64Array, Int64Array]:
        """Keep as many rows before the expected day as after it, within the limit."""
        most = self._limits.nearest
        middle = np.clip(middle, lo, hi)
        first = np.maximum(lo, np.minimum(middle - most // 2, hi - most))
        last = np.minimum(hi, first + most)
        self.cut += int((hi - lo).sum() - (last - first).sum())
        return first, last

    def ranges(self) -> Iterator[PairRange]:
        """Give the pairs, range by range, in the order of the invoices."""
        invoices, first = len(self._ledger.invoices), 0
        while first < invoices:
            goal = self._before[first] + self._limits.pairs_per_batch
            end = int(np.searchsorted(self._before, goal, side="right")) - 1
            end = min(max(end, first + 1), invoices)
            if self._before[end] > self._before[first]:
                yield self._emit(first, end)
            first = end

    def _emit(self, first: int, end: int) -> PairRange:
        parts = []
        for index in self._indexes:
            a, b = np.searchsorted(index.invoice_rows, [first, end])
            rows, lo, hi = index.invoice_rows[a:b], index.lo[a:b], index.hi[a:b]
            count = hi - lo
            within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
            transactions = index.transactions[np.repeat(lo, count) + within]
            parts.append((np.repeat(rows, count) << 32) | transactions)
        word = np.sort(np.concatenate(parts))
        word = word[np.concatenate([[True], word[1:] != word[:-1]])]
        return PairRange(word >> 32, word & 0xFFFFFFFF, first, end)


def _keys(blocker: Blocker, method: str, ledger: Ledger, length: int) -> Keys:
    """Ask a blocker for the keys of one side, and check them."""
    try:
        found: Keys = getattr(blocker, method)(ledger)
        rows: object = found.rows
        keys: object = found.keys
    except Exception as error:
        detail = f"raised {type(error).__name__} in {method}: {error}"
        raise SetAsideError(blocker.name, detail) from error
    if not isinstance(keys, np.ndarray) or keys.dtype != np.uint64 or keys.ndim != 1:
        raise SetAsideError(blocker.name, f"gave {method} whose keys are no uint64 array")
    if not isinstance(rows, np.ndarray) or rows.dtype != np.int64 or rows.shape != keys.shape:
        detail = f"gave {method} whose rows are no int64 array as long as the keys"
        raise SetAsideError(blocker.name, detail)
    if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= length):
        raise SetAsideError(blocker.name, f"gave {method} with a row outside 0 to {length - 1}")
    return found
