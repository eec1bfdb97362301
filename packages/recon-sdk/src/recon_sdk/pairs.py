"""Pairs: a batch of candidate pairs, as rules see it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from recon_sdk.columns import (
    NO_DATE,
    NO_TEXT,
    BoolArray,
    Int8Array,
    Int32Array,
    Int64Array,
    TextTable,
)
from recon_sdk.facts import PartyRelation, ReferenceGrade, lookup, pack

if TYPE_CHECKING:
    from recon_sdk.ledger import Ledger

__all__ = ["Pairs"]


_T = TypeVar("_T", bound=np.generic)


def _gather(column: npt.NDArray[_T], rows: Int64Array) -> npt.NDArray[_T]:
    gathered = column[rows]
    gathered.flags.writeable = False
    return gathered


class Pairs:
    """A batch of (invoice, transaction) pairs as read-only columns.

    Shape: every column has one entry for each pair, in the order of the batch. Columns are
    gathered when first asked for, so a rule pays only for what it reads.

    Units: amounts in minor units (int64); dates in days since 1970-01-01 (int32, `NO_DATE` where
    missing); texts as int32 codes into `texts`, `NO_TEXT` where missing; equal codes mean equal
    texts.

    Attributes:
        ledger: The ledger that the pairs belong to.
        invoice_rows: Row of the invoice of each pair.
        transaction_rows: Row of the transaction of each pair.
    """

    def __init__(
        self, ledger: Ledger, invoice_rows: Int64Array, transaction_rows: Int64Array
    ) -> None:
        self.ledger = ledger
        self.invoice_rows = invoice_rows
        self.transaction_rows = transaction_rows

    def __len__(self) -> int:
        return len(self.invoice_rows)

    def take(self, chosen: Int64Array | BoolArray) -> Pairs:
        """Give a batch of some of the pairs, by mask or positions."""
        return Pairs(self.ledger, self.invoice_rows[chosen], self.transaction_rows[chosen])

    @property
    def texts(self) -> TextTable:
        """The table behind all text codes."""
        return self.ledger.texts

    # -- amounts ------------------------------------------------------------------------------

    @cached_property
    def open_amount(self) -> Int64Array:
        """Open amount of the invoice, signed, in the invoice's currency."""
        return self._of_invoice(self.ledger.invoices.open_amount)

    @cached_property
    def unallocated_amount(self) -> Int64Array:
        """Unallocated amount of the transaction, signed, in the transaction's currency."""
        return self._of_transaction(self.ledger.transactions.unallocated_amount)

    @cached_property
    def invoice_currency(self) -> Int32Array:
        """Codes into `ledger.currencies`."""
        return self._of_invoice(self.ledger.invoices.currency)

    @cached_property
    def transaction_currency(self) -> Int32Array:
        """Codes into `ledger.currencies`."""
        return self._of_transaction(self.ledger.transactions.currency)

    @cached_property
    def same_currency(self) -> BoolArray:
        """Whether both sides have one currency; amounts are comparable only then."""
        return np.asarray(self.invoice_currency == self.transaction_currency)

    @cached_property
    def direction_known(self) -> BoolArray:
        """Whether it is known which way the invoice's money flows."""
        return np.asarray(self._of_invoice(self.ledger.invoices.direction) != 0)

    @cached_property
    def sign_fits(self) -> BoolArray:
        """Whether money flows the way that settles the invoice (true where that is not known)."""
        direction = self._of_invoice(self.ledger.invoices.direction)
        flow = np.sign(self.unallocated_amount) * np.sign(self.open_amount)
        return np.asarray((direction == 0) | (flow == direction))

    @cached_property
    def gap(self) -> Int64Array:
        """|unallocated| - |open|, minor units; negative where less was paid than is open."""
        return np.abs(self.unallocated_amount) - np.abs(self.open_amount)

    # -- dates --------------------------------------------------------------------------------

    @cached_property
    def issue_date(self) -> Int32Array:
        """Issue date of the invoice."""
        return self._of_invoice(self.ledger.invoices.issue_date)

    @cached_property
    def due_date(self) -> Int32Array:
        """Due date of the invoice."""
        return self._of_invoice(self.ledger.invoices.due_date)

    @cached_property
    def booking_date(self) -> Int32Array:
        """Booking date of the transaction."""
        return self._of_transaction(self.ledger.transactions.booking_date)

    @cached_property
    def value_date(self) -> Int32Array:
        """Value date of the transaction."""
        return self._of_transaction(self.ledger.transactions.value_date)

    @cached_property
    def expected_date(self) -> Int32Array:
        """The due date, else the issue date of the invoice."""
        return np.where(self.due_date != NO_DATE, self.due_date, self.issue_date)

    # -- texts --------------------------------------------------------------------------------

    @cached_property
    def invoice_number(self) -> Int32Array:
        """Number printed on the invoice."""
        return self._of_invoice(self.ledger.invoices.invoice_number)

    @cached_property
    def vendor_id(self) -> Int32Array:
        """The caller's key of the invoice's party."""
        return self._of_invoice(self.ledger.invoices.vendor_id)

    @cached_property
    def vendor_name(self) -> Int32Array:
        """Name of the invoice's party."""
        return self._of_invoice(self.ledger.invoices.vendor_name)

    @cached_property
    def vendor_iban(self) -> Int32Array:
        """Account of the invoice's party."""
        return self._of_invoice(self.ledger.invoices.vendor_iban)

    @cached_property
    def invoice_description(self) -> Int32Array:
        """Free text of the invoice."""
        return self._of_invoice(self.ledger.invoices.description)

    @cached_property
    def order_number(self) -> Int32Array:
        """Order number of the invoice."""
        return self._of_invoice(self.ledger.invoices.order_number)

    @cached_property
    def customer_number(self) -> Int32Array:
        """Customer number of the invoice."""
        return self._of_invoice(self.ledger.invoices.customer_number)

    @cached_property
    def payment_reference(self) -> Int32Array:
        """Structured reference of the invoice."""
        return self._of_invoice(self.ledger.invoices.payment_reference)

    @cached_property
    def counterparty_name(self) -> Int32Array:
        """Name on the transaction's other side."""
        return self._of_transaction(self.ledger.transactions.counterparty_name)

    @cached_property
    def counterparty_iban(self) -> Int32Array:
        """Account on the transaction's other side."""
        return self._of_transaction(self.ledger.transactions.counterparty_iban)

    @cached_property
    def transaction_description(self) -> Int32Array:
        """Remittance text of the transaction."""
        return self._of_transaction(self.ledger.transactions.description)

    @cached_property
    def transaction_reference(self) -> Int32Array:
        """End-to-end id or structured reference of the transaction."""
        return self._of_transaction(self.ledger.transactions.reference)

    # -- what the texts say -------------------------------------------------------------------

    @cached_property
    def party(self) -> Int32Array:
        """Party of the invoice, -1 where it names nobody."""
        return self._of_invoice(self.ledger.parties.invoice_party)

    @cached_property
    def party_at(self) -> Int64Array:
        """Position in `ledger.parties.words` where the transaction names the party, else -1."""
        wanted = pack(self.transaction_rows, np.maximum(self.party, 0))
        at = lookup(self.ledger.parties.words, wanted)
        at[self.party < 0] = -1
        return at

    @cached_property
    def party_relation(self) -> Int8Array:
        """`PartyRelation` of the transaction to the invoice's party."""
        parties = self.ledger.parties
        strongest = self._of_transaction(parties.strongest)
        other = np.select(
            [
                strongest >= PartyRelation.ACCOUNT,
                strongest >= PartyRelation.CUT_NAME,
                strongest >= PartyRelation.IN_TEXT,
            ],
            [PartyRelation.OTHER_ACCOUNT, PartyRelation.OTHER_NAME, PartyRelation.OTHER_IN_TEXT],
            strongest,
        ).astype(np.int8)
        other[(self.party < 0) & (other > PartyRelation.UNRESOLVED)] = PartyRelation.UNRESOLVED
        if len(parties.words) == 0:
            return other
        return np.where(self.party_at >= 0, parties.relation[self.party_at], other)

    @cached_property
    def same_party(self) -> BoolArray:
        """Whether the transaction names the invoice's party in any way."""
        return self.party_relation >= PartyRelation.IN_TEXT

    @cached_property
    def reference_at(self) -> Int64Array:
        """Position in `ledger.references.words` of the best quoted number, else -1."""
        index = self.ledger.references
        best = np.full(len(self), -1, np.int64)
        worth = np.zeros(len(self), np.int64)
        if len(index.words) == 0:
            return best
        for column in (self.invoice_number, self.payment_reference, self.order_number):
            given = np.flatnonzero(column != NO_TEXT)
            if len(given) == 0:
                continue
            at = lookup(index.words, pack(self.transaction_rows[given], column[given]))
            hit = at >= 0
            rows, at = given[hit], at[hit]
            value = index.grade[at].astype(np.int64) * 256 + index.length[at]
            better = value > worth[rows]
            best[rows[better]] = at[better]
            worth[rows[better]] = value[better]
        return best

    @cached_property
    def reference_grade(self) -> Int8Array:
        """`ReferenceGrade` of the invoice's best quoted number, `NONE` where none is quoted."""
        index = self.ledger.references
        if len(index.words) == 0:
            return np.full(len(self), ReferenceGrade.NONE, np.int8)
        return np.where(
            self.reference_at >= 0, index.grade[self.reference_at], ReferenceGrade.NONE
        ).astype(np.int8)

    @cached_property
    def reference_length(self) -> Int8Array:
        """Significant characters of the invoice's best quoted number, 0 where none is quoted."""
        index = self.ledger.references
        if len(index.words) == 0:
            return np.zeros(len(self), np.int8)
        return np.where(self.reference_at >= 0, index.length[self.reference_at], 0).astype(np.int8)

    @cached_property
    def other_reference_length(self) -> Int8Array:
        """Length of the longest number quoted, where it is not this invoice's; else 0."""
        strongest = self._of_transaction(self.ledger.references.strongest)
        mine = self.reference_grade >= ReferenceGrade.DIGITS
        return np.where(mine, 0, strongest).astype(np.int8)

    def _of_invoice(self, column: npt.NDArray[_T]) -> npt.NDArray[_T]:
        return _gather(column, self.invoice_rows)

    def _of_transaction(self, column: npt.NDArray[_T]) -> npt.NDArray[_T]:
        return _gather(column, self.transaction_rows)
