"""Every check of a blocker or difference model catches one that breaks just that promise."""


# ruff: noqa: ARG001 - stand-ins break rules on purpose

from __future__ import annotations

import time
from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk.blocking import Keys
from recon_sdk.checks import blockers, differences
from recon_sdk.checks.contract import BrokenContractError
from recon_sdk.hashing import hash_texts, mix
from recon_sdk.matches import DifferenceKind
from recon_sdk.testing import (
    BlockerContract,
    DifferenceModelContract,
    sample_gaps,
    sample_ledger,
)

# -- blockers -------------------------------------------------------------------------------------


def by_amount(amounts, currency, ledger):
    rows = np.flatnonzero(amounts != 0)
    names = hash_texts(list(ledger.currencies))
    return Keys(rows, mix(np.abs(amounts[rows]), names[currency[rows]].view(np.int64)))


@attrs.frozen(kw_only=True)
class Blocker:
    """A blocker made of one function for both sides."""

    how: Any = by_amount
    name: str = "amount"
    days_before: int = 10
    days_after: int = 90

    def invoice_keys(self, ledger):
        return self.how(ledger.invoices.open_amount, ledger.invoices.currency, ledger)

    def transaction_keys(self, ledger):
        columns = ledger.transactions
        return self.how(columns.unallocated_amount, columns.currency, ledger)


class TestBlocker(BlockerContract):
    @pytest.fixture
    def blocker(self):
        return Blocker()


def a_pair_of_arrays(amounts, currency, ledger):
    keys = by_amount(amounts, currency, ledger)
    return keys.rows, keys.keys


def signed_keys(amounts, currency, ledger):
    keys = by_amount(amounts, currency, ledger)
    return Keys(keys.rows, keys.keys.view(np.int64))


def short_rows(amounts, currency, ledger):
    keys = by_amount(amounts, currency, ledger)
    return Keys(keys.rows.astype(np.int32), keys.keys)


def fewer_keys(amounts, currency, ledger):
    keys = by_amount(amounts, currency, ledger)
    return Keys(keys.rows, keys.keys[1:])


def rows_outside(amounts, currency, ledger):
    keys = by_amount(amounts, currency, ledger)
    return Keys(keys.rows + 1, keys.keys)


def some_of_nothing(amounts, currency, ledger):
    if len(amounts) == 0:
        return Keys(np.zeros(1, np.int64), np.zeros(1, np.uint64))
    return by_amount(amounts, currency, ledger)


def random_keys(amounts, currency, ledger):
    rows = np.arange(len(amounts))
    return Keys(rows, np.random.default_rng().integers(0, 9, len(rows)).astype(np.uint64))


def by_position(amounts, currency, ledger):
    rows = np.arange(len(amounts))
    return Keys(rows, mix(rows))


def by_rank(amounts, currency, ledger):
    rows = np.arange(len(amounts))
    return Keys(rows, mix(np.argsort(np.argsort(amounts))))


def by_currency_code(amounts, currency, ledger):
    rows = np.arange(len(amounts))
    return Keys(rows, mix(amounts, currency.astype(np.int64)))


def writes_amounts(amounts, currency, ledger):
    amounts[:] = np.abs(amounts)
    return by_amount(amounts, currency, ledger)


def writes_texts(amounts, currency, ledger):
    if ledger.texts.values:
        ledger.texts.values[0] = "x" + ledger.texts.values[0]
    return by_amount(amounts, currency, ledger)


def by_clock(amounts, currency, ledger):
    return by_amount(amounts + int(time.monotonic() * 0), currency, ledger)


def by_hash(amounts, currency, ledger):
    rows = np.arange(len(amounts))
    names = np.array([hash(ledger.currencies[code]) for code in currency.tolist()], np.int64)
    return Keys(rows, mix(names))


BROKEN_BLOCKERS = {
    "blocker_says_what_it_is": [Blocker(name="By Amount"), Blocker(days_after=-1), object()],
    "keys_are_well_formed": [
        Blocker(how=how)
        for how in (
            a_pair_of_arrays,
            signed_keys,
            short_rows,
            fewer_keys,
            rows_outside,
            some_of_nothing,
        )
    ],
    "same_ledger_gets_the_same_keys": [Blocker(how=random_keys)],
    "keys_do_not_depend_on_other_rows": [Blocker(how=by_position), Blocker(how=by_rank)],
    "keys_do_not_depend_on_codes": [Blocker(how=by_currency_code)],
    "ledger_is_left_as_it_was": [Blocker(how=writes_amounts), Blocker(how=writes_texts)],
    "blocking_stays_inside": [Blocker(how=by_clock)],
    "keys_are_the_same_elsewhere": [
        Blocker(how=by_hash),
        Blocker(how=lambda *given: by_amount(*given)),  # cannot be pickled
    ],
}

# -- difference models ----------------------------------------------------------------------------


def a_cent(gaps):
    return np.where(np.abs(gaps.paid - gaps.asked) == 1, 0.01, 0.0)


@attrs.frozen(kw_only=True)
class Model:
    """A difference model made of one function."""

    how: Any = a_cent
    name: str = "a_cent"
    version: str = "1"
    kind: Any = DifferenceKind.ROUNDING
    is_usual: bool = True

    def explain(self, gaps):
        return self.how(gaps)


class TestModel(DifferenceModelContract):
    @pytest.fixture
    def model(self):
        return Model()


def no_number(gaps):
    return np.where(gaps.paid == gaps.asked, np.nan, a_cent(gaps))


def whole_numbers(gaps):
    return (a_cent(gaps) > 0).astype(np.int64)


def above_one(gaps):
    return a_cent(gaps) * 200


def scalar(gaps):
    return 0.5


def first_only(gaps):
    return a_cent(gaps)[:1]


def likely_all(gaps):
    return np.where(gaps.paid < gaps.asked, 0.5, 0.0)


def share_of_batch(gaps):
    return a_cent(gaps) / max(1, len(gaps))


def random_model(gaps):
    return np.random.default_rng().random(len(gaps)) / 1e6


def writes_gaps(gaps):
    np.minimum(gaps.paid, gaps.asked, out=gaps.paid)
    return a_cent(gaps)


def timed(gaps):
    return a_cent(gaps) * (time.time_ns() > 0)


BROKEN_MODELS = {
    "model_says_what_it_is": [
        Model(kind=DifferenceKind.NONE),
        Model(kind="rounding of cents"),
        Model(version=" "),
        Model(is_usual=1),
    ],
    "every_gap_gets_a_probability": [
        Model(how=how) for how in (no_number, whole_numbers, above_one, scalar, first_only)
    ],
    "probabilities_of_one_invoice_sum_to_one_at_most": [Model(how=likely_all)],
    "same_gaps_get_the_same_answer": [Model(how=random_model)],
    "answers_do_not_depend_on_the_batch": [Model(how=share_of_batch)],
    "gaps_are_left_as_they_were": [Model(how=writes_gaps)],
    "judging_stays_inside": [Model(how=timed)],
    "answers_are_the_same_elsewhere": [Model(how=lambda gaps: a_cent(gaps))],
}

SUITES = (
    (blockers.CHECKS, BROKEN_BLOCKERS, "blocker"),
    (differences.CHECKS, BROKEN_MODELS, "model"),
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
    given = {what: thing, "ledger": sample_ledger(), "gaps": sample_gaps()}
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    with pytest.raises(BrokenContractError):
        check(**{key: given[key] for key in wanted})
