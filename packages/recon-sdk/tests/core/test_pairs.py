from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recon_sdk import NO_TEXT, Pairs, PartyRelation, ReferenceGrade
from recon_sdk.checks.builders import a_ledger, a_transaction, all_pairs, an_invoice, pairs_of

INVOICE = an_invoice(
    "i", "100.00", settled=20_00, issue_date="2026-03-01", due_date=None, invoice_number="RE-1001",
    vendor_id="v1", vendor_name="Acme GmbH", vendor_iban="DE89370400440532013000",
    description="chairs", order_number="PO-55501", customer_number="K-9", payment_reference="R-77",
)  # fmt: skip
PAYMENT = a_transaction(
    "t", "-75.00", allocated=-5_00, value_date="2026-04-01", counterparty_name="ACME",
    counterparty_iban="DE89370400440532013000", description="RE-1001", reference="NOTPROVIDED",
)  # fmt: skip
LEDGER = a_ledger([INVOICE], [PAYMENT])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("open_amount", 80_00), ("unallocated_amount", -70_00), ("gap", -10_00),
        ("same_currency", True), ("direction_known", True), ("sign_fits", True),
        ("issue_date", 20513), ("expected_date", 20513), ("booking_date", 20543),
        ("value_date", 20544), ("party", 0), ("party_relation", PartyRelation.ACCOUNT),
        ("same_party", True), ("reference_grade", ReferenceGrade.EXACT), ("reference_length", 6),
        ("other_reference_length", 0),
    ],
)  # fmt: skip
def test_columns_of_a_pair(column: str, value: Any) -> None:
    assert getattr(all_pairs(LEDGER), column).tolist() == [value]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("invoice_number", "RE-1001"), ("vendor_id", "v1"), ("vendor_name", "Acme GmbH"),
        ("vendor_iban", "DE89370400440532013000"), ("invoice_description", "chairs"),
        ("order_number", "PO-55501"), ("customer_number", "K-9"), ("payment_reference", "R-77"),
        ("counterparty_name", "ACME"), ("counterparty_iban", "DE89370400440532013000"),
        ("transaction_description", "RE-1001"), ("transaction_reference", "NOTPROVIDED"),
    ],
)  # fmt: skip
def test_texts_of_a_pair_are_codes_of_shared_texts(column: str, text: str) -> None:
    pairs = all_pairs(LEDGER)
    assert pairs.texts[int(getattr(pairs, column)[0])] == text


def test_equal_texts_have_equal_codes_on_both_sides() -> None:
    pairs = all_pairs(LEDGER)
    assert pairs.vendor_iban.tolist() == pairs.counterparty_iban.tolist()
    assert pairs.invoice_number.tolist() == pairs.transaction_description.tolist()
    bare = all_pairs(a_ledger([an_invoice()], [a_transaction()]))
    assert bare.vendor_name.tolist() == bare.counterparty_name.tolist() == [NO_TEXT]


@pytest.mark.parametrize(
    ("direction", "asked", "paid", "fits"),
    [
        ("payable", "1.00", "-1.00", True),
        ("payable", "1.00", "1.00", False),
        ("payable", "-1.00", "1.00", True),
        ("payable", "-1.00", "-1.00", False),
        ("receivable", "1.00", "1.00", True),
        ("receivable", "1.00", "-1.00", False),
        ("receivable", "-1.00", "-1.00", True),
        (None, "1.00", "1.00", True),
        (None, "1.00", "-1.00", True),
    ],
)
def test_money_must_flow_the_way_that_settles_the_invoice(
    direction: Any, asked: str, paid: str, fits: bool
) -> None:
    ledger = a_ledger(
        [an_invoice(amount=asked, direction=direction)], [a_transaction(amount=paid)]
    )
    assert all_pairs(ledger).sign_fits.tolist() == [fits]


def test_columns_cannot_be_written_to() -> None:
    pairs = all_pairs(LEDGER)
    with pytest.raises(ValueError, match="read-only"):
        pairs.open_amount[0] = 0


def test_some_of_a_batch_are_taken_in_the_order_asked_for() -> None:
    ledger = a_ledger(
        [an_invoice("a", "1.00"), an_invoice("b", "2.00")], [a_transaction("t", "-1.00")]
    )
    pairs = pairs_of(ledger, [("b", "t"), ("a", "t")])
    assert len(pairs) == 2
    assert pairs.open_amount.tolist() == [2_00, 1_00]
    assert pairs.take(np.array([1])).open_amount.tolist() == [1_00]
    assert pairs.take(np.array([True, False])).open_amount.tolist() == [2_00]


def test_an_empty_batch_has_empty_columns() -> None:
    none = np.zeros(0, np.int64)
    pairs = Pairs(LEDGER, none, none)
    for name in ("gap", "party_relation", "reference_grade", "other_reference_length"):
        assert getattr(pairs, name).tolist() == []


def test_a_number_of_another_invoice_is_told_by_its_length() -> None:
    ledger = a_ledger(
        [an_invoice("a", invoice_number="RE-1001"), an_invoice("b", invoice_number="RE-2002")],
        [a_transaction("t", description="RE-1001")],
    )
    assert all_pairs(ledger).other_reference_length.tolist() == [0, 6]
