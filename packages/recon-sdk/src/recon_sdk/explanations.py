"""Explainer: puts a decision record into words. It changes nothing."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs

from recon_sdk.invoices import Invoice
from recon_sdk.matches import Match
from recon_sdk.transactions import BankTransaction

__all__ = ["Explainer", "Explanation", "MatchContext"]


@attrs.frozen(kw_only=True)
class MatchContext:
    """All that an explainer may know: one match and its rows, of one tenant.

    Attributes:
        match: The match with its breakdown, difference, reasons and rivals.
        invoices: Its invoices, by key.
        transactions: Its transactions, by key.
        language: Two-letter language of the text.
    """

    match: Match
    invoices: tuple[Invoice, ...]
    transactions: tuple[BankTransaction, ...]
    language: str = "en"


@attrs.frozen(kw_only=True)
class Explanation:
    """A text about a match.

    Attributes:
        text: Plain text.
        source: Name of the explainer that worded it.
    """

    text: str
    source: str


@runtime_checkable
class Explainer(Protocol):
    """Words a match. May take time and may fail; the caller then uses the built-in text."""

    @property
    def name(self) -> str:
        """Lower-case kebab-case name."""

    async def explain(self, context: MatchContext) -> Explanation:
        """Word the match from the given facts alone."""
