"""Reconciliation: read this first. The boxes of a run, in order.

```text
ledger -> references, parties -> blocking -> rules -> scores -> groups -> assign -> decide
```

The engine runs the boxes from blocking on; none of them does I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.catalog import PluginCatalog
from recon_sdk.config import TenantRef
from recon_sdk.configuration import load_config
from recon_sdk.digests import run_digest
from recon_sdk.engine import LocalEngine
from recon_sdk.engines import no_progress
from recon_sdk.errors import ConfigError
from recon_sdk.known import Known
from recon_sdk.known_files import load_known
from recon_sdk.plugins import TenantPlugins
from recon_sdk.reading import ReadOptions, read_ledger
from recon_sdk.results import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from recon_sdk.config import TenantConfig
    from recon_sdk.engines import Engine, Progress
    from recon_sdk.ledger import Ledger
    from recon_sdk.reading import ReadResult

__all__ = ["Reconciler", "reconcile"]


def reconcile(
    invoices: Any,
    transactions: Any,
    *,
    config: str | Path | Mapping[str, Any] | TenantConfig | None = None,
    plugins: Iterable[object] = (),
    decisions: Any = (),
    aliases: Any = (),
    rates: Any = None,
    read: ReadOptions | None = None,
    engine: str = "local",
    progress: Progress = no_progress,
) -> Result:
    """Reconcile invoices with bank transactions.

    Args:
        invoices: Records (`Invoice` or mappings), a data frame, or a path to CSV or Parquet.
        transactions: Likewise.
        config: A path to TOML or JSON, a mapping, a `TenantConfig`, or None for the defaults.
        plugins: Rules, blockers, difference models or plugin modules beside the configured ones.
        decisions: What people decided before: `Decision`s or a path.
        aliases: Names that stand for vendors: `Alias`es or a path.
        rates: Exchange rates: `Rate`s or a path.
        read: How to read the inputs; direction and currency default to the configuration's.
        engine: Name of the engine.
        progress: Called with a stage, how much is done and how much there is.

    Returns:
        Matches, candidates, what stays unmatched, a summary and a digest.

    Raises:
        ReconError: An input, the configuration or a plugin is unusable; the message says what,
            where and how to mend it. Single bad rows are listed in `result.problems` instead.

    Example:
        >>> from recon_sdk import reconcile
        >>> result = reconcile(
        ...     [{"id": "A", "amount": "120.00", "currency": "EUR", "due_date": "2026-03-31",
        ...       "invoice_number": "RE-2026-0042", "direction": "payable"}],
        ...     [{"id": "T", "amount": "-120.00", "currency": "EUR", "booking_date": "2026-03-30",
        ...       "description": "Invoice RE 2026 0042"}],
        ... )
        >>> match = result.matches[0]
        >>> match.invoice_ids, match.transaction_ids, match.decision.value
        (('A',), ('T',), 'auto')
    """
    return Reconciler(config, plugins=plugins, engine=engine).run(
        invoices,
        transactions,
        decisions=decisions,
        aliases=aliases,
        rates=rates,
        read=read,
        progress=progress,
    )


class Reconciler:
    """The warm, reusable form: plugins and configuration are loaded once.

    It keeps no data between runs, so one instance may serve one tenant for as long as its
    configuration stays the same.

    Attributes:
        config: The configuration in force.
        plugins: The tenant's loaded plugins.
        rule_set: What the plugins gave.
    """

    def __init__(
        self,
        config: str | Path | Mapping[str, Any] | TenantConfig | None = None,
        *,
        plugins: Iterable[object] = (),
        tenant: TenantRef | None = None,
        catalog: PluginCatalog | None = None,
        engine: str = "local",
    ) -> None:
        self.config = load_config(config)
        tenant = tenant or TenantRef(base_currency=self.config.base_currency)
        self.plugins = TenantPlugins.load(
            tenant, self.config, catalog or PluginCatalog.installed(), extra=tuple(plugins)
        )
        self.rule_set = self.plugins.rule_set()
        self._engine = _engine(self.plugins, engine)

    def run(
        self,
        invoices: Any,
        transactions: Any,
        *,
        decisions: Any = (),
        aliases: Any = (),
        rates: Any = None,
        read: ReadOptions | None = None,
        progress: Progress = no_progress,
    ) -> Result:
        """Reconcile; the arguments are those of `reconcile`."""
        known = load_known(decisions, aliases, rates)
        options = read or ReadOptions()
        options = attrs.evolve(
            options,
            direction=options.direction or self.config.direction,
            base_currency=self.config.base_currency if read is None else options.base_currency,
        )
        progress("read", 0, 0)
        found = read_ledger(invoices, transactions, options)
        return self._result(found.ledger, known, progress, found)

    def run_ledger(
        self,
        ledger: Ledger,
        known: Known | None = None,
        *,
        progress: Progress = no_progress,
    ) -> Result:
        """Reconcile a ledger that was read before."""
        return self._result(ledger, known or Known(), progress, None)

    def _result(
        self, ledger: Ledger, known: Known, progress: Progress, reading: ReadResult | None
    ) -> Result:
        outcome = self._engine.run(ledger, self.rule_set, known, progress)
        progress("digest", 0, 0)
        digest = run_digest(outcome, self.rule_set, known)
        problems = reading.problems if reading else ()
        return Result(outcome, self.rule_set, digest, problems, reading)


def _engine(plugins: TenantPlugins, name: str) -> Engine:
    engines: dict[str, Engine] = {"local": LocalEngine()}
    engines.update({e.name: e for e in plugins.engines()})
    if name not in engines:
        known = ", ".join(sorted(engines))
        detail = f"there is no engine {name!r}; installed and active: {known}"
        msg = "engine"
        raise ConfigError(msg, detail)
    return engines[name]
