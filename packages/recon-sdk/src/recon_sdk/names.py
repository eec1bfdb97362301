"""Names: who is meant by a name, whole, cut, or with a slip of the pen."""

from __future__ import annotations

import bisect
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_TEXT
from recon_sdk.facts import PartyRelation
from recon_sdk.folding import name_keys

if TYPE_CHECKING:
    from recon_sdk.columns import Int32Array
    from recon_sdk.ledger import Ledger

__all__ = ["MOST_SHARING", "NameBook", "Named"]

MOST_SHARING = 8
"""A name that fits more parties than this identifies nobody."""
_SHORTEST_CUT = 8
"""Letters that a cut name must show, at least."""
_SHORTEST_MISSPELT = 8
"""Letters that a misspelt name must have, at least."""

Named = dict[int, list[tuple[int, PartyRelation, int]]]
"""Text code to (party, relation, sharing)."""


class NameBook:
    """The names and accounts of all parties, ready to be asked for a name."""

    def __init__(self, ledger: Ledger, invoice_party: Int32Array, parties: int) -> None:
        self.parties = parties
        known = invoice_party >= 0
        self.accounts: Named = {
            code: [(party, PartyRelation.ACCOUNT, len(found)) for party in found]
            for code, found in _sets(ledger.invoices.vendor_iban[known], invoice_party[known])
            if len(found) <= MOST_SHARING
        }
        by_key: dict[str, set[int]] = defaultdict(set)
        for code, found in _sets(ledger.invoices.vendor_name[known], invoice_party[known]):
            for key in name_keys(ledger.texts[code]):
                by_key[key].update(found)
        self.by_key = {key: sorted(found) for key, found in by_key.items() if key}
        self._sorted = sorted(self.by_key)

    def resolve(self, name: str) -> list[tuple[int, PartyRelation, int]]:
        """Give the parties that a name fits, none where it fits too many."""
        full, core = name_keys(name)
        # A name with its legal form is one party's; without it, it may be any of that name.
        found = self.by_key.get(full) or self.by_key.get(core)
        relation = PartyRelation.NAME
        if not found:
            relation = PartyRelation.CUT_NAME
            found = self._cut(full) or (self._cut(core) if core != full else [])
        found = found or self._misspelt(core)
        if not found or len(found) > MOST_SHARING:
            return []
        return [(party, relation, len(found)) for party in found]

    def _misspelt(self, key: str) -> list[int]:
        """Give the parties of the names that are one slip of the pen away."""
        if len(key) < _SHORTEST_MISSPELT:
            return []
        near = {
            other
            for form in (key, *_shortened(key))
            for other in self._slips.get(form, ())
            if _one_slip(key, other)
        }
        return sorted({party for other in near for party in self.by_key[other]})

    @cached_property
    def _slips(self) -> dict[str, list[str]]:
        """Each name under itself and under all that one missing letter makes of it."""
        out: dict[str, list[str]] = defaultdict(list)
        for key in self._sorted:
            if len(key) >= _SHORTEST_MISSPELT:
                for form in (key, *_shortened(key)):
                    out[form].append(key)
        return out

    def _cut(self, key: str) -> list[int]:
        if len(key) < _SHORTEST_CUT:
            return []
        at = bisect.bisect_left(self._sorted, key)
        found: set[int] = set()
        while at < len(self._sorted) and self._sorted[at].startswith(key):
            found.update(self.by_key[self._sorted[at]])
            at += 1
            if len(found) > MOST_SHARING:
                return []
        return sorted(found)


def _shortened(key: str) -> set[str]:
    return {key[:at] + key[at + 1 :] for at in range(len(key))}


def _one_slip(a: str, b: str) -> bool:
    """Whether two texts differ by one letter more, less, other, or swapped with its neighbour."""
    if a == b:
        return False
    head = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if head is None:
        return abs(len(a) - len(b)) == 1
    if len(a) == len(b):
        swapped = a[head : head + 2] == b[head : head + 2][::-1]
        return a[head + 1 :] == b[head + 1 :] or (swapped and a[head + 2 :] == b[head + 2 :])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[head + 1 :] == shorter[head:]


def _sets(codes: Int32Array, parties: Int32Array) -> list[tuple[int, list[int]]]:
    """Distinct codes with the sorted distinct parties that carry them."""
    given = codes != NO_TEXT
    word = np.sort((codes[given].astype(np.int64) << 32) | parties[given].astype(np.int64))
    if len(word) == 0:
        return []
    word = word[np.concatenate([[True], word[1:] != word[:-1]])]
    code, party = word >> 32, (word & 0xFFFFFFFF).tolist()
    starts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])).tolist()
    ends = [*starts[1:], len(word)]
    return [(int(code[a]), party[a:b]) for a, b in zip(starts, ends, strict=True)]
