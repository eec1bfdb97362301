from __future__ import annotations

from typing import Any

import pytest

from recon_sdk import Alias, Ledger, PartyRelation
from recon_sdk.checks.builders import a_ledger, a_transaction, all_pairs, an_invoice, pairs_of

P = PartyRelation
ACME: dict[str, Any] = {
    "vendor_id": "v1", "vendor_name": "Acme Lagertechnik GmbH",
    "vendor_iban": "DE89370400440532013000",
}  # fmt: skip
BETA: dict[str, Any] = {
    "vendor_id": "v2", "vendor_name": "Brightwater Ltd", "vendor_iban": "GB29NWBK60161331926819",
}  # fmt: skip


def relation(ledger: Ledger, invoice: str, transaction: str) -> PartyRelation:
    return PartyRelation(int(pairs_of(ledger, [(invoice, transaction)]).party_relation[0]))


def sharing(ledger: Ledger, invoice: str, transaction: str) -> int:
    at = int(pairs_of(ledger, [(invoice, transaction)]).party_at[0])
    return int(ledger.parties.sharing[at]) if at >= 0 else 0


@pytest.mark.parametrize(
    ("shown", "acme", "beta"),
    [
        pytest.param({}, P.NOTHING, P.NOTHING, id="nothing"),
        pytest.param(
            {"counterparty_name": "Acme Lagertechnik GmbH"}, P.NAME, P.OTHER_NAME, id="the name"
        ),
        pytest.param(
            {"counterparty_name": "ACME LAGERTECHNIK"}, P.NAME, P.OTHER_NAME, id="without its form"
        ),
        pytest.param(
            {"counterparty_name": "SumUp *Acme Lagertechnik"}, P.NAME, P.OTHER_NAME,
            id="through a gateway",
        ),
        pytest.param(
            {"counterparty_name": "Acme Lagert"}, P.CUT_NAME, P.OTHER_NAME, id="cut at the end"
        ),
        pytest.param(
            {"counterparty_name": "Acme Lagertechnk"}, P.CUT_NAME, P.OTHER_NAME, id="misspelt"
        ),
        pytest.param({"counterparty_name": "Acme La"}, P.UNRESOLVED, P.UNRESOLVED, id="cut short"),
        pytest.param(
            {"counterparty_name": "Nobody Inc"}, P.UNRESOLVED, P.UNRESOLVED, id="a stranger"
        ),
        pytest.param(
            {"counterparty_iban": "DE89370400440532013000"}, P.ACCOUNT, P.OTHER_ACCOUNT,
            id="the account",
        ),
        pytest.param(
            {"counterparty_iban": "FR7630006000011234567890189"}, P.UNRESOLVED, P.UNRESOLVED,
            id="a strange account",
        ),
        pytest.param(
            {"description": "Miete fuer ACME Lagertechnik, Maerz"}, P.IN_TEXT, P.OTHER_IN_TEXT,
            id="in the text",
        ),
        pytest.param({"description": "acmelager"}, P.NOTHING, P.NOTHING, id="a part of it"),
        pytest.param(
            {"counterparty_name": "Acme Lagertechnik GmbH", "counterparty_iban":
             "GB29NWBK60161331926819"}, P.NAME, P.ACCOUNT, id="a name and another's account",
        ),
        pytest.param(
            {"counterparty_name": "Brightwater Ltd", "description": "for Acme Lagertechnik GmbH"},
            P.IN_TEXT, P.NAME, id="a name, and another's in the text",
        ),
        pytest.param(
            {"counterparty_name": "Nobody Inc", "description": "Brightwater, March"},
            P.OTHER_IN_TEXT, P.IN_TEXT, id="a stranger for a party in the text",
        ),
    ],
)  # fmt: skip
def test_what_a_payment_says_of_two_parties(
    shown: dict[str, Any], acme: PartyRelation, beta: PartyRelation
) -> None:
    ledger = a_ledger(
        [an_invoice("a", **ACME), an_invoice("b", **BETA)], [a_transaction("t", **shown)]
    )
    assert (relation(ledger, "a", "t"), relation(ledger, "b", "t")) == (acme, beta)


@pytest.mark.parametrize("shown", [{}, {"counterparty_name": "Brightwater Ltd"}])
def test_an_invoice_of_nobody_is_with_no_party(shown: dict[str, Any]) -> None:
    ledger = a_ledger([an_invoice("a"), an_invoice("b", **BETA)], [a_transaction("t", **shown)])
    assert relation(ledger, "a", "t") == (P.UNRESOLVED if shown else P.NOTHING)
    assert ledger.parties.invoice_party.tolist() == [-1, 0]


# -- who a party is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"vendor_id": "v", "vendor_name": "Acme"}, {"vendor_id": "v", "vendor_name": "B"}, True),
        ({"vendor_id": "v", "vendor_name": "A"}, {"vendor_id": "w", "vendor_name": "A"}, False),
        ({"vendor_name": "Acme GmbH"}, {"vendor_name": "ACME gmbh"}, True),
        ({"vendor_name": "Acme"}, {"vendor_name": "Beta"}, False),
        ({"vendor_iban": "DE1"}, {"vendor_iban": "DE1"}, True),
        ({"vendor_iban": "DE1"}, {"vendor_iban": "DE2"}, False),
        ({"vendor_id": "Acme"}, {"vendor_name": "Acme"}, False),
    ],
)  # fmt: skip
def test_a_party_is_its_id_else_its_name_else_its_account(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    ledger = a_ledger([an_invoice("a", **one), an_invoice("b", **other)], [a_transaction()])
    first, second = ledger.parties.invoice_party.tolist()
    assert (first == second) is same
    assert len(ledger.parties.keys) == (1 if same else 2)


def test_keys_of_parties_are_the_same_in_every_ledger() -> None:
    acme, beta = an_invoice("a", **ACME), an_invoice("b", **BETA)
    payment = a_transaction()
    small, large = a_ledger([acme], [payment]), a_ledger([beta, acme], [payment])
    assert small.parties.keys.tolist() == [large.parties.keys.tolist()[0]]


# -- names that several parties share -------------------------------------------------------------


def named(*names: str, shown: str) -> Ledger:
    invoices = [
        an_invoice(f"i{n}", vendor_id=f"v{n}", vendor_name=name) for n, name in enumerate(names)
    ]
    return a_ledger(invoices, [a_transaction("t", counterparty_name=shown)])


@pytest.mark.parametrize(
    ("names", "shown", "expected"),
    [
        (["Acme GmbH", "Acme Ltd"], "Acme", [2, 2]),
        (["Acme GmbH", "Acme Ltd"], "Acme GmbH", [1, 0]),
        (["Acme GmbH", "Acme Ltd"], "Acme AG", [2, 2]),
        (["Acme GmbH", "Acme"], "Acme", [2, 2]),
        (["Acme GmbH", "Acme GmbH"], "ACME GMBH", [2, 2]),
        (["Hansen Spedition", "Hansen Sport"], "Hansen Sp", [2, 2]),
        (["Hansen Spedition", "Hansen Sport"], "Hansen Spo", [0, 1]),
        (["Acme"] * 8, "Acme", [8] * 8),
        (["Acme"] * 9, "Acme", [0] * 9),
    ],
)
def test_sharing_counts_the_parties_that_a_name_fits(
    names: list[str], shown: str, expected: list[int]
) -> None:
    ledger = named(*names, shown=shown)
    assert [sharing(ledger, f"i{n}", "t") for n in range(len(names))] == expected


def test_an_account_that_several_parties_share_names_them_all() -> None:
    iban = ACME["vendor_iban"]
    ledger = a_ledger(
        [an_invoice(f"i{n}", vendor_id=f"v{n}", vendor_iban=iban) for n in range(2)],
        [a_transaction("t", counterparty_iban=iban)],
    )
    assert [sharing(ledger, f"i{n}", "t") for n in range(2)] == [2, 2]
    assert ledger.parties.payments.tolist() == [0, 0]


def test_the_longest_name_in_a_text_is_meant() -> None:
    ledger = a_ledger(
        [
            an_invoice("a", vendor_id="v1", vendor_name="Hansen"),
            an_invoice("b", vendor_id="v2", vendor_name="Hansen Spedition"),
        ],
        [a_transaction("t", description="paid to Hansen Spedition today")],
    )
    assert relation(ledger, "a", "t") is P.OTHER_IN_TEXT
    assert relation(ledger, "b", "t") is P.IN_TEXT


def test_payments_of_a_party_are_counted() -> None:
    ledger = a_ledger(
        [an_invoice("a", **ACME), an_invoice("b", **BETA)],
        [a_transaction(f"t{n}", counterparty_name=ACME["vendor_name"]) for n in range(3)],
    )
    assert ledger.parties.payments.tolist() == [3, 0]


# -- aliases --------------------------------------------------------------------------------------


def with_aliases(*aliases: Alias, shown: str) -> Ledger:
    return a_ledger(
        [an_invoice("a", **ACME), an_invoice("b", **BETA)],
        [a_transaction("t", counterparty_name=shown)],
        aliases=aliases,
    )


def test_an_alias_stands_for_its_vendor_however_it_is_spelt() -> None:
    alias = Alias(name="Zahlmeister 7", vendor_id="v1")
    ledger = with_aliases(alias, shown="ZAHLMEISTER-7")
    assert relation(ledger, "a", "t") is P.ALIAS
    assert relation(ledger, "b", "t") is P.OTHER_NAME


def test_an_alias_wins_over_the_name() -> None:
    alias = Alias(name=BETA["vendor_name"], vendor_id="v1")
    ledger = with_aliases(alias, shown=BETA["vendor_name"])
    assert relation(ledger, "a", "t") is P.ALIAS
    assert relation(ledger, "b", "t") is P.OTHER_NAME


def test_an_alias_of_two_vendors_names_both() -> None:
    aliases = [Alias(name="Collector", vendor_id=vendor) for vendor in ("v1", "v2")]
    ledger = with_aliases(*aliases, shown="Collector")
    assert [sharing(ledger, key, "t") for key in "ab"] == [2, 2]


def test_an_alias_of_a_vendor_without_invoices_names_nobody_here() -> None:
    alias = Alias(name=ACME["vendor_name"], vendor_id="elsewhere")
    ledger = with_aliases(alias, shown=ACME["vendor_name"])
    assert relation(ledger, "a", "t") is P.UNRESOLVED


# -- names that are learned in the run ------------------------------------------------------------


def taught(
    votes: list[tuple[str, str]], *aliases: Alias, field: str = "counterparty_name"
) -> Ledger:
    """A stranger quotes exact invoices of some vendors, then pays without quoting anything."""
    invoices = [an_invoice("a", "77.00", **ACME), an_invoice("b", "77.00", **BETA)]
    payments = [a_transaction("t", "-77.00", **{field: "Collector 9"})]  # type: ignore[arg-type]
    for n, (vendor, paid) in enumerate(votes):
        who = ACME if vendor == "a" else BETA
        invoices.append(an_invoice(f"q{n}", "10.00", invoice_number=f"RE-2026-0{n}", **who))
        payments.append(
            a_transaction(f"q{n}", paid, description=f"RE-2026-0{n}", **{field: "Collector 9"})  # type: ignore[arg-type]
        )
    return a_ledger(invoices, payments, aliases=aliases)


@pytest.mark.parametrize("field", ["counterparty_name", "counterparty_iban"])
@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        pytest.param([("a", "-10.00")] * 2, P.INFERRED, id="twice"),
        pytest.param([("a", "-10.00")], P.UNRESOLVED, id="only once"),
        pytest.param([("a", "-10.00"), ("a", "-9.00")], P.UNRESOLVED, id="not the amount"),
        pytest.param([("a", "-10.00")] * 4 + [("b", "-10.00")], P.INFERRED, id="four of five"),
        pytest.param([("a", "-10.00")] * 3 + [("b", "-10.00")], P.UNRESOLVED, id="three of four"),
        pytest.param([("a", "-10.00")] * 2 + [("b", "-10.00")] * 2, P.UNRESOLVED, id="half"),
    ],
)
def test_a_string_that_keeps_coming_with_a_partys_references_stands_for_it(
    votes: list[tuple[str, str]], expected: PartyRelation, field: str
) -> None:
    ledger = taught(votes, field=field)
    assert relation(ledger, "a", "t") is expected


def test_what_people_told_of_a_name_is_not_overruled_by_what_payments_quote() -> None:
    votes = [("a", "-10.00")] * 3
    assert relation(taught(votes, Alias(name="Collector 9", vendor_id="v2")), "b", "t") is P.ALIAS
    elsewhere = Alias(name="Collector 9", vendor_id="elsewhere")
    assert relation(taught(votes, elsewhere), "a", "t") is P.UNRESOLVED


def test_a_clear_name_is_not_overruled_by_what_payments_quote() -> None:
    invoices = [an_invoice("b", "77.00", **BETA)]
    payments = []
    for n in range(3):
        invoices.append(an_invoice(f"q{n}", "10.00", invoice_number=f"RE-2026-0{n}", **ACME))
        payments.append(
            a_transaction(
                f"q{n}",
                "-10.00",
                description=f"RE-2026-0{n}",
                counterparty_name=BETA["vendor_name"],
            )
        )
    ledger = a_ledger(invoices, payments)
    assert relation(ledger, "b", "q0") is P.NAME
    assert relation(ledger, "q0", "q0") is P.OTHER_NAME


# -- order ----------------------------------------------------------------------------------------


def test_two_names_in_one_text_are_read_alike_in_any_order_of_the_rows() -> None:
    names = ["Hansen", "Jansen", "Larsen"]
    invoices = [an_invoice(f"i{n}", vendor_name=name) for n, name in enumerate(names)]
    payments = [a_transaction("t", description="Larsen Hansen Jansen")]
    seen = {
        tuple(all_pairs(a_ledger(order, payments)).party_relation.tolist())
        for order in (invoices, invoices[::-1], [invoices[1], invoices[2], invoices[0]])
    }
    assert len(seen) == 1


def test_a_name_that_stands_for_two_parties_elsewhere_names_both_in_a_text() -> None:
    names = [
        a_transaction("x", counterparty_name="Collector Ltd"),
        a_transaction("y", counterparty_name="Collector"),
        a_transaction("t", description="for Collector"),
    ]
    aliases = [
        Alias(name="Collector Ltd", vendor_id="v1"), Alias(name="Collector", vendor_id="v2"),
    ]  # fmt: skip
    for order in (names, names[::-1]):
        invoices = [an_invoice("a", **ACME), an_invoice("b", **BETA)]
        ledger = a_ledger(invoices, order, aliases=aliases)
        assert [sharing(ledger, key, "t") for key in "ab"] == [2, 2]
