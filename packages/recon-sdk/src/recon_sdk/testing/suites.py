"""The contract suites of plugins and of what they offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from recon_sdk.catalog import PluginCatalog
from recon_sdk.checks import (
    assigners,
    blockers,
    differences,
    engines,
    explainers,
    plugins,
    policies,
    rules,
)
from recon_sdk.checks.builders import all_pairs
from recon_sdk.checks.ledgers import sample_ledger
from recon_sdk.config import TenantConfig
from recon_sdk.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.assignment import Assigner
    from recon_sdk.blocking import Blocker
    from recon_sdk.checks.contract import Check
    from recon_sdk.differences import DifferenceModel, Gaps
    from recon_sdk.engines import Engine
    from recon_sdk.explanations import Explainer, MatchContext
    from recon_sdk.ledger import Ledger
    from recon_sdk.pairs import Pairs
    from recon_sdk.policy import Claims, DecisionPolicy
    from recon_sdk.rules import ScoringRule

__all__ = [
    "AssignerContract",
    "BlockerContract",
    "DifferenceModelContract",
    "EngineContract",
    "ExplainerContract",
    "PluginContract",
    "PolicyContract",
    "RuleContract",
]


def _missing(fixture: str, example: str) -> NotImplementedError:
    return NotImplementedError(
        f"give the suite its subject: @pytest.fixture def {fixture}(self): return {example}"
    )


class RuleContract(Contract):
    """What every scoring rule promises. Give the fixture `rule`.

    Capabilities: `pickle` (it can be sent to a worker process).
    """

    checks: ClassVar[tuple[Check, ...]] = rules.CHECKS

    @pytest.fixture
    def rule(self) -> ScoringRule:
        """The rule."""
        msg = "rule"
        raise _missing(msg, "MyRule()")

    @pytest.fixture
    def pairs(self) -> Pairs:
        """Pairs to score; give others where the rule needs values that the sample has not."""
        return all_pairs(sample_ledger())


class BlockerContract(Contract):
    """What every blocker promises. Give the fixture `blocker`.

    Capabilities: `pickle` (it can be sent to a worker process).
    """

    checks: ClassVar[tuple[Check, ...]] = blockers.CHECKS

    @pytest.fixture
    def blocker(self) -> Blocker:
        """The blocker."""
        msg = "blocker"
        raise _missing(msg, "MyBlocker()")

    @pytest.fixture
    def ledger(self) -> Ledger:
        """A ledger to give keys for."""
        return sample_ledger()


class DifferenceModelContract(Contract):
    """What every difference model promises. Give the fixture `model`.

    Capabilities: `pickle` (it can be sent to a worker process).
    """

    checks: ClassVar[tuple[Check, ...]] = differences.CHECKS

    @pytest.fixture
    def model(self) -> DifferenceModel:
        """The model."""
        msg = "model"
        raise _missing(msg, "MyModel()")

    @pytest.fixture
    def gaps(self) -> Gaps:
        """Gaps to judge."""
        return differences.sample_gaps()


class ExplainerContract(Contract):
    """What every explainer promises. Give the fixture `explainer`.

    Capabilities: `repeatable` (it gives the same text again without a cache).
    """

    checks: ClassVar[tuple[Check, ...]] = explainers.CHECKS

    @pytest.fixture
    def explainer(self) -> Explainer:
        """The explainer, a new one for each test."""
        msg = "explainer"
        raise _missing(msg, "MyExplainer(client=FakeClient())")

    @pytest.fixture
    def contexts(self) -> Sequence[MatchContext]:
        """Matches to explain, one of them with hostile texts."""
        return explainers.sample_contexts()

    @pytest.fixture
    def timeout_seconds(self) -> float:
        """Time within which it promises an answer."""
        return 5.0


class AssignerContract(Contract):
    """What every assigner promises. Give the fixture `assigner`.

    Capabilities: `pickle` (it can be sent to a worker process), `exact-margins` (it finds the
    regret of a dozen hypotheses exactly, or bounds it from below).
    """

    checks: ClassVar[tuple[Check, ...]] = assigners.CHECKS

    @pytest.fixture
    def assigner(self) -> Assigner:
        """The assigner."""
        msg = "assigner"
        raise _missing(msg, "MyAssigner()")


class PolicyContract(Contract):
    """What every decision policy promises. Give the fixture `policy`.

    Capabilities: `pickle` (it can be sent to a worker process).
    """

    checks: ClassVar[tuple[Check, ...]] = policies.CHECKS

    @pytest.fixture
    def policy(self) -> DecisionPolicy:
        """The policy."""
        msg = "policy"
        raise _missing(msg, "MyPolicy()")

    @pytest.fixture
    def claims(self) -> Claims:
        """Claims to decide about."""
        return policies.sample_claims()


class EngineContract(Contract):
    """What every engine promises. Give the fixture `engine`. Needs `recon-rules-default`."""

    checks: ClassVar[tuple[Check, ...]] = engines.CHECKS

    @pytest.fixture
    def engine(self) -> Engine:
        """The engine."""
        msg = "engine"
        raise _missing(msg, "MyEngine()")


class PluginContract(Contract):
    """What every plugin promises as a whole, and all that it offers. Give the fixture `name`."""

    checks: ClassVar[tuple[Check, ...]] = (*plugins.CHECKS, plugins.offers_keep_their_promises)

    @pytest.fixture
    def name(self) -> str:
        """The plugin's name: that of its entry point, or of the fixture `catalog`."""
        msg = "name"
        raise _missing(msg, "'acme-rules'")

    @pytest.fixture
    def catalog(self) -> PluginCatalog:
        """What is installed; give `PluginCatalog.of({name: module})` for a plugin that is not."""
        return PluginCatalog.installed()

    @pytest.fixture
    def config(self, name: str) -> TenantConfig:
        """A configuration that switches the plugin on."""
        return TenantConfig(plugins=(name,))
