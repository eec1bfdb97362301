"""Fakes: small real things in place of clocks, ids, models and rules."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.explanations import Explanation
from recon_sdk.rules import Cost, Evidence, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recon_sdk.columns import FloatArray
    from recon_sdk.explanations import MatchContext
    from recon_sdk.invoices import Invoice
    from recon_sdk.pairs import Pairs
    from recon_sdk.transactions import BankTransaction

__all__ = ["ConstantRule", "FrozenClock", "ScriptedExplainer", "SequentialIds"]


@attrs.define
class FrozenClock:
    """A clock that stands still until it is moved.

    Attributes:
        now: What it shows, in UTC.
    """

    now: dt.datetime = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Give what it shows."""
        return self.now

    def move(self, **by: float) -> None:
        """Move it; the arguments are those of `timedelta`."""
        self.now += dt.timedelta(**by)


class SequentialIds:
    """Gives `id-1`, `id-2` and so on.

    Args:
        prefix: What stands before the number.
    """

    def __init__(self, prefix: str = "id-") -> None:
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        """Give the next one."""
        return f"{self._prefix}{next(self._numbers)}"


@attrs.frozen(kw_only=True)
class ConstantRule:
    """A rule that says the same of every pair.

    Attributes:
        value: What it says, 0 to 1, or NaN for no opinion.
        name: The rule's name.
        version: Its version.
        evidence: What it claims to look at.
        role: How its value enters the score.
        weight: Its default weight.
        upper_bound: Its upper bound.
        cost: What it claims to cost.
    """

    value: float = 1.0
    name: str = "constant"
    version: str = "1"
    evidence: Evidence = Evidence.TEXT
    role: Role = Role.BOOST
    weight: float = 0.1
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs: Pairs) -> FloatArray:
        """Say it of every pair."""
        return np.full(len(pairs), self.value, np.float64)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Name the rule and the value."""
        del invoice, transaction
        return f"{self.name} says {value:g}"


class ScriptedExplainer:
    """An explainer that gives prepared answers in turn, and remembers what it was asked.

    Args:
        answers: Texts to give, or errors to raise, one a call; the last one is repeated.
        name: The explainer's name.
        delay_seconds: How long it takes for each.

    Attributes:
        asked: The contexts that it was given.
    """

    def __init__(
        self,
        answers: Iterable[str | Exception] = ("It fits.",),
        *,
        name: str = "scripted",
        delay_seconds: float = 0.0,
    ) -> None:
        self.name = name
        self.asked: list[MatchContext] = []
        self._delay_seconds = delay_seconds
        self._answers = _last_repeated(list(answers))

    async def explain(self, context: MatchContext) -> Explanation:
        """Give the next answer."""
        self.asked.append(context)
        await asyncio.sleep(self._delay_seconds)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return Explanation(text=answer, source=self.name)


def _last_repeated(answers: list[str | Exception]) -> Iterator[str | Exception]:
    yield from answers
    yield from itertools.repeat(answers[-1])
