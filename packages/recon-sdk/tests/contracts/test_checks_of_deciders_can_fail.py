"""Every check of an assigner, a policy or an engine catches one that breaks just that promise."""


# ruff: noqa: ARG001 - stand-ins break rules on purpose

from __future__ import annotations

import time
from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk.checks import assigners, engines, policies
from recon_sdk.checks.contract import BrokenContractError
from recon_sdk.config import Limits, Strategy
from recon_sdk.engine import LocalEngine
from recon_sdk.hypotheses import Assignment
from recon_sdk.matches import Reason
from recon_sdk.policy import REASON_BITS
from recon_sdk.testing import AssignerContract, PolicyContract, hypotheses_of, sample_claims

# -- assigners ------------------------------------------------------------------------------------


def members_of(hypotheses, at):
    return set(hypotheses.members[hypotheses.starts[at] : hypotheses.starts[at + 1]].tolist())


def greedy(hypotheses):
    used, chosen = set(), []
    for at in np.lexsort((np.arange(len(hypotheses)), -hypotheses.evidence)).tolist():
        if hypotheses.evidence[at] > 0 and used.isdisjoint(members_of(hypotheses, at)):
            used |= members_of(hypotheses, at)
            chosen.append(at)
    return sorted(chosen)


def best(hypotheses, without=-1):
    """The best whole by trying everything; the first of equals."""
    found = (0, [])

    def walk(at, used, total, chosen):
        nonlocal found
        if total > found[0]:
            found = total, chosen
        for one in range(at, len(hypotheses)):
            mine = members_of(hypotheses, one)
            if one != without and hypotheses.evidence[one] > 0 and used.isdisjoint(mine):
                walk(one + 1, used | mine, total + int(hypotheses.evidence[one]), [*chosen, one])

    walk(0, set(), 0, [])
    return found


def answer(chosen, margin):
    chosen = np.array(sorted(chosen), np.int64)
    return Assignment(
        chosen=chosen,
        margin=np.array(margin, np.int64).reshape(len(chosen)),
        complete=np.ones(len(chosen), np.bool_),
    )


def thorough(hypotheses, strategy, limits):
    total, chosen = best(hypotheses)
    if strategy is Strategy.GREEDY:
        chosen = greedy(hypotheses)
        return answer(chosen, [0] * len(chosen))
    return answer(chosen, [total - best(hypotheses, at)[0] for at in sorted(chosen)])


@attrs.frozen(kw_only=True)
class Assigner:
    """An assigner made of one function."""

    how: Any = thorough
    name: str = "thorough"
    version: str = "1"

    def assign(self, hypotheses, strategy, limits):
        return self.how(hypotheses, strategy, limits)


class TestAssigner(AssignerContract):
    @pytest.fixture
    def assigner(self):
        return Assigner()


def changed(**fields):
    """Give an assigner that answers as it should but for some fields."""

    def how(hypotheses, strategy, limits):
        found = thorough(hypotheses, strategy, limits)
        return attrs.evolve(
            found, **{name: change(getattr(found, name)) for name, change in fields.items()}
        )

    return Assigner(how=how)


def all_of_them(hypotheses, strategy, limits):
    return answer(range(len(hypotheses)), [0] * len(hypotheses))


def least_bad(hypotheses, strategy, limits):
    found = thorough(hypotheses, strategy, limits)
    if len(found.chosen) == 0 and len(hypotheses):
        return answer([0], [0])
    return found


def greedy_for_all(hypotheses, strategy, limits):
    chosen = greedy(hypotheses)
    return answer(chosen, [0] * len(chosen))


def nothing_on_a_budget(hypotheses, strategy, limits):
    if strategy is Strategy.OPTIMAL and limits.search_steps < 100:
        return answer([], [])
    return thorough(hypotheses, strategy, limits)


def proud(hypotheses, strategy, limits):
    found = thorough(hypotheses, strategy, limits)
    return attrs.evolve(found, margin=hypotheses.evidence[found.chosen])


def by_position(hypotheses, strategy, limits):
    used, chosen = set(), []
    for at in range(len(hypotheses)):
        if hypotheses.evidence[at] > 0 and used.isdisjoint(members_of(hypotheses, at)):
            used |= members_of(hypotheses, at)
            chosen.append(at)
    return answer(chosen, [0] * len(chosen))


class Moody:
    name, version = "moody", "1"

    def __init__(self):
        self.calls = 0

    def assign(self, hypotheses, strategy, limits):
        self.calls += 1
        found = thorough(hypotheses, strategy, limits)
        return attrs.evolve(found, margin=found.margin * 0 + self.calls)


def writes_evidence(hypotheses, strategy, limits):
    np.maximum(hypotheses.evidence, 0, out=hypotheses.evidence)
    return thorough(hypotheses, strategy, limits)


def until_late(hypotheses, strategy, limits):
    assert time.monotonic() > 0
    return thorough(hypotheses, strategy, limits)


def set_order(hypotheses, strategy, limits):
    found = thorough(hypotheses, strategy, limits)
    return attrs.evolve(found, margin=found.margin * 0 + hash("a") % 1000)


BROKEN_ASSIGNERS = {
    "assigner_says_what_it_is": [Assigner(name="Best!"), Assigner(version=""), object()],
    "answer_is_well_formed": [
        Assigner(how=lambda *_: (np.zeros(0), np.zeros(0))),
        changed(chosen=lambda a: a[::-1].copy()),
        changed(chosen=lambda a: a.astype(np.int32)),
        changed(chosen=lambda a: a + 99),
        changed(margin=lambda a: a.astype(np.float64)),
        changed(margin=lambda a: a[1:]),
        changed(complete=lambda a: a.astype(np.int64)),
    ],
    "chosen_hypotheses_do_not_overlap": [Assigner(how=all_of_them)],
    "nothing_is_chosen_against_the_evidence": [Assigner(how=least_bad)],
    "margins_are_not_negative": [changed(margin=lambda a: a - 1)],
    "optimal_is_the_best_whole": [
        Assigner(how=greedy_for_all),
        changed(complete=lambda a: a & False),
    ],
    "optimal_is_never_worse_than_greedy": [Assigner(how=nothing_on_a_budget)],
    "margins_are_never_above_the_regret": [Assigner(how=proud)],
    "same_hypotheses_get_the_same_answer": [Moody()],
    "answer_does_not_depend_on_row_numbers": [Assigner(how=by_position)],
    "hypotheses_are_left_as_they_were": [Assigner(how=writes_evidence)],
    "choosing_stays_inside": [Assigner(how=until_late)],
    "answer_is_the_same_elsewhere": [
        Assigner(how=set_order),
        Assigner(how=lambda *given: thorough(*given)),  # cannot be pickled
    ],
}

# -- policies -------------------------------------------------------------------------------------

BIT = REASON_BITS


def careful(claims):
    bits = np.zeros(len(claims), np.int64)

    def say(reason, where):
        bits[where] |= BIT[reason]

    say(Reason.NO_IDENTITY, ~claims.by_reference & ~claims.by_party)
    say(Reason.DIRECTION_UNKNOWN, ~claims.direction_known)
    say(Reason.NO_RATE, claims.no_rate)
    say(Reason.UNEXPLAINED_DIFFERENCE, ~claims.exact & ~claims.usual_difference)
    say(Reason.AMBIGUOUS, claims.rival_equal)
    say(Reason.POSSIBLE_DUPLICATE, claims.earlier_twin)
    say(Reason.INCOMPLETE_SEARCH, ~claims.complete)
    say(Reason.INTERCHANGEABLE, claims.interchangeable & (claims.members > 1))
    say(Reason.BELOW_MARGIN, claims.margin < 6_000)
    say(Reason.RULE_FAILED, np.full(len(claims), claims.rule_failed))
    return bits


@attrs.frozen(kw_only=True)
class Policy:
    """A policy made of one function."""

    how: Any = careful
    name: str = "careful"
    version: str = "1"

    def decide(self, claims):
        return self.how(claims)


class TestPolicy(PolicyContract):
    @pytest.fixture
    def policy(self):
        return Policy()


def silent_about(*reasons):
    """Give a policy that never gives some reasons."""
    mask = ~np.int64(sum(BIT[reason] for reason in reasons))
    return Policy(how=lambda claims: careful(claims) & mask)


def likes_small_margins(claims):
    return careful(claims) | np.where(claims.margin > 40_000, BIT[Reason.ALTERNATIVE], 0)


def half_of_the_batch(claims):
    bits = careful(claims)
    bits[: len(bits) // 2] |= BIT[Reason.AMBIGUOUS]
    return bits


def writes_claims(claims):
    claims.margin[:] = 0
    return careful(claims)


def asks_the_clock(claims):
    return careful(claims) | int(time.time() < 0)


def by_hash(claims):
    return careful(claims) | (BIT[Reason.ALTERNATIVE] if hash("a") % 97 else 0)


def by_process(claims):
    return careful(claims) | (hash("some text") % 1024)


BROKEN_POLICIES = {
    "policy_says_what_it_is": [Policy(name=""), Policy(version=""), object()],
    "every_claim_gets_reasons": [
        Policy(how=lambda claims: careful(claims) == 0),
        Policy(how=lambda claims: careful(claims).tolist()),
        Policy(how=lambda claims: careful(claims)[1:]),
        Policy(how=lambda claims: careful(claims) | (1 << 40)),
    ],
    "nothing_without_identity_is_auto": [silent_about(Reason.NO_IDENTITY)],
    "nothing_without_a_direction_is_auto": [silent_about(Reason.DIRECTION_UNKNOWN)],
    "nothing_without_a_rate_is_auto": [silent_about(Reason.NO_RATE)],
    "nothing_is_auto_after_a_rule_failed": [silent_about(Reason.RULE_FAILED)],
    "auto_needs_an_explained_amount": [silent_about(Reason.UNEXPLAINED_DIFFERENCE)],
    "auto_needs_a_sure_answer": [
        silent_about(Reason.AMBIGUOUS),
        silent_about(Reason.POSSIBLE_DUPLICATE),
        silent_about(Reason.INCOMPLETE_SEARCH),
    ],
    "auto_batches_have_no_stand_in": [silent_about(Reason.INTERCHANGEABLE)],
    "more_margin_never_adds_a_reason": [Policy(how=likes_small_margins)],
    "reasons_do_not_depend_on_the_batch": [Policy(how=half_of_the_batch)],
    "claims_are_left_as_they_were": [Policy(how=writes_claims)],
    "deciding_stays_inside": [Policy(how=asks_the_clock)],
    "reasons_are_the_same_elsewhere": [
        Policy(how=by_process),
        Policy(how=lambda claims: careful(claims)),  # cannot be pickled
    ],
}

# -- engines --------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Engine:
    """The local engine, with one thing broken."""

    before: Any = None
    after: Any = None
    name: str = "copy"

    def run(self, ledger, rule_set, known, progress=lambda *_: None):
        if self.before:
            self.before(ledger)
        outcome = LocalEngine().run(ledger, rule_set, known, progress)
        return self.after(outcome) if self.after else outcome


def other_matches(**changes):
    def after(outcome):
        columns = {
            name: change(getattr(outcome.matches, name)) for name, change in changes.items()
        }
        return attrs.evolve(outcome, matches=attrs.evolve(outcome.matches, **columns))

    return Engine(after=after)


def fewer_candidates(outcome):
    kept = attrs.asdict(outcome.candidates, value_serializer=lambda *given: given[2][:-1])
    return attrs.evolve(outcome, candidates=type(outcome.candidates)(**kept))


class Arrival:
    name = "arrival"

    def __init__(self):
        self.runs = 0

    def run(self, ledger, rule_set, known, progress=lambda *_: None):
        self.runs += 1
        outcome = LocalEngine().run(ledger, rule_set, known, progress)
        margin = outcome.matches.margin + self.runs
        return attrs.evolve(outcome, matches=attrs.evolve(outcome.matches, margin=margin))


def writes_ledger(ledger):
    ledger.transactions.value_date[:] = 0


BROKEN_ENGINES = {
    "engine_says_what_it_is": [Engine(name="Copy Engine"), object()],
    "outcome_is_that_of_the_local_engine": [
        other_matches(margin=lambda a: a + 1),
        other_matches(score=lambda a: np.maximum(a - 1, 0)),
        Engine(after=fewer_candidates),
    ],
    "outcome_does_not_depend_on_the_order_of_rows": [Arrival()],
    "ledger_is_left_as_it_was": [Engine(before=writes_ledger)],
    "failing_rule_is_set_aside": [
        Engine(after=lambda outcome: attrs.evolve(outcome, failures=())),
        other_matches(reasons=lambda a: a * 0),
    ],
}

SUITES = (
    (assigners.CHECKS, BROKEN_ASSIGNERS, "assigner"),
    (policies.CHECKS, BROKEN_POLICIES, "policy"),
    (engines.CHECKS, BROKEN_ENGINES, "engine"),
)


@pytest.mark.parametrize(("checks", "broken", "what"), SUITES)
def test_every_check_has_something_that_it_catches(checks, broken, what):
    assert set(broken) == {check.__name__ for check in checks}


@pytest.mark.parametrize(
    ("check", "what", "thing"),
    [
        (check, what, thing)
        for checks, broken, what in SUITES
        for check in checks
        for thing in broken.get(check.__name__, ())
    ],
)
def test_check_catches_it(check, what, thing):
    if what == "engine":
        pytest.importorskip("recon_rules_default")
    given = {what: thing, "claims": sample_claims()}
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    with pytest.raises(BrokenContractError):
        check(**{key: given[key] for key in wanted})


def test_hypotheses_stand_in_the_order_of_their_members():
    found = hypotheses_of([((1,), (0,), 5), ((0, 1), (1,), 7), ((0,), (0,), 3)], 2, 2)
    assert found.evidence.tolist() == [7, 3, 5]
    assert found.members.tolist() == [0, 1, 3, 0, 2, 1, 2]
    assert thorough(found, Strategy.OPTIMAL, Limits()).chosen.tolist() == [0]
