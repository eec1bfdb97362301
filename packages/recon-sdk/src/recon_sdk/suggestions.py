"""Did you mean: the nearest right word for a wrong one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "listed"]


def did_you_mean(word: str, right: Iterable[str]) -> str:
    """Give a question such as `; did you mean 'amount'?`, or "" where no word is near.

    Args:
        word: What was written.
        right: What could have been written.
    """
    near = difflib.get_close_matches(word, sorted(right), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Give the names in order, separated by commas, `none` where there are none."""
    return ", ".join(sorted(names)) or "none"
