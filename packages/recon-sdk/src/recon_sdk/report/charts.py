"""Bar charts as plain numbers, ready for a template to draw.

Horizontal positions are percentages, vertical ones pixels, so a chart fills any width while its
texts keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

__all__ = ["Bar", "Chart", "Label", "Piece", "Tick", "short", "stacked_bars"]

_HEIGHT = 168
_TOP = 12
_GAP = 0.24


@attrs.frozen
class Bar:
    """One bar before it is drawn.

    Attributes:
        label: Text below it, "" for none.
        tier: 0 for a label that is always shown, higher ones give way on narrow screens.
        parts: Heights from bottom to top.
        title: What hovering shows.
    """

    label: str
    tier: int
    parts: Sequence[float]
    title: str


@attrs.frozen
class Piece:
    """One rectangle: `x` and `width` in percent, `y` and `height` in pixels."""

    x: str
    y: str
    width: str
    height: str
    part: int


@attrs.frozen
class Label:
    """A text below the bars at `x` percent."""

    x: str
    text: str
    tier: int


@attrs.frozen
class Tick:
    """A horizontal line at `y` pixels with its value."""

    y: str
    text: str


@attrs.frozen(kw_only=True)
class Chart:
    """A chart as a template needs it.

    Attributes:
        bars: The pieces and the title of each bar.
        labels: Texts below.
        ticks: Lines behind.
        base: Where the bars stand, pixels from the top.
        height: Height of the drawing, labels included.
    """

    bars: Sequence[tuple[Sequence[Piece], str]]
    labels: Sequence[Label]
    ticks: Sequence[Tick]
    base: int
    height: int


def stacked_bars(bars: Sequence[Bar], *, edge_labels: bool = False, last_label: str = "") -> Chart:
    """Lay out bars whose parts are stacked.

    Args:
        bars: At least one.
        edge_labels: Labels stand at the left edge of their bar, as on a scale.
        last_label: Text at the right end.
    """
    top = max((sum(bar.parts) for bar in bars), default=0) or 1
    step = _nice_step(top / 3)
    scale = (_HEIGHT - _TOP) / max(top, step)
    slot = 100 / len(bars)
    drawn = []
    for at, bar in enumerate(bars):
        pieces, floor = [], float(_HEIGHT)
        for part, value in enumerate(bar.parts):
            height = value * scale
            if height <= 0:
                continue
            floor -= height
            pieces.append(
                Piece(
                    x=f"{slot * (at + _GAP / 2):.3f}",
                    y=f"{floor:.2f}",
                    width=f"{slot * (1 - _GAP):.3f}",
                    height=f"{height:.2f}",
                    part=part,
                )
            )
        drawn.append((pieces, bar.title))
    shift = 0 if edge_labels else 0.5
    return Chart(
        bars=drawn,
        labels=[
            Label(f"{slot * (at + shift):.3f}", bar.label, bar.tier)
            for at, bar in enumerate(bars)
            if bar.label
        ]
        + ([Label("100", last_label, 0)] if last_label else []),
        ticks=[
            Tick(f"{_HEIGHT - step * n * scale:.2f}", short(step * n))
            for n in range(1, math.floor(top / step + 1e-9) + 1)
        ],
        base=_HEIGHT,
        height=_HEIGHT + 24,
    )


def short(value: float) -> str:
    """Write a round number in few characters.

    Example:
        >>> short(1500), short(2_000_000), short(40)
        ('1.5k', '2m', '40')
    """
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _nice_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough - 1e-9 * rough)
