"""Tunable settings: what `recon tune` may propose for a setting of a plugin."""

from __future__ import annotations

import enum
from typing import Any

import attrs

__all__ = ["JudgedBy", "Tunable", "tunable", "tunables_of"]

_KEY = "recon_tunable"


class JudgedBy(enum.StrEnum):
    """What shows whether a value of a setting is a good one."""

    RANKING = "ranking"
    """How near the true payment stands to the top of an invoice's candidates: only scoring rules
    may read the setting."""
    AUTO = "auto"
    """What is decided automatically, and how much of it is wrong: only the decision policy may
    read the setting."""


@attrs.frozen
class Tunable:
    """How a setting may be tuned.

    Attributes:
        values: Values that may be proposed, ascending.
        judged_by: What they are judged by.
    """

    values: tuple[int, ...]
    judged_by: JudgedBy


def tunable(*values: int, judged_by: JudgedBy) -> dict[str, Tunable]:
    """Give the metadata that lets a setting be tuned.

    Args:
        values: Values that may be proposed; the default need not be among them.
        judged_by: What they are judged by.

    Example:
        >>> @attrs.frozen
        ... class Settings:
        ...     late_days: int = attrs.field(
        ...         default=60, metadata=tunable(30, 60, 90, judged_by=JudgedBy.RANKING)
        ...     )
        >>> tunables_of(Settings)["late_days"].values
        (30, 60, 90)
    """
    return {_KEY: Tunable(tuple(sorted(values)), judged_by)}


def tunables_of(kind: type[Any]) -> dict[str, Tunable]:
    """List the settings of a class that may be tuned, by name."""
    return {
        field.name: field.metadata[_KEY]
        for field in attrs.fields(kind)
        if isinstance(field.metadata.get(_KEY), Tunable)
    }
