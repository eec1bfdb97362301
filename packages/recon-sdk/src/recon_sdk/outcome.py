"""Outcome: what an engine found, as columns."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from recon_sdk.columns import Int8Array, Int32Array, Int64Array
from recon_sdk.ledger import Ledger

__all__ = ["CandidateColumns", "MatchColumns", "Outcome", "RuleFailure"]


@attrs.frozen(kw_only=True)
class RuleFailure:
    """A rule, blocker or model that was set aside for a run.

    Attributes:
        plugin: Its plugin.
        name: Its name.
        detail: What it did.
    """

    plugin: str
    name: str
    detail: str


@attrs.frozen(kw_only=True, eq=False)
class CandidateColumns:
    """The best candidates of each invoice.

    Shape: one entry for each candidate, ordered by invoice row, then rank.

    Attributes:
        invoice_rows: Row of the invoice.
        transaction_rows: Row of the transaction.
        raw_score: Sum of the contributions before clipping, millionths; what ranks.
        score: The same clipped to 0..1,000,000; what is shown.
        evidence: Evidence total, thousandths of a natural-log unit.
    """

    invoice_rows: Int64Array
    transaction_rows: Int64Array
    raw_score: Int64Array
    score: Int64Array
    evidence: Int64Array

    def __len__(self) -> int:
        return len(self.score)


@attrs.frozen(kw_only=True, eq=False)
class MatchColumns:
    """Proposals: the chosen ones and their runners-up.

    Shape: match `m` has the allocations `starts[m]:starts[m + 1]`, ordered by invoice, then
    transaction row. Matches are ordered by their first allocation; alternatives stand behind all
    chosen ones.

    Attributes:
        starts: Offsets of the allocations, one more than there are matches.
        invoice_rows: Invoice of each allocation.
        transaction_rows: Transaction of each allocation.
        settled: Minor units in the invoice's currency, signed like the invoice.
        paid: Minor units in the transaction's currency, signed like the transaction.
        kind: 0 one to one, 1 many to one, 2 one to many.
        score: Millionths.
        evidence: Thousandths of a natural-log unit.
        margin: Same unit.
        reasons: `REASON_BITS`, ORed; 0 is `auto`.
        difference_kind: Position in `DifferenceKind`.
        difference_amount: Minor units in the transaction's currency.
        difference_row: Invoice row that the difference belongs to, -1 for none.
        alternative_of: Position of the chosen match that this is a runner-up of, -1 for chosen
            ones.
    """

    starts: Int64Array
    invoice_rows: Int64Array
    transaction_rows: Int64Array
    settled: Int64Array
    paid: Int64Array
    kind: Int8Array
    score: Int64Array
    evidence: Int64Array
    margin: Int64Array
    reasons: Int64Array
    difference_kind: Int8Array
    difference_amount: Int64Array
    difference_row: Int64Array
    alternative_of: Int64Array

    def __len__(self) -> int:
        return len(self.score)

    @property
    def chosen(self) -> int:
        """Number of chosen matches; they stand before the alternatives."""
        return int(np.count_nonzero(self.alternative_of < 0))


@attrs.frozen(kw_only=True, eq=False)
class Outcome:
    """What an engine found.

    Attributes:
        ledger: The ledger with its references and parties recognised.
        candidates: The best candidates of each invoice.
        matches: The proposals.
        duplicate_of: For each transaction the row of the earlier payment that it repeats, else -1.
        failures: What was set aside.
        counts: Facts about the run by name, for the summary (pairs compared, rows cut, budgets
            hit).
        seconds: Wall time by stage.
    """

    ledger: Ledger
    candidates: CandidateColumns
    matches: MatchColumns
    duplicate_of: Int32Array
    failures: tuple[RuleFailure, ...]
    counts: Mapping[str, int]
    seconds: Mapping[str, float]
