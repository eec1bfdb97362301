"""Numbers quoted by their last digits, and names with a slip of the pen."""

from __future__ import annotations

import pytest

from recon_sdk import Invoice, PartyRelation, ReferenceGrade
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice, pairs_of
from recon_sdk.engine.local import recognised
from recon_sdk.known import Known


def _invoice(key: str, number: str, vendor: str, name: str) -> Invoice:
    return an_invoice(key, invoice_number=number, vendor_id=vendor, vendor_name=name)


INVOICES = [
    _invoice("A", "INV-2025-04711", "V1", "Nordwind Logistik GmbH"),
    _invoice("B", "INV-2025-04712", "V1", "Nordwind Logistik GmbH"),
    _invoice("C", "RE-99-04711", "V2", "Bergmann Papier AG"),
]


def _facts(name: str, text: str) -> list[tuple[int, int]]:
    payment = a_transaction(counterparty_name=name, description=text)
    ledger = recognised(a_ledger(INVOICES, [payment]), Known())
    pairs = pairs_of(ledger, [(key, payment.id) for key in ("A", "B", "C")])
    return list(zip(pairs.reference_grade.tolist(), pairs.party_relation.tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "grades"),
    [
        ("NORDWIND LOGISTIK", "ZAHLUNG 4711", (ReferenceGrade.TAIL, 0, 0)),
        ("NORDWIND LOGISTIK", "ZAHLUNG 04712", (0, ReferenceGrade.TAIL, 0)),
        ("BERGMANN PAPIER", "ZAHLUNG 4711", (0, 0, ReferenceGrade.TAIL)),
        ("", "ZAHLUNG 4711", (0, 0, 0)),
        ("NORDWIND LOGISTIK", "ZAHLUNG 711", (0, 0, 0)),
        ("NORDWIND LOGISTIK", "ZAHLUNG 54711", (0, 0, 0)),
    ],
)
def test_last_digits_count_with_a_known_party_alone(
    name: str, text: str, grades: tuple[int, int, int]
) -> None:
    assert tuple(grade for grade, _ in _facts(name, text)) == grades


def test_whole_number_is_not_quoted_by_its_tail_too() -> None:
    assert [g for g, _ in _facts("NORDWIND LOGISTIK", "INV 2025 04711")] == [
        ReferenceGrade.EXACT,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("shown", "is_same"),
    [
        ("NORDWND LOGISTIK", True),
        ("NORDWINDD LOGISTIK GMBH", True),
        ("NORDWIND LOGISTIX", True),
        ("NORDWIND LOGITSIK", True),
        ("NORWDIN LOGISTIK", False),
        ("SUDWIND LOGISTIK", False),
    ],
)
def test_one_slip_of_the_pen_is_forgiven(shown: str, is_same: bool) -> None:
    relation = _facts(shown, "")[0][1]
    assert (relation >= PartyRelation.IN_TEXT) is is_same
