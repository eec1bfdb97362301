"""Blockers: what makes two rows worth comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk import NO_TEXT, Keys
from recon_sdk.hashing import hash_texts, mix
from recon_sdk.logs import ilog

if TYPE_CHECKING:
    from recon_sdk import Int32Array, Int64Array, Ledger, UInt64Array

__all__ = ["AmountBlocker", "PartyBlocker", "ReferenceBlocker"]

_BUCKET = 140
"""Width of an amount bucket in thousandths of a natural-log unit: about 15 %."""


def _currency_keys(ledger: Ledger) -> UInt64Array:
    return hash_texts(list(ledger.currencies))


def _flow(ledger: Ledger) -> Int64Array:
    """Sign of the money that settles each invoice; 0 where not known."""
    invoices = ledger.invoices
    return invoices.direction.astype(np.int64) * np.sign(invoices.open_amount)


def _signed(rows: Int64Array, flow: Int64Array, *parts: UInt64Array) -> Keys:
    """Keys with the sign of the flow; both signs where it is not known."""
    out_rows, out_keys = [], []
    for sign in (-1, 1):
        fits = (flow == sign) | (flow == 0)
        out_rows.append(rows[fits])
        out_keys.append(mix(*(p[fits] for p in parts), sign))
    return Keys(np.concatenate(out_rows), np.concatenate(out_keys))


@attrs.frozen
class AmountBlocker:
    """The same amount in the same currency, moving the right way."""

    name: str = "amount"
    days_before: int = 15
    days_after: int = 100

    def invoice_keys(self, ledger: Ledger) -> Keys:
        """Currency, open amount and sign of the flow."""
        invoices = ledger.invoices
        rows = np.flatnonzero(invoices.open_amount != 0)
        currency = _currency_keys(ledger)[invoices.currency[rows]]
        amount = np.abs(invoices.open_amount[rows]).view(np.uint64)
        return _signed(rows, _flow(ledger)[rows], currency, amount)

    def transaction_keys(self, ledger: Ledger) -> Keys:
        """Currency, unallocated amount and sign."""
        transactions = ledger.transactions
        rows = np.flatnonzero(transactions.unallocated_amount != 0)
        value = transactions.unallocated_amount[rows]
        currency = _currency_keys(ledger)[transactions.currency[rows]]
        return Keys(rows, mix(currency, np.abs(value).view(np.uint64), np.sign(value)))


@attrs.frozen
class PartyBlocker:
    """The same party, and an amount that is near (within about 15 to 30 %)."""

    name: str = "party"
    days_before: int = 15
    days_after: int = 120

    def invoice_keys(self, ledger: Ledger) -> Keys:
        """Party and amount bucket, with both neighbours."""
        invoices, parties = ledger.invoices, ledger.parties
        rows = np.flatnonzero((parties.invoice_party >= 0) & (invoices.open_amount != 0))
        if len(rows) == 0 or len(parties.keys) == 0:
            return Keys(np.zeros(0, np.int64), np.zeros(0, np.uint64))
        bucket = ilog(np.abs(invoices.open_amount[rows])) // _BUCKET
        party = parties.keys[parties.invoice_party[rows]]
        flow = _flow(ledger)[rows]
        wide = [_signed(rows, flow, party, (bucket + d).view(np.uint64)) for d in (-1, 0, 1)]
        return Keys(np.concatenate([k.rows for k in wide]), np.concatenate([k.keys for k in wide]))

    def transaction_keys(self, ledger: Ledger) -> Keys:
        """Party and amount bucket of every party that is named."""
        transactions, parties = ledger.transactions, ledger.parties
        words = parties.words[transactions.unallocated_amount[parties.words >> 32] != 0]
        rows = words >> 32
        party = parties.keys[words & 0xFFFFFFFF]
        value = transactions.unallocated_amount[rows]
        bucket = ilog(np.abs(value)) // _BUCKET
        return Keys(rows, mix(party, bucket.view(np.uint64), np.sign(value)))


@attrs.frozen
class ReferenceBlocker:
    """The payment quotes the invoice's number, order number or payment reference."""

    name: str = "reference"
    days_before: int = 60
    days_after: int = 500

    def invoice_keys(self, ledger: Ledger) -> Keys:
        """The numbers of the invoice."""
        invoices = ledger.invoices
        flow = _flow(ledger)
        found = []
        for column in (invoices.invoice_number, invoices.payment_reference, invoices.order_number):
            rows = np.flatnonzero((column != NO_TEXT) & (invoices.open_amount != 0))
            found.append(_signed(rows, flow[rows], _hashes(ledger, column[rows])))
        return Keys(
            np.concatenate([k.rows for k in found]), np.concatenate([k.keys for k in found])
        )

    def transaction_keys(self, ledger: Ledger) -> Keys:
        """The numbers that the payment quotes."""
        words = ledger.references.words
        words = words[ledger.transactions.unallocated_amount[words >> 32] != 0]
        rows = words >> 32
        numbers = _hashes(ledger, (words & 0xFFFFFFFF).astype(np.int64))
        return Keys(rows, mix(numbers, np.sign(ledger.transactions.unallocated_amount[rows])))


def _hashes(ledger: Ledger, codes: Int64Array | Int32Array) -> UInt64Array:
    """Hash of the text of each code."""
    if len(codes) == 0:
        return np.zeros(0, np.uint64)
    distinct = np.sort(codes)
    distinct = distinct[np.concatenate([[True], distinct[1:] != distinct[:-1]])]
    hashes = hash_texts([ledger.texts[c] for c in distinct.tolist()])
    return hashes[np.searchsorted(distinct, codes)]
