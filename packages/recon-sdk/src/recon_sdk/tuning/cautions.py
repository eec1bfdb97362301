"""Cautions: the lowest score of a match, and the settings that only the decision policy reads."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.tuning.gains import gain_of_folds, most_errors
from recon_sdk.tuning.outcome import Verdict
from recon_sdk.tuning.trials import Changes, Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["PRECISION", "THRESHOLDS", "Choice", "choose_cautions", "choose_threshold"]

PRECISION = 0.999
"""Share of the automatic links that has to be right, where it can be had."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
"""Lowest scores of a match that may be proposed."""
_PRICE = 100
"""Right automatic links that outweigh a wrong one while the promise holds."""
_FINE = 1000
"""And once it does not hold."""


@attrs.frozen(kw_only=True)
class Choice:
    """What is proposed for settings that are judged by whole runs.

    Attributes:
        proposed: Changes; none where they gain nothing on parties unseen.
        by_fold: What is chosen without each fold; nothing where nothing is proposed.
        verdicts: One for each setting.
    """

    proposed: Changes
    by_fold: tuple[Changes, ...]
    verdicts: tuple[Verdict, ...]


def choose_threshold(current: float, measured: Mapping[float, Counts]) -> Choice:
    """Choose the lowest score of a match by F1, without each fold, and judge it on that fold."""
    count = len(measured[current].true)

    def pick(folds: Sequence[int]) -> float:
        at = np.array(folds)
        safe = [v for v in measured if measured[v].auto_precision(at) >= PRECISION] or [*measured]
        best = max(sorted(safe), key=lambda value: measured[value].f1(at))
        return _nearest(
            current,
            safe,
            lambda value: [measured[best].f1(k) - measured[value].f1(k) for k in folds],
        )

    picks, final = _picks(pick, count)
    unseen = gain_of_folds(
        [measured[v].f1(k) - measured[current].f1(k) for k, v in enumerate(picks)]
    )
    path = "threshold"
    if final == current:
        reason = "no other value gives a better F1 for certain"
    elif unseen.is_worth():
        reason = f"F1 {unseen} on parties unseen"
    else:
        reason = f"F1 {unseen} on parties unseen with {final:g}, which proves nothing"
        final = current
    verdict = Verdict(path=path, current=current, proposed=final, reason=reason)
    is_kept = final == current
    return Choice(
        proposed={} if is_kept else {path: final},
        by_fold=tuple({} if is_kept or v == current else {path: v} for v in picks),
        verdicts=(verdict,),
    )


def choose_cautions(
    current: Changes,
    measured: Mapping[tuple[str, float], Counts],
    base: Counts,
    measure: Callable[[Sequence[Changes]], list[Counts]],
) -> Choice:
    """Choose what the policy demands, each setting by itself, and judge all together.

    Args:
        current: Values in force by path.
        measured: Counts with one setting changed.
        base: Counts with none changed.
        measure: Counts with several changed.
    """
    count = len(base.true)
    values = {
        path: {current[path]: base, **{v: c for (p, v), c in measured.items() if p == path}}
        for path in sorted(current)
    }

    def pick(folds: Sequence[int]) -> dict[str, float]:
        found = {path: _caution(current[path], values[path], folds) for path in values}
        return {path: value for path, value in found.items() if value != current[path]}

    picks, final = _picks(pick, count)
    trials = [final, *picks]
    together = measure([trial for trial in trials if trial])
    rest = iter(together)
    counts = [next(rest) if trial else base for trial in trials]
    unseen = gain_of_folds(
        [
            (_worth(counts[k + 1], [k]) - _worth(base, [k])) / max(1, int(base.true[k]))
            for k in range(count)
        ]
    )
    holds = counts[0].auto_precision() >= min(PRECISION, base.auto_precision())
    accepted = bool(final) and unseen.is_worth() and holds
    outcome = _words(counts[1:], base) + ("" if accepted else ", which proves nothing")
    return Choice(
        proposed=final if accepted else {},
        by_fold=tuple(picks) if accepted else tuple({} for _ in picks),
        verdicts=tuple(
            Verdict(
                path=path,
                current=current[path],
                proposed=final.get(path, current[path]) if accepted else current[path],
                reason=_why(path, final, values, base, outcome),
            )
            for path in values
        ),
    )


def _why(
    path: str,
    final: Changes,
    values: Mapping[str, Mapping[float, Counts]],
    base: Counts,
    outcome: str,
) -> str:
    if path not in final:
        if not int(base.auto.sum()):
            return "nothing is decided automatically, so nothing can be said"
        return "no other value is better and certain to keep automatic decisions right"
    there = values[path][final[path]]
    links = int(there.auto.sum()) - int(base.auto.sum())
    wrong = int((there.auto - there.auto_right).sum()) - int((base.auto - base.auto_right).sum())
    effect = f"{final[path]:g} gives {links:+,} automatic links, {wrong:+,} wrong ones"
    return f"{effect}; on parties unseen, {outcome}"


def _words(by_fold: Sequence[Counts], base: Counts) -> str:
    """Say what happens to automatic decisions when each fold gets what the others propose."""
    auto = sum(int(counts.auto[k]) for k, counts in enumerate(by_fold))
    right = sum(int(counts.auto_right[k]) for k, counts in enumerate(by_fold))
    true = max(1, int(base.true.sum()))
    return (
        f"their precision goes from {100 * base.auto_precision():.2f} % to "
        f"{100 * right / max(1, auto):.2f} % and their coverage from "
        f"{100 * int(base.auto_right.sum()) / true:.2f} % to {100 * right / true:.2f} %"
    )


def _caution(current: float, measured: Mapping[float, Counts], folds: Sequence[int]) -> float:
    """Choose one value on some folds: the most right links for which the promise holds."""
    base = measured[current]
    allowed = [v for v in measured if v == current or _is_safe(measured[v], base, folds)]
    best = max(sorted(allowed), key=lambda value: _worth(measured[value], folds))
    return _nearest(
        current,
        allowed,
        lambda value: [_worth(measured[best], [k]) - _worth(measured[value], [k]) for k in folds],
    )


def _is_safe(there: Counts, base: Counts, folds: Sequence[int]) -> bool:
    """Whether no more is let through than is certain to be right, or less than before."""
    at = np.array(folds)
    auto, right = int(there.auto[at].sum()), int(there.auto_right[at].sum())
    return auto <= int(base.auto[at].sum()) or most_errors(auto - right) <= (
        (1 - PRECISION) * auto
    )


def _worth(counts: Counts, folds: Sequence[int]) -> float:
    """Right automatic links, wrong ones weighed in."""
    at = np.array(folds)
    auto, right = int(counts.auto[at].sum()), int(counts.auto_right[at].sum())
    errors = auto - right
    return right - _PRICE * errors - _FINE * max(0.0, errors - (1 - PRECISION) * auto)


def _nearest(
    current: float, values: Sequence[float], shortfalls: Callable[[float], list[float]]
) -> float:
    """Of the values within a standard error of the best, give the nearest to the current one."""
    for value in sorted(values, key=lambda value: (abs(value - current), value)):
        short = shortfalls(value)
        error = statistics.stdev(short) / math.sqrt(len(short)) if len(short) > 1 else 0.0
        if statistics.fmean(short) <= error:
            return value
    return current


def _picks(pick: Callable[[Sequence[int]], Any], count: int) -> tuple[list[Any], Any]:
    """Pick without each fold, and with all."""
    everyone = range(count)
    return [pick([f for f in everyone if f != k]) for k in everyone], pick(list(everyone))
