from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_sdk import Assignment, Cost, Evidence, Keys, Reason, Role, hookimpl
from recon_sdk.catalog import PluginCatalog
from recon_sdk.cli import main
from recon_sdk.hashing import mix
from recon_sdk.policy import REASON_BITS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INVOICES = """id,invoice_number,vendor_name,amount,currency,issue_date,direction
I1,RE-1001,Acme,100.00,EUR,2026-03-01,payable
I2,RE-1002,Acme,210.00,EUR,2026-03-02,payable
I3,RE-1003,Beta,345.00,EUR,2026-03-03,
"""
TRANSACTIONS = """id,booking_date,amount,currency,counterparty_name,description
T1,2026-03-10,-100.00,EUR,Acme,RE-1001
T2,2026-03-11,-210.00,EUR,Acme,RE-1002
T3,2026-03-12,-345.00,EUR,,
T4,2026-03-13,-9.99,EUR,Bank,fee
"""
TRUTH = """invoice_id,transaction_id,kind
I1,T1,one
I2,T2,one
I3,T3,one
"""


@attrs.frozen
class SameAmount:
    name: str = "same_amount"
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    weight: float = 0.75
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs: Any) -> Any:
        return (pairs.gap == 0).astype(np.float64)

    def describe(self, value: float, invoice: Any, transaction: Any) -> str:
        return f"{transaction.amount} for {invoice.amount}" if value else "the amounts differ"


@attrs.frozen
class ByAmount:
    name: str = "amount"
    days_before: int = 30
    days_after: int = 90

    def invoice_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.invoices.open_amount)

    def transaction_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.transactions.unallocated_amount)

    @staticmethod
    def _keys(amounts: Any) -> Keys:
        return Keys(np.arange(len(amounts)), mix(np.abs(amounts)))


@attrs.frozen
class FirstCome:
    name: str = "first_come"
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
        return Assignment(
            chosen=np.array(sorted(chosen), np.int64),
            margin=np.full(len(chosen), 9000, np.int64),
            complete=np.ones(len(chosen), bool),
        )


@attrs.frozen
class KnownDirection:
    name: str = "known_direction"
    version: str = "1"

    def decide(self, claims: Any) -> Any:
        return np.where(claims.direction_known, 0, REASON_BITS[Reason.DIRECTION_UNKNOWN])


class RulesPlugin:
    """A plugin with rules alone."""

    def __init__(self, *rules: object) -> None:
        self.rules = rules or (SameAmount(),)

    @hookimpl
    def recon_register_rules(self) -> Any:
        return self.rules


class ToyPlugin(RulesPlugin):
    """All that a run needs, so that the SDK is tested without another package."""

    @hookimpl
    def recon_register_blockers(self) -> Any:
        return [ByAmount()]

    @hookimpl
    def recon_build_assigner(self) -> Any:
        return FirstCome()

    @hookimpl
    def recon_build_policy(self) -> Any:
        return KnownDirection()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The plugins that are installed: the toy, under the name that is active by default."""
    plugins: dict[str, object] = {"rules-default": ToyPlugin()}
    monkeypatch.setattr(
        PluginCatalog, "installed", classmethod(lambda _cls: PluginCatalog.of(plugins))
    )
    return plugins


@attrs.frozen
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def recon(
    installed: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run the command and give its exit code, stdout and stderr."""
    del installed

    def call(*words: object) -> Answer:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def with_rules() -> type[RulesPlugin]:
    """Make a plugin of rules."""
    return RulesPlugin


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A folder with a ledger of three invoices and four transactions."""
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "invoices.csv").write_text(INVOICES)
    (folder / "transactions.csv").write_text(TRANSACTIONS)
    (folder / "truth.csv").write_text(TRUTH)
    return folder


@pytest.fixture
def files(ledger: Path) -> tuple[Path, Path]:
    return ledger / "invoices.csv", ledger / "transactions.csv"
