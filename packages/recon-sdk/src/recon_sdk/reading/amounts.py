"""Read amount texts as people write them, exactly and without guessing.

A file has one style: decimal points or decimal commas. Most texts prove theirs (`12.50`,
`1.234,50`); one like `1.234` proves nothing and is read only where others, or the caller, say what
the point means.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import attrs
import numpy as np

from recon_sdk.columns import Int8Array, Int64Array
from recon_sdk.currencies import EXPONENTS
from recon_sdk.reading.raw import Complaint, Form, RawColumn, shown

__all__ = [
    "SIGNS",
    "AmountTexts",
    "DecimalStyle",
    "Evidence",
    "ambiguous",
    "decimal_style",
    "read_amounts",
]

SIGNS: Mapping[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "$": frozenset(
        [
            "USD",
            "CAD",
            "AUD",
            "NZD",
            "SGD",
            "HKD",
            "TWD",
            "MXN",
            "ARS",
            "CLP",
            "COP",
            "UYU",
            "BRL",
            "BBD",
            "BMD",
            "BND",
            "BSD",
            "BZD",
            "FJD",
            "GYD",
            "JMD",
            "KYD",
            "LRD",
            "NAD",
            "SBD",
            "SRD",
            "TTD",
            "XCD",
        ]
    ),
    "£": frozenset(["GBP", "EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP"]),
    "¥": frozenset({"JPY", "CNY"}),
}
"""Currencies that a sign can stand for."""

_BLANKS = " \u00a0\u2009\u202f"
_QUOTES = "'\u2019"
_WRITTEN = re.compile(
    r"(?P<open>\()?\s*"
    r"(?P<sign>[+\-\u2212])?\s*"
    r"(?:(?P<unit>[A-Za-z]{3}|[€$£¥])\s*)?"
    r"(?P<inner>[+\-\u2212])?\s*"
    rf"(?P<body>[0-9](?:[0-9.,{_QUOTES}{_BLANKS}]*[0-9])?)"
    r"\s*(?P<after>[+\-\u2212])?"
    r"(?:\s*(?P<tail>[A-Za-z]{3}|[€$£¥]))?"
    r"\s*(?P<last>[+\-\u2212])?"
    r"\s*(?P<close>\))?"
)
_BODY = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}(?P<group>[.,{_QUOTES}{_BLANKS}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    r"|[0-9]+)"
    r"(?:(?P<decimal>[.,])(?P<fraction>[0-9]+))?"
)
_TWO_DECIMALS = re.compile(r"(?:-?[0-9]{1,15}\.[0-9]{2}\n)++")
_MAX_DIGITS = 18
_GROUPS = str.maketrans("", "", ".," + _QUOTES + _BLANKS)


class Evidence(enum.IntEnum):
    """What an amount text proves about the decimal sign."""

    NONE = 0
    POINT = 1
    COMMA = 2
    SINGLE_POINT = 3
    """One point, three digits behind it: `1.234`."""
    SINGLE_COMMA = 4
    """One comma, three digits behind it: `1,234`."""


DecimalStyle = Literal[".", ",", "", "mixed"]
"""The decimal sign of a file; `""`: nothing proves it; `mixed`: both are proven alike."""


@attrs.frozen(eq=False)
class AmountTexts:
    """Distinct amount texts, read.

    Attributes:
        mantissa: All digits as an integer, signed; 0 for refused ones.
        decimals: Number of digits behind the decimal sign; -1: the mantissa is minor units.
        only_decimals: Refused, except for currencies with exactly this many decimals; -1 for none.
        units: Currency code or sign by index, of texts that carry one.
        refused: Why not, by index.
        empty: Indexes of empty texts.
    """

    mantissa: Int64Array
    decimals: Int8Array
    only_decimals: Int8Array
    units: Mapping[int, str]
    refused: Mapping[int, Complaint]
    empty: Sequence[int] = ()


@attrs.frozen
class _Amount:
    negative: bool
    whole: str
    fraction: str
    evidence: Evidence
    unit: str


def _dissect(text: str) -> _Amount | Complaint:
    """Take an amount text apart, leaving the meaning of a single separator open."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return _no_amount(text)
    signs = [found[name] for name in ("sign", "inner", "after", "last") if found[name]]
    bracketed = bool(found["open"])
    if bracketed != bool(found["close"]) or len(signs) + bracketed > 1:
        return _no_amount(text)
    if found["unit"] and found["tail"]:
        return Complaint(f"{shown(text)} names two currencies", "name the currency once")
    negative = bracketed or (bool(signs) and signs[0] != "+")
    unit = (found["unit"] or found["tail"] or "").upper()
    if unit and unit not in SIGNS and unit not in EXPONENTS:
        return _no_amount(text)
    body = _BODY.fullmatch(found["body"])
    if body is None:
        return _no_amount(text)
    whole, group, decimal, fraction = body.group("whole", "group", "decimal", "fraction")
    fraction = fraction or ""
    evidence = Evidence.NONE
    if decimal and decimal == group:
        return _no_amount(text)
    if decimal:
        evidence = Evidence.POINT if decimal == "." else Evidence.COMMA
    elif group in (".", ","):
        head, *groups = whole.split(group)
        if head.startswith("0"):  # nobody groups 0.123
            evidence = Evidence.POINT if group == "." else Evidence.COMMA
            whole, fraction = head, "".join(groups)
            if len(groups) > 1:
                return _no_amount(text)
        elif len(groups) > 1:
            evidence = Evidence.COMMA if group == "." else Evidence.POINT
        else:
            evidence = Evidence.SINGLE_POINT if group == "." else Evidence.SINGLE_COMMA
    return _Amount(negative, whole, fraction, evidence, unit)


def _no_amount(text: str) -> Complaint:
    return Complaint(f"{shown(text)} is not an amount", "write it like 1234.50")


def decimal_style(columns: Iterable[RawColumn], given: str | None) -> DecimalStyle:
    """Find the decimal sign of a file from the distinct texts of all its amount columns.

    The sign that more texts prove wins: the others are refused, not read some other way.
    """
    if given in (".", ","):
        return "." if given == "." else ","
    points = commas = 0
    written = int(Form.WRITTEN)
    for column in columns:
        if column.forms is not None and bool((column.forms != written).all()):
            continue
        if column.forms is None and _all_two_decimals(column.values):
            points += len(column.values)
            continue
        for index, value in enumerate(column.values):
            if column.forms is not None and column.forms[index] != written:
                continue
            amount = _dissect(value.strip())
            if isinstance(amount, _Amount):
                points += amount.evidence is Evidence.POINT
                commas += amount.evidence is Evidence.COMMA
    if points == commas:
        return "mixed" if points else ""
    return "." if points > commas else ","


def _all_two_decimals(values: Sequence[str]) -> bool:
    return _TWO_DECIMALS.fullmatch("\n".join([*values, ""])) is not None


def read_amounts(column: RawColumn, style: DecimalStyle) -> AmountTexts:
    """Read the distinct texts of one amount column."""
    size = len(column.values)
    decimals = np.full(size, 2, np.int8)
    only_decimals = np.full(size, -1, np.int8)
    points = style == "." if column.forms is None else bool((column.forms == Form.PLAIN).all())
    if points and size:
        joined = "\n".join([*column.values, ""])
        if _TWO_DECIMALS.fullmatch(joined):
            mantissa = np.fromstring(joined.replace(".", ""), dtype=np.int64, sep="\n")
            return AmountTexts(mantissa, decimals, only_decimals, {}, {})
    mantissa = np.zeros(size, np.int64)
    units: dict[int, str] = {}
    refused: dict[int, Complaint] = dict(column.refused)
    empty: list[int] = []
    for index, value in enumerate(column.values):
        text = value.strip()
        if index in refused:
            continue
        if not text:
            empty.append(index)
            continue
        form = Form.WRITTEN if column.forms is None else Form(column.forms[index])
        if form is Form.MINOR:
            read: tuple[bool, str, str] | Complaint = _minor(text)
            decimals[index] = -1
        elif form is Form.PLAIN:
            number, _, units[index] = text.partition(" ")
            read = _plain(number)
        else:
            amount = _dissect(text)
            read = amount if isinstance(amount, Complaint) else _settle(amount, text, style)
            if isinstance(amount, _Amount) and amount.unit:
                units[index] = amount.unit
            if not style and isinstance(amount, _Amount):
                # What the plain form of a three-decimal currency says is no guess.
                only_decimals[index] = 3 if amount.evidence is Evidence.SINGLE_POINT else -1
        if isinstance(read, Complaint):
            refused[index] = read
            continue
        negative, whole, fraction = read
        digits = (whole.translate(_GROUPS) + fraction).lstrip("0") or "0"
        if len(digits) > _MAX_DIGITS or len(fraction) > _MAX_DIGITS:
            refused[index] = Complaint(f"{shown(text)} is out of range", "check the digits")
            continue
        mantissa[index] = -int(digits) if negative else int(digits)
        if form is not Form.MINOR:
            decimals[index] = len(fraction)
    units = {index: unit for index, unit in units.items() if unit}
    return AmountTexts(mantissa, decimals, only_decimals, units, refused, empty)


def _minor(text: str) -> tuple[bool, str, str]:
    return text.startswith("-"), text.lstrip("-"), ""


def _plain(text: str) -> tuple[bool, str, str] | Complaint:
    whole, _, fraction = text.lstrip("+-").partition(".")
    if not (whole + fraction).isdecimal():
        return _no_amount(text)
    return text.startswith("-"), whole, fraction.rstrip("0")


def _settle(amount: _Amount, text: str, style: DecimalStyle) -> tuple[bool, str, str] | Complaint:
    """Give a text's digits their meaning under the style of its file."""
    evidence, whole, fraction = amount.evidence, amount.whole, amount.fraction
    single = evidence in (Evidence.SINGLE_POINT, Evidence.SINGLE_COMMA)
    separator = "." if evidence in (Evidence.POINT, Evidence.SINGLE_POINT) else ","
    if evidence is Evidence.NONE:
        return amount.negative, whole, fraction
    if style == "mixed":
        return Complaint(
            f"{shown(text)} stands in a file that mixes decimal points and decimal commas",
            "say which it is: --decimal . or --decimal ,",
        )
    if single and (style == separator or (not style and separator == ".")):
        whole, _, fraction = whole.partition(separator)
        return amount.negative, whole, fraction
    if single and not style:
        return ambiguous(text)
    if not single and style and style != separator:
        has, wants = ("point", "commas") if separator == "." else ("comma", "points")
        other = "," if wants == "points" else "."
        return Complaint(
            f"{shown(text)} has a decimal {has}, but this file's amounts have decimal {wants}",
            f"correct it, or say --decimal {other} if that holds for the whole file",
        )
    return amount.negative, whole, fraction


def ambiguous(text: str) -> Complaint:
    """Word the refusal of a text such as `1.234` that nothing explains."""
    return Complaint(
        f"{shown(text)} is ambiguous: a thousands separator or a decimal sign",
        "say which: --decimal . or --decimal ,",
    )
