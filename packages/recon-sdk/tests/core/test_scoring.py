from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk import Cost, Evidence, Pairs, Role
from recon_sdk.checks.builders import a_ledger, a_transaction, all_pairs, an_invoice
from recon_sdk.scoring import (
    NO_OPINION,
    ONE,
    RuleFaultError,
    contributions_of,
    group_points,
    points,
    rule_values,
)


@attrs.frozen
class Says:
    """Gives one value for each pair."""

    values: Any
    name: str = "says"
    words: Any = "so it says"
    version: str = "1"
    evidence: Evidence = Evidence.TEXT
    role: Role = Role.SCORE
    weight: float = 1.0
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs: Pairs) -> Any:
        values = self.values(pairs) if callable(self.values) else self.values
        return np.resize(np.array(values, np.float64), len(pairs)) if values is not None else None

    def describe(self, value: float, *_: Any) -> Any:
        if isinstance(self.words, Exception):
            raise self.words
        return self.words if self.words is not None else value


@attrs.frozen
class Rules:
    """What scoring reads of a rule set."""

    rules: tuple[tuple[Says, int], ...]


LEDGER = a_ledger(
    [an_invoice(f"i{n}", f"{n + 1}.00") for n in range(3)],
    [a_transaction(f"t{n}", f"-{n + 1}.00") for n in range(2)],
)


def first(count: int) -> Pairs:
    pairs = all_pairs(LEDGER)
    return Pairs(LEDGER, pairs.invoice_rows[:count], pairs.transaction_rows[:count])


@pytest.mark.parametrize(
    ("value", "millionths"),
    [
        (0.0, 0),
        (-0.0, 0),
        (1.0, ONE),
        (0.5, 500_000),
        (1 / 3, 333_333),
        (0.9999999, ONE),
        (4e-7, 0),
        (6e-7, 1),
        (5e-324, 0),
        (float("nan"), NO_OPINION),
    ],
)
def test_values_become_millionths(value: float, millionths: int) -> None:
    assert rule_values(Says(value), first(1)).tolist() == [millionths]


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        (None, "returned NoneType, not a float64 array"),
        (lambda _: [float("inf")], "returned an infinite value"),
        (lambda _: [1.5], "returned 1.5, which is not from 0 to 1"),
        (lambda _: [-1e-9], "returned -1e-09, which is not from 0 to 1"),
        (lambda _: 1 / 0, "raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_wrong_answer_is_a_fault_that_names_the_rule(given: Any, detail: str) -> None:
    with pytest.raises(RuleFaultError) as caught:
        rule_values(Says(given), first(1))
    assert caught.value.name == "says"
    assert caught.value.detail == detail
    assert str(caught.value) == f"rule 'says' {detail}"


@pytest.mark.parametrize(
    ("values", "weight", "expected"),
    [
        ([0, 1, ONE], 500_000, [0, 1, 500_000]),
        ([0, 1, ONE], -500_000, [0, -1, -500_000]),
        ([NO_OPINION, 499_999], 1, [0, 0]),
        ([500_000], 1, [1]),
        ([500_000], -1, [-1]),
        ([ONE], 10 * ONE, [10 * ONE]),
    ],
)
def test_points_are_weight_times_value(
    values: list[int], weight: int, expected: list[int]
) -> None:
    assert points(np.array(values), weight).tolist() == expected


def test_groups_have_the_mean_of_each_rule() -> None:
    rules = Rules(((Says([0.0, 1.0, 0.5]), ONE), (Says([1.0, float("nan"), 0.25]), -ONE)))
    pairs, starts = first(5), np.array([0, 1, 3, 5])
    summed = group_points(rules, pairs, starts)  # type: ignore[arg-type]
    one = [0, 1, 0.5, 0, 1]
    other = [-1, 0, -0.25, -1, 0]
    means = [
        round(sum(each[a:b]) / (b - a) * ONE)
        for each in (one, other)
        for a, b in ((0, 1), (1, 3), (3, 5))
    ]
    assert summed.tolist() == [means[k] + means[k + 3] for k in range(3)]


def test_no_groups_have_no_score() -> None:
    rules = Rules(((Says(1.0), ONE),))
    assert group_points(rules, first(0), np.array([0])).tolist() == []  # type: ignore[arg-type]


VALUE = st.one_of(st.just(float("nan")), st.floats(0, 1))


@given(
    st.lists(
        st.tuples(st.lists(VALUE, min_size=6, max_size=6), st.integers(-10 * ONE, 10 * ONE)),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 6),
)
def test_the_breakdown_of_a_match_sums_up_to_its_score(
    given: list[tuple[list[float], int]], count: int
) -> None:
    rules: Any = Rules(tuple((Says(v, name=f"rule_{n}"), w) for n, (v, w) in enumerate(given)))
    pairs = first(count)
    broken_down = contributions_of(LEDGER, rules, pairs.invoice_rows, pairs.transaction_rows)
    total = int(group_points(rules, pairs, np.array([0, count]))[0])
    assert sum(c.points for c in broken_down) == total
    for contribution, (values, weight) in zip(broken_down, given, strict=True):
        spoken = [value for value in values[:count] if not math.isnan(value)]
        assert contribution.weight == weight
        assert (contribution.value is None) == (not spoken)
        assert contribution.words == ("so it says" if spoken else "")
        if spoken:
            assert abs(contribution.value / ONE - sum(spoken) / len(spoken)) < 1e-5  # type: ignore[operator]


@pytest.mark.parametrize("words", [None, 7, ValueError("no words")])
def test_a_rule_that_cannot_word_its_evidence_says_nothing(words: Any) -> None:
    rules: Any = Rules(((Says(1.0, words=words), ONE),))
    pairs = first(1)
    (found,) = contributions_of(LEDGER, rules, pairs.invoice_rows, pairs.transaction_rows)
    assert (found.words, found.points) == ("", ONE)
