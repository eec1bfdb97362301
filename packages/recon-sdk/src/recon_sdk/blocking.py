"""Blocker: two rows are candidates when they share a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs
import numpy as np

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array, UInt64Array
    from recon_sdk.ledger import Ledger

__all__ = ["Blocker", "Keys", "mix"]


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
    never with Python's own `hash` of texts.
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


def mix(*parts: Int64Array | UInt64Array | int) -> UInt64Array:
    """Hash columns of integers into one 64-bit key per row.

    Source:
        The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
        generators, 2014), applied after each part.
    """
    state = np.uint64(0x9E3779B97F4A7C15)
    out: UInt64Array = np.asarray(state)
    for part in parts:
        word = np.asarray(part).astype(np.int64).view(np.uint64)
        with np.errstate(over="ignore"):
            out = (out ^ word) + state
            out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            out = out ^ (out >> np.uint64(31))
    return out
