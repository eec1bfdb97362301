"""From chosen shapes to the columns of an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.engine.settling import settle
from recon_sdk.engine.shapes import Shapes, offsets
from recon_sdk.matches import Reason
from recon_sdk.outcome import MatchColumns
from recon_sdk.pairs import Pairs
from recon_sdk.policy import REASON_BITS
from recon_sdk.scoring import ONE, group_points

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.engines import RuleSet
    from recon_sdk.ledger import Ledger
    from recon_sdk.rates import RateTable

__all__ = ["match_columns"]


def match_columns(
    ledger: Ledger,
    rule_set: RuleSet,
    matches: Shapes,
    margin: Int64Array,
    reasons: Int64Array,
    alternatives: Shapes,
    alternative_of: Int64Array,
    rates: RateTable,
) -> MatchColumns:
    """Order the matches, settle them and score them.

    Args:
        ledger: The ledger.
        rule_set: The rules.
        matches: The chosen matches.
        margin: Their margins.
        reasons: Their verdicts.
        alternatives: Runners-up.
        alternative_of: For each the position of the match that it would replace.
        rates: Stored exchange rates.
    """
    first_invoice = matches.invoice_rows[matches.invoice_starts[:-1]]
    first_transaction = matches.transaction_rows[matches.transaction_starts[:-1]]
    order = np.lexsort((first_transaction, first_invoice))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    of = place[alternative_of]
    behind = np.argsort(of, kind="stable")
    shapes = Shapes.joined([matches.take(order), alternatives.take(behind)])
    settled = settle(ledger, shapes, rates)
    counts = np.bincount(settled.shape, minlength=len(shapes))
    starts = offsets(counts)
    pairs = Pairs(ledger, settled.invoice_rows, settled.transaction_rows)
    score = np.clip(group_points(rule_set, pairs, starts), 0, ONE)
    nothing = np.zeros(len(alternatives), np.int64)
    lost = REASON_BITS[Reason.ALTERNATIVE]
    return MatchColumns(
        starts=starts,
        invoice_rows=settled.invoice_rows,
        transaction_rows=settled.transaction_rows,
        settled=settled.settled,
        paid=settled.paid,
        kind=shapes.kind,
        score=score,
        evidence=shapes.evidence,
        margin=np.concatenate([margin[order], nothing]),
        reasons=np.concatenate([reasons[order], nothing | lost]),
        difference_kind=shapes.difference,
        difference_amount=settled.difference,
        difference_row=settled.difference_row,
        alternative_of=np.concatenate([np.full(len(order), -1, np.int64), of[behind]]),
    )
