"""Trials: a configuration with some settings changed, and the runs that judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.catalog import PluginCatalog
from recon_sdk.columns import Int64Array
from recon_sdk.config import RuleOverride, TenantConfig, TenantRef
from recon_sdk.engine import LocalEngine
from recon_sdk.engine.seam import checked_policy
from recon_sdk.errors import RunError
from recon_sdk.known import Known
from recon_sdk.ledger import Ledger
from recon_sdk.policy import REASON_BITS, DecisionPolicy
from recon_sdk.reconciliation import Reconciler

if TYPE_CHECKING:
    from recon_sdk.engines import Progress, RuleSet
    from recon_sdk.outcome import Outcome
    from recon_sdk.policy import Claims
    from recon_sdk.tuning.folds import Folds, Labels

__all__ = ["MOST_POLICIES", "Changes", "Counts", "Workshop", "changed", "counts_of"]

Changes = Mapping[str, float]
"""Settings by path, such as `rules.exact_amount.weight`, with the values to try."""

_BITS = tuple(sorted(REASON_BITS.values()))
MOST_POLICIES = len(_BITS)
"""Policies that one run can ask."""


def changed(config: TenantConfig, changes: Changes) -> TenantConfig:
    """Give a configuration with some settings changed."""
    rules = dict(config.rules)
    settings = {name: dict(section) for name, section in config.settings.items()}
    top: dict[str, Any] = {}
    for path, value in changes.items():
        kind, _, rest = path.partition(".")
        if kind == "rules":
            name = rest.removesuffix(".weight")
            rules[name] = attrs.evolve(rules.get(name, RuleOverride()), weight=float(value))
        elif kind == "settings":
            plugin, _, key = rest.partition(".")
            settings.setdefault(plugin, {})[key] = value
        else:
            top[path] = value
    top |= {"rules": rules, "settings": settings}
    return attrs.evolve(config, **top)


@attrs.frozen(kw_only=True, eq=False)
class Counts:
    """Links of one run by fold, as columns with one entry for each fold.

    Attributes:
        true: Labelled links.
        found: Links of the chosen matches.
        right: Of them those that are labelled.
        auto: Links decided `auto`; for several policies a row each.
        auto_right: Of them those that are labelled.
    """

    true: Int64Array
    found: Int64Array
    right: Int64Array
    auto: Int64Array
    auto_right: Int64Array

    def f1(self, folds: Any = slice(None)) -> float:
        """F1 of the links of some folds together."""
        wrong = self.found[folds].sum() + self.true[folds].sum()
        return float(2 * self.right[folds].sum() / max(1, wrong))

    def auto_precision(self, folds: Any = slice(None)) -> float:
        """Share of the automatic links that are right, 1 where there are none."""
        auto = int(self.auto[folds].sum())
        return float(self.auto_right[folds].sum() / auto) if auto else 1.0

    def with_policy(self, at: int) -> Counts:
        """The counts under one of several policies."""
        return attrs.evolve(self, auto=self.auto[at], auto_right=self.auto_right[at])


@attrs.frozen(eq=False)
class _Panel:
    """Asks several policies: each reason of its verdict stands for one that says `review`."""

    policies: Sequence[DecisionPolicy]
    name: str = "panel"
    version: str = "1"

    def decide(self, claims: Claims) -> Int64Array:
        """Collect the verdicts."""
        bits = np.zeros(len(claims), np.int64)
        for policy, bit in zip(self.policies, _BITS, strict=False):
            bits[checked_policy(policy, claims) != 0] |= bit
        return bits


@attrs.frozen(kw_only=True, eq=False)
class Workshop:
    """What all trials share.

    Attributes:
        base: The configuration in force.
        plugins: Plugins given in code.
        catalog: What is installed.
        ledger: The rows.
        known: What is known beside them.
    """

    base: TenantConfig
    plugins: tuple[object, ...]
    catalog: PluginCatalog
    ledger: Ledger
    known: Known

    def reconciler(self, changes: Changes) -> Reconciler:
        """Load the plugins with some settings changed."""
        config = changed(self.base, changes)
        tenant = TenantRef(base_currency=config.base_currency)
        return Reconciler(config, plugins=self.plugins, tenant=tenant, catalog=self.catalog)

    def run(self, rule_set: RuleSet, progress: Progress) -> Outcome:
        """Run once.

        Raises:
            RunError: A rule failed; nothing can be learned from what is left.
        """
        outcome = LocalEngine().run(self.ledger, rule_set, self.known, progress)
        for failure in outcome.failures:
            message = f"{failure.name} of plugin {failure.plugin} {failure.detail}; cure it first"
            raise RunError(message)
        return outcome

    def first_run(self, progress: Progress) -> Outcome:
        """Run with nothing changed, for `counts_of`."""
        rule_set = self.reconciler({}).rule_set
        return self.run(attrs.evolve(rule_set, policy=_Panel([rule_set.policy])), progress)

    def counts(
        self, trials: Sequence[Changes], labels: Labels, folds: Folds, progress: Progress
    ) -> list[Counts]:
        """Measure trials that differ by what the policy reads alone: one run for all of them."""
        found = []
        for start in range(0, len(trials), MOST_POLICIES):
            sets = [self.reconciler(t).rule_set for t in trials[start : start + MOST_POLICIES]]
            panel = _Panel([rule_set.policy for rule_set in sets])
            outcome = self.run(attrs.evolve(sets[0], policy=panel), progress)
            counts = counts_of(outcome, labels, folds)
            found += [counts.with_policy(at) for at in range(len(sets))]
        return found


def counts_of(outcome: Outcome, labels: Labels, folds: Folds) -> Counts:
    """Count the links of a run whose policy was a panel."""
    found = outcome.matches
    end = int(found.starts[found.chosen])
    invoice_rows = found.invoice_rows[:end].astype(np.int64)
    words = (invoice_rows << 32) | found.transaction_rows[:end].astype(np.int64)
    right = np.isin(words, labels.words)
    fold = folds.fold[invoice_rows]
    sizes = np.diff(found.starts[: found.chosen + 1])
    bits = np.repeat(found.reasons[: found.chosen], sizes)
    auto = np.array([(bits & bit) == 0 for bit in _BITS])

    def by_fold(where: Any) -> Int64Array:
        return np.bincount(fold[where], minlength=folds.count).astype(np.int64)

    return Counts(
        true=np.bincount(folds.fold[labels.invoice_rows], minlength=folds.count).astype(np.int64),
        found=by_fold(slice(None)),
        right=by_fold(right),
        auto=np.array([by_fold(said) for said in auto]),
        auto_right=np.array([by_fold(said & right) for said in auto]),
    )
