"""Hashes of texts and columns that are the same on every machine and in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import Int64Array, UInt64Array

__all__ = ["hash_texts", "mix", "powers"]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_STEP = np.uint64(0x9E3779B97F4A7C15)


def mix(*parts: Int64Array | UInt64Array | int) -> UInt64Array:
    """Hash columns of integers into one 64-bit key per row.

    Source:
        The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
        generators, 2014), applied after each part.
    """
    out: UInt64Array = np.asarray(_STEP)
    with np.errstate(over="ignore"):
        for part in parts:
            word = np.asarray(part)
            word = word if word.dtype == np.uint64 else word.astype(np.int64).view(np.uint64)
            out = (out ^ word) + _STEP
            out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            out = out ^ (out >> np.uint64(31))
    return out


def powers(size: int) -> tuple[UInt64Array, UInt64Array]:
    """Powers of the base of the rolling hash and of its inverse, modulo 2**64."""
    up, down = np.empty(size, np.uint64), np.empty(size, np.uint64)
    with np.errstate(over="ignore"):
        up[0] = down[0] = 1
        up[1:], down[1:] = _BASE, _INVERSE
        np.cumprod(up, out=up)
        np.cumprod(down, out=down)
    return up, down


def hash_texts(texts: Sequence[str]) -> UInt64Array:
    """Hash each text by its UTF-8 bytes: a polynomial modulo 2**64, mixed with the length."""
    encoded = [text.encode() for text in texts]
    raw = np.frombuffer(b"".join(encoded), np.uint8)
    ends = np.cumsum(np.array([len(e) for e in encoded], np.int64))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    up, down = powers(len(raw) + 1)
    with np.errstate(over="ignore"):
        sums = np.concatenate(
            [np.zeros(1, np.uint64), np.cumsum(mix(raw.astype(np.int64)) * up[:-1])]
        )
        value = (sums[ends] - sums[starts]) * down[starts]
    return mix(value, ends - starts)
