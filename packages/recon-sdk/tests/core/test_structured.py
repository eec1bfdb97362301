from __future__ import annotations

from typing import Any

import attrs
import pytest

from recon_sdk.faults import SetAsideError
from recon_sdk.structured import read_structured


@attrs.frozen
class Reads:
    """Finds digits between slashes, and gives what a function makes of them."""

    make: Any = None
    name: str = "reads"
    version: str = "1"
    pattern: str = "/[0-9]+/"

    def read(self, found: str) -> Any:
        return self.make(found) if self.make else found.strip("/")


def test_every_reference_of_every_text_is_read() -> None:
    positions, inner = read_structured(Reads(), ["/12/ and /345/", "none", "", "é/6/"])
    assert (positions.tolist(), inner) == ([0, 0, 3], ["12", "345", "6"])


def test_a_number_whose_check_digits_are_wrong_is_left_out() -> None:
    even = Reads(lambda found: found.strip("/") if int(found.strip("/")) % 2 == 0 else "")
    positions, inner = read_structured(even, ["/12/ /13/"])
    assert (positions.tolist(), inner) == ([0], ["12"])


@pytest.mark.parametrize(
    ("make", "detail"),
    [
        (lambda _: None, "did not return capital letters and digits alone"),
        (lambda _: 12, "did not return capital letters and digits alone"),
        (lambda _: "ab", "did not return capital letters and digits alone"),
        (lambda _: "1 2", "did not return capital letters and digits alone"),
        (lambda _: 1 / 0, "raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_recogniser_that_fails_is_set_aside(make: Any, detail: str) -> None:
    with pytest.raises(SetAsideError) as caught:
        read_structured(Reads(make), ["/12/"])
    assert (caught.value.name, caught.value.detail) == ("reads", detail)
