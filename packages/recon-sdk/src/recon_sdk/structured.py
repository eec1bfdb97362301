"""Structured references in texts, read by recognisers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.faults import SetAsideError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import Int64Array
    from recon_sdk.recognisers import Recogniser

__all__ = ["read_structured"]

_PLAIN = re.compile("[A-Z0-9]*")


def read_structured(recogniser: Recogniser, folded: Sequence[str]) -> tuple[Int64Array, list[str]]:
    """Read all structured references of one form.

    Args:
        recogniser: Knows the form.
        folded: Texts of payments, folded.

    Returns:
        Position of the text of each reference, and the number inside it.

    Raises:
        SetAsideError: The recogniser raised, or gave something else than letters and digits.
    """
    joined = "\n".join(folded)
    starts = np.cumsum([0, *(len(text) + 1 for text in folded)])
    places: list[int] = []
    inner: list[str] = []
    for found in re.finditer(recogniser.pattern, joined):
        number = _read(recogniser, found.group())
        if number:
            places.append(found.start())
            inner.append(number)
    at = np.searchsorted(starts, np.array(places, np.int64), side="right") - 1
    return at.astype(np.int64), inner


def _read(recogniser: Recogniser, found: str) -> str:
    try:
        number: object = recogniser.read(found)
    except Exception as error:
        detail = f"raised {type(error).__name__}: {error}"
        raise SetAsideError(recogniser.name, detail) from error
    if not isinstance(number, str) or not _PLAIN.fullmatch(number):
        raise SetAsideError(recogniser.name, "did not return capital letters and digits alone")
    return number
