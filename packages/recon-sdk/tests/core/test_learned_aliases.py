"""Names that a run learned can be looked at, kept and given again."""

from __future__ import annotations

from typing import Any

from recon_sdk import Alias
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.local import recognised
from recon_sdk.known import Known
from recon_sdk.parties import learned_aliases

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}


def _payment(key: str, text: str = "", **fields: Any) -> Any:
    return a_transaction(
        key, "-10.00", counterparty_name="Collector 9", description=text, **fields
    )


def _learned(*payments: Any, aliases: tuple[Alias, ...] = ()) -> tuple[Alias, ...]:
    invoices = [
        an_invoice(f"q{n}", "10.00", invoice_number=f"RE-2026-0{n}", **ACME) for n in (1, 2)
    ]
    ledger = a_ledger(invoices, list(payments))
    return learned_aliases(recognised(ledger, Known(aliases=aliases)))


QUOTING = (_payment("t1", "RE-2026-01"), _payment("t2", "RE-2026-02"))


def test_a_name_that_keeps_coming_with_a_vendors_numbers_is_learned() -> None:
    silent = _payment("t3")
    assert _learned(*QUOTING, silent) == (Alias(name="Collector 9", vendor_id="v1", source="run"),)


def test_a_single_payment_teaches_nothing() -> None:
    assert _learned(QUOTING[0], _payment("t3")) == ()


def test_a_name_beside_a_learned_account_is_not_learned_from_it() -> None:
    account = {"counterparty_iban": "DE89370400440532013000"}
    quoting = [
        a_transaction(f"t{n}", "-10.00", description=f"RE-2026-0{n}", **account) for n in (1, 2)
    ]
    named = _payment("t3", **account)
    assert _learned(*quoting, named, _payment("t4")) == ()


def test_what_a_person_told_is_not_learned_again() -> None:
    told = Alias(name="COLLECTOR 9", vendor_id="v1")
    assert _learned(*QUOTING, _payment("t3"), aliases=(told,)) == ()
