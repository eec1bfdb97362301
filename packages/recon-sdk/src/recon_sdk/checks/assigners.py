"""Checks of assigners, against the best whole found by trying everything."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.checks.contract import Check, broken, needs, require
from recon_sdk.checks.elsewhere import call_elsewhere
from recon_sdk.checks.ledgers import fingerprint_of
from recon_sdk.checks.watching import outside_world_refused
from recon_sdk.config import Limits, Strategy
from recon_sdk.hypotheses import Assignment, Hypotheses
from recon_sdk.kinds import ASSIGNERS
from recon_sdk.offers import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recon_sdk.assignment import Assigner

__all__ = ["CHECKS", "Claim", "hypotheses_of", "small_worlds"]

Claim = tuple[tuple[int, ...], tuple[int, ...], int]
"""Invoice rows, transaction rows and evidence of a hypothesis."""

_CHOOSING = (Strategy.GREEDY, Strategy.OPTIMAL)
_WORLDS = 60
_LIMITS = Limits(search_steps=1_000_000)


def hypotheses_of(claims: Iterable[Claim], invoices: int, transactions: int) -> Hypotheses:
    """Build hypotheses, put into their total order.

    Args:
        claims: Each with its invoice rows, transaction rows and evidence.
        invoices: Number of invoices.
        transactions: Number of transactions.
    """
    rows = sorted(
        (tuple(sorted((*owed, *(invoices + t for t in moved)))), evidence)
        for owed, moved, evidence in claims
    )
    return Hypotheses(
        evidence=np.array([evidence for _, evidence in rows], np.int64),
        starts=np.cumsum([0, *(len(members) for members, _ in rows)]).astype(np.int64),
        members=np.array([node for members, _ in rows for node in members], np.int64),
        invoices=invoices,
        transactions=transactions,
    )


def small_worlds() -> Iterator[tuple[list[Claim], int, int]]:
    """Give small random sets of pairs, batches and instalments, with ties and without."""
    chance = random.Random(20260301)
    for world in range(_WORLDS):
        invoices, transactions = chance.randint(1, 6), chance.randint(1, 6)
        claims: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        for _ in range(chance.randint(1, 12)):
            many = chance.random() < 0.3
            owed = chance.sample(
                range(invoices), chance.randint(1, min(3, invoices)) if many else 1
            )
            moved = [chance.randrange(transactions)]
            if many and len(owed) == 1:
                moved = chance.sample(range(transactions), min(2, transactions))
            top = 4 if world % 3 == 0 else 30_000
            claims[tuple(sorted(owed)), tuple(sorted(moved))] = chance.randint(-top // 4, top)
        yield [(*key, evidence) for key, evidence in claims.items()], invoices, transactions


def assigner_says_what_it_is(assigner: Assigner) -> None:
    """Name and version are as the Protocol says.

    Give the assigner a lower-case name and a version that is not empty.
    """
    fault = fault_of(ASSIGNERS, assigner)
    require(not fault, fault)


def answer_is_well_formed(assigner: Assigner) -> None:
    """Chosen positions ascend and stand each once; margins are int64, completeness bool, one each.

    Sort the chosen positions, and give one margin and one flag for each.
    """
    for hypotheses in (hypotheses_of([], 0, 0), *_worlds()):
        for strategy in _CHOOSING:
            found = assigner.assign(hypotheses, strategy, _LIMITS)
            if not isinstance(found, Assignment):
                broken(f"assign gave a {type(found).__name__}, not an Assignment")
            chosen = np.asarray(found.chosen)
            require(chosen.dtype == np.int64, f"chosen has {chosen.dtype}, not int64")
            inside = not len(chosen) or (chosen[0] >= 0 and chosen[-1] < len(hypotheses))
            require(inside and bool(np.all(np.diff(chosen) > 0)), f"chosen is {chosen.tolist()}")
            require(found.margin.dtype == np.int64, f"margin has {found.margin.dtype}, not int64")
            require(found.complete.dtype == np.bool_, "complete is not of bools")
            lengths = {len(chosen), len(found.margin), len(found.complete)}
            require(len(lengths) == 1, "chosen, margin and complete have different lengths")


def chosen_hypotheses_do_not_overlap(assigner: Assigner) -> None:
    """No invoice and no transaction is in two chosen hypotheses, whatever the budget.

    Mark all members of a hypothesis as used when you choose it; a search that ends at its budget
    still owes a valid answer.
    """
    for hypotheses in _worlds():
        for strategy in _CHOOSING:
            for steps in (1, 1_000_000):
                found = assigner.assign(hypotheses, strategy, Limits(search_steps=steps))
                members = [node for at in found.chosen for node in _members(hypotheses, int(at))]
                require(len(set(members)) == len(members), "two chosen hypotheses share a row")


def nothing_is_chosen_against_the_evidence(assigner: Assigner) -> None:
    """A hypothesis whose evidence is below 0 is not chosen.

    Leave it out: the whole is better without it.
    """
    for hypotheses in _worlds():
        for strategy in _CHOOSING:
            found = assigner.assign(hypotheses, strategy, _LIMITS)
            against = hypotheses.evidence[found.chosen].min(initial=0)
            require(against >= 0, f"a hypothesis with the evidence {against} was chosen")


def margins_are_not_negative(assigner: Assigner) -> None:
    """No margin is below 0.

    A margin is what the best whole loses when the hypothesis is forbidden.
    """
    for hypotheses in _worlds():
        for strategy in _CHOOSING:
            margin = assigner.assign(hypotheses, strategy, _LIMITS).margin.min(initial=0)
            require(margin >= 0, f"a margin is {margin}")


def optimal_is_the_best_whole(assigner: Assigner) -> None:
    """`optimal` reaches the highest total evidence where it says that its search was complete.

    Search each connected component to the end, or say `complete=False` of its hypotheses.
    """
    for hypotheses in _worlds():
        found = assigner.assign(hypotheses, Strategy.OPTIMAL, _LIMITS)
        best, total = _best(hypotheses), int(hypotheses.evidence[found.chosen].sum())
        require(bool(np.all(found.complete)), "a dozen hypotheses were too many to search")
        require(total == best, f"optimal reached {total}; the best whole is {best}")


def optimal_is_never_worse_than_greedy(assigner: Assigner) -> None:
    """`optimal` reaches at least what `greedy` does, whatever the budget.

    Start the search from the greedy answer.
    """
    for hypotheses in _worlds():
        greedy = assigner.assign(hypotheses, Strategy.GREEDY, _LIMITS)
        least = int(hypotheses.evidence[greedy.chosen].sum())
        for steps in (1, 10, 1_000_000):
            found = assigner.assign(hypotheses, Strategy.OPTIMAL, Limits(search_steps=steps))
            total = int(hypotheses.evidence[found.chosen].sum())
            require(total >= least, f"optimal reached {total} in {steps} steps, greedy {least}")


@needs("exact-margins")
def margins_are_never_above_the_regret(assigner: Assigner) -> None:
    """With `optimal`, no margin is more than what the best whole loses without the hypothesis.

    Search the component once more without the hypothesis, or give a lower bound. A margin that is
    too high makes a match `auto` that has a rival.
    """
    for hypotheses in _worlds():
        found = assigner.assign(hypotheses, Strategy.OPTIMAL, _LIMITS)
        best = _best(hypotheses)
        for at, margin in zip(found.chosen.tolist(), found.margin.tolist(), strict=True):
            regret = best - _best(hypotheses, without=at)
            require(margin <= regret, f"a margin is {margin}; forbidding it loses {regret}")


def same_hypotheses_get_the_same_answer(assigner: Assigner) -> None:
    """Asked twice, the assigner says the same.

    Keep no state between calls, and never go through a set of texts.
    """
    for hypotheses in _worlds():
        for strategy in _CHOOSING:
            first, second = (assigner.assign(hypotheses, strategy, _LIMITS) for _ in range(2))
            require(_answer(first) == _answer(second), "the second call gave another answer")


def answer_does_not_depend_on_row_numbers(assigner: Assigner) -> None:
    """Where one whole is best, it is chosen whatever the numbers of its rows.

    Decide by evidence first; positions break ties only.
    """
    chance = random.Random(1)
    for claims, invoices, transactions in small_worlds():
        if len({evidence for *_, evidence in claims}) < len(claims):
            continue
        here = hypotheses_of(claims, invoices, transactions)
        if sum(total == _best(here) for total in _totals(here)) != 1:
            continue
        owed, moved = list(range(invoices)), list(range(transactions))
        chance.shuffle(owed)
        chance.shuffle(moved)
        other = [
            (tuple(owed[i] for i in a), tuple(moved[t] for t in b), evidence)
            for a, b, evidence in claims
        ]
        there = hypotheses_of(other, invoices, transactions)
        for strategy in _CHOOSING:
            one, two = (
                sorted(h.evidence[assigner.assign(h, strategy, _LIMITS).chosen].tolist())
                for h in (here, there)
            )
            require(one == two, f"{strategy} chose {one}, and {two} under other row numbers")


def hypotheses_are_left_as_they_were(assigner: Assigner) -> None:
    """Choosing changes nothing in the hypotheses.

    Copy a column before you write to it.
    """
    for hypotheses in _worlds():
        for strategy in _CHOOSING:
            before = fingerprint_of(hypotheses)
            assigner.assign(hypotheses, strategy, _LIMITS)
            require(before == fingerprint_of(hypotheses), "a column was changed")


def choosing_stays_inside(assigner: Assigner) -> None:
    """Choosing uses no clock, no network, no other process and no chance.

    Bound a search by steps (`limits.search_steps`), never by time: else a slow machine gives
    another answer.
    """
    for strategy in _CHOOSING:
        for hypotheses in _worlds()[:5]:
            assigner.assign(hypotheses, strategy, _LIMITS)
            with outside_world_refused():
                assigner.assign(hypotheses, strategy, _LIMITS)


@needs("pickle")
def answer_is_the_same_elsewhere(assigner: Assigner) -> None:
    """The assigner can be sent to another process and gives the same answer there.

    Define the assigner's class at the top of a module, and keep open files and locks out of it.
    """
    hypotheses = max(_worlds(), key=len)
    for strategy in _CHOOSING:
        here = assigner.assign(hypotheses, strategy, _LIMITS)
        there = call_elsewhere(assigner, "assign", hypotheses, strategy, _LIMITS)
        require(_answer(here) == _answer(there), f"{strategy} differs in another process")


CHECKS: tuple[Check, ...] = (
    assigner_says_what_it_is,
    answer_is_well_formed,
    chosen_hypotheses_do_not_overlap,
    nothing_is_chosen_against_the_evidence,
    margins_are_not_negative,
    optimal_is_the_best_whole,
    optimal_is_never_worse_than_greedy,
    margins_are_never_above_the_regret,
    same_hypotheses_get_the_same_answer,
    answer_does_not_depend_on_row_numbers,
    hypotheses_are_left_as_they_were,
    choosing_stays_inside,
    answer_is_the_same_elsewhere,
)
"""All checks of an assigner; they take `assigner`."""


def _worlds() -> list[Hypotheses]:
    return [hypotheses_of(*world) for world in small_worlds()]


def _members(hypotheses: Hypotheses, at: int) -> Sequence[int]:
    start, end = hypotheses.starts[at : at + 2].tolist()
    members: list[int] = hypotheses.members[start:end].tolist()
    return members


def _totals(hypotheses: Hypotheses, without: int = -1) -> Iterator[int]:
    """Give the total evidence of every set of hypotheses that do not overlap."""
    parts = [frozenset(_members(hypotheses, at)) for at in range(len(hypotheses))]
    evidence = hypotheses.evidence.tolist()

    def walk(at: int, used: frozenset[int], total: int) -> Iterator[int]:
        if at == len(parts):
            yield total
            return
        yield from walk(at + 1, used, total)
        if at != without and used.isdisjoint(parts[at]):
            yield from walk(at + 1, used | parts[at], total + evidence[at])

    return walk(0, frozenset(), 0)


def _best(hypotheses: Hypotheses, without: int = -1) -> int:
    return max(_totals(hypotheses, without))


def _answer(found: Assignment) -> list[list[int]]:
    return [getattr(found, field.name).tolist() for field in attrs.fields(Assignment)]
