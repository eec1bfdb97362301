"""Ranking: where the true payment stands among an invoice's candidates under other weights."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import Int64Array
from recon_sdk.engine.joining import Join
from recon_sdk.errors import RunError
from recon_sdk.pairs import Pairs
from recon_sdk.scoring import ONE, RuleFaultError, points, rule_values

if TYPE_CHECKING:
    from recon_sdk.columns import BoolArray
    from recon_sdk.engines import Progress
    from recon_sdk.ledger import Ledger
    from recon_sdk.rules import ScoringRule
    from recon_sdk.tuning.folds import Folds, Labels
    from recon_sdk.tuning.trials import Changes, Workshop

__all__ = ["MOST_INVOICES", "Ranking", "Standing"]

MOST_INVOICES = 20_000
"""Labelled invoices that weights are judged on; more tell nothing new."""
_LOWEST = np.iinfo(np.int64).min


@attrs.frozen(eq=False)
class Standing:
    """Where the true payments stand, one entry for each labelled invoice, millionths.

    Attributes:
        reciprocal: 1 / rank of the best ranked true payment; 0 where none is a candidate.
        top: Whether it stands at the top; a share where others stand there as well.
    """

    reciprocal: Int64Array
    top: Int64Array


class Ranking:
    """The candidates of the labelled invoices, with what each rule says of them.

    Attributes:
        invoice_rows: The labelled invoices, ascending.
        unit: For each of them its group of parties.
        fold: For each of them its fold.
    """

    def __init__(
        self, workshop: Workshop, ledger: Ledger, labels: Labels, folds: Folds, progress: Progress
    ) -> None:
        """Find and score the candidates.

        Args:
            workshop: Loads rules under other settings.
            ledger: The ledger with its references and parties recognised.
            labels: The labelled links.
            folds: Where the invoices belong.
            progress: Called while rules are asked.
        """
        self._workshop = workshop
        self._base = workshop.reconciler({}).rule_set
        labelled = np.unique(labels.invoice_rows)
        drawn = np.argsort(folds.order[folds.unit[labelled]], kind="stable")
        self.invoice_rows = np.sort(labelled[drawn[:MOST_INVOICES]])
        self.unit = np.unique(folds.unit[self.invoice_rows], return_inverse=True)[1].reshape(-1)
        self.fold = folds.fold[self.invoice_rows]
        self._pairs = self._candidates(ledger, progress)
        place = np.searchsorted(self.invoice_rows, self._pairs.invoice_rows)
        self._starts = np.flatnonzero(np.diff(place, prepend=-1))
        self._present = place[self._starts]
        self._group = np.repeat(
            np.arange(len(self._starts)), np.diff(self._starts, append=len(place))
        )
        words = (self._pairs.invoice_rows.astype(np.int64) << 32) | self._pairs.transaction_rows
        self._true: BoolArray = np.isin(words, labels.words)
        self._said: dict[tuple[tuple[str, float], ...], dict[str, Int64Array]] = {}
        self._known: dict[tuple[tuple[str, float], ...], Standing] = {}

    def __len__(self) -> int:
        return len(self.invoice_rows)

    def standing(self, changes: Changes) -> Standing:
        """Rank the candidates with some weights and settings changed."""
        key = tuple(sorted(changes.items()))
        if key not in self._known:
            self._known[key] = self._ranked(self._scores(changes))
        return self._known[key]

    def _candidates(self, ledger: Ledger, progress: Progress) -> Pairs:
        rule_set = self._base
        invoice_rows, transaction_rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        wanted = np.zeros(len(ledger.invoices), bool)
        wanted[self.invoice_rows] = True
        for batch in Join(ledger, rule_set.blockers, rule_set.config.limits).ranges():
            progress("candidates", int(batch.end), len(ledger.invoices))
            keep = wanted[batch.invoice_rows]
            invoice_rows.append(batch.invoice_rows[keep])
            transaction_rows.append(batch.transaction_rows[keep])
        pairs = Pairs(ledger, np.concatenate(invoice_rows), np.concatenate(transaction_rows))
        return pairs.take(pairs.sign_fits)

    def _scores(self, changes: Changes) -> Int64Array:
        """Scores before clipping: what the engine ranks by."""
        settings = {path: v for path, v in changes.items() if path.startswith("settings.")}
        said = self._values(tuple(sorted(settings.items())))
        total = np.zeros(len(self._pairs), np.int64)
        for rule, weight in self._base.rules:
            given = changes.get(f"rules.{rule.name}.weight")
            if given is not None:
                weight = round(given * ONE) * (-1 if rule.role == "penalty" else 1)
            total += points(said[rule.name], weight)
        return total

    def _values(self, settings: tuple[tuple[str, float], ...]) -> dict[str, Int64Array]:
        """What the rules say under some settings; rules that do not read them are not asked."""
        if settings not in self._said:
            known = self._said[()] if settings else {}
            before = {rule.name: rule for rule, _ in self._base.rules}
            rules = self._workshop.reconciler(dict(settings)).rule_set.rules
            self._said[settings] = {
                rule.name: known[rule.name]
                if settings and _is_same(before[rule.name], rule)
                else self._asked(rule)
                for rule, _ in rules
            }
        return self._said[settings]

    def _asked(self, rule: ScoringRule) -> Int64Array:
        try:
            return rule_values(rule, self._pairs)
        except RuleFaultError as error:
            message = f"{error}; cure it first"
            raise RunError(message) from error

    def _ranked(self, score: Int64Array) -> Standing:
        reciprocal = np.zeros(len(self), np.int64)
        top = np.zeros(len(self), np.int64)
        if len(score):
            best = np.maximum.reduceat(np.where(self._true, score, _LOWEST), self._starts)
            own = best[self._group]
            above = np.add.reduceat(score > own, self._starts, dtype=np.int64)
            level = np.add.reduceat((score == own) & ~self._true, self._starts, dtype=np.int64)
            there = best > _LOWEST
            # Ties count half: which of equals comes first is no merit of the weights.
            reciprocal[self._present] = np.where(there, 2 * ONE // (2 + 2 * above + level), 0)
            top[self._present] = np.where(there & (above == 0), ONE // (1 + level), 0)
        return Standing(reciprocal, top)


def _is_same(one: ScoringRule, other: ScoringRule) -> bool:
    """Whether two rules say the same: they are equal, or one's state is the other's."""
    if one == other:
        return True
    try:
        return type(one) is type(other) and pickle.dumps(one) == pickle.dumps(other)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
