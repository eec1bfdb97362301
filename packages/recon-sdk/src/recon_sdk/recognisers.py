"""Recogniser: reads the number inside a structured reference, if its check digits are right."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["Recogniser"]


@runtime_checkable
class Recogniser(Protocol):
    """Knows one form of structured reference.

    A payment that brings such a reference quotes the invoice whose payment reference is the same,
    and the invoice whose number stands inside. Plain numbers need no recogniser.
    """

    @property
    def name(self) -> str:
        """Lower-case snake-case name, unique for the tenant."""

    @property
    def version(self) -> str:
        """Changes whenever the same text may be read otherwise."""

    @property
    def pattern(self) -> str:
        """Regular expression of what may be one, over ASCII capitals.

        It is searched in whole texts and must not match across line breaks. Group 0 is handed to
        `read`.
        """

    def read(self, found: str) -> str:
        """Give the letters and digits of the number inside, "" where a check digit is wrong."""
