"""A small plugin of the tests' own, so that the engine is tested without another package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_sdk import (
    REASON_BITS,
    Assignment,
    Cost,
    DifferenceKind,
    Evidence,
    Keys,
    PluginCatalog,
    Reason,
    Reconciler,
    Result,
    Role,
    hookimpl,
)
from recon_sdk.hashing import mix

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen
class ToyRule:
    """Gives what a function of the pairs gives."""

    name: str = "same_amount"
    values: Any = None
    weight: float = 0.75
    role: Role = Role.SCORE
    evidence: Evidence = Evidence.AMOUNT
    cost: Cost = Cost.CHEAP
    version: str = "1"
    upper_bound: float = 1.0

    def score(self, pairs: Any) -> Any:
        if self.values is None:
            return (pairs.gap == 0).astype(np.float64)
        return self.values(pairs)

    def describe(self, value: float, invoice: Any, transaction: Any) -> str:
        return f"{transaction.amount} for {invoice.amount}" if value else "the amounts differ"


@attrs.frozen
class ToyBlocker:
    """All rows of one currency and amount, whatever the sign."""

    name: str = "by_amount"
    days_before: int = 30
    days_after: int = 90

    def invoice_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.invoices.currency, ledger.invoices.open_amount)

    def transaction_keys(self, ledger: Any) -> Keys:
        return self._keys(ledger.transactions.currency, ledger.transactions.unallocated_amount)

    @staticmethod
    def _keys(currency: Any, amounts: Any) -> Keys:
        rows = np.flatnonzero(amounts)
        return Keys(rows, mix(currency[rows], np.abs(amounts[rows])))


@attrs.frozen
class ToyPartyBlocker:
    """All rows of one party."""

    name: str = "by_party"
    days_before: int = 60
    days_after: int = 300

    def invoice_keys(self, ledger: Any) -> Keys:
        party = ledger.parties.invoice_party
        rows = np.flatnonzero(party >= 0)
        return Keys(rows, ledger.parties.keys[party[rows]])

    def transaction_keys(self, ledger: Any) -> Keys:
        words = ledger.parties.words
        return Keys(words >> 32, ledger.parties.keys[words & 0xFFFFFFFF])


@attrs.frozen
class ToyModel:
    """A fee of at most 5.00."""

    name: str = "fee"
    kind: DifferenceKind = DifferenceKind.BANK_FEE
    version: str = "1"
    is_usual: bool = True
    answer: Any = None

    def explain(self, gaps: Any) -> Any:
        if self.answer is not None:
            return self.answer(gaps)
        missing = gaps.asked - gaps.paid
        return np.where((missing > 0) & (missing <= 500) & ~gaps.converted, 0.01, 0.0)


@attrs.frozen
class ToyAssigner:
    """Highest evidence first; the margin is the evidence itself."""

    name: str = "first_come"
    version: str = "1"
    change: Any = None

    def assign(self, hypotheses: Any, strategy: Any, limits: Any) -> Assignment:
        del strategy, limits
        used: set[int] = set()
        chosen = []
        for at in np.argsort(-hypotheses.evidence, kind="stable").tolist():
            members = hypotheses.members[hypotheses.starts[at] : hypotheses.starts[at + 1]]
            if used.isdisjoint(members.tolist()) and hypotheses.evidence[at] > 0:
                used.update(members.tolist())
                chosen.append(at)
        at = np.array(sorted(chosen), np.int64)
        found = Assignment(
            chosen=at, margin=hypotheses.evidence[at], complete=np.ones(len(at), bool)
        )
        return self.change(found) if self.change else found


@attrs.frozen
class ToyPolicy:
    """What has a party or a reference is let through."""

    name: str = "trusting"
    version: str = "1"
    answer: Any = None

    def decide(self, claims: Any) -> Any:
        if self.answer is not None:
            return self.answer(claims)
        unknown = ~claims.by_party & ~claims.by_reference
        return np.where(unknown, REASON_BITS[Reason.NO_IDENTITY], 0)


class ToyPlugin:
    """All that a run needs; every part can be replaced."""

    def __init__(self, **parts: Any) -> None:
        self._parts = {
            "rules": (ToyRule(),),
            "blockers": (ToyBlocker(), ToyPartyBlocker()),
            "models": (ToyModel(),),
            "assigner": ToyAssigner(),
            "policy": ToyPolicy(),
            **parts,
        }

    @hookimpl
    def recon_register_rules(self) -> Any:
        return self._parts["rules"]

    @hookimpl
    def recon_register_blockers(self) -> Any:
        return self._parts["blockers"]

    @hookimpl
    def recon_register_difference_models(self) -> Any:
        return self._parts["models"]

    @hookimpl
    def recon_build_assigner(self) -> Any:
        return self._parts["assigner"]

    @hookimpl
    def recon_build_policy(self) -> Any:
        return self._parts["policy"]


@attrs.frozen
class Toys:
    """The parts, to be changed by a test."""

    Rule = ToyRule
    Blocker = ToyBlocker
    PartyBlocker = ToyPartyBlocker
    Model = ToyModel
    Assigner = ToyAssigner
    Policy = ToyPolicy
    Plugin = ToyPlugin


@pytest.fixture
def toys() -> type[Toys]:
    return Toys


@pytest.fixture
def reconciler() -> Callable[..., Reconciler]:
    """Make a reconciler of the toy plugin, with some of its parts replaced."""

    def make(config: dict[str, Any] | None = None, **parts: Any) -> Reconciler:
        catalog = PluginCatalog.of({"rules-default": ToyPlugin(**parts)})
        return Reconciler(config or {}, catalog=catalog)

    return make


@pytest.fixture
def run(reconciler: Callable[..., Reconciler]) -> Callable[..., Result]:
    """Run the toy plugin over some rows."""

    def call(
        invoices: Any, transactions: Any, config: dict[str, Any] | None = None, **more: Any
    ) -> Result:
        known = {key: more.pop(key) for key in ("decisions", "aliases", "rates") if key in more}
        return reconciler(config, **more).run(invoices, transactions, **known)

    return call
