"""Decision policy: which of the chosen matches are safe to confirm without a look."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs

from recon_sdk.columns import BoolArray, Int32Array, Int64Array
from recon_sdk.matches import Reason

__all__ = ["REASON_BITS", "Claims", "DecisionPolicy", "reasons_of"]

REASON_BITS = {reason: 1 << at for at, reason in enumerate(Reason)}
"""Bit of each reason in a verdict."""


def reasons_of(bits: int) -> tuple[Reason, ...]:
    """Give the reasons of a verdict, in the order of `Reason`."""
    return tuple(reason for reason, bit in REASON_BITS.items() if bits & bit)


@attrs.frozen(kw_only=True, eq=False)
class Claims:
    """The chosen matches as columns of facts. Read-only; one entry for each.

    Attributes:
        margin: What the best whole loses without it, thousandths of a natural-log unit.
        members: Number of invoices plus number of payments less 1 (1 for a pair).
        by_reference: A reference to which exactly one invoice of the party answers.
        by_party: The party is known from the payment (account, name, alias, or name in the text).
        exact: What was paid is what was asked.
        usual_difference: The gap has a name and is of an ordinary kind.
        underpaid: Less was paid than is open, and nothing explains it.
        overpaid: More was paid than is open, and nothing explains it.
        earlier_twin: An earlier payment of the same amount fits as well.
        interchangeable: Another open invoice of the party could take a member's place.
        same_amount_sibling: Another invoice of the party has the same amount near in time.
        rival_equal: Another answer has the same evidence.
        direction_known: It is known which way the money should flow.
        no_rate: The currencies differ and no rate is stored.
        complete: The search behind it was complete.
        rule_failed: A rule failed in this run.
    """

    margin: Int64Array
    members: Int32Array
    by_reference: BoolArray
    by_party: BoolArray
    exact: BoolArray
    usual_difference: BoolArray
    underpaid: BoolArray
    overpaid: BoolArray
    earlier_twin: BoolArray
    interchangeable: BoolArray
    same_amount_sibling: BoolArray
    rival_equal: BoolArray
    direction_known: BoolArray
    no_rate: BoolArray
    complete: BoolArray
    rule_failed: bool

    def __len__(self) -> int:
        return len(self.margin)


@runtime_checkable
class DecisionPolicy(Protocol):
    """Decides what needs a person's look."""

    @property
    def name(self) -> str:
        """Lower-case snake-case name."""

    @property
    def version(self) -> str:
        """Changes whenever the same claims may get another answer."""

    def decide(self, claims: Claims) -> Int64Array:
        """Give for each claim the `REASON_BITS` that speak against `auto`, ORed; 0 is `auto`."""
