"""Evidence: how much more likely the facts are if a hypothesis holds than if it does not.

A sum of logarithms of likelihood ratios, in millinats (thousandths of a natural-log unit), for the
same facts that the score weighs: amount, date, identity, reference. It has no upper end, so it can
choose among whole hypotheses where a clipped score cannot. The constants ship with Recon and are
not fitted to a ledger; what they stand for is told in `docs/explanation/scoring.md`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_AMOUNT, NO_DATE, BoolArray, Int8Array, Int64Array
from recon_sdk.differences import Gaps
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.logs import ilog, log_probability, millinats
from recon_sdk.matches import DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import FloatArray, Int32Array
    from recon_sdk.differences import DifferenceModel
    from recon_sdk.ledger import Ledger
    from recon_sdk.pairs import Pairs
    from recon_sdk.rates import RateTable

__all__ = [
    "DIFFERENCE_CODE",
    "IMPOSSIBLE",
    "PRIOR",
    "PairEvidence",
    "amount_evidence",
    "date_evidence",
    "identity_evidence",
    "judge_gaps",
    "pair_evidence",
    "reference_evidence",
]

IMPOSSIBLE = -1_000_000
"""Evidence of what cannot be (1,000 nats against)."""
PRIOR = -7_200
"""One candidate pair in some 1,300 is true before anything is known about it."""

DIFFERENCE_CODE = {kind: at for at, kind in enumerate(DifferenceKind)}
"""Position of each kind in `DifferenceKind`, as stored in columns."""

_EXACT = millinats(0.85)
"""Payments that bring exactly what is open."""
_CHANCE = millinats(9)
"""The chance density of an amount is about 1 / (9 x amount) per minor unit."""
_PART = millinats(0.05)
"""A lone part payment, any amount below what is open."""
_SURPLUS = millinats(0.002)
"""An arbitrary surplus, up to as much as was open."""
_ROUND_SURPLUS = millinats(0.01 / 40)
"""A surplus of a whole number of tens."""

_DATE_SCALE = 9.0
_DATE_TAIL = 0.05
_DATE_TAIL_DAYS = 400
_DATE_SPAN = 365
_DATE_LATEST = 1200
_EARLY = -8_000
"""Booked more than a week before the invoice was issued."""
_EARLY_DAYS = 7
_DISCOUNT_DAYS = millinats(_DATE_SPAN / 16)
"""A discount is taken within about 16 days of the issue, evenly."""


def _date_table() -> Int64Array:
    """Evidence of a lag in days, up to _DATE_LATEST either way: a Laplace bell with a tail."""
    out = []
    for lag in range(-_DATE_LATEST, _DATE_LATEST + 1):
        bell = math.exp(-abs(lag) / _DATE_SCALE) / (2 * _DATE_SCALE)
        density = (1 - _DATE_TAIL) * bell + _DATE_TAIL / _DATE_TAIL_DAYS
        out.append(millinats(density * _DATE_SPAN))
    return np.array(out, np.int64)


_DATES = _date_table()

_PAYMENTS = 6000
"""Payments among which a party's own are found; the fewer they are, the more its name says."""
_ACCOUNT = 1_500
_IN_TEXT = -500
_CUT = -500
_AGAINST = np.zeros(len(PartyRelation), np.int64)
_AGAINST[PartyRelation.NOTHING] = -700
_AGAINST[PartyRelation.UNRESOLVED] = -2_500
_AGAINST[PartyRelation.OTHER_IN_TEXT] = -5_000
_AGAINST[PartyRelation.OTHER_NAME] = -7_000
_AGAINST[PartyRelation.OTHER_ACCOUNT] = -9_000
_FOR = np.zeros(len(PartyRelation), np.int64)
_FOR[PartyRelation.IN_TEXT] = _IN_TEXT
_FOR[PartyRelation.CUT_NAME] = _CUT
_FOR[PartyRelation.ACCOUNT] = _ACCOUNT

_PER_CHARACTER = 1_900
_MOST_CHARACTERS = 13
_GRADED = np.zeros(len(ReferenceGrade), np.int64)
_GRADED[ReferenceGrade.TAIL] = -4_200
_GRADED[ReferenceGrade.SWAPPED] = -4_200
_GRADED[ReferenceGrade.CUT] = -3_900
_GRADED[ReferenceGrade.DIGITS] = -3_600
_NO_REFERENCE = -900
_OTHER_PER_CHARACTER = -900
_OTHER_MOST = -7_000


@attrs.frozen(kw_only=True, eq=False)
class PairEvidence:
    """What speaks for a batch of pairs.

    Attributes:
        total: Sum, millinats.
        difference: `DIFFERENCE_CODE` of the gap, 0 where there is none.
        usual: Whether the gap is of an ordinary kind (true where there is none).
    """

    total: Int64Array
    difference: Int8Array
    usual: BoolArray


def date_evidence(
    issue: Int32Array, due: Int32Array, booking: Int32Array, discounted: BoolArray | None = None
) -> Int64Array:
    """Evidence of a booking date: nearness to the due date; not before the invoice existed.

    Paid soon after the issue is as ordinary as paid when due, so the nearer of both counts, the
    issue date a little less.
    """
    expected = np.where(due != NO_DATE, due, issue).astype(np.int64)
    dated = expected != NO_DATE
    lag = np.where(dated, booking - expected, 0)
    found = _DATES[np.clip(lag, -_DATE_LATEST, _DATE_LATEST) + _DATE_LATEST]
    issued = issue != NO_DATE
    since = np.where(issued, booking - issue.astype(np.int64), 0)
    if discounted is not None:
        quick = discounted & issued & (since >= 0) & (since <= 30)
        found = np.where(quick, np.maximum(found, _DISCOUNT_DAYS), found)
    found = np.where(issued & (since < -_EARLY_DAYS), found + _EARLY, found)
    return np.where(dated, found, 0)


def identity_evidence(
    relation: Int8Array, sharing: Int64Array, payments: Int64Array
) -> Int64Array:
    """Evidence of who is behind a payment.

    Args:
        relation: `PartyRelation` to the invoice's party.
        sharing: Number of parties that the same name fits.
        payments: Number of transactions that name the party.
    """
    named = relation >= PartyRelation.IN_TEXT
    rare = np.maximum(millinats(_PAYMENTS) - ilog(payments + 2), 500)
    return np.where(named, rare + _FOR[relation] - ilog(sharing), _AGAINST[relation])


def reference_evidence(
    grade: Int8Array, length: Int64Array, sharing: Int64Array, other: Int64Array
) -> Int64Array:
    """Evidence of a quoted number.

    Args:
        grade: `ReferenceGrade` of this invoice's number.
        length: Its significant characters.
        sharing: Number of invoices that the quoted token fits.
        other: Length of the longest number quoted that is not this invoice's, 0 for none.
    """
    quoted = np.minimum(length, _MOST_CHARACTERS) * _PER_CHARACTER + _GRADED[grade] - ilog(sharing)
    against = np.where(
        other > 0, np.maximum(other * _OTHER_PER_CHARACTER, _OTHER_MOST), _NO_REFERENCE
    )
    return np.where(grade > ReferenceGrade.NONE, quoted, against)


def judge_gaps(
    gaps: Gaps, models: Sequence[DifferenceModel], call: object
) -> tuple[Int64Array, Int8Array, BoolArray]:
    """Ask all difference models about a batch of gaps and keep the most plausible answer.

    Returns:
        Log-probability of the paid amount (millinats), kind, and whether the kind is ordinary;
        `IMPOSSIBLE` where no model explains the gap.
    """
    best = np.full(len(gaps), IMPOSSIBLE, np.int64)
    kind = np.zeros(len(gaps), np.int8)
    usual = np.zeros(len(gaps), bool)
    for model in models:
        found: FloatArray = call(model, gaps)  # type: ignore[operator]
        speaks = found > 0
        value = np.where(speaks, log_probability(found), IMPOSSIBLE)
        better = value > best
        best[better] = value[better]
        kind[better] = DIFFERENCE_CODE[model.kind]
        usual[better] = model.is_usual
    return best, kind, usual


def amount_evidence(
    asked: Int64Array,
    paid: Int64Array,
    unit: Int64Array,
    explained: Int64Array,
    kind: Int8Array,
    usual: BoolArray,
    *,
    open_ended: bool = True,
) -> tuple[Int64Array, Int8Array, BoolArray]:
    """Evidence of a paid amount, with the name of the gap.

    Args:
        asked: What is open, magnitude, in the payment's currency.
        paid: What was paid, magnitude.
        unit: Minor units in one unit of the currency.
        explained: Log-probability by the best difference model, `IMPOSSIBLE` for none.
        kind: That model's kind.
        usual: Whether it is an ordinary one.
        open_ended: Whether a part of what is open, or a surplus, is an answer too.
    """
    chance = _CHANCE + ilog(paid)
    exact = asked == paid
    short = paid < asked
    part = _PART - ilog(asked)
    surplus = paid - asked
    tens = (surplus % (10 * unit) == 0) & (surplus <= 200 * unit)
    more = np.where(tens, _ROUND_SURPLUS, _SURPLUS - ilog(asked))
    more = np.where(surplus > asked, IMPOSSIBLE, more)
    open_end = np.where(short, part, more) if open_ended else np.full(len(paid), IMPOSSIBLE)
    named = explained > np.maximum(open_end, IMPOSSIBLE)
    log_p = np.where(exact, _EXACT, np.where(named, explained, open_end))
    out_kind = np.where(
        exact,
        0,
        np.where(
            named,
            kind,
            np.where(
                short,
                DIFFERENCE_CODE[DifferenceKind.UNDERPAYMENT],
                DIFFERENCE_CODE[DifferenceKind.OVERPAYMENT],
            ),
        ),
    ).astype(np.int8)
    out_usual = exact | (named & usual) | (~named & ~short & tens)
    possible = (paid > 0) & (asked > 0) & (log_p > IMPOSSIBLE)
    return np.where(possible, log_p + chance, IMPOSSIBLE), out_kind, out_usual


def pair_evidence(
    pairs: Pairs, models: Sequence[DifferenceModel], rates: RateTable, call: object
) -> PairEvidence:
    """Evidence of each pair of a batch, taken as a one-to-one match."""
    ledger = pairs.ledger
    asked, paid, comparable, converted, band = pair_amounts(pairs, rates)
    unit = _units(ledger)[pairs.transaction_currency]
    explained = np.full(len(pairs), IMPOSSIBLE, np.int64)
    kind = np.zeros(len(pairs), np.int8)
    usual = np.zeros(len(pairs), bool)
    gap = np.flatnonzero(comparable & ((asked != paid) | converted) & (asked > 0) & (paid > 0))
    if len(gap):
        rows = pairs.invoice_rows[gap]
        invoices = ledger.invoices
        net = invoices.net_amount[rows]
        gaps = Gaps(
            asked=asked[gap],
            paid=paid[gap],
            unit=unit[gap],
            issue_date=pairs.issue_date[gap],
            due_date=pairs.due_date[gap],
            booking_date=pairs.booking_date[gap],
            discount_percent=invoices.discount_percent[rows],
            discount_until=invoices.discount_until[rows],
            withholding_percent=invoices.withholding_percent[rows],
            net_amount=np.where(net == NO_AMOUNT, NO_AMOUNT, np.abs(net)),
            members=np.ones(len(gap), np.int32),
            converted=converted[gap],
            band=band[gap],
        )
        explained[gap], kind[gap], usual[gap] = judge_gaps(gaps, models, call)
    amount, kind, usual = amount_evidence(asked, paid, unit, explained, kind, usual & comparable)
    # At a converted amount nothing is exact by itself: the bank's rate is its own.
    fx = converted & (explained > IMPOSSIBLE)
    amount = np.where(converted, np.where(fx, amount, IMPOSSIBLE), amount)
    amount = np.where(comparable, amount, 0)
    kind = np.where(comparable, kind, 0).astype(np.int8)
    parties, references = ledger.parties, ledger.references
    named = pairs.party_at >= 0
    if len(parties.words):
        sharing = np.where(named, parties.sharing[pairs.party_at], 1).astype(np.int64)
    else:
        sharing = np.ones(len(pairs), np.int64)
    payments = (
        parties.payments[np.maximum(pairs.party, 0)].astype(np.int64)
        if len(parties.payments)
        else np.zeros(len(pairs), np.int64)
    )
    quoted = pairs.reference_at >= 0
    if len(references.words):
        fits = np.where(quoted, references.sharing[pairs.reference_at], 1).astype(np.int64)
    else:
        fits = np.ones(len(pairs), np.int64)
    discounted = kind == DIFFERENCE_CODE[DifferenceKind.CASH_DISCOUNT]
    identity = identity_evidence(pairs.party_relation, sharing, payments)
    # A number that several parties use is settled by the party where it is known.
    fits = np.where(pairs.same_party, np.minimum(fits, 1), fits)
    total = (
        PRIOR
        + amount
        + date_evidence(pairs.issue_date, pairs.due_date, pairs.booking_date, discounted)
        + identity
        + reference_evidence(
            pairs.reference_grade,
            pairs.reference_length.astype(np.int64),
            fits,
            pairs.other_reference_length.astype(np.int64),
        )
    )
    total[~pairs.sign_fits] = IMPOSSIBLE
    return PairEvidence(total=total, difference=kind, usual=usual)


def _units(ledger: Ledger) -> Int64Array:
    from recon_sdk.money import exponent_of

    return np.array([10 ** exponent_of(c) for c in ledger.currencies], np.int64)


def pair_amounts(
    pairs: Pairs, rates: RateTable
) -> tuple[Int64Array, Int64Array, BoolArray, BoolArray, Int32Array]:
    """Give asked and paid amounts of each pair in the payment's currency.

    Returns:
        asked, paid (magnitudes), whether they are comparable, whether asked was converted, and the
        rate's band.
    """
    asked = np.abs(pairs.open_amount)
    paid = np.abs(pairs.unallocated_amount)
    same = pairs.same_currency
    converted = np.zeros(len(pairs), bool)
    band = np.zeros(len(pairs), np.int32)
    foreign = np.flatnonzero(~same)
    if len(foreign):
        asked = asked.copy()
        value, found, width = rates.convert(
            asked[foreign],
            pairs.invoice_currency[foreign],
            pairs.transaction_currency[foreign],
            pairs.booking_date[foreign],
        )
        asked[foreign[found]] = value[found]
        converted[foreign[found]] = True
        band[foreign[found]] = width[found]
    return asked, paid, same | converted, converted, band
