"""Structured references: read only where their check digits are right."""

from __future__ import annotations

import re

import pytest

from recon_rules_default.recognisers import (
    BelgianReference,
    CreditorReference,
    OcrReference,
    SwissReference,
)
from recon_sdk import Reconciler

CASES = [
    ("creditor reference", CreditorReference(), "REF RF18 5390 0754 7034 DANKE", "539007547034"),
    ("creditor reference, wrong digits", CreditorReference(), "RF19539007547034", ""),
    ("creditor reference with letters", CreditorReference(), "RF712348231", "2348231"),
    ("no creditor reference inside a word", CreditorReference(), "XRF18539007547034", None),
    ("Belgian, dressed", BelgianReference(), "+++010/8068/17183+++", "0108068171"),
    ("Belgian, plain", BelgianReference(), "MEDEDELING 010806817183", "0108068171"),
    ("Belgian, wrong digits", BelgianReference(), "010806817184", ""),
    ("Belgian, inside a longer number", BelgianReference(), "1010806817183", None),
    (
        "Swiss",
        SwissReference(),
        "QRR 21 00000 00003 13947 14300 09017",
        "21000000000313947143000901",
    ),
    ("Swiss, padded", SwissReference(), "000000000000000000000123457", "12345"),
    ("Swiss, wrong digit", SwissReference(), "000000000000000000000123458", ""),
    ("OCR", OcrReference(), "OCR 799273987120", "7992739871"),
    ("OCR, wrong check digit", OcrReference(), "799273987121", ""),
    ("OCR, no digit for the length", OcrReference(), "4111111111111111", ""),
]


@pytest.mark.parametrize(
    ("recogniser", "text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_reference_is_read(recogniser: object, text: str, expected: str | None) -> None:
    found = re.search(recogniser.pattern, text)  # type: ignore[attr-defined]
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert recogniser.read(found.group()) == expected  # type: ignore[attr-defined]


INVOICE = {
    "id": "I",
    "amount": "480.00",
    "currency": "EUR",
    "issue_date": "2026-02-01",
    "due_date": "2026-03-03",
    "direction": "receivable",
}
PAYMENT = {"id": "T", "amount": "480.00", "currency": "EUR", "booking_date": "2026-03-02"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"invoice_number": "539007547034"}, "RF18 5390 0754 7034"),
        ({"payment_reference": "+++010/8068/17183+++"}, "010806817183"),
        ({"invoice_number": "7992739871"}, "799273987120"),
        ({"invoice_number": "12345"}, "00 00000 00000 00000 00001 23457"),
    ],
)
def test_number_inside_a_structured_reference_is_identity(
    fields: dict[str, str], text: str
) -> None:
    result = Reconciler().run([INVOICE | fields], [PAYMENT | {"description": text}])
    (match,) = result.matches
    assert match.decision.value == "auto", result.explain(match)


def test_wrong_check_digit_quotes_nothing() -> None:
    invoice = INVOICE | {"invoice_number": "7992739871"}
    payment = PAYMENT | {"description": "799273987121"}
    (match,) = Reconciler().run([invoice], [payment]).matches
    assert [reason.value for reason in match.reasons] == ["no_identity"]


class Hoarse:
    name = "hoarse"
    version = "1"
    pattern = "[0-9]{5,}"

    def read(self, found: str) -> str:
        raise RuntimeError(found)


def test_failing_recogniser_is_set_aside_and_nothing_is_automatic() -> None:
    invoice = INVOICE | {"invoice_number": "RE-2026-0042"}
    payment = PAYMENT | {"description": "RE-2026-0042 12345"}
    result = Reconciler(plugins=[Hoarse()]).run([invoice], [payment])
    assert [(f.plugin, f.name) for f in result.summary.failures] == [("local", "hoarse")]
    (match,) = result.matches
    assert "rule_failed" in [reason.value for reason in match.reasons]
