"""What a command line asks for, and the run that answers it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.cli.progress import reporting
from recon_sdk.config import Strategy, TenantConfig
from recon_sdk.invoices import Direction

if TYPE_CHECKING:
    from recon_sdk.reading import ReadOptions
    from recon_sdk.results import Result

__all__ = ["Request"]


@attrs.frozen(kw_only=True)
class Request:
    """A run as it was asked for. None means: as the configuration says, else found out.

    Attributes:
        invoices: File of the invoices.
        transactions: File of the bank transactions.
        config: Configuration file.
        direction: Fills a blank invoice direction.
        currency: Fills a blank currency.
        strategy: How matches are chosen.
        top_n: Candidates kept for one invoice.
        threshold: Lowest score of a match.
        decisions: File of earlier decisions.
        aliases: File of names that stand for vendors.
        rates: File of exchange rates.
        engine: Where the run is executed.
        mapping: Our column name to the name in the files.
        delimiter: Delimiter of text files.
        decimal: Decimal sign.
        date_order: Order of day, month and year.
        encoding: Encoding of text files.
        strict: Stop at the first row that cannot be used.
        quiet: Report no progress.
    """

    invoices: Path
    transactions: Path
    config: Path | None = None
    direction: Direction | None = None
    currency: str | None = None
    strategy: Strategy | None = None
    top_n: int | None = None
    threshold: float | None = None
    decisions: Path | None = None
    aliases: Path | None = None
    rates: Path | None = None
    engine: str = "local"
    mapping: dict[str, str] = attrs.field(factory=dict)
    delimiter: str | None = None
    decimal: Any = None
    date_order: Any = None
    encoding: str | None = None
    strict: bool = False
    quiet: bool = False

    def run(self) -> Result:
        """Reconcile, with progress on stderr.

        Raises:
            ReconError: Whatever is wrong with the inputs, the configuration or a plugin.
        """
        from recon_sdk.reconciliation import reconcile

        config = self.tenant_config()
        with reporting(quiet=self.quiet) as progress:
            result: Result = reconcile(
                self.invoices,
                self.transactions,
                config=config,
                decisions=self.decisions or (),
                aliases=self.aliases or (),
                rates=self.rates,
                read=self.read_options(config),
                progress=progress,
                engine=self.engine,
            )
        return result

    def tenant_config(self) -> TenantConfig:
        """Give the configuration of the file, with what the command line changes."""
        from recon_sdk.configuration import load_config

        config = load_config(self.config) if self.config else TenantConfig()
        changes: dict[str, Any] = {
            "direction": self.direction,
            "base_currency": self.currency,
            "strategy": self.strategy,
            "top_n": self.top_n,
            "threshold": self.threshold,
        }
        return attrs.evolve(config, **{k: v for k, v in changes.items() if v is not None})

    def read_options(self, config: TenantConfig) -> ReadOptions:
        """Give the way in which the two files are read."""
        from recon_sdk.reading import ReadOptions

        return ReadOptions(
            mapping=self.mapping,
            encoding=self.encoding,
            delimiter=self.delimiter,
            decimal=self.decimal,
            date_order=self.date_order,
            direction=config.direction,
            base_currency=config.base_currency,
            strict=self.strict,
        )
