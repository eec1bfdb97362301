"""Fingerprint: the content of a bank transaction as one hash, so that overlapping files show."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recon_sdk.transactions import BankTransaction

__all__ = ["content_fingerprint"]


def content_fingerprint(transaction: BankTransaction) -> str:
    """Hash what the bank says of a transaction, its own id left out.

    Texts are compared composed (NFC), without outer blanks and with single inner ones, since
    exports of one bank differ in that. What we made of the row (`id`, `allocated`, `ignored`)
    takes no part.

    Returns:
        64 hexadecimal digits. Equal rows of one day have one fingerprint; an ordinal tells them
        apart.
    """
    parts = (
        transaction.account_id,
        transaction.booking_date.isoformat(),
        transaction.value_date.isoformat() if transaction.value_date else "",
        str(transaction.amount.minor),
        transaction.amount.currency,
        transaction.counterparty_name,
        transaction.counterparty_iban,
        transaction.description,
        transaction.reference,
    )
    hashed = hashlib.sha256()
    for part in parts:
        text = " ".join(unicodedata.normalize("NFC", part).split()).encode()
        hashed.update(len(text).to_bytes(4, "big") + text)
    return hashed.hexdigest()
