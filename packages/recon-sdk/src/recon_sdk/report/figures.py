"""Headline figures of a result, computed from its columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_DATE, BoolArray, Int64Array
from recon_sdk.money import exponent_of
from recon_sdk.report.charts import Bar, Chart, stacked_bars
from recon_sdk.report.words import number
from recon_sdk.writing.tables import decimals

if TYPE_CHECKING:
    from recon_sdk.results import Result

__all__ = ["CurrencyFigures", "Figures", "Share", "money"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DIRECTIONS = {-1: "to pay", 1: "to receive", 0: "direction unknown"}
_MOST_MONTHS = 36
_MOST_YEARS = 40
_BINS = 20


@attrs.frozen
class Share:
    """A part of a whole.

    Attributes:
        text: The part itself.
        percent: 0 to 100, as a text with one decimal.
        start: Where it begins when parts are laid side by side, likewise.
        name: What it is.
    """

    text: str
    percent: str
    start: str
    name: str


@attrs.frozen(kw_only=True)
class CurrencyFigures:
    """Money of one currency and direction; texts without the currency.

    Attributes:
        currency: ISO 4217 code.
        direction: `to pay`, `to receive` or `direction unknown`.
        total: Open before the run.
        auto: Settled by matches that were decided automatically.
        review: Settled by matches for review.
        left: Still open if all of them are confirmed.
        shares: The same three as parts of the total.
        months: Chart by month of the due date, None where no invoice has a date.
        undated: Number of invoices without a date.
        by_year: The chart has years in place of months.
        cut: Number of invoices before the first bar.
    """

    currency: str
    direction: str
    total: str
    auto: str
    review: str
    left: str
    shares: Sequence[Share]
    months: Chart | None
    undated: int
    by_year: bool
    cut: int


def money(minor: int, currency: str) -> str:
    """Write an amount with thousands separators, without its currency."""
    text = decimals(np.array([minor]), np.zeros(1, np.int32), [currency])[0]
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole != "-0" else text


class Figures:
    """Headline figures, each computed when it is first asked for."""

    def __init__(self, result: Result) -> None:
        found = result.outcome.matches
        self._result = result
        self._chosen = found.chosen
        self._end = int(found.starts[self._chosen])
        sizes = np.diff(found.starts[: self._chosen + 1])
        self._allocation_is_auto: BoolArray = np.repeat(found.reasons[: self._chosen] == 0, sizes)

    @cached_property
    def invoices(self) -> Sequence[Share]:
        """Invoices by what became of them: decided automatically, for review, unmatched."""
        ledger, found = self._result.ledger, self._result.outcome.matches
        rows = found.invoice_rows[: self._end]
        matched = np.zeros(len(ledger.invoices), bool)
        matched[rows] = True
        review = np.zeros(len(ledger.invoices), bool)
        review[rows[~self._allocation_is_auto]] = True
        counts = [
            int(np.count_nonzero(matched & ~review)),
            int(np.count_nonzero(review)),
            int(np.count_nonzero(~matched)),
        ]
        return _shares(counts, [number(n) for n in counts])

    @cached_property
    def currencies(self) -> Sequence[CurrencyFigures]:
        """Money by currency and direction, the largest first."""
        ledger = self._result.ledger
        open_amount = np.abs(ledger.invoices.open_amount)
        auto = self._settled(of_auto=True)
        review = self._settled(of_auto=False)
        found = []
        groups = product(enumerate(ledger.currencies), _DIRECTIONS.items())
        for (code, currency), (sign, direction) in groups:
            of = (ledger.invoices.currency == code) & (ledger.invoices.direction == sign)
            if not of.any():
                continue
            parts = [int(auto[of].sum()), int(review[of].sum())]
            total = int(open_amount[of].sum())
            left = total - sum(parts)
            texts = [money(part, currency) for part in (*parts, left)]
            months, cut, by_year = self._months(of, currency, auto, review, open_amount)
            found.append(
                (
                    -total / 10 ** exponent_of(currency),
                    currency,
                    sign,
                    CurrencyFigures(
                        currency=currency,
                        direction=direction,
                        total=money(total, currency),
                        auto=texts[0],
                        review=texts[1],
                        left=texts[2],
                        shares=_shares([*parts, left], texts),
                        months=months,
                        undated=int(np.count_nonzero(of & (self._days == NO_DATE))),
                        by_year=by_year,
                        cut=cut,
                    ),
                )
            )
        return [figures for *_, figures in sorted(found, key=lambda entry: entry[:3])]

    @cached_property
    def scores(self) -> Chart | None:
        """How many matches have which score, automatic ones below those for review."""
        found = self._result.outcome.matches
        if not self._chosen:
            return None
        bins = np.minimum(found.score[: self._chosen] * _BINS // 1_000_000, _BINS - 1)
        is_auto = found.reasons[: self._chosen] == 0
        auto = np.bincount(bins[is_auto], minlength=_BINS).tolist()
        review = np.bincount(bins[~is_auto], minlength=_BINS).tolist()
        bars = []
        for at, (sure, unsure) in enumerate(zip(auto, review, strict=True)):
            low, high = at / _BINS, (at + 1) / _BINS
            bars.append(
                Bar(
                    label=f"{low:.1f}" if at % 2 == 0 else "",
                    tier=0 if at % 4 == 0 else 2,
                    parts=(sure, unsure),
                    title=f"Score {low:.2f} to {high:.2f}: "
                    f"{number(sure)} automatic, {number(unsure)} for review",
                )
            )
        return stacked_bars(bars, edge_labels=True, last_label=f"{1:.1f}")

    @property
    def period(self) -> tuple[str, str] | None:
        """First and last booking date."""
        days = self._result.ledger.transactions.booking_date
        days = days[days != NO_DATE]
        if not len(days):
            return None
        return str(np.datetime64(int(days.min()), "D")), str(np.datetime64(int(days.max()), "D"))

    @cached_property
    def _days(self) -> Int64Array:
        """The day by which each invoice falls due, else its day of issue."""
        invoices = self._result.ledger.invoices
        days: Int64Array = np.where(
            invoices.due_date != NO_DATE, invoices.due_date, invoices.issue_date
        ).astype(np.int64)
        return days

    def _settled(self, *, of_auto: bool) -> Int64Array:
        """What the matches settle of each invoice, magnitude in minor units."""
        found = self._result.outcome.matches
        settled = np.zeros(len(self._result.ledger.invoices), np.int64)
        chosen = self._allocation_is_auto == of_auto
        np.add.at(
            settled,
            found.invoice_rows[: self._end][chosen],
            np.abs(found.settled[: self._end][chosen]),
        )
        return settled

    def _months(
        self,
        of: BoolArray,
        currency: str,
        auto: Int64Array,
        review: Int64Array,
        open_amount: Int64Array,
    ) -> tuple[Chart | None, int, bool]:
        of = of & (self._days != NO_DATE)
        if not of.any():
            return None, 0, False
        months = self._days[of].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        by_year = bool(months.max() - months.min() >= _MOST_MONTHS)
        slots = months // 12 if by_year else months
        first = max(int(slots.min()), int(slots.max()) - _MOST_YEARS + 1)
        kept = slots >= first
        width = int(slots.max()) - first + 1
        unit = 10 ** exponent_of(currency)

        def totals(amounts: Int64Array) -> list[int]:
            sums = np.zeros(width, np.int64)
            np.add.at(sums, slots[kept] - first, amounts[of][kept])
            return [int(n) for n in sums]

        bars = []
        columns = (totals(auto), totals(review), totals(open_amount - auto - review))
        for at, parts in enumerate(zip(*columns, strict=True)):
            label, tier, name = _slot_words(first + at, at, width, by_year=by_year)
            sure, unsure, left = (money(part, currency) for part in parts)
            bars.append(
                Bar(
                    label=label,
                    tier=tier,
                    parts=[part / unit for part in parts],
                    title=f"{name}, {currency}: {sure} automatic, {unsure} for review, "
                    f"{left} still open",
                )
            )
        return stacked_bars(bars), int(np.count_nonzero(~kept)), by_year


def _slot_words(slot: int, at: int, width: int, *, by_year: bool) -> tuple[str, int, str]:
    """Give the label of a month or year, how dispensable it is, and its full name."""
    if by_year:
        return str(slot + 1970), 0 if at % 4 == 0 else 2, str(slot + 1970)
    year, month = slot // 12 + 1970, slot % 12
    name = f"{_MONTHS[month]} {year}"
    label = f"{_MONTHS[month]} {year % 100:02d}" if month == 0 or at == 0 else _MONTHS[month]
    tier = 0 if month % 6 == 0 or width <= 6 else 1 if month % 3 == 0 or width <= 14 else 2
    return label, tier, name


def _shares(parts: Sequence[int], texts: Sequence[str]) -> list[Share]:
    """Lay parts side by side."""
    whole = sum(parts) or 1
    shares, start = [], 0
    for part, text, name in zip(parts, texts, ("auto", "review", "open"), strict=True):
        shares.append(Share(text, f"{100 * part / whole:.1f}", f"{100 * start / whole:.1f}", name))
        start += part
    return shares
