"""The table of constants in docs/explanation/scoring.md says what the code does."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from recon_sdk import evidence

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "scoring.md"


def _row(fact: str) -> str:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    (line,) = [x for x in lines if x.startswith(f"| {fact} |")]
    return line


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("before anything is known", f"{evidence.PRIOR / 1000:.1f}"),
        ("booked more than a week before the issue", f"{evidence._EARLY / 1000:.0f}"),
        ("by account", f"+{evidence._ACCOUNT / 1000:.1f} more"),
        ("a quoted number", f"+{evidence._PER_CHARACTER / 1000:.1f}"),
        ("a quoted number", f"up to {evidence._MOST_CHARACTERS}"),
        ("no number", f"{evidence._NO_REFERENCE / 1000:.1f}"),
        ("less than asked, unnamed", f"{math.exp(evidence._PART / 1000):.2f} spread"),
        ("exact amount", f"log({math.exp(evidence._EXACT / 1000):.2f})"),
        ("the party, by name", f"log({evidence._PAYMENTS:,}"),
    ],
)
def test_constant_is_as_told(fact: str, said: str) -> None:
    assert said in _row(fact)
