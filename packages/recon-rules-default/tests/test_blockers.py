"""Blockers: which rows share a key, and which do not."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from recon_rules_default import blocking
from recon_rules_default.blocking import AmountBlocker, PartyBlocker, ReferenceBlocker
from recon_sdk import Money
from recon_sdk.testing import a_ledger, a_transaction, an_invoice

if TYPE_CHECKING:
    from recon_sdk import Blocker, Keys, Ledger

IBAN = "DE89370400440532013000"


@attrs.frozen
class Row:
    """An invoice, a transaction, and whether they become candidates."""

    description: str
    shared: bool
    invoice: dict[str, Any]
    transaction: dict[str, Any]


def cases(*rows: Row) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.description for row in rows])


def keys_of(keys: Keys, row: int = 0) -> set[int]:
    return {
        key for at, key in zip(keys.rows.tolist(), keys.keys.tolist(), strict=True) if at == row
    }


def share(blocker: Blocker, ledger: Ledger) -> bool:
    found = blocker.invoice_keys(ledger), blocker.transaction_keys(ledger)
    return bool(keys_of(found[0]) & keys_of(found[1]))


def check(blocker: Blocker, row: Row) -> None:
    ledger = a_ledger([an_invoice(**row.invoice)], [a_transaction(**row.transaction)])
    assert share(blocker, ledger) is row.shared


@cases(
    Row("same amount", True, {}, {}),
    Row("a cent less", False, {}, {"amount": "-99.99"}),
    Row("other currency", False, {}, {"currency": "USD"}),
    Row("refund", False, {}, {"amount": "100.00"}),
    Row("receivable", True, {"direction": "receivable"}, {"amount": "100.00"}),
    Row("receivable and money out", False, {"direction": "receivable"}, {}),
    Row("credit note", True, {"amount": "-100.00"}, {"amount": "100.00"}),
    Row("credit note and money out", False, {"amount": "-100.00"}, {}),
    Row(
        "credit note to a customer", True, {"amount": "-100.00", "direction": "receivable"}, {}
    ),
    Row("direction not known, money out", True, {"direction": None}, {}),
    Row("direction not known, money in", True, {"direction": None}, {"amount": "100.00"}),
    Row("direction not known, other amount", False, {"direction": None}, {"amount": "90.00"}),
    Row("what is left", True, {"settled": 4_000}, {"amount": "-80.00", "allocated": -2_000}),
    Row("what was", False, {"settled": 4_000}, {}),
    Row("nothing left of the invoice", False, {"settled": 10_000}, {"amount": "0.00"}),
    Row("nothing left of the payment", False, {}, {"allocated": -10_000}),
    Row(
        "same number, other decimals", False, {"amount": "1000", "currency": "JPY"},
        {"amount": "-10.00"},
    ),
    Row(
        "no decimals", True, {"amount": "1000", "currency": "JPY"},
        {"amount": "-1000", "currency": "JPY"},
    ),
)  # fmt: skip
def test_amount_blocker(row: Row) -> None:
    check(AmountBlocker(), row)


ACME = {"vendor_id": "v1", "vendor_name": "Acme Tools GmbH", "vendor_iban": IBAN}
BY_NAME = {"counterparty_name": "Acme Tools"}


@cases(
    Row("same party and amount", True, ACME, BY_NAME),
    Row("by account", True, ACME, {"counterparty_iban": IBAN}),
    Row("in the text", True, ACME, {"description": "Acme Tools GmbH"}),
    Row("nobody named", False, ACME, {}),
    Row("somebody unknown", False, ACME, {"counterparty_name": "Boltwerk"}),
    Row("invoice of nobody", False, {}, BY_NAME),
    Row("a tenth less", True, ACME, {**BY_NAME, "amount": "-90.00"}),
    Row("a tenth more", True, ACME, {**BY_NAME, "amount": "-110.00"}),
    Row("half", False, ACME, {**BY_NAME, "amount": "-50.00"}),
    Row("double", False, ACME, {**BY_NAME, "amount": "-200.00"}),
    Row("refund", False, ACME, {**BY_NAME, "amount": "100.00"}),
    Row("credit note", True, {**ACME, "amount": "-100.00"}, {**BY_NAME, "amount": "100.00"}),
    Row("credit note and money out", False, {**ACME, "amount": "-100.00"}, BY_NAME),
    Row("direction not known", True, {**ACME, "direction": None}, {**BY_NAME, "amount": "100.00"}),
    Row("other currency", True, ACME, {**BY_NAME, "currency": "USD"}),
    Row("nothing left of the payment", False, ACME, {**BY_NAME, "allocated": -10_000}),
    Row("nothing left of the invoice", False, {**ACME, "settled": 10_000}, BY_NAME),
)
def test_party_blocker(row: Row) -> None:
    check(PartyBlocker(), row)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - amounts, not secrets


def test_amounts_of_a_party_that_are_near_always_share_a_key() -> None:
    """Up to 15 % more than the smaller one; never where one is a third more."""
    chance = seeded(20260301)
    amounts = [
        round(math.exp(chance.uniform(math.log(100), math.log(10**13)))) for _ in range(600)
    ]
    near = [chance.choice([100, 115, 115, chance.randint(100, 115)]) for _ in amounts]
    far = [chance.randint(134, 400) for _ in amounts]
    invoices = [an_invoice(f"i{k:04d}", Money(a, "EUR"), **ACME) for k, a in enumerate(amounts)]
    payments = []
    for k, amount in enumerate(amounts):
        for words, share_of in (("far", far[k]), ("near", near[k])):
            paid = amount * share_of // 100
            owed = Money(-paid, "EUR")
            payments.append(a_transaction(f"{words}{k:04d}", owed, **BY_NAME))
    ledger = a_ledger(invoices, payments)
    keys = PartyBlocker().invoice_keys(ledger), PartyBlocker().transaction_keys(ledger)
    by_invoice: dict[int, set[int]] = {}
    for row, key in zip(keys[0].rows.tolist(), keys[0].keys.tolist(), strict=True):
        by_invoice.setdefault(row, set()).add(key)
    of_payment = dict(zip(keys[1].rows.tolist(), keys[1].keys.tolist(), strict=True))
    assert all(len(found) == 3 for found in by_invoice.values())
    for k, amount in enumerate(amounts):
        mine = by_invoice[ledger.invoice_row(f"i{k:04d}")]
        assert of_payment[ledger.transaction_row(f"near{k:04d}")] in mine, (amount, near[k])
        assert of_payment[ledger.transaction_row(f"far{k:04d}")] not in mine, (amount, far[k])


def test_payment_that_names_two_parties_has_keys_of_both() -> None:
    ledger = a_ledger(
        [an_invoice("a", **ACME), an_invoice("b", vendor_id="v2", vendor_name="Acme Tools Ltd")],
        [a_transaction("t", **BY_NAME)],
    )
    blocker = PartyBlocker()
    keys = blocker.invoice_keys(ledger), blocker.transaction_keys(ledger)
    for row in (0, 1):
        assert len(keys_of(keys[0], row) & keys_of(keys[1])) == 1
    assert not keys_of(keys[0], 0) & keys_of(keys[0], 1)


NUMBERS = {
    "invoice_number": "RE-2026-1001",
    "order_number": "PO-778899",
    "payment_reference": "RF712348231",
}


@cases(
    Row("its number", True, NUMBERS, {"description": "RE-2026-1001"}),
    Row("its number, respelt", True, NUMBERS, {"description": "re 2026/1001"}),
    Row("the digits of its number", True, NUMBERS, {"description": "20261001"}),
    Row("its number, cut", True, NUMBERS, {"description": "RE-2026-10"}),
    Row("its order", True, NUMBERS, {"description": "order PO-778899"}),
    Row("its structured reference", True, NUMBERS, {"reference": "RF712348231"}),
    Row("nothing", False, NUMBERS, {"description": "thanks"}),
    Row("another number", False, NUMBERS, {"description": "RE-2026-2002"}),
    Row("inside a longer number", False, NUMBERS, {"description": "RE-2026-10015"}),
    Row("no number", False, {}, {"description": "RE-2026-1001"}),
    Row("any amount", True, NUMBERS, {"description": "RE-2026-1001", "amount": "-7.00"}),
    Row("any currency", True, NUMBERS, {"description": "RE-2026-1001", "currency": "USD"}),
    Row("refund", False, NUMBERS, {"description": "RE-2026-1001", "amount": "100.00"}),
    Row(
        "credit note", True, {**NUMBERS, "amount": "-100.00"},
        {"description": "RE-2026-1001", "amount": "100.00"},
    ),
    Row(
        "direction not known", True, {**NUMBERS, "direction": None},
        {"description": "RE-2026-1001", "amount": "100.00"},
    ),
    Row(
        "nothing left of the payment", False, NUMBERS,
        {"description": "RE-2026-1001", "allocated": -10_000},
    ),
    Row(
        "nothing left of the invoice", False, {**NUMBERS, "settled": 10_000},
        {"description": "RE-2026-1001"},
    ),
)  # fmt: skip
def test_reference_blocker(row: Row) -> None:
    check(ReferenceBlocker(), row)


def test_number_of_two_invoices_makes_both_candidates() -> None:
    ledger = a_ledger(
        [an_invoice(key, invoice_number="RE-2026-1001", vendor_id=key) for key in ("a", "b")],
        [a_transaction("t", description="RE-2026-1001")],
    )
    keys = ReferenceBlocker().invoice_keys(ledger), ReferenceBlocker().transaction_keys(ledger)
    assert keys_of(keys[0], 0) == keys_of(keys[0], 1) == keys_of(keys[1])


@pytest.mark.parametrize(
    "blocker", [AmountBlocker(), PartyBlocker(), ReferenceBlocker()], ids=lambda b: b.name
)
@pytest.mark.parametrize("sides", [(0, 0), (1, 0), (0, 1)])
def test_a_side_without_rows_has_no_keys(blocker: Blocker, sides: tuple[int, int]) -> None:
    invoices = [an_invoice(**ACME, **NUMBERS)][: sides[0]]
    payments = [a_transaction(**BY_NAME, description="RE-2026-1001")][: sides[1]]
    ledger = a_ledger(invoices, payments)
    if not invoices:
        assert len(blocker.invoice_keys(ledger).rows) == 0
    if not payments:
        assert len(blocker.transaction_keys(ledger).rows) == 0


def test_keys_of_texts_follow_the_text_not_its_code() -> None:
    one = a_ledger([an_invoice("i", **NUMBERS)], [a_transaction("t", description="RE-2026-1001")])
    other = a_ledger(
        [an_invoice("a", vendor_name="Zeta", description="more"), an_invoice("i", **NUMBERS)],
        [a_transaction("t", description="RE-2026-1001"), a_transaction("u", description="x")],
    )
    here = keys_of(ReferenceBlocker().invoice_keys(one), 0)
    assert keys_of(ReferenceBlocker().invoice_keys(other), 1) == here


def test_bucket_is_as_wide_as_documented() -> None:
    assert math.exp(blocking._BUCKET / 1_000) == pytest.approx(1.15, abs=0.001)
