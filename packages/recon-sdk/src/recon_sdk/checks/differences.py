"""Checks of difference models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.checks.contract import Check, broken, needs, require
from recon_sdk.checks.elsewhere import call_elsewhere
from recon_sdk.checks.ledgers import fingerprint_of
from recon_sdk.checks.watching import outside_world_refused
from recon_sdk.columns import NO_AMOUNT, NO_DATE
from recon_sdk.differences import Gaps
from recon_sdk.kinds import DIFFERENCE_MODELS
from recon_sdk.offers import fault_of

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray, Int64Array
    from recon_sdk.differences import DifferenceModel

__all__ = ["CHECKS", "sample_gaps", "some_gaps"]

_SLACK = 1e-6
"""How far a sum of probabilities may be above 1: rounding of many small numbers."""


def some_gaps(asked: int | Int64Array, paid: int | Int64Array, **fields: Any) -> Gaps:
    """Build gaps of pairs in euros, due on one day and paid on that day.

    Args:
        asked: What is open; numbers are repeated to the length of the other.
        paid: What is paid.
        **fields: Any other field of `Gaps`, as numbers or arrays.
    """
    sides = np.broadcast_arrays(np.atleast_1d(asked), np.atleast_1d(paid))
    shape = sides[0].shape
    given: dict[str, Any] = {
        "unit": 100,
        "issue_date": 20_500,
        "due_date": 20_530,
        "booking_date": 20_530,
        "discount_percent": -1,
        "discount_until": NO_DATE,
        "withholding_percent": -1,
        "net_amount": NO_AMOUNT,
        "members": 1,
        "converted": False,
        "band": 300,
        **fields,
        "asked": sides[0],
        "paid": sides[1],
    }
    types: dict[str, type[np.generic]] = dict.fromkeys(
        ("asked", "paid", "unit", "net_amount"), np.int64
    )
    types["converted"] = np.bool_
    return Gaps(
        **{
            name: np.broadcast_to(np.asarray(value, types.get(name, np.int32)), shape).copy()
            for name, value in given.items()
        }
    )


def sample_gaps() -> Gaps:
    """Give gaps of every kind: none, tiny, huge, both ways, with and without terms and dates."""
    chance = np.random.default_rng(20260301)
    n = 600
    asked = chance.choice([1, 99, 1_000, 11_900, 123_456, 10**9, 10**15], n)
    gap = chance.choice([0, 1, -1, 250, -250, -1_900, 10**6], n)
    share = chance.choice([0, 0, 0.02, 0.03, 0.15, 0.1597, 0.5], n)
    paid = np.maximum(1, asked - (asked * share).astype(np.int64) + gap)
    return some_gaps(
        asked,
        np.minimum(paid, 10**15),
        unit=chance.choice([1, 100, 1000], n),
        issue_date=chance.choice([NO_DATE, 20_500], n),
        due_date=chance.choice([NO_DATE, 20_500, 20_530], n),
        booking_date=20_500 + chance.integers(-30, 400, n),
        discount_percent=chance.choice([-1, 0, 200, 300, 10_000], n),
        discount_until=chance.choice([NO_DATE, 20_510], n),
        withholding_percent=chance.choice([-1, 0, 1_500, 10_000], n),
        net_amount=np.where(chance.random(n) < 0.5, NO_AMOUNT, np.maximum(asked * 100 // 119, 1)),
        members=chance.choice([1, 2, 40], n),
        converted=chance.random(n) < 0.2,
        band=chance.choice([0, 300], n),
    )


def model_says_what_it_is(model: DifferenceModel) -> None:
    """Name, version, kind and usualness are as the Protocol says.

    Give the model a lower-case snake-case name, a version that is not empty, a `DifferenceKind`
    other than `NONE`, and a bool.
    """
    fault = fault_of(DIFFERENCE_MODELS, model)
    require(not fault, fault)


def every_gap_gets_a_probability(model: DifferenceModel, gaps: Gaps) -> None:
    """Each gap gets one float64 from 0 to 1; also one that is no gap, and a batch of none.

    Return 0 where the model does not explain the gap, never NaN. Mind missing dates and amounts
    (`NO_DATE`, `NO_AMOUNT`) and the overflow of int64 products.
    """
    for batch in (gaps, _taken(gaps, np.zeros(0, np.int64))):
        values = model.explain(batch)
        if not isinstance(values, np.ndarray):
            broken(f"explain gave a {type(values).__name__}, not an array")
        require(values.dtype == np.float64, f"explain gave {values.dtype}, not float64")
        shape = (len(batch),)
        require(values.shape == shape, f"explain gave shape {values.shape}, not {shape}")
        bad = np.flatnonzero(~((values >= 0) & (values <= 1)))
        if len(bad):
            broken(f"explain gave {values[bad[0]]} for {_gap(batch, int(bad[0]))}")


def probabilities_of_one_invoice_sum_to_one_at_most(model: DifferenceModel) -> None:
    """Over all amounts that might be paid of one invoice, the probabilities sum to 1 at most.

    Say how likely exactly this amount is, not how likely an amount like it is: a gap that may be
    any of a hundred amounts gives each of them at most a hundredth.
    """
    for asked, fields in (
        (10_000, {}),
        (11_900, {"discount_percent": 200, "discount_until": 20_540, "net_amount": 10_000}),
        (10_000, {"withholding_percent": 1_500}),
        (10_000, {"converted": True}),
    ):
        total = float(model.explain(some_gaps(asked, np.arange(1, 3 * asked), **fields)).sum())
        require(total <= 1 + _SLACK, f"the probabilities for {asked} asked sum to {total}")


def same_gaps_get_the_same_answer(model: DifferenceModel, gaps: Gaps) -> None:
    """Asked twice, the model says the same.

    Keep no state between calls, and use no randomness.
    """
    _check_same(model.explain(gaps), model.explain(gaps), gaps, "the second call")


def answers_do_not_depend_on_the_batch(model: DifferenceModel, gaps: Gaps) -> None:
    """A gap's probability is the same alone, in a part, and in another order.

    Compute it from the gap's own columns alone.
    """
    whole = model.explain(gaps)
    order = np.random.default_rng(1).permutation(len(gaps))
    parts = [("another order", order), ("every third gap", np.arange(0, len(gaps), 3))]
    parts += [("a batch of one", np.array([at])) for at in range(0, len(gaps), 20)]
    for words, chosen in parts:
        part = _taken(gaps, chosen)
        _check_same(whole[chosen], model.explain(part), part, words)


def gaps_are_left_as_they_were(model: DifferenceModel, gaps: Gaps) -> None:
    """Judging changes nothing in the batch.

    Copy a column before you write to it; all models get the same batch.
    """
    before = fingerprint_of(gaps)
    model.explain(gaps)
    require(before == fingerprint_of(gaps), "a column of the batch was changed")


def judging_stays_inside(model: DifferenceModel, gaps: Gaps) -> None:
    """Judging uses no clock, no network, no other process and no chance.

    Take dates from the gap, and load what the model needs when the plugin is loaded.
    """
    model.explain(gaps)
    with outside_world_refused():
        model.explain(gaps)


@needs("pickle")
def answers_are_the_same_elsewhere(model: DifferenceModel, gaps: Gaps) -> None:
    """The model can be sent to another process and gives the same answers there.

    Define the model's class at the top of a module, and keep open files and locks out of it.
    """
    there = call_elsewhere(model, "explain", gaps)
    _check_same(model.explain(gaps), there, gaps, "another process")


CHECKS: tuple[Check, ...] = (
    model_says_what_it_is,
    every_gap_gets_a_probability,
    probabilities_of_one_invoice_sum_to_one_at_most,
    same_gaps_get_the_same_answer,
    answers_do_not_depend_on_the_batch,
    gaps_are_left_as_they_were,
    judging_stays_inside,
    answers_are_the_same_elsewhere,
)
"""All checks of a difference model; they take `model` and `gaps`."""


def _taken(gaps: Gaps, chosen: Int64Array) -> Gaps:
    return Gaps(**{f.name: getattr(gaps, f.name)[chosen] for f in attrs.fields(Gaps)})


def _gap(gaps: Gaps, at: int) -> str:
    return f"{gaps.asked[at]} asked and {gaps.paid[at]} paid"


def _check_same(first: FloatArray, second: FloatArray, gaps: Gaps, words: str) -> None:
    """Compare closely; a run rounds the logarithm to thousandths."""
    require(first.shape == second.shape, f"{words} gave {len(second)} values, not {len(first)}")
    at = np.flatnonzero(~np.isclose(first, second, rtol=1e-9, atol=0))
    if len(at):
        k = int(at[0])
        broken(f"{_gap(gaps, k)} has {first[k]}, but {second[k]} in {words}")
