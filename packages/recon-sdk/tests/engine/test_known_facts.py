from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from recon_sdk import Decision, Known, MatchStatus, Money
from recon_sdk.checks.builders import a_ledger, a_transaction, an_allocation, an_invoice
from recon_sdk.engine.known_facts import after_decisions, forbidden_sets
from recon_sdk.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import Allocation, Result

LEDGER = a_ledger(
    [
        an_invoice("i1", "100.00"),
        an_invoice("i2", "-30.00"),
        an_invoice("i3", "50.00", settled=20_00),
        an_invoice("i4", "100.00", currency="USD"),
    ],
    [a_transaction("t1", "-100.00"), a_transaction("t2", "30.00"), a_transaction("t3", "-70.00")],
)


def confirmed(*allocations: Allocation) -> Decision:
    return Decision(status=MatchStatus.CONFIRMED, allocations=allocations)


def rejected(*allocations: Allocation) -> Decision:
    return Decision(status=MatchStatus.REJECTED, allocations=allocations)


@pytest.mark.parametrize(
    ("decisions", "opened", "free"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([confirmed(an_allocation("i1", "t1", "100.00"))], [0], [0], id="all of it"),
        pytest.param(
            [confirmed(an_allocation("i1", "t1", "40.00"))], [60_00], [-60_00], id="a part"
        ),
        pytest.param(
            [confirmed(an_allocation("i1", "t1", "40.00")),
             confirmed(an_allocation("i1", "t3", "60.00"))],
            [0], [-60_00, 30_00, -10_00], id="two parts of two payments",
        ),
        pytest.param(
            [confirmed(an_allocation("i2", "t2", "-30.00"))], [100_00, 0], [-100_00, 0],
            id="a credit note",
        ),
        pytest.param(
            [confirmed(an_allocation("i1", "t3", "100.00"), an_allocation("i2", "t3", "-30.00"))],
            [0, 0], [-100_00, 30_00, 0], id="a batch with a credit note",
        ),
        pytest.param(
            [confirmed(an_allocation("i1", "t1", "100.00", "-98.00"))], [0], [-2_00], id="a fee"
        ),
        pytest.param(
            [confirmed(an_allocation("i4", "t1", Money(100_00, "USD"), "-92.00"))],
            [100_00, -30_00, 30_00, 0], [-8_00], id="another currency",
        ),
        pytest.param(
            [confirmed(an_allocation("gone", "t1", "100.00"))], [], [0], id="an invoice elsewhere"
        ),
        pytest.param(
            [confirmed(an_allocation("i1", "gone", "100.00"))], [0], [], id="a payment elsewhere"
        ),
        pytest.param(
            [confirmed(an_allocation("i1", "t1", "60.00"))] * 2, [40_00], [-40_00],
            id="told twice",
        ),
        pytest.param([rejected(an_allocation("i1", "t1", "100.00"))], [], [], id="rejected"),
    ],
)  # fmt: skip
def test_confirmed_allocations_are_taken_off_what_is_open(
    decisions: list[Decision], opened: list[int], free: list[int]
) -> None:
    ledger = after_decisions(LEDGER, Known(decisions=decisions))
    all_open, all_free = [100_00, -30_00, 30_00, 100_00], [-100_00, 30_00, -70_00]
    assert ledger.invoices.open_amount.tolist() == opened + all_open[len(opened) :]
    assert ledger.transactions.unallocated_amount.tolist() == free + all_free[len(free) :]
    assert LEDGER.invoices.open_amount.tolist() == all_open, "the ledger that was given stays"


@pytest.mark.parametrize(
    ("allocations", "words"),
    [
        ([an_allocation("i1", "t1", "100.01", "-100.00")], "more than is open of invoice 'i1'"),
        ([an_allocation("i1", "t1", "-1.00", "-1.00")], "more than is open of invoice 'i1'"),
        ([an_allocation("i2", "t2", "30.00", "30.00")], "more than is open of invoice 'i2'"),
        ([an_allocation("i3", "t1", "30.01")], "more than is open of invoice 'i3'"),
        ([an_allocation("i1", "t1", "1.00", "-100.01")], "more than was paid by transaction 't1'"),
        ([an_allocation("i1", "t2", "1.00", "-1.00")], "more than was paid by transaction 't2'"),
        ([an_allocation("i4", "t1", "1.00")], "takes 1.00 EUR off 'i4', which is in USD"),
        (
            [an_allocation("i1", "t1", "1.00", Money(-1_00, "USD"))],
            "takes -1.00 USD off 't1', which is in EUR",
        ),
    ],
)
def test_decisions_that_the_rows_cannot_bear_are_refused(
    allocations: list[Allocation], words: str
) -> None:
    with pytest.raises(DataError) as caught:
        after_decisions(LEDGER, Known(decisions=[confirmed(*allocations)]))
    assert words in str(caught.value)


def test_what_one_decision_used_up_another_cannot_use() -> None:
    decisions = [
        confirmed(an_allocation("i1", "t1", "100.00")),
        confirmed(an_allocation("i1", "t3", "1.00")),
    ]
    with pytest.raises(DataError, match="more than is open of invoice 'i1'"):
        after_decisions(LEDGER, Known(decisions=decisions))


def test_rejected_sets_are_sets_of_rows_that_the_ledger_holds() -> None:
    decisions = [
        rejected(an_allocation("i1", "t1"), an_allocation("i2", "t1", "-30.00")),
        rejected(an_allocation("i2", "t2", "-30.00")),
        rejected(an_allocation("gone", "t1")),
        confirmed(an_allocation("i1", "t1")),
    ]
    assert forbidden_sets(LEDGER, Known(decisions=decisions)) == {
        frozenset({(0, 0), (1, 0)}), frozenset({(1, 1)}),
    }  # fmt: skip


ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}


def test_a_rejected_batch_leaves_its_pairs_free(run: Callable[..., Result]) -> None:
    invoices = [
        an_invoice("i1", "70.00", invoice_number="RE-1001", **ACME),
        an_invoice("i2", "30.00", invoice_number="RE-1002", **ACME),
    ]
    payments = [
        a_transaction("t1", "-100.00", description="RE-1001 RE-1002"),
        a_transaction("t2", "-70.00", description="RE-1001", booking_date="2026-04-05"),
    ]
    (batch,) = (m for m in run(invoices, payments).matches if len(m.allocations) == 2)
    again = run(invoices, payments, decisions=[rejected(*batch.allocations)])
    proposed = [*again.matches, *again.alternatives]
    assert all(len(match.allocations) == 1 for match in proposed)
    assert ("i1",) in {match.invoice_ids for match in proposed}


def test_a_rejected_pair_is_still_a_candidate_and_its_rows_find_others(
    run: Callable[..., Result],
) -> None:
    invoices = [an_invoice(f"i{n}", "70.00", invoice_number=f"RE-100{n}", **ACME) for n in (1, 2)]
    payments = [a_transaction("t1", "-70.00", description="RE-1001", counterparty_name="Acme")]
    (match,) = run(invoices, payments).matches
    assert match.invoice_ids == ("i1",)
    again = run(invoices, payments, decisions=[rejected(*match.allocations)])
    assert ("i1",) not in {m.invoice_ids for m in (*again.matches, *again.alternatives)}
    assert ("i1", "t1") in {(c.invoice_id, c.transaction_id) for c in again.candidates}


def test_what_is_confirmed_is_not_matched_again(run: Callable[..., Result]) -> None:
    invoices = [an_invoice("i1", "70.00", invoice_number="RE-1001", **ACME)]
    payments = [a_transaction("t1", "-70.00", description="RE-1001")]
    (match,) = run(invoices, payments).matches
    again = run(invoices, payments, decisions=[confirmed(*match.allocations)])
    assert not again.matches
    assert not again.unmatched_invoices
    assert not again.unmatched_transactions
    assert again.summary.invoices == again.summary.transactions == 0
