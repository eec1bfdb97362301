"""Statement reader: turns a bank's own file format into transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from recon_sdk.transactions import BankTransaction

__all__ = ["StatementReader"]


@runtime_checkable
class StatementReader(Protocol):
    """Reads one format of bank files, for example MT940 or camt.053."""

    @property
    def name(self) -> str:
        """Lower-case kebab-case name of the format."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of such files, in lower case with the dot (`.sta`), at least one."""

    def read(self, path: Path) -> Iterable[BankTransaction]:
        """Read a file, in its own order.

        Raises:
            InputError: The file is not of this format.
            RowError: One entry cannot be used; names the line.
        """
