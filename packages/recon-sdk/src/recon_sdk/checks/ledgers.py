"""Ledgers for checks: a small one with every oddity, and changed copies of a ledger."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.columns import NO_TEXT, Int32Array, Int64Array, TextTable
from recon_sdk.facts import PartyIndex, ReferenceIndex, pack
from recon_sdk.invoices import Direction, Invoice
from recon_sdk.ledger import InvoiceColumns, Ledger, TransactionColumns
from recon_sdk.money import Money

if TYPE_CHECKING:
    from recon_sdk.transactions import BankTransaction

__all__ = ["fingerprint_of", "part_of", "renumbered", "sample_ledger", "sample_rows"]

_VENDORS = (
    ("v1", "Müller & Söhne GmbH", "DE89370400440532013000"),
    ("v2", "ACME Corporation", "GB29NWBK60161331926819"),
    ("v3", "株式会社サンプル", ""),
    ("v4", "Société Générale d'Énergie", "FR1420041010050500013M02606"),
    ("", "Smith", ""),
    ("v6", "", "NL91ABNA0417164300"),
)
_TEXT_COLUMNS = (
    "invoice_number", "vendor_id", "vendor_name", "vendor_iban", "description", "order_number",
    "customer_number", "payment_reference", "account_id", "external_id", "counterparty_name",
    "counterparty_iban", "reference",
)  # fmt: skip


def sample_rows() -> tuple[tuple[Invoice, ...], tuple[BankTransaction, ...]]:
    """Give invoices and payments with every oddity that a ledger may have.

    Among them: missing texts and dates, credit notes, unknown directions, currencies with no and
    with three decimals, part-paid rows, twins, short numbers, and texts from many scripts.
    """
    chance = random.Random(20260301)
    invoices, transactions = [], []
    for n in range(30):
        vendor_id, vendor, iban = _VENDORS[n % len(_VENDORS)]
        currency = ("EUR", "EUR", "EUR", "USD", "JPY", "KWD")[chance.randrange(6)]
        minor = chance.choice([1, 999, 10_000, 10_000, 123_456, 99_999_999])
        minor *= -1 if n % 9 == 8 else 1
        number = ("", str(n), f"RE-2026-{1000 + n}", f"INV/{n:05d}")[n % 4]
        day = f"2026-03-{1 + n % 28:02d}"
        direction = (Direction.PAYABLE, Direction.RECEIVABLE, None)[n % 3]
        amount = Money(minor, currency)
        invoices.append(
            an_invoice(
                f"i{n:02d}",
                amount,
                issue_date=None if n % 10 == 3 else day,
                due_date=None if n % 7 == 0 else f"2026-04-{1 + n % 28:02d}",
                direction=direction,
                invoice_number=number,
                vendor_id=vendor_id,
                vendor_name=vendor,
                vendor_iban=iban,
                description=("", "Wartung März", "🚚 delivery", "x" * 300)[chance.randrange(4)],
                order_number=f"PO{n}" if n % 5 == 0 else "",
                payment_reference="RF18539007547034" if n % 11 == 0 else "",
                discount_percent=200 if n % 6 == 0 else None,
                discount_until=day if n % 6 == 0 else None,
                net_amount=Money(round(minor / 1.19), currency) if n % 4 == 0 else None,
                withholding_percent=1500 if n % 8 == 0 else None,
                settled=minor // 4 if n % 12 == 5 else 0,
            )
        )
        flow = 1 if direction is Direction.RECEIVABLE else -1
        paid = flow * (minor - (chance.choice([0, 0, 0, 1, 250]) if abs(minor) > 300 else 0))
        transactions += [
            a_transaction(
                f"t{n:02d}{'ab'[copy]}",
                Money(paid, currency),
                booking_date=f"2026-04-{1 + (n * 3) % 28:02d}",
                value_date=None if n % 2 else f"2026-04-{1 + (n * 3) % 28:02d}",
                account_id="main" if n % 2 else "",
                external_id=f"B{n}{copy}" if n % 3 else "",
                counterparty_name=vendor.upper()[:18] if n % 5 else "",
                counterparty_iban=iban if n % 3 == 0 else "",
                description=f"payment {number} {vendor}" if n % 4 != 1 else "",
                reference="RF18539007547034" if n % 11 == 0 else "",
                allocated=paid // 4 if n % 14 == 3 else 0,
            )
            for copy in range(1 if n % 13 else 2)
        ]
    return tuple(invoices), tuple(transactions)


def sample_ledger() -> Ledger:
    """Build a ledger of the sample rows, quoted numbers and parties recognised."""
    return a_ledger(*sample_rows())


def fingerprint_of(value: Any) -> str:
    """Hash all arrays and values inside an attrs object, to see whether anything was changed."""
    hashed = hashlib.sha256()

    def add(item: Any) -> None:
        if attrs.has(type(item)):
            for field in attrs.fields(type(item)):
                add(getattr(item, field.name))
        elif isinstance(item, np.ndarray):
            hashed.update(repr((item.dtype, item.shape)).encode())
            texts = item.dtype.kind == "T"
            hashed.update(repr(item.tolist()).encode() if texts else item.tobytes())
        elif isinstance(item, list | tuple):
            for member in item:
                add(member)
        else:
            hashed.update(repr(item).encode())

    add(value)
    return hashed.hexdigest()


def part_of(ledger: Ledger, invoices: Int64Array, transactions: Int64Array) -> Ledger:
    """Cut rows out of a ledger; what its texts say of the rows that stay is kept.

    Args:
        ledger: The ledger.
        invoices: Rows that stay, ascending.
        transactions: Likewise.
    """
    references, parties = ledger.references, ledger.parties
    place = np.full(len(ledger.transactions), -1, np.int64)
    place[transactions] = np.arange(len(transactions))

    def kept(words: Int64Array) -> tuple[Int64Array, Int64Array]:
        at = np.flatnonzero(place[words >> 32] >= 0)
        return at, pack(place[words[at] >> 32], words[at] & 0xFFFFFFFF)

    quoted, quoted_words = kept(references.words)
    named, named_words = kept(parties.words)
    return Ledger(
        invoices=InvoiceColumns(**_taken(ledger.invoices, invoices)),
        transactions=TransactionColumns(**_taken(ledger.transactions, transactions)),
        texts=ledger.texts,
        currencies=ledger.currencies,
        references=ReferenceIndex(
            words=quoted_words,
            grade=references.grade[quoted],
            length=references.length[quoted],
            sharing=references.sharing[quoted],
            strongest=references.strongest[transactions],
        ),
        parties=attrs.evolve(
            parties,
            invoice_party=parties.invoice_party[invoices],
            words=named_words,
            relation=parties.relation[named],
            sharing=parties.sharing[named],
            strongest=parties.strongest[transactions],
        ),
    )


def renumbered(ledger: Ledger) -> Ledger:
    """Give the same ledger with other codes for texts, currencies and parties."""
    texts, currencies = len(ledger.texts), len(ledger.currencies)
    parties, references = ledger.parties, ledger.references

    def recoded(columns: InvoiceColumns | TransactionColumns) -> dict[str, Any]:
        fields = _taken(columns, np.arange(len(columns)))
        for name in _TEXT_COLUMNS:
            if name in fields:
                fields[name] = _mirrored(fields[name], texts)
        fields["currency"] = (currencies - 1 - columns.currency).astype(np.int32)
        return fields

    quoted = pack(references.words >> 32, texts - 1 - (references.words & 0xFFFFFFFF))
    named = pack(parties.words >> 32, len(parties.payments) - 1 - (parties.words & 0xFFFFFFFF))
    by_quoted, by_named = np.argsort(quoted), np.argsort(named)
    return Ledger(
        invoices=InvoiceColumns(**recoded(ledger.invoices)),
        transactions=TransactionColumns(**recoded(ledger.transactions)),
        texts=TextTable(list(ledger.texts.values)[::-1]),
        currencies=list(ledger.currencies)[::-1],
        references=ReferenceIndex(
            words=quoted[by_quoted],
            grade=references.grade[by_quoted],
            length=references.length[by_quoted],
            sharing=references.sharing[by_quoted],
            strongest=references.strongest,
        ),
        parties=PartyIndex(
            invoice_party=_mirrored(parties.invoice_party, len(parties.payments)),
            words=named[by_named],
            relation=parties.relation[by_named],
            sharing=parties.sharing[by_named],
            strongest=parties.strongest,
            payments=parties.payments[::-1].copy(),
            keys=parties.keys[::-1].copy(),
        ),
    )


def _mirrored(codes: Int32Array, size: int) -> Int32Array:
    return np.where(codes == NO_TEXT, NO_TEXT, size - 1 - codes).astype(np.int32)


def _taken(columns: InvoiceColumns | TransactionColumns, rows: Int64Array) -> dict[str, Any]:
    return {
        field.name: getattr(columns, field.name)[rows] for field in attrs.fields(type(columns))
    }
