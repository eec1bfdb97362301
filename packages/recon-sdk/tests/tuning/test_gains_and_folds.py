from __future__ import annotations

import attrs
import numpy as np
import pytest

from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.local import recognised
from recon_sdk.known import Known
from recon_sdk.tunable import JudgedBy, Tunable, tunable, tunables_of
from recon_sdk.tuning.folds import labels_of, make_folds
from recon_sdk.tuning.gains import Gain, gain_of_folds, gain_of_groups, most_errors


def test_a_gain_is_worth_something_if_it_is_certain_and_large() -> None:
    assert Gain(0.01, 0.005).is_worth()
    assert not Gain(0.01, 0.01).is_worth()
    assert not Gain(0.01, 0.006).is_worth(2)
    assert not Gain(0.0009, 0.0).is_worth()
    assert str(Gain(0.012, 0.003)) == "+1.20 points (standard error 0.30)"


def test_rows_of_one_group_count_as_one_witness() -> None:
    differences = np.array([1_000_000] * 10 + [0] * 10)
    apart = gain_of_groups(differences, np.arange(20))
    together = gain_of_groups(differences, np.repeat([0, 1], 10))
    assert apart.mean == together.mean == 0.5
    assert together.error == pytest.approx(apart.error * 10**0.5)
    assert gain_of_groups(np.zeros(0, np.int64), np.zeros(0, np.int64)) == Gain(0, 0)


def test_one_lucky_fold_proves_nothing() -> None:
    assert not gain_of_folds([0.1, 0, 0, 0, 0]).is_worth()
    assert gain_of_folds([0.1, 0.1, 0.1, 0.1, 0]).is_worth()


def test_no_error_among_few_is_no_promise() -> None:
    assert most_errors(0) == pytest.approx(3.0, abs=0.05)
    assert most_errors(1) == pytest.approx(4.74, abs=0.05)
    assert most_errors(10) == pytest.approx(16.96, abs=0.05)


def test_parties_that_one_payment_settles_stay_together() -> None:
    ledger = a_ledger(
        [an_invoice(f"i{n}", f"{n + 1}00.00", vendor_name=f"Party {n}") for n in range(6)],
        [a_transaction(f"t{n}", f"-{n + 1}00.00") for n in range(6)],
    )
    ledger = recognised(ledger, Known())
    links = [("i0", "t0"), ("i1", "t0"), ("i2", "t2"), ("i3", "t3"), ("i9", "t0")]
    labels = labels_of(ledger, links)
    assert (len(labels), labels.unknown) == (4, 1)
    folds = make_folds(ledger, labels, 3, seed=1)
    assert folds.units == 3
    assert folds.unit[0] == folds.unit[1]
    assert folds.fold[0] == folds.fold[1]
    assert len({*folds.fold[[0, 2, 3]].tolist()}) == 3
    assert make_folds(ledger, labels, 3, seed=1).fold.tolist() == folds.fold.tolist()


def test_settings_that_may_be_tuned_are_known_by_their_metadata() -> None:
    @attrs.frozen
    class Settings:
        plain: int = 1
        tuned: int = attrs.field(default=2, metadata=tunable(3, 1, judged_by=JudgedBy.AUTO))

    assert tunables_of(Settings) == {"tuned": Tunable((1, 3), JudgedBy.AUTO)}
