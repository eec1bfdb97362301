"""Claims: the facts about the chosen matches that a decision policy judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_TEXT
from recon_sdk.engine.twins import (
    earlier_twins,
    interchangeable,
    later_quotes,
    same_amount_siblings,
)
from recon_sdk.evidence import DIFFERENCE_CODE
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.matches import DifferenceKind
from recon_sdk.pairs import Pairs
from recon_sdk.policy import Claims

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.engine.shapes import Shapes
    from recon_sdk.ledger import Ledger
    from recon_sdk.rates import RateTable

__all__ = ["claims_of", "pinned_invoices"]

_EQUAL_MARGIN = 50
"""Answers whose totals are nearer than this are equally good."""
_SHORTEST_IDENTITY = 4
"""Characters that a quoted number must have to be identity."""
_SIBLING_DAYS = 60


def pinned_invoices(ledger: Ledger) -> BoolArray:
    """Whether some payment quotes the invoice's number clearly."""
    references = ledger.references
    quoted = np.zeros(len(ledger.texts) + 1, bool)
    quoted[references.words[references.grade >= ReferenceGrade.DIGITS] & 0xFFFFFFFF] = True
    number = ledger.invoices.invoice_number
    return np.asarray(quoted[number] & (number != NO_TEXT))


def claims_of(
    ledger: Ledger,
    shapes: Shapes,
    margin: Int64Array,
    complete: BoolArray,
    rates: RateTable,
    *,
    identity: BoolArray | None,
    rule_failed: bool,
) -> Claims:
    """Gather the facts about chosen matches.

    Args:
        ledger: The ledger.
        shapes: The chosen matches.
        margin: What the best whole loses without each, millinats.
        complete: Whether the search behind each was complete.
        rates: Stored exchange rates.
        identity: Of each allocation, whether a trusted rule of a plugin identifies it.
        rule_failed: A rule failed in this run.
    """
    owner, invoice, transaction = shapes.pairs()
    pairs = Pairs(ledger, invoice, transaction)
    references, parties = ledger.references, ledger.parties
    fits = np.ones(len(pairs), np.int64)
    if len(references.words):
        fits = np.where(pairs.reference_at >= 0, references.sharing[pairs.reference_at], 1)
    quoted = (
        (pairs.reference_grade >= ReferenceGrade.SWAPPED)
        & (pairs.reference_length >= _SHORTEST_IDENTITY)
        & (fits == 1)
    )
    sharing = np.ones(len(pairs), np.int64)
    if len(parties.words):
        sharing = np.where(pairs.party_at >= 0, parties.sharing[pairs.party_at], 1)
    named = (pairs.party_relation >= PartyRelation.IN_TEXT) & (sharing == 1)
    contradicted = pairs.party_relation == PartyRelation.OTHER_ACCOUNT
    quoted &= ~contradicted
    if identity is not None:
        named |= identity
    count, kind = len(shapes), shapes.kind
    # A gap in a batch is ordinary only where every member is quoted whole.
    spelt = _all(owner, pairs.reference_grade >= ReferenceGrade.DIGITS, count)
    converted = ~pairs.same_currency
    no_rate = np.zeros(len(pairs), bool)
    if np.any(converted):
        at = np.flatnonzero(converted)
        _, found, _ = rates.convert(
            np.abs(pairs.open_amount[at]),
            pairs.invoice_currency[at],
            pairs.transaction_currency[at],
            pairs.booking_date[at],
        )
        no_rate[at] = ~found
    under = shapes.difference == DIFFERENCE_CODE[DifferenceKind.UNDERPAYMENT]
    over = shapes.difference == DIFFERENCE_CODE[DifferenceKind.OVERPAYMENT]

    one = np.flatnonzero(kind != 1)
    used = np.zeros(len(ledger.transactions), bool)
    used[transaction] = True
    doubtful = earlier_twins(ledger, invoice, transaction, used)
    doubtful |= later_quotes(ledger, invoice, transaction, used)
    twin = _any(owner, doubtful, count)
    # A batch repeats another payment only as a whole; its members' own twins do not matter.
    whole = np.zeros(count, bool)
    whole[one] = twin[one]
    batch = np.flatnonzero(kind == 1)
    if len(batch):
        starts = np.searchsorted(owner, batch)
        whole[batch] = earlier_twins(ledger, invoice[starts], transaction[starts], used)
    exchange = np.zeros(count, bool)
    exchange[batch] = interchangeable(ledger, shapes, batch, pinned_invoices(ledger))
    # The parts of an invoice are no twins of one another; its siblings could be paid so too.
    parts = kind == 2
    whole[parts] = False
    sibling = _any(owner, same_amount_siblings(ledger, invoice, _SIBLING_DAYS), count)
    exchange[parts] = (sibling & ~_any(owner, quoted, count))[parts]
    return Claims(
        margin=margin,
        members=(shapes.invoice_counts + shapes.transaction_counts - 1).astype(np.int32),
        by_reference=np.where(kind == 1, _any(owner, quoted, count), _all(owner, quoted, count)),
        by_party=_all(owner, named | quoted, count),
        exact=shapes.difference == 0,
        usual_difference=shapes.usual & ~under & (spelt | (kind != 1) | (shapes.difference == 0)),
        underpaid=under,
        overpaid=over,
        earlier_twin=whole,
        interchangeable=exchange,
        same_amount_sibling=sibling & (kind == 0),
        rival_equal=margin < _EQUAL_MARGIN,
        direction_known=_all(owner, pairs.direction_known, count),
        no_rate=_any(owner, no_rate, count),
        complete=complete,
        rule_failed=rule_failed,
    )


def _any(owner: Int64Array, facts: BoolArray, count: int) -> BoolArray:
    return np.asarray(np.bincount(owner[facts], minlength=count) > 0)


def _all(owner: Int64Array, facts: BoolArray, count: int) -> BoolArray:
    return np.asarray(np.bincount(owner[~facts], minlength=count) == 0)
