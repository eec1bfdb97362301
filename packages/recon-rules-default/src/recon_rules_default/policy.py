"""The default decision policy: what is safe to confirm without a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.settings import Settings
from recon_sdk import REASON_BITS, Reason

if TYPE_CHECKING:
    from recon_sdk import BoolArray, Claims, Int64Array

__all__ = ["CarefulPolicy"]


@attrs.frozen
class CarefulPolicy:
    """Lets through what has identity, an explained amount, no twin and a clear margin.

    The conditions, all of which `auto` needs: identity evidence; an exact amount or an ordinary
    difference; no earlier payment of the same amount; no other invoice that could take a member's
    place; a margin to the next best whole; a known direction; a complete search; no failed rule.
    """

    settings: Settings
    name: str = "careful"
    version: str = "1"

    def decide(self, claims: Claims) -> Int64Array:
        """Collect the reasons against `auto`."""
        settings = self.settings
        bits = np.zeros(len(claims), np.int64)

        def against(reason: Reason, where: BoolArray) -> None:
            bits[where] |= REASON_BITS[reason]

        unsure_party = claims.same_amount_sibling & ~claims.by_reference
        margin = np.where(
            claims.members > 1,
            settings.auto_margin_batch,
            np.where(unsure_party, settings.auto_margin_sibling, settings.auto_margin),
        )
        unexplained = ~claims.exact & ~claims.usual_difference
        against(Reason.AMBIGUOUS, claims.rival_equal)
        against(Reason.NO_IDENTITY, ~claims.by_reference & ~claims.by_party)
        against(Reason.UNEXPLAINED_DIFFERENCE, unexplained & ~claims.underpaid & ~claims.overpaid)
        against(Reason.PARTIAL_PAYMENT, claims.underpaid)
        against(Reason.OVERPAYMENT, claims.overpaid & ~claims.usual_difference)
        against(Reason.BELOW_MARGIN, (claims.margin < margin) & ~claims.rival_equal)
        against(Reason.POSSIBLE_DUPLICATE, claims.earlier_twin)
        against(Reason.INTERCHANGEABLE, claims.interchangeable)
        against(Reason.DIRECTION_UNKNOWN, ~claims.direction_known)
        against(Reason.NO_RATE, claims.no_rate)
        against(Reason.INCOMPLETE_SEARCH, ~claims.complete)
        if claims.rule_failed:
            bits |= REASON_BITS[Reason.RULE_FAILED]
        return bits
