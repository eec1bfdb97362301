"""Margins against searching once more without each chosen hypothesis."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recon_rules_default import margins as under_test
from recon_rules_default.assigner import ENOUGH, BestWhole
from recon_rules_default.margins import margins
from recon_rules_default.packing import nodes_of, pack_best, pack_greedy
from recon_sdk import Limits, Strategy
from recon_sdk.testing import hypotheses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk import Hypotheses

Claim = tuple[tuple[int, ...], tuple[int, ...], int]
STEPS = 10_000_000
ALL = np.ones(1_000, bool)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - instances, not secrets


def instances(count: int, size: int, rows: int, seed: int) -> Iterator[list[Claim]]:
    chance = seeded(seed)
    for k in range(count):
        found: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        top = (4, 3_000, 30_000)[k % 3]
        for _ in range(size):
            owed, moved = [chance.randrange(rows)], [chance.randrange(rows)]
            if chance.random() < 0.3:
                several = chance.sample(range(rows), min(chance.randint(2, 4), rows))
                owed, moved = (several, moved) if chance.random() < 0.6 else (owed, several)
            found[tuple(sorted(owed)), tuple(sorted(moved))] = chance.randint(-top // 8, top)
        yield [(owed, moved, evidence) for (owed, moved), evidence in found.items()]


def best_total(hypotheses: Hypotheses, without: int = -1) -> int:
    claims = []
    for k, group in enumerate(nodes_of(hypotheses, np.arange(len(hypotheses)))):
        if k != without:
            owed = tuple(n for n in group if n < hypotheses.invoices)
            moved = tuple(n - hypotheses.invoices for n in group if n >= hypotheses.invoices)
            claims.append((owed, moved, int(hypotheses.evidence[k])))
    part = hypotheses_of(claims, hypotheses.invoices, hypotheses.transactions)
    found = pack_best(part, STEPS)
    assert np.all(found.complete)
    return int(part.evidence[found.chosen].sum())


@pytest.mark.parametrize(
    ("count", "size", "rows"), [(1_000, 10, 5), (40, 45, 12), (5, 90, 25), (1, 120, 45)]
)
def test_margin_is_the_true_regret(
    monkeypatch: pytest.MonkeyPatch, count: int, size: int, rows: int
) -> None:
    """Packing itself is checked against an oracle; here it solves without each chosen one."""
    for claims in instances(count, size, rows, seed=size):
        hypotheses = hypotheses_of(claims, rows, rows)
        chosen = pack_best(hypotheses, STEPS).chosen
        best = int(hypotheses.evidence[chosen].sum())
        regrets = [
            best - best_total(hypotheses, without=h) for h in np.flatnonzero(chosen).tolist()
        ]
        with monkeypatch.context() as endless:
            endless.setattr(under_test, "_STEPS", STEPS)
            endless.setattr(under_test, "_STEPS_OF_MANY", STEPS)
            found, proven = margins(hypotheses, chosen, ALL[: len(hypotheses)], ENOUGH)
        for margin, regret, sure in zip(found.tolist(), regrets, proven.tolist(), strict=True):
            assert margin == regret or ENOUGH <= margin <= regret
            assert regret > 0 or not sure
        found, _ = margins(hypotheses, chosen, ALL[: len(hypotheses)], ENOUGH)
        assert np.all(found >= 0)
        assert np.all(found <= regrets)


def test_margin_of_a_greedy_choice_is_never_above_the_regret() -> None:
    for claims in instances(400, 14, 5, seed=1):
        hypotheses = hypotheses_of(claims, 5, 5)
        chosen = pack_greedy(hypotheses).chosen
        found, proven = margins(hypotheses, chosen, ~ALL[: len(hypotheses)], ENOUGH)
        best = best_total(hypotheses)
        for h, margin, sure in zip(
            np.flatnonzero(chosen).tolist(), found.tolist(), proven.tolist(), strict=True
        ):
            regret = best - best_total(hypotheses, without=h)
            assert 0 <= margin <= regret
            assert regret > 0 or not sure


def chain(size: int) -> Hypotheses:
    """Each invoice has its payment, and its neighbour's for 100 less; the last payment is free."""
    claims: list[Claim] = [((k,), (k,), 10_000) for k in range(size)]
    claims += [((k,), (k + 1,), 9_900) for k in range(size)]
    return hypotheses_of(claims, size, size + 1)


@pytest.mark.parametrize("size", [4, 13, 40])
def test_margin_sees_more_than_one_exchange(size: int) -> None:
    """Without its payment an invoice takes the next one, whose invoice takes the one after it."""
    hypotheses = chain(size)
    chosen = pack_best(hypotheses, STEPS).chosen
    assert int(hypotheses.evidence[chosen].sum()) == 10_000 * size
    found, _ = margins(hypotheses, chosen, ALL[: len(hypotheses)], ENOUGH)
    assert found.tolist() == [100 * (size - k) for k in range(size)]


def test_equal_answers_have_no_margin() -> None:
    twins: list[Claim] = [((i,), (t,), 9_000) for i in range(30) for t in range(30)]
    hypotheses = hypotheses_of(twins, 30, 30)
    chosen = pack_best(hypotheses, STEPS).chosen
    found, proven = margins(hypotheses, chosen, ALL[:900], ENOUGH)
    assert len(found) == 30
    assert not np.any(found)
    assert not np.any(proven)


def test_match_without_a_rival_has_its_whole_evidence_as_margin() -> None:
    hypotheses = hypotheses_of([((0,), (0,), 7_000), ((1, 2), (1,), 8_000)], 3, 2)
    found, proven = margins(hypotheses, ALL[:2], ALL[:2], ENOUGH)
    assert found.tolist() == [7_000, 8_000]
    assert proven.all()


def test_margin_counts_what_only_this_match_keeps_out() -> None:
    """The batch waits for the pair alone: the other member's own match is outweighed anyway."""
    hypotheses = hypotheses_of(
        [((0,), (0,), 9_000), ((0, 1), (1,), 8_500), ((1,), (2,), 100)], 2, 3
    )
    packing = pack_best(hypotheses, STEPS)
    found, _ = margins(hypotheses, packing.chosen, packing.complete, ENOUGH)
    assert packing.chosen.tolist() == [False, True, True]
    assert found.tolist() == [600, 100]


def test_search_at_its_budget_leaves_a_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = 0
    ledgers = [chain(8), *(hypotheses_of(c, 12, 12) for c in instances(12, 45, 12, seed=5))]
    for hypotheses in ledgers:
        packing = pack_best(hypotheses, STEPS)
        monkeypatch.setattr(under_test, "_STEPS", STEPS)
        monkeypatch.setattr(under_test, "_STEPS_OF_MANY", STEPS)
        true, _ = margins(hypotheses, packing.chosen, packing.complete, ENOUGH)
        monkeypatch.setattr(under_test, "_STEPS", 0)
        monkeypatch.setattr(under_test, "_STEPS_OF_MANY", 0)
        found, _ = margins(hypotheses, packing.chosen, packing.complete, ENOUGH)
        assert np.all(found >= 0)
        assert np.all(found <= true)
        cut += int(np.sum(found < true))
    assert cut > 0


def test_unfinished_search_is_complete_only_for_what_is_proven() -> None:
    """A pair that nothing outweighs stands, however the rest of its component was searched."""
    chance = seeded(3)
    claims: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    for _ in range(260):
        several = tuple(sorted(chance.sample(range(1, 26), chance.randint(2, 4))))
        claims[several, (chance.randrange(1, 26),)] = 10_000 + chance.randrange(9_000)
    claims[(0, 1), (1,)] = 500
    claims[(0,), (0,)] = 9_999
    hypotheses = hypotheses_of([(a, b, e) for (a, b), e in claims.items()], 26, 26)
    found = BestWhole().assign(hypotheses, Strategy.OPTIMAL, Limits(search_steps=1))
    sure = dict(zip(found.chosen.tolist(), found.complete.tolist(), strict=True))
    pair = nodes_of(hypotheses, np.arange(len(hypotheses))).index((0, 26))
    assert sure[pair]
    assert not all(sure.values())
    assert np.all(found.margin >= 0)


def test_rank_chooses_nothing() -> None:
    found = BestWhole().assign(chain(3), Strategy.RANK, Limits())
    assert len(found.chosen) == len(found.margin) == len(found.complete) == 0


def test_nothing_to_choose_from() -> None:
    nothing = hypotheses_of([], 0, 0)
    against = hypotheses_of([((0,), (0,), -5), ((0,), (1,), 0)], 1, 2)
    for hypotheses in (nothing, against):
        for strategy in Strategy:
            assert len(BestWhole().assign(hypotheses, strategy, Limits()).chosen) == 0
