"""Checks of engines: the same outcome as the local one, to the last digit."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk import demo_data
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.ledgers import fingerprint_of, sample_rows
from recon_sdk.config import Limits, Strategy, TenantConfig
from recon_sdk.digests import run_digest
from recon_sdk.engine import LocalEngine
from recon_sdk.kinds import ENGINES
from recon_sdk.known import Alias, Decision, Known, Rate
from recon_sdk.matches import MatchStatus
from recon_sdk.offers import fault_of
from recon_sdk.reading import read_ledger
from recon_sdk.reconciliation import Reconciler
from recon_sdk.results import Result
from recon_sdk.rules import Cost, Evidence, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk.columns import FloatArray
    from recon_sdk.engines import Engine, RuleSet
    from recon_sdk.invoices import Invoice
    from recon_sdk.ledger import Ledger
    from recon_sdk.pairs import Pairs
    from recon_sdk.transactions import BankTransaction

__all__ = ["CHECKS"]

_RATES = (Rate(base="USD", quote="EUR", micros=920_000, date=dt.date(2026, 1, 1)),)


def engine_says_what_it_is(engine: Engine) -> None:
    """The name is as the Protocol says.

    Give the engine a lower-case name.
    """
    fault = fault_of(ENGINES, engine)
    require(not fault, fault)


def outcome_is_that_of_the_local_engine(engine: Engine) -> None:
    """For every ledger, strategy and knowledge, the outcome has the digest of the local engine's.

    Compute in integers after the seam of the rules, order by keys, and break ties by position. The
    set of candidates is the contract: the same rows per key, cut to the same nearest ones.
    """
    for words, ledger, rule_set, known in _worlds():
        here = LocalEngine().run(ledger, rule_set, known)
        there = engine.run(ledger, rule_set, known)
        for part in ("candidates", "matches", "duplicate_of", "failures"):
            same = fingerprint_of(getattr(here, part)) == fingerprint_of(getattr(there, part))
            require(same, f"{part} differ from the local engine's ({words})")
        same = run_digest(here, rule_set, known) == run_digest(there, rule_set, known)
        require(same, f"the digest differs from the local engine's ({words})")


def outcome_does_not_depend_on_the_order_of_rows(engine: Engine) -> None:
    """Shuffled rows have the same digest.

    Never use the order of arrival, of a partition, or of a shuffle as a tie-breaker.
    """
    invoices, transactions = sample_rows()
    rule_set, chance = _rule_set(TenantConfig()), random.Random(1)
    digests = set()
    for _ in range(3):
        owed = chance.sample(invoices, len(invoices))
        moved = chance.sample(transactions, len(transactions))
        outcome = engine.run(read_ledger(owed, moved).ledger, rule_set, Known())
        digests.add(run_digest(outcome, rule_set, Known()))
    require(len(digests) == 1, "shuffled rows have another digest")


def ledger_is_left_as_it_was(engine: Engine) -> None:
    """Running changes nothing in the ledger.

    Work on copies.
    """
    ledger = read_ledger(*sample_rows()).ledger
    before = fingerprint_of(ledger)
    engine.run(ledger, _rule_set(TenantConfig()), Known())
    require(before == fingerprint_of(ledger), "a column of the ledger was changed")


def failing_rule_is_set_aside(engine: Engine) -> None:
    """A rule that raises or gives rubbish is set aside and named; nothing is `auto` then.

    Run again without the rule, and report it in `failures`. A failure must never cost the run.
    """
    ledger = read_ledger(*sample_rows()).ledger
    for rule in (BrokenRule(name="raises", value=None), BrokenRule(name="rubbish", value=2.0)):
        rule_set = _rule_set(TenantConfig(), rule)
        outcome = engine.run(ledger, rule_set, Known())
        names = [failure.name for failure in outcome.failures]
        require(names == [rule.name], f"set aside are {names}, not {rule.name}")
        chosen = outcome.matches.reasons[: outcome.matches.chosen]
        require(bool((chosen != 0).all()), "a match is auto though a rule failed")


CHECKS: tuple[Check, ...] = (
    engine_says_what_it_is,
    outcome_is_that_of_the_local_engine,
    outcome_does_not_depend_on_the_order_of_rows,
    ledger_is_left_as_it_was,
    failing_rule_is_set_aside,
)
"""All checks of an engine; they take `engine`."""


@attrs.frozen(kw_only=True)
class BrokenRule:
    """A rule that keeps no promise; at the top of a module, so that it can travel.

    Attributes:
        name: Its name.
        value: What it gives; None makes it raise.
        version: Its version.
        evidence: What it claims to look at.
        role: How its value would enter the score.
        weight: Its weight.
        upper_bound: Its upper bound.
        cost: What it claims to cost.
    """

    name: str
    value: float | None
    version: str = "1"
    evidence: Evidence = Evidence.TEXT
    role: Role = Role.BOOST
    weight: float = 0.1
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs: Pairs) -> FloatArray:
        """Break."""
        if self.value is None:
            raise ArithmeticError(self.name)
        return np.full(len(pairs), self.value)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Name itself."""
        del value, invoice, transaction
        return self.name


def _worlds() -> Iterator[tuple[str, Ledger, RuleSet, Known]]:
    invoices, transactions = sample_rows()
    sample = read_ledger(invoices, transactions).ledger
    folder = Path(demo_data.__file__).parent
    demo = read_ledger(folder / "invoices.csv", folder / "transactions.csv").ledger
    for strategy in Strategy:
        config = TenantConfig(strategy=strategy)
        yield f"strategy {strategy}", demo, _rule_set(config), Known(rates=_RATES)  # type: ignore[arg-type]
    tight = TenantConfig(limits=Limits(nearest=2, pairs_per_batch=7, search_steps=3), top_n=1)
    yield "tight limits", sample, _rule_set(tight), Known()
    yield "no invoices", read_ledger((), transactions).ledger, _rule_set(TenantConfig()), Known()
    yield "no payments", read_ledger(invoices, ()).ledger, _rule_set(TenantConfig()), Known()
    plain = _rule_set(TenantConfig())
    matches = Result(LocalEngine().run(sample, plain, Known()), plain, "").matches
    decisions = [
        Decision(status=status, allocations=matches[at].allocations)  # type: ignore[arg-type]
        for at, status in enumerate((MatchStatus.CONFIRMED, MatchStatus.REJECTED))
    ]
    aliases = [Alias(name="SMITH", vendor_id="v2")]
    known = Known(decisions=decisions, aliases=aliases, rates=_RATES)  # type: ignore[arg-type]
    yield "decisions", sample, plain, known


def _rule_set(config: TenantConfig, *extra: object) -> RuleSet:
    return Reconciler(config, plugins=extra).rule_set
