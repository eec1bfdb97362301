"""Scoring rule: one piece of evidence, scored for a batch of pairs at once."""

from __future__ import annotations

import enum
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray
    from recon_sdk.invoices import Invoice
    from recon_sdk.pairs import Pairs
    from recon_sdk.transactions import BankTransaction

__all__ = ["Cost", "Evidence", "PairRule", "Role", "ScoringRule", "pair_rule"]


class Evidence(enum.StrEnum):
    """What a rule looks at. Only `IDENTITY` counts towards `auto`."""

    AMOUNT = "amount"
    DATE = "date"
    IDENTITY = "identity"
    TEXT = "text"


class Role(enum.StrEnum):
    """How a rule's value enters the score."""

    SCORE = "score"
    """Adds weight times value: the weighted heuristic."""
    BOOST = "boost"
    """Adds weight times value on top."""
    PENALTY = "penalty"
    """Takes weight times value away."""


class Cost(enum.IntEnum):
    """What a rule costs; dearer rules see only pairs that cheaper ones left alive."""

    CHEAP = 0
    """A few array operations for the whole batch."""
    TEXT = 1
    """Work per pair of distinct texts."""
    PYTHON = 2
    """A Python call per pair; runs last, on the survivors of each invoice."""


@runtime_checkable
class ScoringRule(Protocol):
    """Scores a batch of pairs.

    A value must depend on the two rows (and the ledger's statistics) alone, never on the batch
    that the pair came in, on the clock, on the network or on the order of calls. A rule may keep
    what it computed about one ledger, keyed by that ledger object, but no state about tenants.
    """

    @property
    def name(self) -> str:
        """Lower-case snake-case name, unique for the tenant: the key of `[rules.<name>]`."""

    @property
    def version(self) -> str:
        """Changes whenever the same pair may get another value."""

    @property
    def evidence(self) -> Evidence:
        """What the rule looks at."""

    @property
    def role(self) -> Role:
        """How its value enters the score."""

    @property
    def weight(self) -> float:
        """Default weight, 0 to 10; a tenant may override it."""

    @property
    def upper_bound(self) -> float:
        """The highest value that it can ever give, 0 to 1; 1 when in doubt."""

    @property
    def cost(self) -> Cost:
        """What a call costs."""

    def score(self, pairs: Pairs) -> FloatArray:
        """Score the batch.

        Returns:
            One float64 in [0, 1] for each pair; NaN means "no opinion" and adds nothing. 0 means
            "evidence against". Infinities, values outside 0 to 1, a wrong length or dtype are
            faults: the rule is set aside for the run and nothing is decided automatically.
        """

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Word the evidence of one pair, for people: a clause without a full stop."""


PairFunction = Callable[["Invoice", "BankTransaction"], "float | None"]


@attrs.frozen(kw_only=True)
class PairRule:
    """A plain function of one invoice and one transaction as a rule.

    It runs last, on the few best candidates of each invoice, and its cost shows in the summary.

    Attributes:
        function: Gives 0 to 1, or None for no opinion.
        name: The rule's name.
        version: The rule's version.
        evidence: What it looks at.
        role: How its value enters the score.
        weight: Default weight.
        words: What it says of a pair for which it gave more than 0; "" for its name.
        upper_bound: Highest value.
        cost: Always a Python call per pair.
    """

    function: PairFunction
    name: str
    version: str = "1"
    evidence: Evidence = Evidence.TEXT
    role: Role = Role.BOOST
    weight: float = 0.1
    words: str = ""
    upper_bound: float = 1.0
    cost: Cost = Cost.PYTHON

    def __reduce__(self) -> tuple[Callable[[str, str], object], tuple[str, str]]:
        """Pickle by name: the module's name of the function stands for this rule."""
        return _named, (self.function.__module__, self.function.__qualname__)

    def score(self, pairs: Pairs) -> FloatArray:
        """Call the function for each pair."""
        import numpy as np

        ledger = pairs.ledger
        values = np.empty(len(pairs), np.float64)
        for at, (i, t) in enumerate(
            zip(pairs.invoice_rows.tolist(), pairs.transaction_rows.tolist(), strict=True)
        ):
            value = self.function(ledger.invoice(i), ledger.transaction(t))
            values[at] = np.nan if value is None else value
        return values

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Give the rule's words, else its name and value."""
        del invoice, transaction
        if self.words and value > 0:
            return self.words
        return f"{self.name.replace('_', ' ')} says {value:.2f}"

    def __call__(self, invoice: Invoice, transaction: BankTransaction) -> float | None:
        """Call the function as it was written, for its own tests."""
        return self.function(invoice, transaction)


def _named(module: str, name: str) -> object:
    """Find a rule again by where it was defined, in any process."""
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def pair_rule(
    *,
    name: str = "",
    version: str = "1",
    evidence: Evidence = Evidence.TEXT,
    role: Role = Role.BOOST,
    weight: float = 0.1,
    words: str = "",
) -> Callable[[PairFunction], PairRule]:
    """Make a rule of a plain function.

    Args:
        name: The rule's name; by default the function's.
        version: Change it when the function changes.
        evidence: What it looks at.
        role: How its value enters the score.
        weight: Default weight.
        words: What it says of a pair for which it gave more than 0; by default the first line of
            the function's docstring.

    Example:
        >>> from recon_sdk import pair_rule
        >>> @pair_rule(weight=0.2)
        ... def same_month(invoice, transaction):
        ...     "issued and paid in one month"
        ...     issued, paid = invoice.issue_date, transaction.booking_date
        ...     return issued and float((issued.year, issued.month) == (paid.year, paid.month))
        >>> same_month.name, same_month.words
        ('same_month', 'issued and paid in one month')
    """

    def make(function: PairFunction) -> PairRule:
        doc = inspect.getdoc(function) or ""
        return PairRule(
            function=function,
            name=name or function.__name__,
            version=version,
            evidence=evidence,
            role=role,
            weight=weight,
            words=words or doc.partition("\n")[0].rstrip("."),
        )

    return make
