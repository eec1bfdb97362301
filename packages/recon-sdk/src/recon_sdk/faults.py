"""Faults: what stops a run from using something that a plugin gave."""

from __future__ import annotations

__all__ = ["SetAsideError"]


class SetAsideError(Exception):
    """Something that a plugin gave failed and is left out of the run.

    Attributes:
        name: Its name.
        detail: What it did.
    """

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name!r} {detail}")
        self.name = name
        self.detail = detail
