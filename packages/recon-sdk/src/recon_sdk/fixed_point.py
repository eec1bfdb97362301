"""Fixed-point texts: integers that count tenths, hundredths or millionths, as decimal texts."""

from __future__ import annotations

import re

from recon_sdk.errors import DataError

__all__ = ["format_fixed", "parse_fixed"]

_PLAIN = re.compile(r"([+-]?)([0-9]{1,16})(?:\.([0-9]{1,9}))?", re.ASCII)


def format_fixed(value: int, decimals: int) -> str:
    """Write an integer as a decimal text with all its decimals: 912345 with six is `0.912345`."""
    whole, rest = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole}.{rest:0{decimals}d}"


def parse_fixed(text: str, decimals: int) -> int:
    """Read a plain decimal text exactly; the inverse of `format_fixed`.

    Raises:
        DataError: The text is no plain decimal number, or has more decimals.
    """
    found = _PLAIN.fullmatch(text)
    if found is None:
        message = f"{text!r} is not a plain decimal number such as 1.5"
        raise DataError(message)
    sign, whole, rest = found[1], found[2], (found[3] or "").rstrip("0")
    if len(rest) > decimals:
        message = f"{text!r} has more than {decimals} decimals"
        raise DataError(message)
    value = int(whole + rest.ljust(decimals, "0"))
    return -value if sign == "-" else value
