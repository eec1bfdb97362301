from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_sdk import DecisionKind, DifferenceKind, Money, Reason
from recon_sdk.checks.builders import a_transaction, an_invoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import Result

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}
BETA: dict[str, Any] = {"vendor_id": "v2", "vendor_name": "Brightwater Ltd"}


@pytest.fixture
def result(run: Callable[..., Result]) -> Result:
    """A pair, a fee, a batch with a credit note, a repeated payment, and rows of no match."""
    return run(
        [
            an_invoice("a", "100.00", invoice_number="RE-1001", **ACME),
            an_invoice("b", "250.00", invoice_number="RE-1002", **ACME),
            an_invoice("c", "700.00", invoice_number="RE-2001", **BETA),
            an_invoice("d", "-120.00", invoice_number="RE-2002", **BETA),
            an_invoice("e", "7777", currency="JPY", direction=None),
            an_invoice("f", "55.00", settled=55_00),
            an_invoice("g", "66.00", void=True),
        ],
        [
            a_transaction("1", "-100.00", description="RE-1001", counterparty_name="Acme"),
            a_transaction("2", "-248.00", description="RE-1002", counterparty_name="Acme"),
            a_transaction("3", "-580.00", description="RE-2001 RE-2002"),
            a_transaction(
                "4", "-100.00", description="RE-1001", counterparty_name="Acme",
                booking_date="2026-04-02",
            ),
            a_transaction("5", "-9.99"),
            a_transaction("6", "-9.98", allocated=-9_98),
            a_transaction("7", "-9.97", ignored=True),
        ],
        {"threshold": 0, "limits": {"runners_up": 2}},
    )  # fmt: skip


def keys(match: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return match.invoice_ids, match.transaction_ids


def test_matches_stand_in_the_order_of_their_first_rows(result: Result) -> None:
    assert [keys(match) for match in result.matches] == [
        (("a",), ("1",)), (("b",), ("2",)), (("c", "d"), ("3",)),
    ]  # fmt: skip


def test_lists_are_read_only_sequences_that_slice_and_count_from_the_end(result: Result) -> None:
    matches = result.matches
    every = list(matches)
    assert len(matches) == len(every) == 3
    assert [matches[-1], matches[2]] == [every[2], every[2]]
    assert list(matches[1:]) == every[1:]
    assert list(matches[::-2]) == every[::-2]
    assert list(matches[5:]) == []
    assert every[1] in matches
    assert matches.index(every[2]) == 2
    for at in (3, -4):
        with pytest.raises(IndexError):
            matches[at]
    assert list(reversed(matches)) == every[::-1]


def test_a_match_carries_its_difference_and_breakdown(result: Result) -> None:
    match = result.matches[1]
    assert match.difference is not None
    assert match.difference.kind is DifferenceKind.BANK_FEE
    assert (match.difference.amount, match.difference.invoice_id) == (Money(-2_00, "EUR"), "b")
    assert [c.rule for c in match.contributions] == ["same_amount"]
    assert match.score == sum(c.points for c in match.contributions) == 0
    assert match.margin == match.evidence > 0
    assert result.matches[0].difference is None


def test_candidates_are_ranked_in_each_invoice(result: Result) -> None:
    ranks: dict[str, list[int]] = {}
    for candidate in result.candidates:
        ranks.setdefault(candidate.invoice_id, []).append(candidate.rank)
        assert candidate.score == sum(c.points for c in candidate.contributions)
    assert ranks
    assert all(found == list(range(1, len(found) + 1)) for found in ranks.values())
    best = next(c for c in result.candidates if c.invoice_id == "a")
    assert best.transaction_id == "1"


def test_unmatched_rows_are_those_with_something_left(result: Result) -> None:
    assert [invoice.id for invoice in result.unmatched_invoices] == ["e"]
    assert [row.transaction.id for row in result.unmatched_transactions] == ["4", "5"]


def test_a_repeated_payment_names_the_first_one(result: Result) -> None:
    repeated, other = result.unmatched_transactions
    assert (repeated.reason, repeated.duplicate_of) == (Reason.POSSIBLE_DUPLICATE, "1")
    assert (other.reason, other.duplicate_of) == (None, "")


def test_the_summary_counts_rows_matches_and_money(result: Result) -> None:
    summary = result.summary
    assert summary is result.summary
    shown = attrs.asdict(summary)
    assert {name: shown[name] for name in shown if isinstance(shown[name], int)} == {
        "invoices": 5,
        "transactions": 5,
        "candidates": len(result.candidates),
        "matches": 3,
        "auto": sum(match.decision is DecisionKind.AUTO for match in result.matches),
        "review": sum(match.decision is DecisionKind.REVIEW for match in result.matches),
        "alternatives": len(result.alternatives),
        "links": 4,
        "unmatched_invoices": 1,
        "unmatched_transactions": 2,
        "possible_duplicates": 1,
        "direction_unknown": 1,
        "problems": 0,
    }
    assert summary.by_kind == {"one_to_one": 2, "many_to_one": 1}
    assert summary.by_difference == {"bank_fee": 1}
    assert summary.open_amount == {"EUR": 1170_00, "JPY": 7777}
    assert summary.matched_amount == {"EUR": 1170_00}
    assert sum(summary.by_reason.values()) == sum(len(m.reasons) for m in result.matches)


def test_a_context_holds_the_rows_of_its_match(result: Result) -> None:
    context = result.context(result.matches[2], "de")
    assert [invoice.id for invoice in context.invoices] == ["c", "d"]
    assert [transaction.id for transaction in context.transactions] == ["3"]
    assert (context.match, context.language) == (result.matches[2], "de")


def test_the_same_match_is_explained_in_the_same_words(result: Result) -> None:
    texts = [result.explain(match) for match in result.matches]
    assert texts == [result.explain(match) for match in list(result.matches)]
    assert texts[2].startswith(
        "The payment of 580.00 EUR on 2026-03-31 settles 2 invoices of together 580.00 EUR"
    )


def test_alternatives_name_the_match_that_they_would_replace(run: Callable[..., Result]) -> None:
    invoices = [an_invoice(f"i{n}", "100.00", invoice_number=f"RE-10{n}0", **ACME) for n in (1, 2)]
    result = run(
        invoices,
        [a_transaction("t", "-100.00", counterparty_name="Acme")],
        policy=AlwaysAmbiguous(),
    )
    (match,), (other,) = result.matches, result.alternatives
    assert {keys(match)[0], keys(other)[0]} == {("i1",), ("i2",)}
    assert other.alternative_of == match.id
    assert other.reasons == (Reason.ALTERNATIVE,)
    assert other.decision is DecisionKind.REVIEW
    assert match.alternative_of is None
    assert result.summary.alternatives == 1
    assert result.summary.by_reason == {"ambiguous": 1}


@attrs.frozen
class AlwaysAmbiguous:
    name: str = "always_ambiguous"
    version: str = "1"

    def decide(self, claims: Any) -> Any:
        from recon_sdk import REASON_BITS

        return np.full(len(claims), REASON_BITS[Reason.AMBIGUOUS])


def test_an_empty_result_has_empty_lists(run: Callable[..., Result]) -> None:
    result = run([], [])
    for each in (
        result.matches, result.alternatives, result.candidates, result.unmatched_invoices,
        result.unmatched_transactions,
    ):  # fmt: skip
        assert list(each) == []
        assert not each
    assert result.summary.open_amount == result.summary.matched_amount == {}


def test_problems_are_counted(run: Callable[..., Result]) -> None:
    result = run([{"id": "i", "amount": "1.005", "due_date": "2026-03-01"}], [])
    assert result.summary.problems == len(result.problems) == 1
