"""How the inputs are to be read, where they do not say so themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from recon_sdk.errors import ConfigError
from recon_sdk.invoices import Direction
from recon_sdk.money import exponent_of
from recon_sdk.reading.specs import INVOICES, TRANSACTIONS

__all__ = ["DateOrder", "DecimalSign", "ReadOptions"]

DecimalSign = Literal[".", ","]
"""What stands before the decimals of an amount."""
DateOrder = Literal["iso", "dmy", "mdy"]
"""Year first, day first, or month first."""


def _read_only(mapping: Mapping[str, str]) -> Mapping[str, str]:
    return dict(mapping)


def _direction(given: Direction | str | None) -> Direction | None:
    return None if given is None else Direction(given)


@attrs.frozen(kw_only=True)
class ReadOptions:
    """How invoices and transactions are read. None means: find out from the source.

    Attributes:
        mapping: Our column name to the name in the source, for example
            `{"invoice_number": "InvNo"}`. It holds for both sides; a side that has no such column
            falls back to our name. `invoices.id` or `transactions.id` names one side only.
        encoding: Encoding of text files; by default a byte order mark, UTF-8, else Windows-1252.
        delimiter: What separates the fields of text files: one of `,`, `;`, tab and `|`.
        decimal: Decimal sign of amount texts, by default whatever a file's amounts prove.
        date_order: Order of day, month and year, by default whatever a file's dates prove.
        direction: Fills a blank invoice direction.
        base_currency: Fills a blank currency, ISO 4217.
        strict: Raise the first bad row, in the order of the source. Otherwise bad rows are listed
            in the result and left out.
    """

    mapping: Mapping[str, str] = attrs.field(factory=dict, converter=_read_only)
    encoding: str | None = attrs.field(default=None)
    delimiter: str | None = attrs.field(default=None)
    decimal: DecimalSign | None = attrs.field(default=None)
    date_order: DateOrder | None = attrs.field(default=None)
    direction: Direction | None = attrs.field(default=None, converter=_direction)
    base_currency: str = attrs.field(default="EUR")
    strict: bool = False

    @mapping.validator
    def _check_mapping(self, _: object, value: Mapping[str, str]) -> None:
        for key in value:
            side, _dot, name = key.rpartition(".")
            sides = [spec for spec in (INVOICES, TRANSACTIONS) if side in ("", spec.name)]
            if not any(name in spec.columns for spec in sides):
                known = sorted({*INVOICES.columns, *TRANSACTIONS.columns})
                msg = "mapping"
                raise ConfigError(
                    msg, f"{key!r} is not a column of ours; they are: {', '.join(known)}"
                )

    @encoding.validator
    def _check_encoding(self, _: object, value: str | None) -> None:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            msg = "encoding"
            raise ConfigError(msg, f"unknown encoding {value!r}") from None

    @delimiter.validator
    def _check_delimiter(self, _: object, value: str | None) -> None:
        if value not in (None, ",", ";", "\t", "|"):
            msg = "delimiter"
            raise ConfigError(msg, f"must be ',', ';', tab or '|', not {value!r}")

    @decimal.validator
    def _check_decimal(self, _: object, value: str | None) -> None:
        if value not in (None, ".", ","):
            msg = "decimal"
            raise ConfigError(msg, f"must be '.' or ',', not {value!r}")

    @date_order.validator
    def _check_date_order(self, _: object, value: str | None) -> None:
        if value not in (None, "iso", "dmy", "mdy"):
            msg = "date_order"
            raise ConfigError(msg, f"must be iso, dmy or mdy, not {value!r}")

    @base_currency.validator
    def _check_currency(self, _: object, value: str) -> None:
        exponent_of(value)
