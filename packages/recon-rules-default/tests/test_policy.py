"""The policy: one row for each reason, and what holds for all claims."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_rules_default.policy import CarefulPolicy
from recon_rules_default.settings import Settings
from recon_sdk import REASON_BITS, Claims, Reason
from recon_sdk.policy import reasons_of
from recon_sdk.structuring import structure

GOOD: dict[str, Any] = {
    "margin": 4_000,
    "members": 1,
    "by_reference": True,
    "by_party": True,
    "exact": True,
    "usual_difference": False,
    "underpaid": False,
    "overpaid": False,
    "earlier_twin": False,
    "interchangeable": False,
    "same_amount_sibling": False,
    "rival_equal": False,
    "direction_known": True,
    "no_rate": False,
    "complete": True,
}
FACTS = [name for name, value in GOOD.items() if isinstance(value, bool)]


def claims_of(*rows: dict[str, Any], rule_failed: bool = False) -> Claims:
    types: dict[str, type] = {"margin": np.int64, "members": np.int32}
    whole = [{**GOOD, **row} for row in rows]
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in whole], types.get(name, np.bool_)) for name in GOOD
    }
    return Claims(**columns, rule_failed=rule_failed)


def reasons(row: dict[str, Any], given_settings: Settings | None = None, **run: bool) -> set[str]:
    (bits,) = CarefulPolicy(given_settings or Settings()).decide(claims_of(row, **run)).tolist()
    return {str(reason) for reason in reasons_of(bits)}


@pytest.mark.parametrize(
    ("description", "row", "expected"),
    [
        ("all is well", {}, set()),
        ("by reference alone", {"by_party": False}, set()),
        ("by party alone", {"by_reference": False}, set()),
        ("neither", {"by_reference": False, "by_party": False}, {"no_identity"}),
        ("usual difference", {"exact": False, "usual_difference": True}, set()),
        ("odd difference", {"exact": False}, {"unexplained_difference"}),
        ("part paid", {"exact": False, "underpaid": True}, {"partial_payment"}),
        ("too much", {"exact": False, "overpaid": True}, {"overpayment"}),
        ("round surplus", {"exact": False, "overpaid": True, "usual_difference": True}, set()),
        ("earlier twin", {"earlier_twin": True}, {"possible_duplicate"}),
        (
            "stand-in",
            {"interchangeable": True, "members": 3, "margin": 9_000},
            {"interchangeable"},
        ),
        ("no direction", {"direction_known": False}, {"direction_unknown"}),
        ("no rate", {"no_rate": True, "exact": False, "usual_difference": True}, {"no_rate"}),
        ("search gave up", {"complete": False}, {"incomplete_search"}),
        ("equal rival", {"rival_equal": True, "margin": 0}, {"ambiguous"}),
        ("near rival", {"margin": 3_999}, {"below_margin"}),
        ("batch needs more", {"members": 2, "margin": 5_999}, {"below_margin"}),
        ("batch with enough", {"members": 2, "margin": 6_000}, set()),
        (
            "sibling of the same amount and no number",
            {"same_amount_sibling": True, "by_reference": False, "margin": 7_999},
            {"below_margin"},
        ),
        (
            "sibling, no number, enough margin",
            {"same_amount_sibling": True, "by_reference": False, "margin": 8_000},
            set(),
        ),
        ("sibling, but quoted by number", {"same_amount_sibling": True}, set()),
        (
            "several at once",
            {"by_reference": False, "by_party": False, "exact": False, "direction_known": False},
            {"no_identity", "unexplained_difference", "direction_unknown"},
        ),
    ],
)
def test_reasons(description: str, row: dict[str, Any], expected: set[str]) -> None:
    assert reasons(row) == expected, description


def test_failed_rule_blocks_all() -> None:
    rows: list[dict[str, Any]] = [
        {},
        {"margin": 10**9},
        {"by_reference": False},
        {"members": 5, "margin": 10**6},
    ]
    bits = CarefulPolicy(Settings()).decide(claims_of(*rows, rule_failed=True))
    assert all(bit & REASON_BITS[Reason.RULE_FAILED] for bit in bits.tolist())
    assert reasons({}, rule_failed=True) == {"rule_failed"}


def test_every_reason_of_the_policy_is_reached_by_a_row() -> None:
    """`alternative` is the engine's: a policy sees only what was chosen."""
    bad: list[dict[str, Any]] = [
        {name: not value} for name, value in GOOD.items() if name in FACTS
    ]
    bad += [{"by_reference": False, "by_party": False}, {"exact": False, "underpaid": True}]
    bad += [{"exact": False, "overpaid": True}, {"margin": 0}]
    found = set().union(*(reasons(row) for row in bad)) | reasons({}, rule_failed=True)
    assert found == {str(reason) for reason in Reason} - {"alternative"}


@pytest.mark.parametrize(
    ("setting", "row"),
    [
        ("auto_margin", {}),
        ("auto_margin_batch", {"members": 4}),
        ("auto_margin_sibling", {"same_amount_sibling": True, "by_reference": False}),
    ],
)
def test_margins_are_settings(setting: str, row: dict[str, Any]) -> None:
    stricter = structure({setting: 11_000}, Settings)
    assert reasons({**row, "margin": 10_999}, stricter) == {"below_margin"}
    assert reasons({**row, "margin": 11_000}, stricter) == set()


repeatable = settings(deadline=None, derandomize=True)
claims = st.fixed_dictionaries(
    {
        **{name: st.booleans() for name in FACTS},
        "margin": st.integers(0, 12_000),
        "members": st.integers(1, 40),
    }
)


@repeatable
@given(row=claims, more=st.integers(1, 20_000))
def test_more_margin_never_adds_a_reason(row: dict[str, Any], more: int) -> None:
    assert reasons({**row, "margin": row["margin"] + more}) <= reasons(row)


@repeatable
@given(row=claims)
def test_nothing_is_auto_that_lacks_a_condition(row: dict[str, Any]) -> None:
    if not reasons(row):
        assert row["by_reference"] or row["by_party"]
        assert row["exact"] or row["usual_difference"]
        assert row["direction_known"]
        assert row["complete"]
        assert row["margin"] >= 4_000
        for name in ("underpaid", "earlier_twin", "interchangeable", "rival_equal", "no_rate"):
            assert not row[name]


@repeatable
@given(
    row=claims, good=st.sampled_from(["by_reference", "by_party", "direction_known", "complete"])
)
def test_a_better_fact_never_adds_a_reason(row: dict[str, Any], good: str) -> None:
    assert reasons({**row, good: True}) <= reasons({**row, good: False})
