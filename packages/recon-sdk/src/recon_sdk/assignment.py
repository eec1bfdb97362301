"""Assigner: chooses the matches of a run from all hypotheses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from recon_sdk.config import Limits, Strategy
    from recon_sdk.hypotheses import Assignment, Hypotheses

__all__ = ["Assigner"]


@runtime_checkable
class Assigner(Protocol):
    """Chooses hypotheses that do not overlap."""

    @property
    def name(self) -> str:
        """Lower-case snake-case name."""

    @property
    def version(self) -> str:
        """Changes whenever the same hypotheses may get another answer."""

    def assign(self, hypotheses: Hypotheses, strategy: Strategy, limits: Limits) -> Assignment:
        """Choose.

        The answer must be a function of the evidence and the members alone; ties are broken by
        position, which is the order of the callers' keys.
        """
