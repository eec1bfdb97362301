"""Running the same rows under two configurations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.backtesting.comparing import TOLERANCE, compare
from recon_sdk.backtesting.outcome import Backtest, SettingChange
from recon_sdk.configuration import ConfigSource, load_config
from recon_sdk.engines import no_progress
from recon_sdk.reading import ReadOptions
from recon_sdk.reconciliation import Reconciler
from recon_sdk.structuring import unstructure

if TYPE_CHECKING:
    import os

    from recon_sdk.engines import Progress

__all__ = ["backtest"]


def backtest(
    invoices: Any,
    transactions: Any,
    old: ConfigSource,
    new: ConfigSource,
    *,
    plugins: Iterable[object] = (),
    decisions: Any = (),
    aliases: Any = (),
    rates: Any = None,
    read: ReadOptions | None = None,
    engine: str = "local",
    truth: str | os.PathLike[str] | None = None,
    tolerance: int = TOLERANCE,
    progress: Progress = no_progress,
) -> Backtest:
    """Reconcile the same rows under two configurations and tell what differs.

    Args:
        invoices: As for `reconcile`.
        transactions: As for `reconcile`.
        old: The configuration in force.
        new: The one that is to take its place.
        plugins: As for `reconcile`; for both.
        decisions: As for `reconcile`; for both.
        aliases: As for `reconcile`; for both.
        rates: As for `reconcile`; for both.
        read: As for `reconcile`, but the base currency is that of each configuration.
        engine: As for `reconcile`; for both.
        truth: A `truth.csv`, or the folder that has one, to measure both against.
        tolerance: Change of a score that is no change, millionths.
        progress: As for `reconcile`.

    Raises:
        ReconError: As for `reconcile`.

    Example:
        >>> found = backtest(
        ...     [{"id": "A", "amount": "120.00", "issue_date": "2026-03-01",
        ...       "invoice_number": "RE-2026-0042", "direction": "payable"}],
        ...     [{"id": "T", "amount": "-120.00", "booking_date": "2026-03-30",
        ...       "description": "Invoice RE 2026 0042"}],
        ...     old={},
        ...     new={"settings": {"rules-default": {"auto_margin": 500_000}}},
        ... )
        >>> [(change.kind.value, change.invoice_ids) for change in found.changes]
        [('decision', ('A',))]
        >>> found.old.auto, found.new.auto
        (1, 0)
    """
    rows = [list(r) if isinstance(r, Iterator) else r for r in (invoices, transactions)]
    extra = tuple(plugins)
    runners = [
        Reconciler(load_config(config), plugins=extra, engine=engine) for config in (old, new)
    ]
    before, after = (
        runner.run(
            *rows,
            decisions=decisions,
            aliases=aliases,
            rates=rates,
            read=attrs.evolve(read or ReadOptions(), base_currency=runner.config.base_currency),
            progress=_under(name, progress),
        )
        for name, runner in zip(("old", "new"), runners, strict=True)
    )
    found = compare(before, after, truth=truth, tolerance=tolerance)
    return attrs.evolve(found, settings=_settings(*runners))


def _settings(old: Reconciler, new: Reconciler) -> tuple[SettingChange, ...]:
    """The settings in force that differ, defaults included."""
    before, after = _in_force(old), _in_force(new)
    return tuple(
        SettingChange(path=path, old=before.get(path), new=after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def _in_force(reconciler: Reconciler) -> dict[str, Any]:
    tree = unstructure(reconciler.config)
    tree["rules"] = {rule.name: {"weight": abs(w) / 1e6} for rule, w in reconciler.rule_set.rules}
    tree["settings"] = {
        name: unstructure(config.settings)
        for name, config in reconciler.plugins.configs.items()
        if config.settings is not None
    }
    tree["versions"] = dict(reconciler.plugins.versions)
    return dict(_leaves("", tree))


def _leaves(path: str, tree: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(tree, Mapping):
        yield path, tree
        return
    for key, value in tree.items():
        yield from _leaves(f"{path}.{key}" if path else str(key), value)


def _under(name: str, progress: Progress) -> Progress:
    return lambda stage, done, total: progress(f"{name}: {stage}", done, total)
