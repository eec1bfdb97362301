"""One tenant's state as plain dicts, copied before it is written to."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from recon_sdk.errors import DataError, NotFoundError
from recon_sdk.known import Alias
from recon_sdk.stored import (
    AuditEvent,
    ImportResult,
    Page,
    RunRecord,
    StoredAnswer,
    StoredInvoice,
    StoredMatch,
    StoredTransaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from recon_sdk.invoices import Invoice

__all__ = ["Number", "State", "found", "number_of", "page_of"]

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")

Number = tuple[str, str, str]
"""What may not occur twice: direction, vendor and number of an invoice."""


@attrs.define(kw_only=True)
class State:
    """All that one tenant has stored.

    Values are frozen, so a copy of the dicts is a copy of the state.

    Attributes:
        epoch: Counts the changes that make a run stale.
        revision: Counts all changes; the source of versions.
        invoices: By id.
        numbers: Id of the invoice that has a number.
        transactions: By id.
        by_bank_id: Id of a transaction by account and bank id.
        copies: Ids of the transactions without a bank id by fingerprint, in order.
        imports: By id.
        matches: By id.
        by_invoice: Ids of the matches of an invoice.
        by_transaction: Ids of the matches of a transaction.
        runs: By id, in the order in which they were saved.
        events: Oldest first.
        aliases: By name and vendor.
        answers: By idempotency key, with the moment.
    """

    epoch: int = 0
    revision: int = 0
    invoices: dict[str, StoredInvoice] = attrs.field(factory=dict)
    numbers: dict[Number, str] = attrs.field(factory=dict)
    transactions: dict[str, StoredTransaction] = attrs.field(factory=dict)
    by_bank_id: dict[tuple[str, str], str] = attrs.field(factory=dict)
    copies: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    imports: dict[str, ImportResult] = attrs.field(factory=dict)
    matches: dict[str, StoredMatch] = attrs.field(factory=dict)
    by_invoice: dict[str, frozenset[str]] = attrs.field(factory=dict)
    by_transaction: dict[str, frozenset[str]] = attrs.field(factory=dict)
    runs: dict[str, RunRecord] = attrs.field(factory=dict)
    events: list[AuditEvent] = attrs.field(factory=list)
    aliases: dict[tuple[str, str], Alias] = attrs.field(factory=dict)
    answers: dict[str, tuple[StoredAnswer, dt.datetime]] = attrs.field(factory=dict)

    def copy(self) -> State:
        """Give a state that can be written to without touching this one."""
        fields = {field.name: getattr(self, field.name) for field in attrs.fields(State)}
        return attrs.evolve(
            self,
            **{name: value.copy() for name, value in fields.items() if hasattr(value, "copy")},
        )


def found(rows: dict[str, _Item], kind: str, key: str) -> _Item:
    """Look a row up.

    Raises:
        NotFoundError: There is none. The message is the same whoever else has one.
    """
    try:
        return rows[key]
    except KeyError:
        msg = f"no {kind} {key!r}"
        raise NotFoundError(msg) from None


def number_of(invoice: Invoice) -> Number | None:
    """Give what no other invoice may have, None where the invoice says too little."""
    vendor = invoice.vendor_id or invoice.vendor_name
    if invoice.void or not vendor or not invoice.invoice_number:
        return None
    return str(invoice.direction or ""), vendor, invoice.invoice_number


def page_of(
    rows: Iterable[_Item],
    key: Callable[[_Item], tuple[Any, ...]],
    cursor: str | None,
    limit: int,
) -> Page[_Item]:
    """Cut a page out of rows.

    Args:
        rows: All rows of the listing, in any order.
        key: Sort key of a row, total; its parts are JSON values.
        cursor: `next_cursor` of the page before.
        limit: Most rows of the page.
    """
    if limit < 1:
        msg = f"a page has at least one row, not {limit}"
        raise DataError(msg)
    keyed = sorted(((key(row), row) for row in rows), key=lambda pair: pair[0])
    if cursor is not None:
        behind = _decode(cursor)
        try:
            keyed = [pair for pair in keyed if pair[0] > behind]
        except TypeError:
            msg = "the cursor belongs to another listing"
            raise DataError(msg) from None
    more = len(keyed) > limit
    keyed = keyed[:limit]
    return Page(
        items=tuple(row for _, row in keyed),
        next_cursor=_encode(keyed[-1][0]) if more else None,
    )


def _encode(key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _decode(cursor: str) -> tuple[Any, ...]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        msg = "the cursor is not one that a listing gave"
        raise DataError(msg) from None
    if not isinstance(parts, list):
        msg = "the cursor is not one that a listing gave"
        raise DataError(msg)
    return tuple(parts)
