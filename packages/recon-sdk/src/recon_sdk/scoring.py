"""Scoring: rule values become integers at the seam, and scores are integer sums.

`score = clip(sum of weight * value, 0, 1)` in millionths; a rule without an opinion adds nothing,
so scores are comparable across pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.matches import Contribution
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.engines import RuleSet
    from recon_sdk.invoices import Invoice
    from recon_sdk.ledger import Ledger
    from recon_sdk.rules import ScoringRule
    from recon_sdk.transactions import BankTransaction

__all__ = [
    "NO_OPINION",
    "ONE",
    "RuleFaultError",
    "contributions_of",
    "group_points",
    "points",
    "rule_values",
]

ONE = 1_000_000
"""A value, weight or score of 1, in millionths."""
NO_OPINION = -1
"""Stands for NaN once a value is an integer."""


class RuleFaultError(Exception):
    """A rule raised, or returned what a rule must not return.

    Attributes:
        name: The rule's name.
        detail: What it did.
    """

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"rule {name!r} {detail}")
        self.name = name
        self.detail = detail


def rule_values(rule: ScoringRule, pairs: Pairs) -> Int64Array:
    """Call a rule and check what comes back.

    Returns:
        Millionths for each pair, `NO_OPINION` for NaN.

    Raises:
        RuleFaultError: The rule raised, or its answer has a wrong type, dtype, length or range.
    """
    try:
        found = rule.score(pairs)
    except Exception as error:
        raise RuleFaultError(rule.name, f"raised {type(error).__name__}: {error}") from error
    if not isinstance(found, np.ndarray):
        raise RuleFaultError(rule.name, f"returned {type(found).__name__}, not a float64 array")
    if found.dtype != np.float64:
        raise RuleFaultError(rule.name, f"returned an array of {found.dtype}, not float64")
    if found.shape != (len(pairs),):
        raise RuleFaultError(rule.name, f"returned shape {found.shape} for {len(pairs)} pairs")
    silent = np.isnan(found)
    spoken = np.where(silent, 0.0, found)
    if np.any(np.isinf(spoken)):
        raise RuleFaultError(rule.name, "returned an infinite value")
    if np.any((spoken < 0) | (spoken > 1)):
        worst = float(spoken[(spoken < 0) | (spoken > 1)][0])
        raise RuleFaultError(rule.name, f"returned {worst!r}, which is not from 0 to 1")
    values: Int64Array = np.rint(spoken * ONE).astype(np.int64)
    values[silent] = NO_OPINION
    return values


def points(values: Int64Array, weight: int) -> Int64Array:
    """What a rule adds to the score, in millionths: weight times value, rounded half up."""
    magnitude = (np.maximum(values, 0) * abs(weight) + ONE // 2) // ONE
    return np.asarray(magnitude if weight >= 0 else -magnitude)


def group_points(rule_set: RuleSet, pairs: Pairs, starts: Int64Array) -> Int64Array:
    """Score groups of pairs: the sum over the rules of each rule's mean points, unclipped.

    Args:
        rule_set: The rules.
        pairs: The pairs of all groups, group by group.
        starts: Offsets of the groups, with the end.

    Returns:
        Millionths for each group; for a group of one pair its score.
    """
    counts = np.diff(starts)
    total = np.zeros(len(counts), np.int64)
    if len(counts) == 0:
        return total
    for rule, weight in rule_set.rules:
        summed = np.add.reduceat(points(rule_values(rule, pairs), weight), starts[:-1])
        total += (2 * summed + counts) // (2 * counts)
    return total


def _words(
    rule: ScoringRule, spoken: Int64Array, invoice: Invoice, transaction: BankTransaction
) -> str:
    """What a rule says of a pair; "" where it has no opinion or no words."""
    if len(spoken) == 0:
        return ""
    try:
        words: object = rule.describe(int(spoken[0]) / ONE, invoice, transaction)
    except Exception:  # noqa: BLE001 (a plugin's words decide nothing, so their lack stops nothing)
        return ""
    return words if isinstance(words, str) else ""


def contributions_of(
    ledger: Ledger, rule_set: RuleSet, invoice_rows: Int64Array, transaction_rows: Int64Array
) -> tuple[Contribution, ...]:
    """Score the pairs of one match again, with words; for several pairs the mean of each rule."""
    pairs = Pairs(ledger, invoice_rows, transaction_rows)
    out = []
    for rule, weight in rule_set.rules:
        values = rule_values(rule, pairs)
        at = np.flatnonzero(values != NO_OPINION)
        spoken = values[at]
        # A rule words the first pair that it has an opinion of.
        row = int(at[0]) if len(at) else 0
        invoice = ledger.invoice(int(invoice_rows[row]))
        transaction = ledger.transaction(int(transaction_rows[row]))
        value = int((spoken.sum() + len(spoken) // 2) // len(spoken)) if len(spoken) else None
        summed = int(points(values, weight).sum())
        out.append(
            Contribution(
                rule=rule.name,
                value=value,
                weight=weight,
                points=(2 * summed + len(pairs)) // (2 * len(pairs)),
                words=_words(rule, spoken, invoice, transaction),
            )
        )
    return tuple(out)
