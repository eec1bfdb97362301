"""Each rule on single pairs: its value, and what it says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_rules_default.amounts import AmountTolerance, ExactAmount
from recon_rules_default.dates import DateProximity
from recon_rules_default.identity import (
    OtherParty,
    OtherReference,
    Reference,
    VendorAccount,
    VendorName,
)
from recon_rules_default.settings import Settings
from recon_sdk import NO_DATE, Alias, BankTransaction, Invoice
from recon_sdk.scoring import ONE, rule_values
from recon_sdk.testing import a_ledger, a_transaction, an_invoice, pairs_of

if TYPE_CHECKING:
    from recon_sdk import ScoringRule

SETTINGS = Settings()
IBAN = "DE89370400440532013000"
OTHER_IBAN = "GB29NWBK60161331926819"


@attrs.frozen
class Row:
    """One case: the value is None for no opinion, and the words are those of that value."""

    description: str
    invoice: dict[str, Any]
    transaction: dict[str, Any]
    value: float | None
    words: str = ""
    settings: Settings = SETTINGS
    beside: Sequence[Invoice] = ()
    others: Sequence[BankTransaction] = ()
    aliases: Sequence[Alias] = ()


def cases(*rows: Row) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.description for row in rows])


def check(rule: ScoringRule, row: Row) -> None:
    """Compare as a run does: in millionths, and with the words of the rounded value."""
    invoice = an_invoice("i", **row.invoice)
    transaction = a_transaction("t", **row.transaction)
    ledger = a_ledger(
        [invoice, *row.beside], [transaction, *row.others], aliases=list(row.aliases)
    )
    (value,) = rule_values(rule, pairs_of(ledger, [("i", "t")])).tolist()
    if row.value is None:
        assert value == -1, value / ONE
        return
    assert value / ONE == pytest.approx(row.value, abs=1e-6)
    # The ledger's own objects: that is what a decision record is worded from.
    words = rule.describe(value / ONE, ledger.invoice(ledger.invoice_row("i")), transaction)
    assert words == row.words


# -- amounts --------------------------------------------------------------------------------------


@cases(
    Row("equal", {}, {}, 1, "the amounts are equal, 100.00 EUR"),
    Row(
        "a cent less", {}, {"amount": "-99.99"}, 0,
        "the amounts differ: 100.00 EUR open, 99.99 EUR paid",
    ),
    Row(
        "receivable", {"direction": "receivable"}, {"amount": "100.00"}, 1,
        "the amounts are equal, 100.00 EUR",
    ),
    Row("refund", {}, {"amount": "100.00"}, 0, "the money moved the other way"),
    Row(
        "refund of another amount", {}, {"amount": "90.00"}, 0, "the money moved the other way"
    ),
    Row(
        "credit note", {"amount": "-100.00"}, {"amount": "100.00"}, 1,
        "the amounts are equal, 100.00 EUR",
    ),
    Row(
        "credit note is no purchase", {"amount": "-100.00"}, {"amount": "-100.00"}, 0,
        "the money moved the other way",
    ),
    Row(
        "direction not known", {"direction": None}, {"amount": "100.00"}, 1,
        "the amounts are equal, 100.00 EUR",
    ),
    Row("other currency", {}, {"currency": "USD"}, None),
    Row(
        "what is left of both", {"settled": 6000}, {"amount": "-50.00", "allocated": -1000}, 1,
        "the amounts are equal, 40.00 EUR",
    ),
    Row(
        "no decimals", {"amount": "5000", "currency": "JPY"},
        {"amount": "-5000", "currency": "JPY"}, 1, "the amounts are equal, 5000 JPY",
    ),
    Row(
        "three decimals", {"amount": "1.234", "currency": "KWD"},
        {"amount": "-1.235", "currency": "KWD"}, 0,
        "the amounts differ: 1.234 KWD open, 1.235 KWD paid",
    ),
)  # fmt: skip
def test_exact_amount(row: Row) -> None:
    check(ExactAmount(), row)


@cases(
    Row("equal", {}, {}, 1, "there is no gap between the amounts"),
    Row("refund", {}, {"amount": "100.00"}, 0, "the money moved the other way"),
    Row(
        "half of two percent", {"amount": "1000.00"}, {"amount": "-990.00"}, 1 - 1000 / 2001,
        "the gap of 10.00 EUR is within the tolerance",
    ),
    Row(
        "too much is like too little", {"amount": "1000.00"}, {"amount": "-1010.00"},
        1 - 1000 / 2001, "the gap of 10.00 EUR is within the tolerance",
    ),
    Row(
        "at the tolerance", {"amount": "1000.00"}, {"amount": "-980.00"}, 1 - 2000 / 2001,
        "the gap of 20.00 EUR is within the tolerance",
    ),
    Row(
        "a cent more", {"amount": "1000.00"}, {"amount": "-979.99"}, 0,
        "the gap of 20.01 EUR is outside the tolerance",
    ),
    Row(
        "least tolerance for small amounts", {"amount": "10.00"}, {"amount": "-9.50"},
        1 - 50 / 101, "the gap of 0.50 EUR is within the tolerance",
    ),
    Row(
        "by currency", {"amount": "1000", "currency": "JPY"},
        {"amount": "-990", "currency": "JPY"}, 0,
        "the gap of 10 JPY is outside the tolerance",
        Settings(tolerance_by_currency={"JPY": 5}, tolerance_basis_points=0),
    ),
    Row(
        "other currencies keep the common one", {"amount": "1.000", "currency": "KWD"},
        {"amount": "-0.950", "currency": "KWD"}, 1 - 50 / 101,
        "the gap of 0.050 KWD is within the tolerance",
        Settings(tolerance_by_currency={"JPY": 5}, tolerance_basis_points=0),
    ),
    Row(
        "a gap too small for a millionth", {"amount": "9000000000000.00"},
        {"amount": "-8910000000000.01"}, 0,
        "the gap of 89999999999.99 EUR is within the tolerance",
        Settings(tolerance_minor=9_000_000_000_000, tolerance_basis_points=0),
    ),
    Row(
        "whole amount of the largest that there is", {"amount": "9999999999999.99"},
        {"amount": "-0.01"}, 0,
        "the gap of 9999999999999.98 EUR is within the tolerance",
        Settings(tolerance_basis_points=10_000),
    ),
    Row("other currency", {}, {"currency": "USD"}, None),
)  # fmt: skip
def test_amount_tolerance(row: Row) -> None:
    check(AmountTolerance(row.settings), row)


# -- dates ----------------------------------------------------------------------------------------


def dated(
    issue: str | None, due: str | None, booked: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"issue_date": issue, "due_date": due}, {"booking_date": booked}


@cases(
    Row(
        "on the issue date", *dated("2026-03-01", "2026-03-31", "2026-03-01"), 1,
        "booked on 2026-03-01, between issue 2026-03-01 and due date 2026-03-31",
    ),
    Row(
        "on the due date", *dated("2026-03-01", "2026-03-31", "2026-03-31"), 1,
        "booked on 2026-03-31, between issue 2026-03-01 and due date 2026-03-31",
    ),
    Row(
        "in the days of grace", *dated("2026-03-01", "2026-03-31", "2026-04-03"), 1,
        "booked 3 days after the due date 2026-03-31",
    ),
    Row(
        "a day later", *dated("2026-03-01", "2026-03-31", "2026-04-04"), 1 - 1 / 61,
        "booked 4 days after the due date 2026-03-31",
    ),
    Row(
        "last day that says something", *dated("2026-03-01", "2026-03-31", "2026-06-02"),
        1 - 60 / 61, "booked 63 days after the due date 2026-03-31",
    ),
    Row(
        "a year late", *dated("2026-03-01", "2026-03-31", "2027-03-31"), 0,
        "booked 365 days after the due date 2026-03-31",
    ),
    Row(
        "a day early", *dated("2026-03-01", "2026-03-31", "2026-02-28"), 1 - 1 / 11,
        "booked 1 day before the issue date 2026-03-01",
    ),
    Row(
        "long before", *dated("2026-03-01", "2026-03-31", "2026-02-18"), 0,
        "booked 11 days before the issue date 2026-03-01",
    ),
    Row(
        "no due date", *dated("2026-03-01", None, "2026-03-10"), 1 - 6 / 61,
        "booked 9 days after the issue date 2026-03-01",
    ),
    Row(
        "no due date, same day", *dated("2026-03-01", None, "2026-03-01"), 1,
        "booked on the issue date 2026-03-01",
    ),
    Row(
        "no due date, early", *dated("2026-03-01", None, "2026-02-27"), 1 - 2 / 11,
        "booked 2 days before the issue date 2026-03-01",
    ),
    Row(
        "no issue date", *dated(None, "2026-03-31", "2026-03-30"), 1 - 1 / 11,
        "booked 1 day before the due date 2026-03-31",
    ),
    Row(
        "no issue date, when due", *dated(None, "2026-03-31", "2026-03-31"), 1,
        "booked on the due date 2026-03-31",
    ),
    Row(
        "no issue date, late", *dated(None, "2026-03-31", "2026-04-01"), 1,
        "booked 1 day after the due date 2026-03-31",
    ),
    Row(
        "due before it was issued", *dated("2026-03-31", "2026-03-01", "2026-03-04"), 1,
        "booked 27 days before the issue date 2026-03-31",
    ),
    Row(
        "other days", *dated("2026-03-01", "2026-03-31", "2026-04-02"), 0.5,
        "booked 2 days after the due date 2026-03-31",
        Settings(grace_days=1, late_days=1),
    ),
)  # fmt: skip
def test_date_proximity(row: Row) -> None:
    check(DateProximity(row.settings), row)


def test_undated_invoice_gets_no_opinion() -> None:
    """No reader lets one in, but a ledger may be built by hand."""
    ledger = a_ledger([an_invoice("i")], [a_transaction("t")])
    none = np.full(1, NO_DATE, np.int32)
    undated = attrs.evolve(ledger.invoices, issue_date=none, due_date=none)
    ledger = attrs.evolve(ledger, invoices=undated)
    assert np.isnan(DateProximity(SETTINGS).score(pairs_of(ledger, [("i", "t")]))).all()


def test_undated_pair_is_worded_by_its_booking_date() -> None:
    invoice = an_invoice(issue_date=None, due_date=None)
    words = DateProximity(SETTINGS).describe(0.0, invoice, a_transaction())
    assert words == "booked on 2026-03-31"


# -- quoted numbers -------------------------------------------------------------------------------

NUMBER = {"invoice_number": "RE-2026-1001"}


@cases(
    Row("nothing quoted", NUMBER, {"description": "thanks"}, None),
    Row("no number", {}, {"description": "RE-2026-1001"}, None),
    Row(
        "as it stands", NUMBER, {"description": "Rechnung RE-2026-1001 danke"}, 1,
        "the payment quotes RE-2026-1001",
    ),
    Row(
        "in the reference", NUMBER, {"reference": "RE-2026-1001"}, 1,
        "the payment quotes RE-2026-1001",
    ),
    Row(
        "respelt", NUMBER, {"description": "re 2026/1001"}, 1, "the payment quotes RE-2026-1001"
    ),
    Row(
        "digits alone", NUMBER, {"description": "inv 20261001"}, 0.8,
        "the payment seems to quote RE-2026-1001",
    ),
    Row("inside a longer number", NUMBER, {"description": "RE-2026-10012"}, None),
    Row(
        "two characters swapped", NUMBER, {"description": "RE-2062-1001"}, 0.6,
        "the payment seems to quote RE-2026-1001",
    ),
    Row(
        "cut at the end", NUMBER, {"description": "RE-2026-10"}, 0.6,
        "the payment seems to quote RE-2026-1001",
    ),
    Row(
        "short number", {"invoice_number": "1814"}, {"description": "inv 1814"}, 0.5,
        "the payment quotes 1814",
    ),
    Row("digits of a short number", {"invoice_number": "14"}, {"description": "inv 1814"}, None),
    Row(
        "shared by two invoices", NUMBER, {"description": "RE-2026-1001"}, 0.5,
        "the payment quotes RE-2026-1001", beside=[an_invoice("other", **NUMBER, vendor_id="v2")],
    ),
    Row(
        "the order number", {**NUMBER, "order_number": "PO-778899"},
        {"description": "order PO-778899"}, 1, "the payment quotes PO-778899",
    ),
    Row(
        "the structured reference", {**NUMBER, "payment_reference": "RF712348231"},
        {"reference": "RF71 2348 231"}, 1, "the payment quotes RF712348231",
    ),
    Row(
        "other scripts", {"invoice_number": "СЧ-2026-77"}, {"description": "сч 2026 77"}, 1,
        "the payment quotes СЧ-2026-77",
    ),
)  # fmt: skip
def test_reference(row: Row) -> None:
    check(Reference(), row)


def test_reference_of_an_invoice_without_numbers_has_words() -> None:
    """In a group the words are those of its first invoice, though another one is quoted."""
    words = Reference().describe(1.0, an_invoice(), a_transaction())
    assert words == "the payment seems to quote the invoice"


OTHER = [an_invoice("other", invoice_number="INV-77001", vendor_id="v2")]
ELSE = "the payment quotes the number of another invoice"


@cases(
    Row("nothing quoted", NUMBER, {"description": "thanks"}, None, beside=OTHER),
    Row("own number", NUMBER, {"description": "RE-2026-1001"}, None, beside=OTHER),
    Row("both numbers", NUMBER, {"description": "RE-2026-1001 INV-77001"}, None, beside=OTHER),
    Row("another number", NUMBER, {"description": "INV-77001"}, 1, ELSE, beside=OTHER),
    Row(
        "a short one", NUMBER, {"description": "no 1814"}, 0.5, ELSE,
        beside=[an_invoice("other", invoice_number="1814")],
    ),
    Row(
        "another number and a cut own one", NUMBER, {"description": "INV-77001 RE-2026-10"}, 0.5,
        ELSE, beside=OTHER,
    ),
)  # fmt: skip
def test_other_reference(row: Row) -> None:
    check(OtherReference(), row)


# -- who is behind the payment --------------------------------------------------------------------

ACME = {"vendor_id": "v1", "vendor_name": "Acme Tools GmbH"}
BOLT = an_invoice("other", vendor_id="v2", vendor_name="Boltwerk AG", vendor_iban=OTHER_IBAN)


@cases(
    Row("nobody named", ACME, {}, None),
    Row(
        "by name", ACME, {"counterparty_name": "ACME TOOLS GMBH"}, 1,
        "the payment names 'Acme Tools GmbH'",
    ),
    Row(
        "without its legal form", ACME, {"counterparty_name": "Acme Tools"}, 1,
        "the payment names 'Acme Tools GmbH'",
    ),
    Row(
        "cut at the end", ACME, {"counterparty_name": "ACME TOOLS GM"}, 0.8,
        "the payment names 'Acme Tools GmbH'",
    ),
    Row(
        "inside the text", ACME, {"description": "paid to Acme Tools GmbH, thanks"}, 0.8,
        "the text names 'Acme Tools GmbH'",
    ),
    Row(
        "inside the text beside a gateway", ACME,
        {"counterparty_name": "PayPal Europe", "description": "Acme Tools GmbH"}, 0.8,
        "the text names 'Acme Tools GmbH'",
    ),
    Row(
        "by alias", ACME, {"counterparty_name": "ATG Shop"}, 1,
        "'ATG Shop' stands for 'Acme Tools GmbH'",
        aliases=[Alias(name="ATG Shop", vendor_id="v1")],
    ),
    Row(
        "by account", {**ACME, "vendor_iban": IBAN}, {"counterparty_iban": IBAN}, 1,
        "the payment is with 'Acme Tools GmbH'",
    ),
    Row(
        "by account under another name", {**ACME, "vendor_iban": IBAN},
        {"counterparty_iban": IBAN, "counterparty_name": "Max Holding"}, 1,
        "'Max Holding' stands for 'Acme Tools GmbH'",
    ),
    Row(
        "nobody knows the name", ACME, {"counterparty_name": "Stadtwerke"}, 0,
        "the name 'Stadtwerke' is not known to be 'Acme Tools GmbH'",
    ),
    Row(
        "nobody knows the account", ACME, {"counterparty_iban": OTHER_IBAN}, 0,
        "the other side's account is not known to be 'Acme Tools GmbH''s",
    ),
    Row(
        "party without a name", {"vendor_iban": IBAN}, {"counterparty_name": "Stadtwerke"}, 0,
        "the name 'Stadtwerke' is not known to be the invoice's party",
    ),
    Row(
        "account of a party without a name", {"vendor_iban": IBAN},
        {"counterparty_iban": IBAN, "counterparty_name": "Acme"}, 1,
        "'Acme' stands for the invoice's party",
    ),
    Row(
        "a name that two parties share", ACME, {"counterparty_name": "Acme Tools"}, 0.5,
        "the payment names 'Acme Tools GmbH'",
        beside=[an_invoice("other", vendor_id="v2", vendor_name="Acme Tools Ltd")],
    ),
    Row("another party", ACME, {"counterparty_name": "Boltwerk AG"}, None, beside=[BOLT]),
)  # fmt: skip
def test_vendor_name(row: Row) -> None:
    check(VendorName(), row)


@cases(
    Row("nobody named", ACME, {}, None, beside=[BOLT]),
    Row("the party itself", ACME, {"counterparty_name": "Acme Tools"}, None, beside=[BOLT]),
    Row("nobody knows the name", ACME, {"counterparty_name": "Elf"}, None, beside=[BOLT]),
    Row(
        "another party's name", ACME, {"counterparty_name": "Boltwerk AG"}, 1,
        "'Boltwerk AG' is another party", beside=[BOLT],
    ),
    Row(
        "another party's account", ACME, {"counterparty_iban": OTHER_IBAN}, 1,
        "the payment is with another party", beside=[BOLT],
    ),
    Row(
        "another party in the text", ACME,
        {"counterparty_name": "PayPal Europe", "description": "for Boltwerk AG"}, 0.6,
        "the text names another party", beside=[BOLT],
    ),
)  # fmt: skip
def test_other_party(row: Row) -> None:
    check(OtherParty(), row)


@cases(
    Row("no account", {**ACME, "vendor_iban": IBAN}, {}, None),
    Row("same name only", ACME, {"counterparty_name": "Acme Tools"}, None),
    Row(
        "the party's account", {**ACME, "vendor_iban": IBAN}, {"counterparty_iban": IBAN}, 1,
        "the account ending in 3000 is the party's",
    ),
    Row("another account", {**ACME, "vendor_iban": IBAN}, {"counterparty_iban": OTHER_IBAN}, None),
)  # fmt: skip
def test_vendor_account(row: Row) -> None:
    check(VendorAccount(), row)


def test_party_that_is_behind_another_invoice_too_is_recognised_for_both() -> None:
    ledger = a_ledger(
        [an_invoice("a", **ACME), an_invoice("b", vendor_id="v1", vendor_iban=IBAN)],
        [a_transaction("t", counterparty_name="Acme Tools", counterparty_iban=IBAN)],
    )
    pairs = pairs_of(ledger, [("a", "t"), ("b", "t")])
    assert VendorAccount().score(pairs).tolist() == [1.0, 1.0]
    assert VendorName().score(pairs).tolist() == [1.0, 1.0]


def test_rules_have_no_opinion_on_identity_in_a_ledger_that_says_nothing() -> None:
    pairs = pairs_of(a_ledger([an_invoice("i")], [a_transaction("t")]), [("i", "t")])
    for rule in (Reference(), OtherReference(), VendorName(), OtherParty(), VendorAccount()):
        assert np.isnan(rule.score(pairs)).all()
