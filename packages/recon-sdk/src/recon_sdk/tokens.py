"""Tokens: letters and digits of many texts as spans of one byte array, hashed by span.

A token is a maximal run of letters and digits; joining neighbours means dropping the separators
between them. All texts are laid out as one array of their letters and digits alone, so a join of
any number of tokens is again one span, and its hash is a difference of two prefix sums.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import Int64Array
from recon_sdk.folding import fold_all, plain_vowels
from recon_sdk.hashing import powers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import BoolArray, UInt64Array

__all__ = ["Spans", "TokenTexts", "mask_non_references"]

_CLASS = np.zeros(256, np.uint8)
_CLASS[ord("0") : ord("9") + 1] = 1
_CLASS[ord("A") : ord("Z") + 1] = 2
_NEWLINE = ord("\n")


def _table(seed: int) -> UInt64Array:
    """256 fixed pseudo-random odd words (splitmix64), so that a hash is the same everywhere."""
    out = np.empty(256, np.uint64)
    state, mask = seed, (1 << 64) - 1
    for at in range(256):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        out[at] = (z ^ (z >> 31)) | 1
    return out


_ORDERED = _table(1)
_UNORDERED = _table(2)

# What looks like a number and is none: dates, months, amounts with decimals, account numbers.
# A date behind a letter and a separator is part of a number: RE-2025-03-14.
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_NO_REFERENCE = re.compile(
    r"(?<![0-9A-Z])(?:"
    r"(?<![A-Z][-/.])(?:"
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}[./-]{_DAY}[./-](?:\d{{4}}|\d{{2}})"
    rf"|{_MONTH}[./-](?:19|20)\d{{2}})"
    r"|(?:\d{1,3}(?:[.,]\d{3})+|\d{1,7})[.,]\d{2}"
    r"|(?P<account>(?!RF)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)"
    r")(?![0-9A-Z])"
)
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34


def mask_non_references(folded: str) -> str:
    """Blank out dates, months, amounts and IBANs in folded texts joined by line breaks."""
    return _NO_REFERENCE.sub(_blank, folded)


def _blank(found: re.Match[str]) -> str:
    """A blank for all that was found, or for the IBAN at its beginning if it begins with one."""
    account = found["account"]
    if account is None:
        return " "
    pieces = account.split(" ")
    for count in range(len(pieces), 0, -1):
        if _is_iban("".join(pieces[:count])):
            return " ".join(["", *pieces[count:]]) if count < len(pieces) else " "
    return account


def _is_iban(text: str) -> bool:
    """Whether the check digits of an account number are right.

    Source:
        ISO 13616, with the check digits of ISO 7064 mod 97-10.
    """
    if not _SHORTEST_IBAN <= len(text) <= _LONGEST_IBAN:
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


@attrs.frozen(eq=False)
class Spans:
    """Spans of tokens.

    Attributes:
        text: Position of the text of each span.
        start: First byte of each span in the letters-and-digits array.
        end: One past its last byte.
    """

    text: Int64Array
    start: Int64Array
    end: Int64Array

    def __len__(self) -> int:
        return len(self.text)

    def take(self, chosen: Int64Array | BoolArray) -> Spans:
        """Some of the spans."""
        return Spans(self.text[chosen], self.start[chosen], self.end[chosen])

    @property
    def length(self) -> Int64Array:
        """Characters of each span."""
        return self.end - self.start


class TokenTexts:
    """Many texts, folded and cut into tokens.

    Args:
        texts: The texts.
        references: Blank out what looks like a number and is none.
        names: Read AE, OE and UE as A, O and U, as `name_keys` does.

    Attributes:
        bytes: Letters and digits of all texts, uint8.
        tokens: All tokens in order.
        bounds: Byte offset where each text begins, and the end.
    """

    def __init__(
        self, texts: Sequence[str], *, references: bool = False, names: bool = False
    ) -> None:
        joined = "\n".join(fold_all(texts))
        if names:
            joined = plain_vowels(joined)
        if references:
            joined = mask_non_references(joined)
        raw = np.frombuffer(joined.encode("ascii"), np.uint8)
        kind = _CLASS[raw]
        kept = kind > 0
        self.bytes = raw[kept]
        self._digit = kind[kept] == 1
        breaks = np.flatnonzero(raw == _NEWLINE)
        before = np.concatenate([[0], np.cumsum(kept)])
        self.bounds = np.concatenate(
            [[0], before[breaks], [len(self.bytes)]] if texts else [[0]]
        ).astype(np.int64)
        edge = np.diff(np.concatenate([[False], kept, [False]]).view(np.int8))
        start, end = before[np.flatnonzero(edge == 1)], before[np.flatnonzero(edge == -1)]
        self.tokens = self._spans(start.astype(np.int64), end.astype(np.int64))
        up, self._inverse = powers(len(self.bytes) + 1)
        with np.errstate(over="ignore"):
            self._ordered = np.concatenate(
                [np.zeros(1, np.uint64), np.cumsum(_ORDERED[self.bytes] * up[:-1])]
            )

    def _spans(self, start: Int64Array, end: Int64Array) -> Spans:
        text = np.searchsorted(self.bounds, start, side="right") - 1
        return Spans(text.astype(np.int64), start, end)

    def hashes(self, spans: Spans) -> UInt64Array:
        """Hash each span: equal characters, equal hash, wherever they stand."""
        with np.errstate(over="ignore"):
            value = (self._ordered[spans.end] - self._ordered[spans.start]) * self._inverse[
                spans.start
            ]
            value = value ^ (value >> np.uint64(32))
            return np.asarray(value * np.uint64(0x94D049BB133111EB) ^ (value >> np.uint64(29)))

    def unordered_hashes(self, spans: Spans) -> UInt64Array:
        """Hash the characters of each span regardless of their order."""
        with np.errstate(over="ignore"):
            sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_UNORDERED[self.bytes])])
            return np.asarray(sums[spans.end] - sums[spans.start])

    def joins(self, most: int, spans: Spans | None = None) -> Spans:
        """Give all spans of 1 to `most` neighbouring tokens of one text."""
        base = self.tokens if spans is None else spans
        parts = [base]
        for more in range(1, most):
            if len(base) <= more:
                break
            first, last = (
                base.take(np.arange(len(base) - more)),
                base.take(np.arange(more, len(base))),
            )
            same = first.text == last.text
            parts.append(Spans(first.text[same], first.start[same], last.end[same]))
        return Spans(
            np.concatenate([p.text for p in parts]),
            np.concatenate([p.start for p in parts]),
            np.concatenate([p.end for p in parts]),
        )

    def whole(self) -> Spans:
        """Give one span for each text: all its letters and digits."""
        count = len(self.bounds) - 1
        return Spans(np.arange(count, dtype=np.int64), self.bounds[:-1], self.bounds[1:])

    def digit_runs(self) -> Spans:
        """Give the maximal runs of digits inside tokens."""
        digit = self._digit
        if len(digit) == 0:
            return self.tokens
        fresh = np.zeros(len(digit), bool)
        fresh[self.tokens.start] = True
        begins = digit & (fresh | ~np.concatenate([[False], digit[:-1]]))
        closes = np.zeros(len(digit) + 1, bool)
        closes[:-1] = fresh | ~digit
        closes[-1] = True
        start = np.flatnonzero(begins)
        stops = np.flatnonzero(closes)
        end = stops[np.searchsorted(stops, start, side="right")]
        return self._spans(start.astype(np.int64), end.astype(np.int64))

    def joined_runs(self, most: int) -> Spans:
        """Give runs of digits, and joins of neighbouring runs with only separators between."""
        runs = self.digit_runs()
        touching = (runs.end[:-1] == runs.start[1:]) & (runs.text[:-1] == runs.text[1:])
        parts, linked = [runs], np.ones(len(runs), bool)
        for more in range(1, min(most, len(runs))):
            linked = linked[:-1] & touching[more - 1 :]
            at = np.flatnonzero(linked)
            parts.append(Spans(runs.text[at], runs.start[at], runs.end[at + more]))
        return Spans(
            np.concatenate([p.text for p in parts]),
            np.concatenate([p.start for p in parts]),
            np.concatenate([p.end for p in parts]),
        )

    def without_zeros(self, spans: Spans) -> Spans:
        """Drop leading zeros of each span (an all-zero span keeps none)."""
        position = np.where(self.bytes == ord("0"), len(self.bytes), np.arange(len(self.bytes)))
        ahead = np.minimum.accumulate(np.concatenate([position, [len(self.bytes)]])[::-1])[::-1]
        return Spans(spans.text, np.minimum(ahead[spans.start], spans.end), spans.end)

    def characters(
        self, spans: Spans, width: int
    ) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        """Give the first `width` characters of each span as rows, padded with 0."""
        at = spans.start[:, None] + np.arange(width)
        inside = at < spans.end[:, None]
        return np.where(inside, self.bytes[np.minimum(at, max(len(self.bytes) - 1, 0))], 0)
