from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_sdk import Assignment, Cost, Evidence, Keys, Reason, Role, hookimpl
from recon_sdk.catalog import PluginCatalog
from recon_sdk.hashing import mix
from recon_sdk.policy import REASON_BITS
from recon_sdk.tunable import JudgedBy, tunable

if TYPE_CHECKING:
    from pathlib import Path


@attrs.frozen
class Toy:
    """A rule that asks one question."""

    name: str
    weight: float
    far: int = 10
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs: Any) -> Any:
        if self.name == "same_amount":
            return (pairs.gap == 0).astype(np.float64)
        if self.name == "same_name":
            c = pairs.ledger.invoices.vendor_name[pairs.invoice_rows]
            return (c == pairs.ledger.transactions.counterparty_name[pairs.transaction_rows]) * 1.0
        if self.name == "nearness":
            days = pairs.ledger.transactions.booking_date[pairs.transaction_rows]
            due = pairs.ledger.invoices.issue_date[pairs.invoice_rows]
            return np.clip(1 - np.abs(days - due) / (self.far + 1.0), 0, 1)
        return (mix(pairs.invoice_rows, pairs.transaction_rows) % np.uint64(1000)) / 1000.0

    def describe(self, value: float, invoice: Any, transaction: Any) -> str:
        del invoice, transaction
        return f"{self.name} {value}"


@attrs.frozen(kw_only=True)
class Settings:
    """Settings of the toy.

    Attributes:
        far: Days at which nearness says nothing.
        least: Margin that `auto` needs.
    """

    far: int = attrs.field(default=10, metadata=tunable(5, 10, 20, judged_by=JudgedBy.RANKING))
    least: int = attrs.field(
        default=9_000, metadata=tunable(0, 3_000, 9_000, 30_000, judged_by=JudgedBy.AUTO)
    )


@attrs.frozen
class ByAmount:
    name: str = "amount"
    days_before: int = 300
    days_after: int = 300

    def invoice_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.invoices.open_amount)

    def transaction_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.transactions.unallocated_amount)

    @staticmethod
    def _keys(amounts: Any) -> Keys:
        return Keys(np.arange(len(amounts)), mix(np.abs(amounts)))


@attrs.frozen
class Highest:
    name: str = "highest"
    version: str = "1"

    def assign(self, hypotheses: Any, strategy: Any, limits: Any) -> Assignment:
        del strategy, limits
        used: set[int] = set()
        chosen = []
        for at in np.argsort(-hypotheses.evidence, kind="stable").tolist():
            members = hypotheses.members[hypotheses.starts[at] : hypotheses.starts[at + 1]]
            if used.isdisjoint(members.tolist()):
                used.update(members.tolist())
                chosen.append(at)
        chosen.sort()
        return Assignment(
            chosen=np.array(chosen, np.int64),
            margin=hypotheses.evidence[chosen].astype(np.int64),
            complete=np.ones(len(chosen), bool),
        )


@attrs.frozen
class Least:
    least: int
    name: str = "least"
    version: str = "1"

    def decide(self, claims: Any) -> Any:
        return np.where(claims.margin >= self.least, 0, REASON_BITS[Reason.BELOW_MARGIN])


class ToyPlugin:
    """Everything that tuning looks at."""

    @hookimpl
    def recon_plugin_settings(self) -> type:
        return Settings

    @hookimpl
    def recon_register_rules(self, config: Any) -> Any:
        names = {"same_amount": 0.5, "same_name": 0.3, "nearness": 0.2, "noise": 0.0}
        return [Toy(name, weight, config.settings.far) for name, weight in names.items()]

    @hookimpl
    def recon_register_blockers(self) -> Any:
        return [ByAmount()]

    @hookimpl
    def recon_build_assigner(self) -> Any:
        return Highest()

    @hookimpl
    def recon_build_policy(self, config: Any) -> Any:
        return Least(config.settings.least)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The plugins that are installed: the toy, under the name that is active by default."""
    plugins: dict[str, object] = {"rules-default": ToyPlugin()}
    monkeypatch.setattr(
        PluginCatalog, "installed", classmethod(lambda _cls: PluginCatalog.of(plugins))
    )
    return plugins


@pytest.fixture
def toy_rule() -> type[Toy]:
    """The class of the rules."""
    return Toy


def make_rows(parties: int, each: int = 3) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Invoices and payments; four parties at a time ask for the same amounts."""
    draw = random.Random(7)  # noqa: S311 - rows of a test
    invoices, payments = [], []
    for party in range(parties):
        for n in range(each):
            key = f"{party:03}-{n}"
            amount = f"{100 + 10 * (party // 4) + n}.37"
            day = f"2026-{n + 1:02}-{draw.randint(1, 20):02}"
            name = f"Party {party:03}"
            invoices.append(
                {
                    "id": f"I{key}",
                    "vendor_name": name,
                    "amount": amount,
                    "currency": "EUR",
                    "issue_date": day,
                    "direction": "payable",
                }
            )
            payments.append(
                {
                    "id": f"T{key}",
                    "counterparty_name": name,
                    "amount": f"-{amount}",
                    "currency": "EUR",
                    "booking_date": f"2026-{n + 1:02}-{draw.randint(5, 25):02}",
                }
            )
    return invoices, payments


@pytest.fixture
def rows() -> tuple[list[dict[str, str]], list[dict[str, str]], list[tuple[str, str]]]:
    """Forty parties with three invoices each, their payments, and the links."""
    invoices, payments = make_rows(40)
    return invoices, payments, links_of(invoices)


def links_of(invoices: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["id"], "T" + row["id"][1:]) for row in invoices]


@pytest.fixture
def folder(rows: Any, tmp_path: Path) -> Path:
    """The same rows as a ledger folder."""
    invoices, payments, links = rows
    where = tmp_path / "ledger"
    where.mkdir()
    for name, table in (("invoices", invoices), ("transactions", payments)):
        lines = [",".join(table[0]), *(",".join(row.values()) for row in table)]
        (where / f"{name}.csv").write_text("\n".join(lines) + "\n")
    lines = ["invoice_id,transaction_id,kind", *(f"{i},{t},one" for i, t in links)]
    (where / "truth.csv").write_text("\n".join(lines) + "\n")
    return where
