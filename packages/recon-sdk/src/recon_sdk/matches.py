"""Match: a claim that certain payments settle certain invoices, with its allocations."""

from __future__ import annotations

import enum

import attrs

from recon_sdk.money import Money

__all__ = [
    "Allocation",
    "Contribution",
    "DecisionKind",
    "Difference",
    "DifferenceKind",
    "Match",
    "MatchKind",
    "MatchStatus",
    "Reason",
    "Rival",
]


class MatchKind(enum.StrEnum):
    """How many rows of each side a match joins."""

    ONE_TO_ONE = "one_to_one"
    MANY_TO_ONE = "many_to_one"
    """One payment settles several invoices."""
    ONE_TO_MANY = "one_to_many"
    """Several payments settle one invoice."""


class MatchStatus(enum.StrEnum):
    """Where a match stands; moved only by a caller, never by a run."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class DecisionKind(enum.StrEnum):
    """What the policy says of a proposal."""

    AUTO = "auto"
    """Safe to confirm in bulk. A label: it settles nothing by itself."""
    REVIEW = "review"
    """A person should look; the reasons say why."""


class Reason(enum.StrEnum):
    """Why a proposal needs review, or why a row stays unmatched."""

    AMBIGUOUS = "ambiguous"
    """Another answer fits as well, or nearly."""
    NO_IDENTITY = "no_identity"
    """Only amount and date speak for it: no reference and no known party."""
    UNEXPLAINED_DIFFERENCE = "unexplained_difference"
    """The amounts differ and no difference model names the gap."""
    PARTIAL_PAYMENT = "partial_payment"
    """Less than the open amount was paid; the rest stays open."""
    OVERPAYMENT = "overpayment"
    """More than the open amount was paid; the surplus stays on the transaction."""
    BELOW_MARGIN = "below_margin"
    """The next best whole is too near."""
    POSSIBLE_DUPLICATE = "possible_duplicate"
    """An earlier payment fits too, or this one repeats a payment."""
    INTERCHANGEABLE = "interchangeable"
    """Another open invoice of the party could take a member's place in the batch."""
    DIRECTION_UNKNOWN = "direction_unknown"
    """It is not known whether money should go out or come in."""
    NO_RATE = "no_rate"
    """The currencies differ and there is no exchange rate."""
    RULE_FAILED = "rule_failed"
    """A rule failed in this run, so nothing in it is decided automatically."""
    INCOMPLETE_SEARCH = "incomplete_search"
    """The search for the best whole ended at its budget."""
    ALTERNATIVE = "alternative"
    """A runner-up of a chosen proposal."""


class DifferenceKind(enum.StrEnum):
    """The name of a gap between what was asked and what was paid."""

    NONE = ""
    ROUNDING = "rounding"
    BANK_FEE = "bank_fee"
    CASH_DISCOUNT = "cash_discount"
    WITHHOLDING = "withholding"
    VAT = "vat"
    FX = "fx"
    UNDERPAYMENT = "underpayment"
    OVERPAYMENT = "overpayment"
    UNEXPLAINED = "unexplained"

    @property
    def closes(self) -> bool:
        """Whether confirming the match settles the invoice in full in spite of the gap."""
        return self in _CLOSING


_CLOSING = frozenset(
    {
        DifferenceKind.NONE,
        DifferenceKind.ROUNDING,
        DifferenceKind.BANK_FEE,
        DifferenceKind.CASH_DISCOUNT,
        DifferenceKind.WITHHOLDING,
        DifferenceKind.VAT,
        DifferenceKind.FX,
    }
)


@attrs.frozen(kw_only=True)
class Difference:
    """A named gap on one invoice.

    Attributes:
        kind: Its name.
        amount: What was paid less what was asked, in the transaction's currency, signed like the
            invoices: -3 where 97 was paid of 100, and 3 where 97 was paid back of -100.
        invoice_id: The invoice that it belongs to.
    """

    kind: DifferenceKind
    amount: Money
    invoice_id: str


@attrs.frozen(kw_only=True)
class Allocation:
    """What one transaction settles of one invoice.

    Attributes:
        invoice_id: The invoice.
        transaction_id: The bank transaction.
        settled: What the open amount is reduced by, signed like the invoice, in its currency.
        paid: What is used of the transaction, signed like the transaction, in its currency.
    """

    invoice_id: str
    transaction_id: str
    settled: Money
    paid: Money


@attrs.frozen(kw_only=True)
class Contribution:
    """One rule's part in a score.

    Attributes:
        rule: The rule's name.
        value: What the rule said, in millionths (0 to 1,000,000); None for no opinion.
        weight: Its weight in millionths, negative for a penalty.
        points: What it adds to the score, in millionths: weight times value, rounded.
        words: What the rule says of this pair.
    """

    rule: str
    value: int | None
    weight: int
    points: int
    words: str = ""


@attrs.frozen(kw_only=True)
class Rival:
    """A losing candidate, kept so that a decision can be explained.

    Attributes:
        invoice_ids: Its invoices.
        transaction_ids: Its transactions.
        score: Its score in millionths.
        evidence: Its evidence total, in thousandths of a natural-log unit.
        why: Why it lost.
    """

    invoice_ids: tuple[str, ...]
    transaction_ids: tuple[str, ...]
    score: int
    evidence: int
    why: str


@attrs.frozen(kw_only=True)
class Match:
    """A claim: these payments settle these invoices.

    Attributes:
        id: Derived from its allocations' keys, so the same claim has the same id everywhere.
        kind: How many rows of each side it joins.
        allocations: Who settles what; sorted by invoice, then transaction key.
        score: Weighted heuristic, in millionths (0 to 1,000,000).
        evidence: Evidence total in thousandths of a natural-log unit.
        margin: What the best whole would lose without this match, same unit.
        decision: `auto` or `review`.
        reasons: Why it is not `auto`; empty for `auto`.
        difference: The named gap, if any.
        status: Where the claim stands.
        alternative_of: Id of the chosen match that this one is a runner-up of.
        contributions: Score breakdown; for groups the mean over the pairs, in rule order.
        rivals: The best losing candidates.
    """

    id: str
    kind: MatchKind
    allocations: tuple[Allocation, ...]
    score: int
    evidence: int = 0
    margin: int = 0
    decision: DecisionKind = DecisionKind.REVIEW
    reasons: tuple[Reason, ...] = ()
    difference: Difference | None = None
    status: MatchStatus = MatchStatus.PROPOSED
    alternative_of: str | None = None
    contributions: tuple[Contribution, ...] = ()
    rivals: tuple[Rival, ...] = ()

    @property
    def invoice_ids(self) -> tuple[str, ...]:
        """Keys of its invoices, sorted, each once."""
        return tuple(sorted({a.invoice_id for a in self.allocations}))

    @property
    def transaction_ids(self) -> tuple[str, ...]:
        """Keys of its transactions, sorted, each once."""
        return tuple(sorted({a.transaction_id for a in self.allocations}))
