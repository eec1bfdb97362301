"""Money: an integer number of minor units and a currency. No float ever holds money."""

from __future__ import annotations

import re
from decimal import Decimal

import attrs

from recon_sdk.currencies import EXPONENTS
from recon_sdk.errors import MoneyError

__all__ = ["MAX_MINOR", "Money", "exponent_of", "format_minor", "parse_minor", "round_half_even"]

MAX_MINOR = 10**15
"""Largest magnitude of an amount, in minor units (ten thousand milliards with two decimals)."""

_MOST_SHOWN = 40
"""Characters of a refused text that a message repeats."""
_MOST_DIGITS = 50
"""Digits of a Decimal that may be an amount, zeros included."""
_PLAIN = re.compile(r"[+-]?[0-9]{1,16}(?:\.([0-9]{1,4}))?", re.ASCII)


def exponent_of(currency: str) -> int:
    """Give the number of decimals of a currency.

    Args:
        currency: An ISO 4217 code in capitals.

    Raises:
        MoneyError: The code is not in ISO 4217.

    Source:
        ISO 4217, list one (see `recon_sdk.currencies`).
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        msg = f"unknown currency {_shown(currency)}; give an ISO 4217 code such as EUR"
        raise MoneyError(msg) from None


def parse_minor(text: str, currency: str) -> int:
    """Read a plain decimal text as minor units of a currency, exactly.

    Only ASCII digits, one sign and one decimal point are accepted: no exponent, no thousands
    separator, no NaN. The form is checked before any number is built, so a hostile text such as
    `1e1000000` costs nothing.

    Raises:
        MoneyError: The text is not of that form, has more decimals than the currency, or is out of
            range.
    """
    exponent = exponent_of(currency)
    found = _PLAIN.fullmatch(text)
    if found is None:
        msg = f"{_shown(text)} is not an amount; write it like 1234.50"
        raise MoneyError(msg)
    decimals = (found.group(1) or "").rstrip("0")
    if len(decimals) > exponent:
        msg = f"{text!r} has {len(decimals)} decimals, {currency} has {exponent}"
        raise MoneyError(msg)
    whole = text.split(".", 1)[0]
    minor: int = abs(int(whole)) * 10**exponent + int(decimals.ljust(exponent, "0") or 0)
    if minor > MAX_MINOR:
        msg = f"{text!r} is out of range"
        raise MoneyError(msg)
    return -minor if text.startswith("-") else minor


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}...")


def format_minor(minor: int, currency: str) -> str:
    """Write minor units as a plain decimal text with all decimals of the currency."""
    exponent = exponent_of(currency)
    if exponent == 0:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{exponent}d}"


def round_half_even(numerator: int, denominator: int) -> int:
    """Divide integers and round to the nearest, ties to the even neighbour.

    This is the one rounding rule of the project; it works on integers, so it is exact.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        quotient += 1
    return quotient


def _plain(amount: Decimal) -> str:
    """Write a Decimal without exponent and without zeros that say nothing."""
    sign, digits, exponent = amount.as_tuple()
    del sign
    if not isinstance(exponent, int) or max(len(digits), abs(exponent)) > _MOST_DIGITS:
        msg = f"{_shown(str(amount))} is not an amount"
        raise MoneyError(msg)
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@attrs.frozen(order=False)
class Money:
    """An amount in one currency.

    Attributes:
        minor: Minor units (cents), signed.
        currency: ISO 4217 code.
    """

    minor: int = attrs.field()
    currency: str = attrs.field()

    @minor.validator
    def _check_minor(self, _: object, value: object) -> None:
        if type(value) is not int:
            msg = f"minor units are an int, not {value!r}; use Money.of('12.90', 'EUR')"
            raise MoneyError(msg)
        if abs(value) > MAX_MINOR:
            msg = f"{value} minor units are out of range"
            raise MoneyError(msg)

    @currency.validator
    def _check_currency(self, _: object, value: str) -> None:
        exponent_of(value)

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Build from a decimal text, a Decimal, or whole units.

        Raises:
            MoneyError: For a float, for more decimals than the currency has, or out of range.
        """
        if isinstance(amount, Decimal):
            amount = _plain(amount)
        elif type(amount) is int:
            if abs(amount) > MAX_MINOR:
                msg = f"an amount of {amount.bit_length()} bits is out of range"
                raise MoneyError(msg)
            amount = str(amount)
        elif not isinstance(amount, str):
            msg = (
                f"{amount!r} is a {type(amount).__name__}; floats cannot hold money exactly, "
                "give a text, a Decimal or minor units"
            )
            raise MoneyError(msg)
        return cls(parse_minor(amount, currency), currency)

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            msg = f"cannot mix {self.currency} and {other.currency}"
            raise MoneyError(msg)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    @property
    def decimal(self) -> str:
        """The amount as a plain decimal text, for example `-12.90`."""
        return format_minor(self.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"
