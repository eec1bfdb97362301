"""Which columns each side has, and what kind of value each of them holds."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

import attrs

__all__ = ["INVOICES", "TRANSACTIONS", "Kind", "SideSpec"]


class Kind(enum.Enum):
    """What a column holds, hence how its texts are checked."""

    ID = "id"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DATE = "date"
    TEXT = "text"
    IBAN = "iban"
    DIRECTION = "direction"
    PERCENT = "percent"
    STATUS = "status"


def _read_only(columns: Mapping[str, Kind]) -> Mapping[str, Kind]:
    return MappingProxyType(dict(columns))


@attrs.frozen(kw_only=True)
class SideSpec:
    """One side of a ledger, as its input is written.

    Attributes:
        name: `invoices` or `transactions`: the word for a source that is no file.
        noun: What one row is.
        columns: Kind of each column by name. The order is that in which a row is checked.
        dates: Columns of which at least one is needed, in the source and in each row.
        used: Column with the part of the amount that is already used up.
        left: Derived column: the amount without the used part.
        left_out: Value of `status` with which a row is left out.
    """

    name: str
    noun: str
    columns: Mapping[str, Kind] = attrs.field(converter=_read_only)
    dates: tuple[str, ...]
    used: str
    left: str
    left_out: str


INVOICES = SideSpec(
    name="invoices",
    noun="invoice",
    columns={
        "id": Kind.ID,
        "currency": Kind.CURRENCY,
        "amount": Kind.AMOUNT,
        "settled_amount": Kind.AMOUNT,
        "net_amount": Kind.AMOUNT,
        "tax_amount": Kind.AMOUNT,
        "issue_date": Kind.DATE,
        "due_date": Kind.DATE,
        "discount_until": Kind.DATE,
        "direction": Kind.DIRECTION,
        "invoice_number": Kind.TEXT,
        "vendor_id": Kind.TEXT,
        "vendor_name": Kind.TEXT,
        "vendor_iban": Kind.IBAN,
        "description": Kind.TEXT,
        "order_number": Kind.TEXT,
        "customer_number": Kind.TEXT,
        "payment_reference": Kind.TEXT,
        "discount_percent": Kind.PERCENT,
        "withholding_percent": Kind.PERCENT,
        "status": Kind.STATUS,
    },
    dates=("issue_date", "due_date"),
    used="settled_amount",
    left="open_amount",
    left_out="void",
)
"""The input columns of invoices."""

TRANSACTIONS = SideSpec(
    name="transactions",
    noun="bank transaction",
    columns={
        "id": Kind.ID,
        "currency": Kind.CURRENCY,
        "amount": Kind.AMOUNT,
        "allocated_amount": Kind.AMOUNT,
        "booking_date": Kind.DATE,
        "value_date": Kind.DATE,
        "account_id": Kind.TEXT,
        "external_id": Kind.TEXT,
        "counterparty_name": Kind.TEXT,
        "counterparty_iban": Kind.IBAN,
        "description": Kind.TEXT,
        "reference": Kind.TEXT,
        "status": Kind.STATUS,
    },
    dates=("booking_date",),
    used="allocated_amount",
    left="unallocated_amount",
    left_out="ignored",
)
"""The input columns of bank transactions."""
