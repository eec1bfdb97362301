"""Checks of blockers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.blocking import Keys
from recon_sdk.checks.contract import Check, broken, needs, require
from recon_sdk.checks.elsewhere import call_elsewhere
from recon_sdk.checks.ledgers import fingerprint_of, part_of, renumbered
from recon_sdk.checks.watching import outside_world_refused
from recon_sdk.kinds import BLOCKERS
from recon_sdk.offers import fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recon_sdk.blocking import Blocker
    from recon_sdk.columns import StringArray
    from recon_sdk.ledger import Ledger

__all__ = ["CHECKS"]

_SIDES = ("invoice_keys", "transaction_keys")


def blocker_says_what_it_is(blocker: Blocker) -> None:
    """Name and days are as the Protocol says.

    Give the blocker a lower-case snake-case name, and whole days that are not negative.
    """
    fault = fault_of(BLOCKERS, blocker)
    require(not fault, fault)


def keys_are_well_formed(blocker: Blocker, ledger: Ledger) -> None:
    """Both sides give `Keys`: int64 rows of the side and as many uint64 keys; nothing of nothing.

    Return `Keys(rows, keys)`; `recon_sdk.hashing.mix` hashes columns of integers into keys of this
    type.
    """
    none = np.zeros(0, np.int64)
    for one in (ledger, part_of(ledger, none, none)):
        sizes = len(one.invoices), len(one.transactions)
        for side, size in zip(_SIDES, sizes, strict=True):
            keys = getattr(blocker, side)(one)
            if not isinstance(keys, Keys):
                broken(f"{side} gave a {type(keys).__name__}, not Keys")
            rows, hashes = np.asarray(keys.rows), np.asarray(keys.keys)
            require(rows.dtype == np.int64, f"{side} gave rows of {rows.dtype}, not int64")
            require(hashes.dtype == np.uint64, f"{side} gave keys of {hashes.dtype}, not uint64")
            same = rows.ndim == 1 and rows.shape == hashes.shape
            require(same, f"{side} gave rows {rows.shape} and keys {hashes.shape}")
            inside = not len(rows) or (rows.min() >= 0 and rows.max() < size)
            require(inside, f"{side} names a row outside 0 to {size - 1}")


def same_ledger_gets_the_same_keys(blocker: Blocker, ledger: Ledger) -> None:
    """Asked twice, the blocker says the same.

    Keep no state between calls, and use no randomness.
    """
    _check_same(_keys_by_id(blocker, ledger), _keys_by_id(blocker, ledger), "the second call")


def keys_do_not_depend_on_other_rows(blocker: Blocker, ledger: Ledger) -> None:
    """A row has the same keys whatever rows stand beside it.

    Compute a key from the row's own values, and from what `ledger.references` and `ledger.parties`
    say of the row: never from its position, a rank or a count.
    """
    whole = _keys_by_id(blocker, ledger)
    for start in (0, 1):
        invoices = np.arange(start, len(ledger.invoices), 2)
        transactions = np.arange(start, len(ledger.transactions), 2)
        part = part_of(ledger, invoices, transactions)
        kept = set(part.invoices.ids.tolist()), set(part.transactions.ids.tolist())
        expected = tuple(
            {key: keys for key, keys in side.items() if key in ids}
            for side, ids in zip(whole, kept, strict=True)
        )
        _check_same(expected, _keys_by_id(blocker, part), "a ledger with half of the rows")


def keys_do_not_depend_on_codes(blocker: Blocker, ledger: Ledger) -> None:
    """The keys are the same when texts, currencies and parties have other codes.

    Hash what a code stands for, not the code: the text (`recon_sdk.hashing.hash_texts`), the
    currency's name, or `ledger.parties.keys` of a party.
    """
    _check_same(
        _keys_by_id(blocker, ledger),
        _keys_by_id(blocker, renumbered(ledger)),
        "the same ledger with other codes",
    )


def ledger_is_left_as_it_was(blocker: Blocker, ledger: Ledger) -> None:
    """Giving keys changes nothing in the ledger.

    Copy a column before you write to it.
    """
    before = fingerprint_of(ledger)
    _keys_by_id(blocker, ledger)
    require(before == fingerprint_of(ledger), "a column of the ledger was changed")


def blocking_stays_inside(blocker: Blocker, ledger: Ledger) -> None:
    """Giving keys uses no clock, no network, no other process and no chance.

    Load what the blocker needs when the plugin is loaded.
    """
    _keys_by_id(blocker, ledger)
    fresh = attrs.evolve(ledger)
    with outside_world_refused():
        blocker.invoice_keys(fresh)
        blocker.transaction_keys(fresh)


@needs("pickle")
def keys_are_the_same_elsewhere(blocker: Blocker, ledger: Ledger) -> None:
    """The blocker can be sent to another process and gives the same keys there.

    Define the blocker's class at the top of a module, and hash with `recon_sdk.hashing.mix` and
    `recon_sdk.hashing.hash_texts`: Python's own `hash` of texts differs from process to process.
    """
    for side, ids in zip(_SIDES, (ledger.invoices.ids, ledger.transactions.ids), strict=True):
        here, there = getattr(blocker, side)(ledger), call_elsewhere(blocker, side, ledger)
        _check_same((_by_id(here, ids),), (_by_id(there, ids),), "another process")


CHECKS: tuple[Check, ...] = (
    blocker_says_what_it_is,
    keys_are_well_formed,
    same_ledger_gets_the_same_keys,
    keys_do_not_depend_on_other_rows,
    keys_do_not_depend_on_codes,
    ledger_is_left_as_it_was,
    blocking_stays_inside,
    keys_are_the_same_elsewhere,
)
"""All checks of a blocker; they take `blocker` and `ledger`."""


def _by_id(keys: Keys, ids: StringArray) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, key in zip(keys.rows.tolist(), keys.keys.tolist(), strict=True):
        found.setdefault(str(ids[row]), []).append(key)
    return {key: sorted(hashes) for key, hashes in found.items()}


def _keys_by_id(blocker: Blocker, ledger: Ledger) -> tuple[dict[str, list[int]], ...]:
    return (
        _by_id(blocker.invoice_keys(ledger), ledger.invoices.ids),
        _by_id(blocker.transaction_keys(ledger), ledger.transactions.ids),
    )


def _check_same(
    expected: tuple[Mapping[str, list[int]], ...],
    found: tuple[Mapping[str, list[int]], ...],
    words: str,
) -> None:
    for one, other in zip(expected, found, strict=True):
        for key in sorted(one.keys() | other.keys()):
            same = one.get(key) == other.get(key)
            require(same, f"row {key!r} has other keys in {words}")
