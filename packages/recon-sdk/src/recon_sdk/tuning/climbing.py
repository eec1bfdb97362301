"""Climbing: weights and scoring settings under which true payments rank higher."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.tuning.gains import Gain, gain_of_groups
from recon_sdk.tuning.outcome import Verdict
from recon_sdk.tuning.trials import Changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recon_sdk.columns import BoolArray
    from recon_sdk.engines import Progress
    from recon_sdk.tuning.ranking import Ranking

__all__ = ["WEIGHTS", "Climb", "climb_by_folds"]

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Weights that may be proposed."""
_ERRORS_OF_BEST = 2.0
"""Standard errors that a step has to gain: it is the best of many, so one would be luck."""
_MOST_STEPS = 12


@attrs.frozen(kw_only=True)
class Climb:
    """What ranking has to say.

    Attributes:
        proposed: Changes chosen on all parties that most folds chose as well; none where they gain
            nothing on parties unseen.
        by_fold: What is chosen without each fold; nothing where nothing is proposed.
        verdicts: One for each setting.
    """

    proposed: Changes
    by_fold: tuple[Changes, ...]
    verdicts: tuple[Verdict, ...]

    def dropped(self, why: str) -> Climb:
        """The same without its proposals."""
        verdicts = [
            attrs.evolve(v, proposed=v.current, reason=why) if v.is_change else v
            for v in self.verdicts
        ]
        return Climb(
            proposed={}, by_fold=tuple({} for _ in self.by_fold), verdicts=tuple(verdicts)
        )


def climb_by_folds(
    ranking: Ranking,
    current: Changes,
    options: Mapping[str, Sequence[float]],
    folds: int,
    progress: Progress,
) -> Climb:
    """Choose weights and settings without each fold, and judge them on that fold.

    Args:
        ranking: The candidates.
        current: Values in force by path.
        options: Values that may be tried by path.
        folds: Number of folds.
        progress: Called once for each fold.
    """
    by_fold: list[Changes] = []
    for fold in range(folds):
        progress("rank", fold, folds + 1)
        by_fold.append(_climb(ranking, current, options, ranking.fold != fold))
    progress("rank", folds, folds + 1)
    whole = _climb(ranking, current, options, np.ones(len(ranking), bool))
    votes = Counter(path for changes in by_fold for path in changes)
    proposed = {path: value for path, value in whole.items() if 2 * votes[path] > folds}
    unseen = _unseen(ranking, by_fold)
    if not (proposed and unseen.is_worth()):
        return Climb(
            proposed={},
            by_fold=tuple({} for _ in by_fold),
            verdicts=tuple(
                Verdict(
                    path=path,
                    current=current[path],
                    proposed=current[path],
                    reason=f"true payments rank {unseen} with {value:g}, which proves nothing"
                    if (value := whole.get(path)) is not None
                    else "no other value ranks true payments higher for certain",
                )
                for path in sorted(options)
            ),
        )
    return Climb(
        proposed=proposed,
        by_fold=tuple(by_fold),
        verdicts=tuple(_verdicts(ranking, current, options, proposed, votes, unseen, folds)),
    )


def _verdicts(
    ranking: Ranking,
    current: Changes,
    options: Iterable[str],
    proposed: Changes,
    votes: Mapping[str, int],
    unseen: Gain,
    folds: int,
) -> Iterable[Verdict]:
    everyone = np.ones(len(ranking), bool)
    for path in sorted(options):
        if path in proposed:
            without = {p: v for p, v in proposed.items() if p != path}
            own = _gain(ranking, without, proposed, everyone)
            reason = (
                f"mean reciprocal rank {own} by itself; {unseen} with all changes on parties "
                f"unseen; chosen in {votes[path]} of {folds} folds"
            )
        else:
            reason = "no other value ranks true payments higher for certain"
        yield Verdict(
            path=path,
            current=current[path],
            proposed=proposed.get(path, current[path]),
            reason=reason,
        )


def _climb(
    ranking: Ranking,
    current: Changes,
    options: Mapping[str, Sequence[float]],
    among: BoolArray,
) -> Changes:
    """Take the step that gains most until none gains for certain, then take back needless ones."""
    here: dict[str, float] = {}
    for _ in range(_MOST_STEPS):
        steps = [
            step
            for path in sorted(options)
            if (step := _step(ranking, current, options[path], here, path, among))
        ]
        if not steps:
            break
        _, path, value = max(steps, key=lambda step: step[0])
        here = _without_idle({**here, path: value}, current)
    for path in sorted(here):
        without = {p: v for p, v in here.items() if p != path}
        loss = _gain(ranking, without, here, among)
        if not loss.is_worth(_ERRORS_OF_BEST):
            here = without
    return here


def _step(
    ranking: Ranking,
    current: Changes,
    values: Sequence[float],
    here: Changes,
    path: str,
    among: BoolArray,
) -> tuple[float, str, float] | None:
    """Give the gain, path and value of the best step along one path, None where none is safe.

    Of the values that are within a standard error of the best, the nearest to the current one.
    """
    before = here.get(path, current[path])
    tried = {value: {**here, path: value} for value in {*values, current[path]} if value != before}
    gains = {value: _gain(ranking, here, there, among) for value, there in tried.items()}
    if not gains:
        return None
    best = max(sorted(gains), key=lambda value: gains[value].mean)
    for value in sorted(gains, key=lambda value: (abs(value - current[path]), value)):
        shortfall = _gain(ranking, tried[value], tried[best], among)
        if value == best or shortfall.mean <= shortfall.error:
            gain = gains[value]
            return (gain.mean, path, value) if gain.is_worth(_ERRORS_OF_BEST) else None
    return None


def _gain(ranking: Ranking, old: Changes, new: Changes, among: BoolArray) -> Gain:
    differences = ranking.standing(new).reciprocal - ranking.standing(old).reciprocal
    return gain_of_groups(differences[among], ranking.unit[among])


def _unseen(ranking: Ranking, by_fold: Sequence[Changes]) -> Gain:
    """What each fold gains by what was chosen without it."""
    differences = np.zeros(len(ranking), np.int64)
    before = ranking.standing({}).reciprocal
    for fold, changes in enumerate(by_fold):
        mine = ranking.fold == fold
        differences[mine] = (ranking.standing(changes).reciprocal - before)[mine]
    return gain_of_groups(differences, ranking.unit)


def _without_idle(changes: Changes, current: Changes) -> dict[str, float]:
    return {path: value for path, value in changes.items() if value != current[path]}
