from __future__ import annotations

from typing import Any

import attrs
import pytest

from recon_sdk import ReferenceGrade
from recon_sdk.checks.builders import a_ledger, a_transaction, all_pairs, an_invoice, pairs_of
from recon_sdk.facts import ReferenceIndex
from recon_sdk.references import find_references

NONE, SWAPPED, CUT, DIGITS, EXACT, CHECKED = (
    ReferenceGrade.NONE, ReferenceGrade.SWAPPED, ReferenceGrade.CUT, ReferenceGrade.DIGITS,
    ReferenceGrade.EXACT, ReferenceGrade.CHECKED,
)  # fmt: skip


def quoted(number: str, text: str) -> tuple[ReferenceGrade, int]:
    """Grade and significant length of one number in one text."""
    ledger = a_ledger([an_invoice(invoice_number=number)], [a_transaction(description=text)])
    pairs = all_pairs(ledger)
    return ReferenceGrade(int(pairs.reference_grade[0])), int(pairs.reference_length[0])


@pytest.mark.parametrize(
    ("number", "text", "grade", "length"),
    [
        # spelt out: separators and case do not matter
        ("RE-2025-0147", "RE-2025-0147", EXACT, 10),
        ("RE-2025-0147", "Rechnung re 2025 0147 danke", EXACT, 10),
        ("RE-2025-0147", "RE20250147", EXACT, 10),
        ("RE 2025/01 47", "(re-2025-01-47)", EXACT, 10),
        ("14", "Levbet Tele2 (14)", EXACT, 2),
        ("0014", "paid 0014.", EXACT, 2),
        ("Ä-12/77", "a 12 77", EXACT, 5),
        ("№ 17-4", "№17-4", EXACT, 5),
        # the digits alone, leading zeros dropped
        ("RE-2025-0147", "20250147", DIGITS, 8),
        ("RE-2025-0147", "2025-0147", DIGITS, 8),
        ("RE-00471234", "471234 thanks", DIGITS, 6),
        ("INV1234", "RG1234", DIGITS, 4),
        ("INV123", "RG123", NONE, 0),
        # digits inside a longer number are no hit
        ("14", "Levbet Tele2 (1814)", NONE, 0),
        ("108003", "1080031", NONE, 0),
        ("108003", "9108003", NONE, 0),
        ("108003", "inv 108003,", EXACT, 6),
        ("INV-1234", "12345", NONE, 0),
        ("INV-1234", "0012340", NONE, 0),
        # cut at the end
        ("RE-2025-0147", "RE-2025-014", CUT, 9),
        ("RE-2025-0147", "RE-2025-01", CUT, 8),
        ("RE-2025-0147", "RE-2025-0", CUT, 7),
        ("RE-2025-0147", "RE-2025-", NONE, 0),
        ("RE-2025-0147", "RE-2025-01 and more", NONE, 0),
        ("RE-2025-0147", "RE-2025-014 and more", CUT, 9),
        ("RE-14", "RE-1", NONE, 0),
        # two neighbours swapped
        ("RE-2025-0147", "RE-2025-0174", SWAPPED, 10),
        ("RE-2025-0147", "ER-2025-0147", DIGITS, 8),
        ("RE-2025-0147", "RE-2025-1047", SWAPPED, 10),
        ("RE-2025-0147", "RE-2025-7140", NONE, 0),
        ("ABCDE", "ABDCE", NONE, 0),
        ("A1", "1A", NONE, 0),
        # what looks like a number and is none
        ("RE-2025-0314", "vom 2025-03-14", NONE, 0),
        ("042025", "Miete 04/2025", NONE, 0),
        ("14032025", "am 14.03.2025", NONE, 0),
        ("123456", "EUR 1.234,56", NONE, 0),
        ("123456", "EUR 1234,56", NONE, 0),
        ("370400440532013000", "DE89 3704 0044 0532 0130 00", NONE, 0),
        ("RF18539007547034", "RF18 5390 0754 7034", EXACT, 16),
        # too short, too long, or nothing
        ("7", "7", NONE, 0),
        ("9" * 35, "9" * 35, EXACT, 35),
        ("9" * 36, "9" * 36, NONE, 0),
        ("---", "---", NONE, 0),
        ("", "RE-2025-0147", NONE, 0),
        ("RE-2025-0147", "", NONE, 0),
    ],
)
def test_a_number_is_quoted_as_a_whole_token_and_graded(
    number: str, text: str, grade: ReferenceGrade, length: int
) -> None:
    assert quoted(number, text) == (grade, length)


@pytest.mark.parametrize("column", ["invoice_number", "payment_reference", "order_number"])
@pytest.mark.parametrize("field", ["description", "reference"])
def test_every_number_of_an_invoice_and_every_text_of_a_payment_counts(
    column: str, field: str
) -> None:
    fields: dict[str, Any] = {column: "RE-2025-0147"}
    texts: dict[str, Any] = {field: "RE 2025 0147"}
    ledger = a_ledger([an_invoice(**fields)], [a_transaction(**texts)])
    assert all_pairs(ledger).reference_grade.tolist() == [EXACT]


def test_the_better_of_two_texts_and_of_two_numbers_counts() -> None:
    ledger = a_ledger(
        [an_invoice(invoice_number="RE-2025-0147", order_number="PO-99881")],
        [
            a_transaction("a", description="20250147", reference="RE-2025-0147"),
            a_transaction("b", description="20250147 PO-99881"),
        ],
    )
    assert all_pairs(ledger).reference_grade.tolist() == [EXACT, EXACT]


# -- how many invoices a quoted token fits --------------------------------------------------------


def sharing(text: str, *numbers: dict[str, Any]) -> list[int]:
    """Sharing of the token by which a payment quotes each invoice, 0 where it quotes none."""
    ledger = a_ledger(
        [an_invoice(f"i{n}", vendor_id=f"v{n}", **fields) for n, fields in enumerate(numbers)],
        [a_transaction("t", description=text)],
    )
    pairs = pairs_of(ledger, [(f"i{n}", "t") for n in range(len(numbers))])
    index = ledger.references
    return [int(index.sharing[at]) if at >= 0 else 0 for at in pairs.reference_at.tolist()]


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        pytest.param("RE-1000", ["RE-1000"], [1], id="one invoice"),
        pytest.param("RE-1000", ["RE-1000", "RE-1000"], [2, 2], id="the same number twice"),
        pytest.param("RE-1000", ["RE-1000", "re 1000"], [2, 2], id="the same, spelt differently"),
        pytest.param("1000", ["RE-1000", "AB-1000"], [2, 2], id="the same digits"),
        pytest.param("RE-1000", ["RE-1000", "AB-1000"], [1, 0], id="spelt out, one is meant"),
        pytest.param("1000", ["1000", "AB-1000"], [1, 2], id="spelt out, and the digits"),
        pytest.param("1000 2000", ["RE-1000", "AB-2000"], [1, 1], id="each has its own token"),
        pytest.param("DQO-067", ["DQO-0671", "DQO-0678"], [2, 2], id="a cut number fits both"),
        pytest.param("DQO-067", ["DQO-0671", "XYZ-9"], [1, 0], id="a cut number fits one"),
    ],
)
def test_sharing_counts_the_invoices_that_a_token_fits(
    text: str, numbers: list[str], expected: list[int]
) -> None:
    assert sharing(text, *({"invoice_number": number} for number in numbers)) == expected


def test_an_invoice_that_carries_a_number_twice_is_one_invoice() -> None:
    twice = {"invoice_number": "RE-1000", "payment_reference": "RE-1000", "order_number": "1000"}
    assert sharing("RE-1000", twice) == [1]
    assert sharing("1000", twice) == [1]


# -- the longest number of a payment --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "strongest"),
    [
        ("RE-2025-0147", 10),
        ("20250147", 8),
        ("RE-2025-014", 0),
        ("20250147 and INV-7", 8),
        ("nothing", 0),
    ],
)
def test_strongest_is_the_longest_number_that_is_spelt_out(text: str, strongest: int) -> None:
    ledger = a_ledger(
        [an_invoice("a", invoice_number="RE-2025-0147"), an_invoice("b", invoice_number="INV-7")],
        [a_transaction(description=text)],
    )
    assert ledger.references.strongest.tolist() == [strongest]


def test_words_are_sorted_and_every_column_is_as_long() -> None:
    ledger = a_ledger(
        [an_invoice(f"i{n}", invoice_number=f"RE-{1000 + n}") for n in range(5)],
        [a_transaction(f"t{n}", description=f"RE-{1003 - n} RE-{1000 + n}") for n in range(4)],
    )
    index = ledger.references
    assert (index.words[1:] > index.words[:-1]).all()
    lengths = {len(getattr(index, f.name)) for f in attrs.fields(ReferenceIndex)} - {4}
    assert lengths == {len(index.words)}


@attrs.frozen
class Wrapped:
    """Numbers between angle brackets, whose first digit checks the rest by being 1."""

    name: str = "wrapped"
    version: str = "1"
    pattern: str = r"<[0-9A-Z]+>"

    def read(self, found: str) -> str:
        return found[2:-1] if found[1] == "1" else ""


def test_a_number_inside_a_checked_reference_has_the_highest_grade() -> None:
    ledger = a_ledger(
        [an_invoice("a", invoice_number="RE-471234"), an_invoice("b", invoice_number="RE-5678")],
        [
            a_transaction("t", description="<1471234>"),
            a_transaction("u", description="<2471234>"),
            a_transaction("v", description="<1RE5678>"),
        ],
    )
    ledger = attrs.evolve(ledger, references=find_references(ledger, (Wrapped(),)))
    assert all_pairs(ledger).reference_grade.tolist() == [CHECKED, NONE, NONE, NONE, NONE, CHECKED]
