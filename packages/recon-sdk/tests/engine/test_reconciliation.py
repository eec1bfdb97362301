from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from recon_sdk import (
    Direction,
    Known,
    PluginCatalog,
    ReadOptions,
    Reconciler,
    hookimpl,
    reconcile,
)
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine import LocalEngine
from recon_sdk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

INVOICE = {
    "id": "i", "amount": "100.00", "due_date": "2026-03-31", "invoice_number": "RE-2026-4711",
}  # fmt: skip
PAYMENT = {
    "id": "t", "amount": "-100.00", "booking_date": "2026-03-30", "description": "RE-2026-4711",
}  # fmt: skip


def test_one_call_does_what_a_warm_reconciler_does(
    toys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = PluginCatalog.of({"rules-default": toys.Plugin()})
    monkeypatch.setattr(PluginCatalog, "installed", classmethod(lambda _cls: catalog))
    result = reconcile([INVOICE], [PAYMENT], config={"direction": "payable"})
    assert [match.invoice_ids for match in result.matches] == [("i",)]
    assert result.digest == Reconciler({"direction": "payable"}).run([INVOICE], [PAYMENT]).digest


def test_a_warm_reconciler_keeps_nothing_between_runs(
    reconciler: Callable[..., Reconciler],
) -> None:
    warm = reconciler({"direction": "payable"})
    first = warm.run([INVOICE], [PAYMENT])
    warm.run([], [])
    assert warm.run([INVOICE], [PAYMENT]).digest == first.digest


@pytest.mark.parametrize(
    ("config", "read", "direction", "currency"),
    [
        ({}, None, None, "EUR"),
        ({"direction": "payable"}, None, Direction.PAYABLE, "EUR"),
        ({"base_currency": "SEK"}, None, None, "SEK"),
        (
            {"direction": "payable", "base_currency": "SEK"},
            ReadOptions(direction=Direction.RECEIVABLE, base_currency="CHF"),
            Direction.RECEIVABLE, "CHF",
        ),
        ({"direction": "payable"}, ReadOptions(), Direction.PAYABLE, "EUR"),
    ],
)  # fmt: skip
def test_blank_directions_and_currencies_are_filled_by_the_configuration(
    reconciler: Callable[..., Reconciler],
    config: dict[str, Any],
    read: ReadOptions | None,
    direction: Direction | None,
    currency: str,
) -> None:
    invoice = reconciler(config).run([INVOICE], [PAYMENT], read=read).ledger.invoice(0)
    assert (invoice.direction, invoice.amount.currency) == (direction, currency)


def test_a_ledger_that_was_read_before_gives_the_same_digest(
    reconciler: Callable[..., Reconciler],
) -> None:
    invoices = [an_invoice("i", invoice_number="RE-2026-4711")]
    payments = [a_transaction("t", description="RE-2026-4711")]
    warm = reconciler()
    given = warm.run(invoices, payments)
    assert warm.run_ledger(a_ledger(invoices, payments)).digest == given.digest
    assert warm.run_ledger(a_ledger(invoices, payments), Known()).digest == given.digest


@attrs.frozen
class Counting:
    """The local engine under another name."""

    sizes: list[int]
    name: str = "counting"

    def run(self, ledger: Any, rule_set: Any, known: Any, progress: Any) -> Any:
        self.sizes.append(len(ledger.invoices))
        return LocalEngine().run(ledger, rule_set, known, progress)


@attrs.frozen(eq=False)
class EnginePlugin:
    sizes: list[int]

    @hookimpl
    def recon_register_engines(self) -> Any:
        return [Counting(self.sizes)]


def test_an_engine_of_a_plugin_runs_and_its_name_is_not_in_the_digest(toys: Any) -> None:
    sizes: list[int] = []
    catalog = PluginCatalog.of({"rules-default": toys.Plugin(), "engines": EnginePlugin(sizes)})
    config = {"plugins": ["rules-default", "engines"], "direction": "payable"}
    here, there = (
        Reconciler(config, catalog=catalog, engine=name).run([INVOICE], [PAYMENT]).digest
        for name in ("local", "counting")
    )
    assert sizes == [1]
    assert here == there


def test_an_unknown_engine_is_named_beside_those_that_there_are(toys: Any) -> None:
    catalog = PluginCatalog.of({"rules-default": toys.Plugin()})
    with pytest.raises(ConfigError) as caught:
        Reconciler(catalog=catalog, engine="sparks")
    assert caught.value.path == "engine"
    assert "there is no engine 'sparks'; installed and active: local" in str(caught.value)
