"""Hypotheses: possible matches of any shape, ready for choosing the best whole."""

from __future__ import annotations

import attrs
import numpy as np

from recon_sdk.columns import Int64Array

__all__ = ["Assignment", "Hypotheses"]


@attrs.frozen(kw_only=True, eq=False)
class Hypotheses:
    """Possible matches as sets of rows.

    Shape: hypothesis `h` joins the members `members[starts[h]:starts[h + 1]]`. A member is an
    invoice row, or `invoices` + a transaction row. Hypotheses stand in a total order of their
    members, so a position is a tie-breaker that no order of arrival can change.

    Attributes:
        evidence: Evidence total of each, int64, thousandths of a natural-log unit.
        starts: Offsets into `members`, one more than there are hypotheses.
        members: Member nodes, ascending inside a hypothesis.
        invoices: Number of invoices of the ledger.
        transactions: Number of transactions of the ledger.
    """

    evidence: Int64Array
    starts: Int64Array
    members: Int64Array
    invoices: int
    transactions: int

    def __len__(self) -> int:
        return len(self.evidence)

    @property
    def sizes(self) -> Int64Array:
        """Number of members of each."""
        return np.diff(self.starts)


@attrs.frozen(kw_only=True, eq=False)
class Assignment:
    """What an assigner chose.

    Attributes:
        chosen: Positions of the chosen hypotheses, ascending; no two share a member.
        margin: For each chosen one what the best whole loses without it, int64, same unit.
        complete: For each chosen one whether the search behind it was complete.
    """

    chosen: Int64Array
    margin: Int64Array
    complete: np.ndarray[tuple[int], np.dtype[np.bool_]]
