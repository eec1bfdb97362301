"""Checks of scoring rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.checks.contract import Check, broken, needs, require
from recon_sdk.checks.elsewhere import call_elsewhere
from recon_sdk.checks.ledgers import fingerprint_of
from recon_sdk.checks.watching import outside_world_refused
from recon_sdk.kinds import RULES
from recon_sdk.offers import fault_of
from recon_sdk.pairs import Pairs

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray, Int64Array
    from recon_sdk.rules import ScoringRule

__all__ = ["CHECKS"]

_FEW = 40
"""Pairs that are looked at one by one."""


def rule_says_what_it_is(rule: ScoringRule) -> None:
    """Name, version, evidence, role, weight, upper bound and cost are as the Protocol says.

    Give the rule all fields of `ScoringRule`: a lower-case snake-case name, a version that is not
    empty, a weight from 0 to 10 and an upper bound from 0 to 1.
    """
    fault = fault_of(RULES, rule)
    require(not fault, fault)


def every_pair_gets_a_value(rule: ScoringRule, pairs: Pairs) -> None:
    """Each pair gets one float64, from 0 to 1 or NaN for no opinion.

    Return an array as long as the batch, `np.float64`; clip what may leave 0 to 1, and mind
    divisions by zero: they give infinities.
    """
    _check_values(rule.score(pairs), len(pairs))
    empty = pairs.take(np.zeros(0, np.int64))
    _check_values(rule.score(empty), 0)


def values_stay_below_the_bound(rule: ScoringRule, pairs: Pairs) -> None:
    """No value is above the rule's `upper_bound`.

    Raise `upper_bound` (1 is always right), or cap the values: pairs that cannot be saved by the
    bound are never shown to dearer rules.
    """
    values = rule.score(pairs)
    highest = float(np.nanmax(values)) if np.any(~np.isnan(values)) else 0.0
    require(
        highest <= rule.upper_bound,
        f"gives {highest} though its upper bound is {rule.upper_bound}",
    )


def same_pairs_get_the_same_values(rule: ScoringRule, pairs: Pairs) -> None:
    """Asked twice, the rule says the same.

    Keep no state between calls except what follows from the ledger alone, and use no randomness.
    """
    _check_same(rule.score(pairs), rule.score(pairs), pairs, "the second call")


def values_do_not_depend_on_the_batch(rule: ScoringRule, pairs: Pairs) -> None:
    """A pair's value is the same alone, in a part, in another order, and beside itself.

    Compute a value from the pair's two rows and from `pairs.ledger` alone. Ranks, means, maxima or
    counts over the batch change with how a run cuts its work; take them over the ledger.
    """
    whole = rule.score(pairs)
    order = np.random.default_rng(1).permutation(len(pairs))
    parts: list[tuple[str, Int64Array]] = [
        ("another order", order),
        ("the first half", np.arange(len(pairs) // 2)),
        ("every third pair", np.arange(0, len(pairs), 3)),
        ("each pair twice", np.repeat(np.arange(len(pairs)), 2)),
    ]
    step = max(1, len(pairs) // _FEW)
    parts += [("a batch of one", np.array([at])) for at in range(0, len(pairs), step)]
    for words, chosen in parts:
        _check_same(whole[chosen], rule.score(pairs.take(chosen)), pairs.take(chosen), words)


def input_is_left_as_it_was(rule: ScoringRule, pairs: Pairs) -> None:
    """Scoring changes neither the batch nor the ledger.

    Copy a column before you write to it; `pairs` columns are shared by all rules.
    """
    before = fingerprint_of(pairs.ledger), pairs.invoice_rows.copy(), pairs.transaction_rows.copy()
    rule.score(pairs)
    require(before[0] == fingerprint_of(pairs.ledger), "a column of the ledger was changed")
    same = np.array_equal(before[1], pairs.invoice_rows) and np.array_equal(
        before[2], pairs.transaction_rows
    )
    require(same, "the rows of the batch were changed")


def evidence_is_worded(rule: ScoringRule, pairs: Pairs) -> None:
    """`describe` words any value that the rule gave, as one clause without a full stop.

    Return a text that is not empty, on one line; it is joined with the words of other rules.
    """
    values = rule.score(pairs)
    spoken = np.flatnonzero(~np.isnan(values))
    some = np.unique(spoken[np.linspace(0, len(spoken) - 1, min(_FEW, len(spoken))).astype(int)])
    for at in some.tolist():
        words = rule.describe(
            float(values[at]),
            pairs.ledger.invoice(int(pairs.invoice_rows[at])),
            pairs.ledger.transaction(int(pairs.transaction_rows[at])),
        )
        require(isinstance(words, str), f"describe gave {words!r}, not a text")
        good = words.strip() == words and words and "\n" not in words and not words.endswith(".")
        require(good, f"describe gave {words!r} for {_pair(pairs, at)}")


def scoring_stays_inside(rule: ScoringRule, pairs: Pairs) -> None:
    """Scoring uses no clock, no network, no other process and no chance.

    Take dates from the rows, and load what the rule needs when the plugin is loaded.
    """
    rule.score(pairs)
    fresh = Pairs(attrs.evolve(pairs.ledger), pairs.invoice_rows, pairs.transaction_rows)
    with outside_world_refused():
        rule.score(fresh)


@needs("pickle")
def values_are_the_same_elsewhere(rule: ScoringRule, pairs: Pairs) -> None:
    """The rule can be sent to another process and gives the same values there.

    Define the rule's class and functions at the top of a module, keep open files and locks out of
    it, and never use Python's own `hash` of texts or the order of a set.
    """
    step = max(1, len(pairs) // 200)
    some = pairs.take(np.arange(0, len(pairs), step))
    there = call_elsewhere(
        rule, "score", Pairs(some.ledger, some.invoice_rows, some.transaction_rows)
    )
    _check_same(rule.score(some), there, some, "another process")


CHECKS: tuple[Check, ...] = (
    rule_says_what_it_is,
    every_pair_gets_a_value,
    values_stay_below_the_bound,
    same_pairs_get_the_same_values,
    values_do_not_depend_on_the_batch,
    input_is_left_as_it_was,
    evidence_is_worded,
    scoring_stays_inside,
    values_are_the_same_elsewhere,
)
"""All checks of a rule; they take `rule` and `pairs`."""


def _check_values(values: object, length: int) -> None:
    if not isinstance(values, np.ndarray):
        broken(f"score gave a {type(values).__name__}, not an array")
    require(values.dtype == np.float64, f"score gave {values.dtype}, not float64")
    require(values.shape == (length,), f"score gave shape {values.shape}, not ({length},)")
    bad = values[~(np.isnan(values) | ((values >= 0) & (values <= 1)))]
    require(len(bad) == 0, f"score gave {bad[:1]}, which is not from 0 to 1")


def _check_same(first: FloatArray, second: FloatArray, pairs: Pairs, words: str) -> None:
    """Compare as a run does: in millionths."""
    a, b = (np.rint(np.nan_to_num(v, nan=-1) * 1e6) for v in (first, second))
    require(a.shape == b.shape, f"{words} gave {len(b)} values for {len(a)} pairs")
    at = np.flatnonzero(a != b)
    if len(at):
        broken(
            f"{_pair(pairs, int(at[0]))} has the value {first[at[0]]}, but {second[at[0]]} in "
            f"{words}"
        )


def _pair(pairs: Pairs, at: int) -> str:
    ledger = pairs.ledger
    invoice = ledger.invoices.ids[pairs.invoice_rows[at]]
    return f"({invoice}, {ledger.transactions.ids[pairs.transaction_rows[at]]})"
