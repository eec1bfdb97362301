"""Engine: where the boxes of a run are executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import attrs

from recon_sdk.assignment import Assigner
from recon_sdk.blocking import Blocker
from recon_sdk.config import TenantConfig
from recon_sdk.differences import DifferenceModel
from recon_sdk.policy import DecisionPolicy
from recon_sdk.recognisers import Recogniser
from recon_sdk.rules import ScoringRule

if TYPE_CHECKING:
    from recon_sdk.known import Known
    from recon_sdk.ledger import Ledger
    from recon_sdk.outcome import Outcome

__all__ = ["Engine", "Progress", "RuleSet", "no_progress"]

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is (0 where not known)."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Report nothing."""
    del stage, done, total


@attrs.frozen(kw_only=True)
class RuleSet:
    """All that plugins gave to one tenant, in an order that depends on names alone.

    Attributes:
        config: The tenant's configuration.
        rules: Active rules by name, with weights in millionths (negative for a penalty).
        blockers: Blockers by name.
        difference_models: Difference models by name.
        recognisers: Recognisers by name.
        assigner: Chooses matches.
        policy: Decides what needs a look.
        plugin_versions: Plugin and version, sorted.
        trusted_identity: Names of identity rules that may count towards `auto`.
        plugin_of: Plugin of each rule, blocker and difference model, by name.
    """

    config: TenantConfig
    rules: tuple[tuple[ScoringRule, int], ...]
    blockers: tuple[Blocker, ...]
    difference_models: tuple[DifferenceModel, ...]
    assigner: Assigner
    policy: DecisionPolicy
    plugin_versions: tuple[tuple[str, str], ...]
    trusted_identity: frozenset[str]
    plugin_of: dict[str, str]
    recognisers: tuple[Recogniser, ...] = ()


@runtime_checkable
class Engine(Protocol):
    """Runs the boxes over one ledger.

    Every engine gives the same outcome, to the last digit, for the same inputs.
    """

    @property
    def name(self) -> str:
        """Name given with `--engine`."""

    def run(
        self, ledger: Ledger, rule_set: RuleSet, known: Known, progress: Progress = no_progress
    ) -> Outcome:
        """Reconcile the ledger."""
