"""Rate table: stored exchange rates as columns, with exact integer conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import as_day
from recon_sdk.money import MAX_MINOR, exponent_of, round_half_even

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import BoolArray, Int32Array, Int64Array
    from recon_sdk.known import Rate

__all__ = ["RateTable"]

_MILLION = 1_000_000


class RateTable:
    """The rates that hold between the currencies of one ledger.

    A rate holds from its date to the next one of the same pair. A pair that is stored in one
    direction only is used in the other one too. Of two rates of a pair and day the higher one
    holds.
    """

    def __init__(self, rates: Sequence[Rate], currencies: Sequence[str]) -> None:
        self._currencies = tuple(currencies)
        code = {currency: at for at, currency in enumerate(currencies)}
        self._by_pair: dict[tuple[int, int], list[Rate]] = {}
        for rate in sorted(rates, key=lambda r: (r.date, r)):
            if rate.base in code and rate.quote in code:
                pair = (code[rate.base], code[rate.quote])
                self._by_pair.setdefault(pair, []).append(rate)

    def convert(
        self, amounts: Int64Array, base: Int32Array, quote: Int32Array, days: Int32Array
    ) -> tuple[Int64Array, BoolArray, Int32Array]:
        """Convert magnitudes of minor units.

        Args:
            amounts: Minor units of the base currency, at least 0.
            base: Currency codes of the amounts.
            quote: Currency codes that are wanted.
            days: Days on which the rate must hold.

        Returns:
            Minor units of the quote currency (rounded half to even), whether there is a rate and
            the amount stays in range, and the rate's band in hundredths of a percent.
        """
        out = np.zeros(len(amounts), np.int64)
        found = np.zeros(len(amounts), bool)
        band = np.zeros(len(amounts), np.int32)
        pairs = (base.astype(np.int64) << 32) | quote
        for word in np.sort(pairs)[np.flatnonzero(np.diff(np.sort(pairs), prepend=-1))].tolist():
            b, q = word >> 32, word & 0xFFFFFFFF
            rates, inverse = self._by_pair.get((b, q)), False
            if rates is None:
                rates, inverse = self._by_pair.get((q, b)), True
            if rates is None:
                continue
            rows = np.flatnonzero(pairs == word)
            starts = np.array([as_day(r.date) for r in rates], np.int64)
            at = np.searchsorted(starts, days[rows], side="right") - 1
            rows, at = rows[at >= 0], at[at >= 0]
            micros = np.array([r.micros for r in rates], np.int64)[at]
            shift = exponent_of(self._currencies[q]) - exponent_of(self._currencies[b])
            values = [
                _scaled(a, m, shift, inverse=inverse)
                for a, m in zip(amounts[rows].tolist(), micros.tolist(), strict=True)
            ]
            fits = np.array([value <= MAX_MINOR for value in values], bool)
            rows, at = rows[fits], at[fits]
            out[rows] = [value for value in values if value <= MAX_MINOR]
            found[rows] = True
            band[rows] = np.array([r.band for r in rates], np.int32)[at]
        return out, found, band


def _scaled(amount: int, micros: int, shift: int, *, inverse: bool) -> int:
    top, bottom = (amount * _MILLION, micros) if inverse else (amount * micros, _MILLION)
    if shift >= 0:
        top *= 10**shift
    else:
        bottom *= 10**-shift
    return round_half_even(top, bottom)
