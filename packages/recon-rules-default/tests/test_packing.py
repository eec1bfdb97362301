"""Set packing against trying everything, on thousands of small random instances."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recon_rules_default import packing, searching
from recon_rules_default.packing import labels, nodes_of, pack_best, pack_greedy
from recon_rules_default.searching import Relaxed, branch_and_bound, branch_on_groups
from recon_sdk.testing import hypotheses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recon_sdk import Hypotheses

Claim = tuple[tuple[int, ...], tuple[int, ...], int]
STEPS = 1_000_000


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - instances, not secrets


def claims_at_random(
    chance: random.Random, size: int, rows: int, top: int, groups: float = 0.4
) -> list[Claim]:
    """Pairs, batches and instalments over `rows` invoices and payments, each set of rows once."""
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    for _ in range(size):
        owed, moved = [chance.randrange(rows)], [chance.randrange(rows)]
        if chance.random() < groups:
            several = chance.sample(range(rows), chance.randint(2, min(4, rows)))
            owed, moved = (several, moved) if chance.random() < 0.6 else (owed, several)
        found[tuple(sorted(owed)), tuple(sorted(moved))] = chance.randint(-top // 8, top)
    return [(owed, moved, evidence) for (owed, moved), evidence in found.items()]


def small_instances(count: int) -> Iterator[tuple[list[Claim], int]]:
    """Every third instance is full of ties."""
    chance = seeded(20260301)
    for k in range(count):
        rows = chance.randint(2, 7)
        yield claims_at_random(chance, chance.randint(1, 14), rows, (3, 50, 30_000)[k % 3]), rows


def masks_of(nodes: Sequence[Sequence[int]]) -> list[int]:
    return [sum(1 << n for n in group) for group in nodes]


def best_of_all(nodes: Sequence[Sequence[int]], weights: Sequence[int]) -> int:
    """The oracle: every set of hypotheses that do not overlap."""
    masks = masks_of(nodes)

    def walk(at: int, used: int) -> int:
        if at == len(masks):
            return 0
        best = walk(at + 1, used)
        if not used & masks[at]:
            best = max(best, weights[at] + walk(at + 1, used | masks[at]))
        return best

    return walk(0, 0)


def total(hypotheses: Hypotheses, chosen: np.ndarray) -> int:
    return int(hypotheses.evidence[chosen].sum())


def all_nodes(hypotheses: Hypotheses) -> list[tuple[int, ...]]:
    return nodes_of(hypotheses, np.arange(len(hypotheses)))


def overlaps(nodes: Sequence[Sequence[int]], chosen: Sequence[int]) -> bool:
    used = [n for k in chosen for n in nodes[k]]
    return len(set(used)) < len(used)


def test_best_packing_is_the_best_of_all() -> None:
    for claims, rows in small_instances(3_000):
        hypotheses = hypotheses_of(claims, rows, rows)
        nodes = all_nodes(hypotheses)
        found = pack_best(hypotheses, STEPS)
        assert not overlaps(nodes, np.flatnonzero(found.chosen).tolist())
        assert np.all(found.complete)
        assert total(hypotheses, found.chosen) == best_of_all(nodes, hypotheses.evidence.tolist())


def test_branching_on_groups_gives_the_best_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "_SMALL", 0)
    for claims, rows in small_instances(1_500):
        hypotheses = hypotheses_of(claims, rows, rows)
        found = pack_best(hypotheses, STEPS)
        assert np.all(found.complete)
        expected = best_of_all(all_nodes(hypotheses), hypotheses.evidence.tolist())
        assert total(hypotheses, found.chosen) == expected


def test_both_searches_give_the_best_of_all_without_peeling() -> None:
    for claims, rows in small_instances(1_500):
        hypotheses = hypotheses_of([c for c in claims if c[2] > 0], rows, rows)
        if not len(hypotheses):
            continue
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        best = best_of_all(nodes, weights)
        relaxed = Relaxed(nodes, weights, rows)
        for picked, done in (
            branch_and_bound(nodes, weights, STEPS),
            branch_on_groups(relaxed, relaxed.filled(()), STEPS),
            branch_on_groups(relaxed, [], STEPS),
        ):
            assert done
            assert picked == sorted(set(picked))
            assert not overlaps(nodes, picked)
            assert sum(weights[k] for k in picked) == best


def test_search_without_one_hypothesis_gives_the_best_of_the_others() -> None:
    for claims, rows in small_instances(300):
        hypotheses = hypotheses_of([c for c in claims if c[2] > 0], rows, rows)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        for out in range(len(nodes)):
            others = [k for k in range(len(nodes)) if k != out]
            best = best_of_all([nodes[k] for k in others], [weights[k] for k in others])
            relaxed = Relaxed(nodes, weights, rows)
            begun = relaxed.filled((), out)
            picked, done = branch_on_groups(relaxed, begun, STEPS, outside=frozenset([out]))
            assert done
            assert out not in begun
            assert out not in picked
            assert sum(weights[k] for k in picked) == best


def test_search_with_some_fixed_gives_the_best_that_has_them() -> None:
    for claims, rows in small_instances(300):
        hypotheses = hypotheses_of([c for c in claims if c[2] > 0], rows, rows)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        for fixed in range(len(nodes)):
            others = [k for k in range(len(nodes)) if set(nodes[k]).isdisjoint(nodes[fixed])]
            best = weights[fixed] + best_of_all(
                [nodes[k] for k in others], [weights[k] for k in others]
            )
            relaxed = Relaxed(nodes, weights, rows)
            begun = relaxed.filled([fixed])
            inside = frozenset([fixed])
            for enough in (None, best):
                picked, done = branch_on_groups(
                    relaxed, begun, STEPS, inside=inside, enough=enough
                )
                assert done
                assert sum(weights[k] for k in picked) == best


def test_search_above_a_weight_finds_the_best_or_nothing_more() -> None:
    for claims, rows in small_instances(300):
        hypotheses = hypotheses_of([c for c in claims if c[2] > 0], rows, rows)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        best = best_of_all(nodes, weights)
        for above in (best - 1, best, best + 1):
            picked, done = branch_on_groups(
                Relaxed(nodes, weights, rows), [], STEPS, above=max(0, above)
            )
            assert done
            assert sum(weights[k] for k in picked) == (best if best > max(0, above) else 0)


def test_greedy_start_is_the_greedy_choice() -> None:
    for claims, rows in small_instances(300):
        hypotheses = hypotheses_of([c for c in claims if c[2] > 0], rows, rows)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        if nodes:
            begun = Relaxed(nodes, weights, rows).filled(())
            assert sorted(begun) == np.flatnonzero(pack_greedy(hypotheses).chosen).tolist()


def test_search_begins_with_no_less_than_the_greedy_choice() -> None:
    for seed in range(5):
        hypotheses = hard_instance(seed)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        relaxed = Relaxed(nodes, weights, hypotheses.invoices)
        begun = relaxed.begun()
        assert not overlaps(nodes, begun)
        assert sum(weights[k] for k in begun) >= sum(weights[k] for k in relaxed.filled(()))


def test_several_payments_for_several_invoices_count_once() -> None:
    """No engine makes such a hypothesis, but `Hypotheses` can hold it."""
    nodes, weights = [(0, 1, 2, 3), (0, 2), (1, 3)], [100, 70, 60]
    relaxed = Relaxed(nodes, weights, 2)
    picked, done = branch_on_groups(relaxed, relaxed.filled(()), STEPS)
    assert (picked, done) == ([1, 2], True)


def test_many_ties_together_never_outweigh_a_unit_of_evidence() -> None:
    """A thousand pairs by which to lose ties, against one unit that a group brings."""
    size = 1_000
    nodes = [(k, size + k) for k in range(size)]
    nodes += [(k, size + k + 1) for k in range(size - 1)]
    weights = [1_000] * size + [1_000] * (size - 2) + [2_001]
    table = Relaxed(nodes, weights, size)
    picked, done = branch_on_groups(table, table.filled(()), STEPS)
    assert done
    assert sum(weights[k] for k in picked) == (size - 1) * 1_000 + 1_001
    assert table.value(picked) > table.value(list(range(size)))


def test_peeling_takes_only_what_is_in_some_best_whole() -> None:
    for claims, rows in small_instances(1_500):
        hypotheses = hypotheses_of(claims, rows, rows)
        alive = hypotheses.evidence > 0
        chosen = np.zeros(len(hypotheses), bool)
        packing._rounds(hypotheses, alive, chosen, exact=True)
        assert not np.any(alive & chosen)
        nodes, weights = all_nodes(hypotheses), hypotheses.evidence.tolist()
        left = np.flatnonzero(alive).tolist()
        peeled = total(hypotheses, chosen)
        rest = best_of_all([nodes[k] for k in left], [weights[k] for k in left])
        assert peeled + rest == best_of_all(nodes, weights)


def test_greedy_is_a_plain_greedy_loop() -> None:
    for claims, rows in small_instances(2_000):
        hypotheses = hypotheses_of(claims, rows, rows)
        nodes, evidence = all_nodes(hypotheses), hypotheses.evidence.tolist()
        used: set[int] = set()
        expected = []
        for k in sorted(range(len(nodes)), key=lambda k: (-evidence[k], k)):
            if evidence[k] > 0 and used.isdisjoint(nodes[k]):
                used.update(nodes[k])
                expected.append(k)
        found = pack_greedy(hypotheses)
        assert np.flatnonzero(found.chosen).tolist() == sorted(expected)
        assert np.all(found.complete)


def chosen_claims(hypotheses: Hypotheses, chosen: np.ndarray) -> set[tuple[int, ...]]:
    return {nodes_of(hypotheses, np.array([k]))[0] for k in np.flatnonzero(chosen)}


@pytest.mark.parametrize("few", [16, 0], ids=["plain", "assignment"])
def test_ties_do_not_depend_on_order_of_arrival_or_unrelated_rows(
    monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(packing, "_SMALL", few)
    chance = seeded(7)
    for claims, rows in small_instances(400):
        here = hypotheses_of(claims, rows, rows)
        alone = chosen_claims(here, pack_best(here, STEPS).chosen)
        shuffled = list(claims)
        chance.shuffle(shuffled)
        again = hypotheses_of(shuffled, rows, rows)
        assert chosen_claims(again, pack_best(again, STEPS).chosen) == alone
        # Other rows before, behind and among the own ones, which keep their order.
        unrelated = claims_at_random(chance, 8, 3, 3)
        spread = sorted(chance.sample(range(rows + 3), rows))
        others = [k for k in range(rows + 3) if k not in spread]
        both = [
            (tuple(spread[i] for i in a), tuple(spread[t] for t in b), e) for a, b, e in claims
        ]
        both += [
            (tuple(others[i] for i in a), tuple(others[t] for t in b), e) for a, b, e in unrelated
        ]
        there = hypotheses_of(both, rows + 3, rows + 3)
        found = chosen_claims(there, pack_best(there, STEPS).chosen)
        back = {place: n for n, place in enumerate(spread)}
        own = {
            tuple(back[n] if n < rows + 3 else rows + back[n - rows - 3] for n in group)
            for group in found
            if group[0] in back
        }
        assert own == alone


def hard_instance(seed: int) -> Hypotheses:
    """One large component of overlapping batches, in which little can be peeled."""
    chance = seeded(seed)
    return hypotheses_of(
        [
            (a, b, 10_000 + abs(e) % 300 + 9_000 * (len(a) + len(b) - 2))
            for a, b, e in claims_at_random(chance, 60, 14, 30_000, groups=0.6)
        ],
        14,
        14,
    )


@pytest.mark.parametrize("few", [16, 10_000], ids=["assignment", "plain"])
def test_search_that_ends_at_its_budget_says_so(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(packing, "_SMALL", few)
    for seed in range(3):
        hypotheses = hard_instance(seed)
        found = pack_best(hypotheses, 1)
        assert not np.all(found.complete)
        nodes = all_nodes(hypotheses)
        assert not overlaps(nodes, np.flatnonzero(found.chosen).tolist())
        greedy = pack_greedy(hypotheses)
        assert total(hypotheses, found.chosen) >= total(hypotheses, greedy.chosen)


def test_more_steps_never_give_less_and_enough_steps_are_complete() -> None:
    for seed in range(3):
        hypotheses = hard_instance(seed)
        found = [pack_best(hypotheses, steps) for steps in (1, 500, 5_000, 50_000, 3_000_000)]
        totals = [total(hypotheses, one.chosen) for one in found]
        assert totals == sorted(totals)
        assert np.all(found[-1].complete)
        for one, reached in zip(found, totals, strict=True):
            assert reached == totals[-1] or not np.all(one.complete)


def test_component_whose_table_would_not_fit_in_memory_is_incomplete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "_MOST_CELLS", 10)
    hypotheses = hard_instance(0)
    found = pack_best(hypotheses, STEPS)
    assert not np.all(found.complete)
    greedy = pack_greedy(hypotheses)
    assert total(hypotheses, found.chosen) >= total(hypotheses, greedy.chosen)


def test_components_are_those_of_a_plain_search() -> None:
    for claims, rows in small_instances(1_000):
        hypotheses = hypotheses_of(claims, rows, rows)
        alive = hypotheses.evidence > 0
        label = labels(hypotheses, alive)
        expected = list(range(2 * rows))
        groups = [g for g, is_alive in zip(all_nodes(hypotheses), alive, strict=True) if is_alive]
        for _ in range(2 * rows):
            for group in groups:
                lowest = min(expected[n] for n in group)
                for n in group:
                    expected[n] = lowest
        assert label.tolist() == expected


def test_long_chain_is_one_component() -> None:
    size = 2_000
    order = list(range(size))
    seeded(1).shuffle(order)
    claims: list[Claim] = [((order[k],), (order[k],), 5) for k in range(size)]
    claims += [((order[k],), (order[k + 1],), 5) for k in range(size - 1)]
    hypotheses = hypotheses_of(claims, size, size)
    assert not np.any(labels(hypotheses, hypotheses.evidence > 0))


def test_members_are_given_for_any_selection() -> None:
    hypotheses = hypotheses_of([((k,), (k, k + 1), 5) for k in range(200)], 200, 201)
    every = all_nodes(hypotheses)
    assert nodes_of(hypotheses, np.array([], np.int64)) == []
    for some in ([0, 199], [5], [3, 4, 5], list(range(0, 200, 7))):
        assert nodes_of(hypotheses, np.array(some)) == [every[k] for k in some]
