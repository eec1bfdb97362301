"""JSON form of a match with its breakdown.

Scores, weights and values are decimal texts with six decimals, evidence and margins with three
(natural-log units), amounts decimal texts with the currency beside them.
"""

from __future__ import annotations

import attrs

from recon_sdk.fixed_point import format_fixed, parse_fixed
from recon_sdk.known_forms import AllocationForm, build_allocations
from recon_sdk.matches import (
    Contribution,
    DecisionKind,
    Difference,
    DifferenceKind,
    Match,
    MatchKind,
    MatchStatus,
    Reason,
    Rival,
)
from recon_sdk.money import Money
from recon_sdk.structuring import at

__all__ = ["ContributionForm", "DifferenceForm", "MatchForm", "RivalForm"]


def _number(text: str, decimals: int, path: str) -> int:
    with at(path):
        return parse_fixed(text, decimals)


@attrs.frozen(kw_only=True)
class DifferenceForm:
    """A named gap on one invoice.

    Attributes:
        kind: Its name.
        amount: Paid less settled; negative where less was paid.
        currency: The transaction's currency.
        invoice_id: The invoice that it belongs to.
    """

    kind: DifferenceKind
    amount: str
    currency: str
    invoice_id: str

    @classmethod
    def of(cls, difference: Difference) -> DifferenceForm:
        """Lay out a difference."""
        return cls(
            kind=difference.kind,
            amount=difference.amount.decimal,
            currency=difference.amount.currency,
            invoice_id=difference.invoice_id,
        )

    def build(self) -> Difference:
        """Build the difference.

        Raises:
            ConfigError: The amount is wrong.
        """
        with at("amount"):
            amount = Money.of(self.amount, self.currency)
        return Difference(kind=self.kind, amount=amount, invoice_id=self.invoice_id)


@attrs.frozen(kw_only=True)
class ContributionForm:
    """One rule's part in a score.

    Attributes:
        rule: The rule's name.
        value: What the rule said, 0 to 1; null for no opinion.
        weight: Its weight, negative for a penalty.
        points: What it adds to the score.
        words: What the rule says of this pair.
    """

    rule: str
    value: str | None
    weight: str
    points: str
    words: str = ""

    @classmethod
    def of(cls, part: Contribution) -> ContributionForm:
        """Lay out a contribution."""
        return cls(
            rule=part.rule,
            value=None if part.value is None else format_fixed(part.value, 6),
            weight=format_fixed(part.weight, 6),
            points=format_fixed(part.points, 6),
            words=part.words,
        )

    def build(self) -> Contribution:
        """Build the contribution.

        Raises:
            ConfigError: A number is wrong; names the key.
        """
        return Contribution(
            rule=self.rule,
            value=None if self.value is None else _number(self.value, 6, "value"),
            weight=_number(self.weight, 6, "weight"),
            points=_number(self.points, 6, "points"),
            words=self.words,
        )


@attrs.frozen(kw_only=True)
class RivalForm:
    """A losing candidate.

    Attributes:
        invoice_ids: Its invoices.
        transaction_ids: Its transactions.
        score: Its score, 0 to 1.
        evidence: Its evidence total in natural-log units.
        why: Why it lost.
    """

    invoice_ids: tuple[str, ...]
    transaction_ids: tuple[str, ...]
    score: str
    evidence: str
    why: str

    @classmethod
    def of(cls, rival: Rival) -> RivalForm:
        """Lay out a rival."""
        return cls(
            invoice_ids=rival.invoice_ids,
            transaction_ids=rival.transaction_ids,
            score=format_fixed(rival.score, 6),
            evidence=format_fixed(rival.evidence, 3),
            why=rival.why,
        )

    def build(self) -> Rival:
        """Build the rival.

        Raises:
            ConfigError: A number is wrong; names the key.
        """
        return Rival(
            invoice_ids=self.invoice_ids,
            transaction_ids=self.transaction_ids,
            score=_number(self.score, 6, "score"),
            evidence=_number(self.evidence, 3, "evidence"),
            why=self.why,
        )


@attrs.frozen(kw_only=True)
class MatchForm:
    """A claim: these payments settle these invoices.

    Attributes:
        id: Derived from its allocations, so the same claim has the same id everywhere.
        kind: How many rows of each side it joins.
        status: Where the claim stands.
        decision: `auto` or `review`.
        reasons: Why it is not `auto`.
        score: Weighted heuristic, 0 to 1.
        evidence: Evidence total in natural-log units.
        margin: What the best whole would lose without it, same unit.
        difference: The named gap, if any.
        alternative_of: Id of the chosen match that it is a runner-up of.
        allocations: Who settles what.
        contributions: Score breakdown.
        rivals: The best losing candidates.
    """

    id: str
    kind: MatchKind
    status: MatchStatus = MatchStatus.PROPOSED
    decision: DecisionKind = DecisionKind.REVIEW
    reasons: tuple[Reason, ...] = ()
    score: str
    evidence: str = "0.000"
    margin: str = "0.000"
    difference: DifferenceForm | None = None
    alternative_of: str | None = None
    allocations: tuple[AllocationForm, ...]
    contributions: tuple[ContributionForm, ...] = ()
    rivals: tuple[RivalForm, ...] = ()

    @classmethod
    def of(cls, match: Match) -> MatchForm:
        """Lay out a match."""
        gap = match.difference
        return cls(
            id=match.id,
            kind=match.kind,
            status=match.status,
            decision=match.decision,
            reasons=match.reasons,
            score=format_fixed(match.score, 6),
            evidence=format_fixed(match.evidence, 3),
            margin=format_fixed(match.margin, 3),
            difference=None if gap is None else DifferenceForm.of(gap),
            alternative_of=match.alternative_of,
            allocations=tuple(map(AllocationForm.of, match.allocations)),
            contributions=tuple(map(ContributionForm.of, match.contributions)),
            rivals=tuple(map(RivalForm.of, match.rivals)),
        )

    def build(self) -> Match:
        """Build the match.

        Raises:
            ConfigError: A value is wrong; names the key.
        """
        parts, rivals, gap = [], [], None
        for position, part in enumerate(self.contributions):
            with at(f"contributions[{position}]"):
                parts.append(part.build())
        for position, rival in enumerate(self.rivals):
            with at(f"rivals[{position}]"):
                rivals.append(rival.build())
        if self.difference is not None:
            with at("difference"):
                gap = self.difference.build()
        return Match(
            id=self.id,
            kind=self.kind,
            allocations=build_allocations(self.allocations),
            score=_number(self.score, 6, "score"),
            evidence=_number(self.evidence, 3, "evidence"),
            margin=_number(self.margin, 3, "margin"),
            decision=self.decision,
            reasons=self.reasons,
            difference=gap,
            status=self.status,
            alternative_of=self.alternative_of,
            contributions=tuple(parts),
            rivals=tuple(rivals),
        )
