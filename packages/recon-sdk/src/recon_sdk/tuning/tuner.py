"""Tuning from labelled matches: the stages, in order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.catalog import PluginCatalog
from recon_sdk.config import Strategy
from recon_sdk.configuration import ConfigSource, load_config
from recon_sdk.engines import no_progress
from recon_sdk.errors import ConfigError, InputError
from recon_sdk.evaluation import read_truth
from recon_sdk.known_files import load_known
from recon_sdk.reading import ReadOptions, read_ledger
from recon_sdk.tunable import JudgedBy, tunables_of
from recon_sdk.tuning.cautions import THRESHOLDS, Choice, choose_cautions, choose_threshold
from recon_sdk.tuning.climbing import WEIGHTS, Climb, climb_by_folds
from recon_sdk.tuning.folds import labels_of, make_folds
from recon_sdk.tuning.gains import gain_of_folds
from recon_sdk.tuning.outcome import FoldFigures, Tuning
from recon_sdk.tuning.ranking import MOST_INVOICES, Ranking
from recon_sdk.tuning.trials import Changes, Counts, Workshop, changed, counts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recon_sdk.engines import Progress
    from recon_sdk.reconciliation import Reconciler
    from recon_sdk.tuning.folds import Folds, Labels

__all__ = ["LEAST_LINKS", "tune"]

LEAST_LINKS = 50
"""Labelled links below which nothing can be learned."""


def tune(
    invoices: Any,
    transactions: Any,
    truth: str | os.PathLike[str] | Iterable[tuple[str, str]],
    *,
    config: ConfigSource = None,
    plugins: Iterable[object] = (),
    aliases: Any = (),
    rates: Any = None,
    read: ReadOptions | None = None,
    folds: int = 5,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Tuning:
    """Propose weights, thresholds and margins from labelled matches.

    Args:
        invoices: As for `reconcile`.
        transactions: As for `reconcile`.
        truth: A `truth.csv`, the folder that has one, or the true (invoice key, transaction key).
            It has to be complete: a link that is not in it counts as wrong.
        config: The configuration to start from.
        plugins: As for `reconcile`.
        aliases: As for `reconcile`.
        rates: As for `reconcile`.
        read: As for `reconcile`.
        folds: Number of folds, at least 2.
        seed: Draws the folds; the same seed gives the same proposal.
        progress: As for `reconcile`.

    Raises:
        InputError: There are too few labelled links or parties.
        ConfigError: There is less than two folds, or the strategy claims nothing.
        RunError: A rule failed.
        ReconError: As for `reconcile`.
    """
    if folds < 2:
        raise ConfigError(path="folds", detail=f"at least 2 are needed, not {folds}")
    base = load_config(config)
    if base.strategy is Strategy.RANK:
        detail = "'rank' claims nothing, so nothing can be judged; use 'optimal' or 'greedy'"
        raise ConfigError(path="strategy", detail=detail)
    options = read or ReadOptions(base_currency=base.base_currency)
    options = attrs.evolve(options, direction=options.direction or base.direction)
    progress("read", 0, 0)
    workshop = Workshop(
        base=base,
        plugins=tuple(plugins),
        catalog=PluginCatalog.installed(),
        ledger=read_ledger(invoices, transactions, options).ledger,
        known=load_known((), aliases, rates),
    )
    source = os.fspath(truth) if isinstance(truth, str | os.PathLike) else "truth"
    links = read_truth(truth) if isinstance(truth, str | os.PathLike) else truth
    labels = labels_of(workshop.ledger, links)
    if len(labels) < LEAST_LINKS:
        raise InputError(
            source,
            f"has {len(labels)} labelled links between rows of the ledger",
            f"at least {LEAST_LINKS} are needed, and some hundreds to learn much",
        )
    return _Tuner(workshop, labels, folds, seed, progress).tuning()


class _Tuner:
    """One tuning: what its stages share."""

    def __init__(
        self, workshop: Workshop, labels: Labels, folds: int, seed: int, progress: Progress
    ) -> None:
        self._workshop, self._labels, self._seed = workshop, labels, seed
        self._progress = progress
        progress("base", 0, 0)
        self._start = workshop.reconciler({})
        outcome = workshop.first_run(progress)
        self._folds: Folds = make_folds(outcome.ledger, labels, folds, seed)
        self._ranking = Ranking(workshop, outcome.ledger, labels, self._folds, progress)
        self._runs: dict[tuple[tuple[str, float], ...], Counts] = {
            (): counts_of(outcome, labels, self._folds).with_policy(0)
        }

    def tuning(self) -> Tuning:
        """Go through the stages: ranking, then the threshold, then what the policy demands."""
        (before,) = self._measured([{}])
        climb = self._climb()
        threshold, levels = self._threshold(climb.proposed)
        if climb.proposed:
            best = levels[threshold.proposed.get("threshold", self._workshop.base.threshold)]
            step = gain_of_folds([best.f1(k) - before.f1(k) for k in range(self._folds.count)])
            if -step.mean > step.error:
                climb = climb.dropped(f"true payments would rank higher, but F1 changes by {step}")
                threshold, _ = self._threshold({})
        so_far = {**climb.proposed, **threshold.proposed}
        cautions = self._cautions(so_far)
        proposed = {**so_far, **cautions.proposed}
        stages = (climb, threshold, cautions)
        by_fold: list[Changes] = [
            {path: value for stage in stages for path, value in stage.by_fold[k].items()}
            for k in range(self._folds.count)
        ]
        after = self._measured(by_fold)
        return Tuning(
            base=self._workshop.base,
            config=changed(self._workshop.base, proposed),
            verdicts=tuple(
                sorted((v for stage in stages for v in stage.verdicts), key=lambda v: v.path)
            ),
            before=tuple(self._figures(k, before, {}) for k in range(self._folds.count)),
            after=tuple(self._figures(k, c, by_fold[k]) for k, c in enumerate(after)),
            invoices=len(self._workshop.ledger.invoices),
            transactions=len(self._workshop.ledger.transactions),
            links=len(self._labels),
            parties=self._folds.units,
            folds=self._folds.count,
            seed=self._seed,
            plugin_versions=self._start.plugins.versions,
            notes=tuple(self._notes(before)),
        )

    def _climb(self) -> Climb:
        current = {
            f"rules.{rule.name}.weight": abs(weight) / 1e6
            for rule, weight in self._start.rule_set.rules
        }
        options: dict[str, tuple[float, ...]] = dict.fromkeys(current, WEIGHTS)
        for path, (value, values) in _tunable(self._start, JudgedBy.RANKING).items():
            current[path], options[path] = value, values
        return climb_by_folds(self._ranking, current, options, self._folds.count, self._progress)

    def _threshold(self, ranking: Changes) -> tuple[Choice, dict[float, Counts]]:
        current = self._workshop.base.threshold
        values = sorted({*THRESHOLDS, current})
        measured = {}
        for at, value in enumerate(values):
            self._progress("threshold", at, len(values))
            changes = ranking if value == current else {**ranking, "threshold": value}
            (measured[value],) = self._measured([changes])
        return choose_threshold(current, measured), measured

    def _cautions(self, so_far: Changes) -> Choice:
        found = _tunable(self._start, JudgedBy.AUTO)
        current: dict[str, float] = {path: value for path, (value, _) in found.items()}
        singles = [
            (path, value)
            for path, (now, values) in found.items()
            for value in values
            if value != now
        ]
        self._progress("margins", 0, 2)
        counts = self._measured([{**so_far, path: value} for path, value in singles])
        (base,) = self._measured([so_far])
        self._progress("margins", 1, 2)
        return choose_cautions(
            current,
            dict(zip(singles, counts, strict=True)),
            base,
            lambda trials: self._measured([{**so_far, **trial} for trial in trials]),
        )

    def _measured(self, trials: list[Changes]) -> list[Counts]:
        """Counts of trials; those that differ by what the policy reads alone share a run."""
        keys = [tuple(sorted(trial.items())) for trial in trials]
        policy = set(_tunable(self._start, JudgedBy.AUTO))
        groups: dict[tuple[tuple[str, float], ...], list[int]] = {}
        for at, key in enumerate(keys):
            if key not in self._runs and keys.index(key) == at:
                rest = tuple(change for change in key if change[0] not in policy)
                groups.setdefault(rest, []).append(at)
        for members in groups.values():
            found = self._workshop.counts(
                [trials[at] for at in members], self._labels, self._folds, no_progress
            )
            self._runs.update((keys[at], c) for at, c in zip(members, found, strict=True))
        return [self._runs[key] for key in keys]

    def _figures(self, fold: int, counts: Counts, changes: Changes) -> FoldFigures:
        ranked = {path: value for path, value in changes.items() if self._ranks(path)}
        standing = self._ranking.standing(ranked)
        mine = self._ranking.fold == fold
        return FoldFigures(
            f1=counts.f1(fold),
            top1=_mean(standing.top[mine]),
            mean_reciprocal_rank=_mean(standing.reciprocal[mine]),
            auto_precision=counts.auto_precision(fold),
            auto_coverage=float(counts.auto_right[fold] / max(1, counts.true[fold])),
        )

    def _ranks(self, path: str) -> bool:
        return path.startswith("rules.") or path in _tunable(self._start, JudgedBy.RANKING)

    def _notes(self, before: Counts) -> Iterator[str]:
        if self._labels.unknown:
            yield f"links of the truth whose rows are not there: {self._labels.unknown:,}"
        if len(self._ranking) == MOST_INVOICES:
            yield f"ranking was judged on {MOST_INVOICES:,} of the labelled invoices"
        if not int(before.auto.sum()):
            yield "nothing is decided automatically; a direction may be missing"


def _tunable(start: Reconciler, judged_by: JudgedBy) -> Mapping[str, tuple[int, tuple[int, ...]]]:
    """Settings of the active plugins that may be tuned: value in force, and values to try."""
    return {
        f"settings.{name}.{key}": (getattr(config.settings, key), tunable.values)
        for name, config in start.plugins.configs.items()
        if config.settings is not None
        for key, tunable in tunables_of(type(config.settings)).items()
        if tunable.judged_by is judged_by
    }


def _mean(values: Any) -> float:
    return float(np.sum(values) / max(1, len(values)) / 1e6)
