"""Blocker: two rows are candidates when they share a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from recon_sdk.columns import Int64Array, UInt64Array

if TYPE_CHECKING:
    from recon_sdk.ledger import Ledger

__all__ = ["Blocker", "Keys"]


@attrs.frozen(eq=False)
class Keys:
    """Keys of one side.

    Attributes:
        rows: Row of each key, int64; a row may have none, one or several.
        keys: 64-bit hash of each key, uint64, a function of the row's own values alone.
    """

    rows: Int64Array
    keys: UInt64Array


@runtime_checkable
class Blocker(Protocol):
    """Says which rows are worth comparing, without comparing them.

    Keys must be the same on every machine and in every process: hash values, not row numbers, and
    never with Python's own `hash` of texts (`recon_sdk.hashing` has what is needed).
    """

    @property
    def name(self) -> str:
        """Lower-case snake-case name, unique for the tenant."""

    @property
    def days_before(self) -> int:
        """A transaction may be booked so many days before the invoice's expected date."""

    @property
    def days_after(self) -> int:
        """A transaction may be booked so many days after it."""

    def invoice_keys(self, ledger: Ledger) -> Keys:
        """Keys of the invoices."""

    def transaction_keys(self, ledger: Ledger) -> Keys:
        """Keys of the transactions."""
