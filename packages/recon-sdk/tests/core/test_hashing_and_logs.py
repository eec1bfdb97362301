from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.hashing import hash_texts, mix, powers
from recon_sdk.logs import ilog, log_probability, millinats


def test_hashes_of_texts_are_the_same_everywhere() -> None:
    found = hash_texts(["", "a", "Acme GmbH", "Żółć"]).tolist()
    assert found == [
        5095610196844313600, 3819528459261881584, 6128431007426089407, 6370279099505883696,
    ]  # fmt: skip


@given(st.lists(st.text(), max_size=20))
def test_a_text_has_one_hash_wherever_it_stands(texts: list[str]) -> None:
    together = hash_texts(texts).tolist()
    assert together == [hash_texts([text]).tolist()[0] for text in texts]
    assert len(set(together)) == len(set(texts))


def test_no_texts_have_no_hashes() -> None:
    assert hash_texts([]).tolist() == []


def test_mixing_depends_on_every_part_and_its_place() -> None:
    rows = np.array([1, 2, 3])
    keys = {
        tuple(mix(rows, 1).tolist()),
        tuple(mix(rows, 2).tolist()),
        tuple(mix(rows).tolist()),
        tuple(mix(mix(rows), rows).tolist()),
        tuple(mix(rows, mix(rows)).tolist()),
    }
    assert len(keys) == 5
    assert mix(rows, rows[::-1].copy()).tolist() != mix(rows[::-1].copy(), rows).tolist()
    assert mix(np.array([-1])).dtype == np.uint64


def test_ten_thousand_numbers_have_ten_thousand_keys_that_spread() -> None:
    keys = mix(np.arange(10_000))
    assert len(set(keys.tolist())) == 10_000
    assert abs(np.count_nonzero(keys >> np.uint64(63)) - 5_000) < 300


def test_powers_are_inverse_to_one_another() -> None:
    up, down = powers(100)
    with np.errstate(over="ignore"):
        assert set((up * down).tolist()) == {1}


# -- logarithms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "millis"),
    [(-5, 0), (0, 0), (1, 0), (2, 693), (3, 1099), (10, 2303), (10**15, 34539)],
)
def test_logarithms_of_small_and_large_numbers(value: int, millis: int) -> None:
    assert abs(int(ilog(np.array([value]))[0]) - millis) <= 1


@given(st.lists(st.integers(1, 2**63 - 1), min_size=1))
def test_a_logarithm_is_within_a_millinat(values: list[int]) -> None:
    found = ilog(np.array(values, np.int64)).tolist()
    for value, millis in zip(values, found, strict=True):
        assert abs(millis - math.log(value) * 1000) < 1


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2))
def test_a_larger_number_never_has_a_smaller_logarithm(values: list[int]) -> None:
    found = ilog(np.array(sorted(values), np.int64))
    assert not np.any(np.diff(found) < 0)


def test_small_logarithms_never_fall() -> None:
    assert not np.any(np.diff(ilog(np.arange(200_000))) < 0)


@pytest.mark.parametrize(
    ("probability", "millis"),
    [(1.0, 0), (0.5, -693), (0.001, -6908), (1e-9, -20723), (0.0, -20723)],
)
def test_logarithms_of_probabilities(probability: float, millis: int) -> None:
    assert abs(int(log_probability(np.array([probability]))[0]) - millis) <= 1


def test_logarithms_of_constants() -> None:
    assert (millinats(1), millinats(math.e), millinats(0.5)) == (0, 1000, -693)
