"""Checks of decision policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.checks.contract import Check, broken, needs, require
from recon_sdk.checks.elsewhere import call_elsewhere
from recon_sdk.checks.ledgers import fingerprint_of
from recon_sdk.checks.watching import outside_world_refused
from recon_sdk.kinds import POLICIES
from recon_sdk.matches import Reason
from recon_sdk.offers import fault_of
from recon_sdk.policy import REASON_BITS, Claims, reasons_of

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.policy import DecisionPolicy

__all__ = ["CHECKS", "sample_claims"]

_FACTS = tuple(f.name for f in attrs.fields(Claims) if f.name not in {"margin", "members"})[:-1]
"""Names of the boolean columns."""
_KNOWN = sum(REASON_BITS.values())


def sample_claims() -> Claims:
    """Give claims with every pair of facts, far and near margins, pairs and batches."""
    chance = np.random.default_rng(20260301)
    n = 4_000
    facts = {name: chance.random(n) < share for name, share in _shares().items()}
    return Claims(
        margin=chance.choice(np.array([0, 1, 500, 2_000, 5_000, 9_000, 50_000, 10**9]), n),
        members=chance.choice(np.array([1, 1, 2, 5, 40], np.int32), n),
        rule_failed=False,
        **facts,
    )


def _shares() -> dict[str, float]:
    likely = {"by_reference", "by_party", "exact", "direction_known", "complete"}
    return {name: 0.8 if name in likely else 0.15 for name in _FACTS}


def policy_says_what_it_is(policy: DecisionPolicy) -> None:
    """Name and version are as the Protocol says.

    Give the policy a lower-case name and a version that is not empty.
    """
    fault = fault_of(POLICIES, policy)
    require(not fault, fault)


def every_claim_gets_reasons(policy: DecisionPolicy, claims: Claims) -> None:
    """Each claim gets one int64 of ORed `REASON_BITS`; 0 is `auto`.

    Return an array as long as the claims, and use the bits of `REASON_BITS` only.
    """
    for batch in (claims, _taken(claims, np.zeros(0, np.int64))):
        bits = policy.decide(batch)
        if not isinstance(bits, np.ndarray):
            broken(f"decide gave a {type(bits).__name__}, not an array")
        require(bits.dtype == np.int64, f"decide gave {bits.dtype}, not int64")
        shape = (len(batch),)
        require(bits.shape == shape, f"decide gave shape {bits.shape}, not {shape}")
        bad = bits[(bits & ~np.int64(_KNOWN)) != 0]
        require(len(bad) == 0, f"decide gave {bad[:1]}, which is no OR of REASON_BITS")


def nothing_without_identity_is_auto(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim with neither a reference nor a party has the reason `no_identity`.

    Amount and date alone never identify a payment: set the bit where `by_reference` and `by_party`
    are both false.
    """
    _check_reason(policy, claims, ~claims.by_reference & ~claims.by_party, Reason.NO_IDENTITY)


def nothing_without_a_direction_is_auto(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim whose direction is not known has the reason `direction_unknown`.

    Set the bit where `direction_known` is false: else a refund may settle a purchase.
    """
    _check_reason(policy, claims, ~claims.direction_known, Reason.DIRECTION_UNKNOWN)


def nothing_without_a_rate_is_auto(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim between currencies without a rate has the reason `no_rate`.

    Set the bit where `no_rate` is true: such amounts cannot be compared.
    """
    _check_reason(policy, claims, claims.no_rate, Reason.NO_RATE)


def nothing_is_auto_after_a_rule_failed(policy: DecisionPolicy, claims: Claims) -> None:
    """In a run in which a rule failed, every claim has the reason `rule_failed`.

    Set the bit of all claims where `rule_failed` is true.
    """
    failed = attrs.evolve(claims, rule_failed=True)
    _check_reason(policy, failed, np.ones(len(claims), np.bool_), Reason.RULE_FAILED)


def auto_needs_an_explained_amount(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim whose amount is neither exact nor a usual difference is never `auto`.

    Give it a reason: `unexplained_difference`, `partial_payment` or `overpayment`.
    """
    _check_review(policy, claims, ~claims.exact & ~claims.usual_difference, "an unexplained gap")


def auto_needs_a_sure_answer(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim with an equal rival, an earlier twin or an unfinished search is never `auto`.

    Give it a reason: `ambiguous`, `possible_duplicate` or `incomplete_search`.
    """
    _check_review(policy, claims, claims.rival_equal, "a rival with the same evidence")
    _check_review(policy, claims, claims.earlier_twin, "an earlier payment that fits as well")
    _check_review(policy, claims, ~claims.complete, "a search that ended at its budget")


def auto_batches_have_no_stand_in(policy: DecisionPolicy, claims: Claims) -> None:
    """A batch in which another open invoice could take a member's place is never `auto`.

    Give it the reason `interchangeable` where `members` is above 1.
    """
    batches = (claims.members > 1) & claims.interchangeable
    _check_review(policy, claims, batches, "an interchangeable member")


def more_margin_never_adds_a_reason(policy: DecisionPolicy, claims: Claims) -> None:
    """With a larger margin and all else equal, a claim has no reason that it had not before.

    Compare the margin with a threshold in one direction only.
    """
    before = policy.decide(claims)
    for step in (1, 1_000, 10**6):
        after = policy.decide(attrs.evolve(claims, margin=claims.margin + step))
        added = np.flatnonzero(after & ~before)
        if len(added):
            at = int(added[0])
            names = ", ".join(reasons_of(int(after[at] & ~before[at])))
            broken(f"{step} more margin than {claims.margin[at]} adds {names}")


def reasons_do_not_depend_on_the_batch(policy: DecisionPolicy, claims: Claims) -> None:
    """A claim has the same reasons alone, in another order, and when asked twice.

    Decide from the claim's own columns alone; keep no state, and use no randomness.
    """
    whole = policy.decide(claims)
    order = np.random.default_rng(1).permutation(len(claims))
    parts = [("the second call", np.arange(len(claims))), ("another order", order)]
    parts += [("a batch of one", np.array([at])) for at in range(0, len(claims), 100)]
    for words, chosen in parts:
        same = np.array_equal(whole[chosen], policy.decide(_taken(claims, chosen)))
        require(same, f"a claim has other reasons in {words}")


def claims_are_left_as_they_were(policy: DecisionPolicy, claims: Claims) -> None:
    """Deciding changes nothing in the claims.

    Copy a column before you write to it.
    """
    before = fingerprint_of(claims)
    policy.decide(claims)
    require(before == fingerprint_of(claims), "a column of the claims was changed")


def deciding_stays_inside(policy: DecisionPolicy, claims: Claims) -> None:
    """Deciding uses no clock, no network, no other process and no chance.

    Load what the policy needs when the plugin is loaded.
    """
    policy.decide(claims)
    with outside_world_refused():
        policy.decide(claims)


@needs("pickle")
def reasons_are_the_same_elsewhere(policy: DecisionPolicy, claims: Claims) -> None:
    """The policy can be sent to another process and decides the same there.

    Define the policy's class at the top of a module, and keep open files and locks out of it.
    """
    there = call_elsewhere(policy, "decide", claims)
    require(
        np.array_equal(policy.decide(claims), there), "it decides otherwise in another process"
    )


CHECKS: tuple[Check, ...] = (
    policy_says_what_it_is,
    every_claim_gets_reasons,
    nothing_without_identity_is_auto,
    nothing_without_a_direction_is_auto,
    nothing_without_a_rate_is_auto,
    nothing_is_auto_after_a_rule_failed,
    auto_needs_an_explained_amount,
    auto_needs_a_sure_answer,
    auto_batches_have_no_stand_in,
    more_margin_never_adds_a_reason,
    reasons_do_not_depend_on_the_batch,
    claims_are_left_as_they_were,
    deciding_stays_inside,
    reasons_are_the_same_elsewhere,
)
"""All checks of a decision policy; they take `policy` and `claims`."""


def _taken(claims: Claims, chosen: Int64Array) -> Claims:
    columns = ("margin", "members", *_FACTS)
    return attrs.evolve(claims, **{name: getattr(claims, name)[chosen] for name in columns})


def _check_reason(
    policy: DecisionPolicy, claims: Claims, where: BoolArray, reason: Reason
) -> None:
    bits = policy.decide(claims)
    missing = np.flatnonzero(where & ((bits & REASON_BITS[reason]) == 0))
    if len(missing):
        given = ", ".join(reasons_of(int(bits[missing[0]]))) or "auto"
        broken(f"a claim that must have the reason {reason} is {given}")


def _check_review(policy: DecisionPolicy, claims: Claims, where: BoolArray, words: str) -> None:
    require(not np.any(policy.decide(claims)[where] == 0), f"a claim with {words} is auto")
