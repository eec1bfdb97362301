"""Tails: numbers quoted by their last digits alone, where the party is known.

Four to six digits fit too many invoices of a ledger to say anything; among the few invoices of one
party they say much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_TEXT
from recon_sdk.facts import ReferenceGrade, lookup, pack
from recon_sdk.hashing import mix
from recon_sdk.references import distinct_codes
from recon_sdk.tokens import Spans, TokenTexts

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array, UInt64Array
    from recon_sdk.facts import PartyIndex, ReferenceIndex
    from recon_sdk.ledger import Ledger

__all__ = ["with_tails"]

_SHORTEST, _LONGEST = 4, 6
_MOST_SHARING = 3
"""Invoices of the party that the same digits may fit."""


def with_tails(ledger: Ledger, references: ReferenceIndex, parties: PartyIndex) -> ReferenceIndex:
    """Add what payments quote by last digits to what they quote as whole numbers.

    Looked at are payments that name a party and quote no number clearly.
    """
    row, party, digits, size = _quoted(ledger, references, parties)
    invoice, own_party, own_digits, own_size = _endings(ledger, parties)
    if len(row) == 0 or len(invoice) == 0:
        return references
    key = mix(own_party, own_digits, own_size)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    wanted = mix(party, digits, size)
    lo = np.searchsorted(ordered, wanted)
    count = np.searchsorted(ordered, wanted, side="right") - lo
    count[count > _MOST_SHARING] = 0
    at = np.repeat(np.arange(len(row)), count)
    offset = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    found = invoice[order[np.repeat(lo, count) + offset]]
    word = pack(row[at], ledger.invoices.invoice_number[found])
    length, sharing = size[at], count[at]
    # The longest tail of each, and nothing that is quoted already.
    best = np.lexsort((-length, word))
    word, length, sharing = word[best], length[best], sharing[best]
    fresh = np.ones(len(word), bool)
    fresh[1:] = word[1:] != word[:-1]
    fresh &= lookup(references.words, word) < 0
    word, length, sharing = word[fresh], length[fresh], sharing[fresh]
    merged = np.concatenate([references.words, word])
    order = np.argsort(merged, kind="stable")
    tail = np.full(len(word), ReferenceGrade.TAIL, np.int8)
    return attrs.evolve(
        references,
        words=merged[order],
        grade=np.concatenate([references.grade, tail])[order],
        length=np.concatenate([references.length, length.astype(np.int8)])[order],
        sharing=np.concatenate([references.sharing, sharing.astype(np.int32)])[order],
    )


def _quoted(
    ledger: Ledger, references: ReferenceIndex, parties: PartyIndex
) -> tuple[Int64Array, Int64Array, UInt64Array, Int64Array]:
    """Short runs of digits of payments that name a party: row, party, hash, length."""
    transactions = ledger.transactions
    rows = parties.words >> 32
    useful = (references.strongest[rows] == 0) & (parties.sharing == 1)
    rows, party = rows[useful], parties.words[useful] & 0xFFFFFFFF
    out = []
    for column in (transactions.description, transactions.reference):
        written = column[rows] != NO_TEXT
        codes = distinct_codes(column[rows[written]])
        texts = TokenTexts([ledger.texts.values[c] for c in codes.tolist()], references=True)
        runs = texts.digit_runs()
        runs = runs.take((runs.length >= _SHORTEST) & (runs.length <= _LONGEST))
        hashes = texts.hashes(runs)
        first = np.searchsorted(runs.text, np.arange(len(codes) + 1))
        at = np.searchsorted(codes, column[rows[written]])
        count = first[at + 1] - first[at]
        offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        run = np.repeat(first[at], count) + offset
        out.append(
            (
                np.repeat(rows[written], count),
                np.repeat(party[written], count),
                hashes[run],
                runs.length[run],
            )
        )
    row, who, digits, size = (np.concatenate(parts) for parts in zip(*out, strict=True))
    return row, who, digits, size


def _endings(
    ledger: Ledger, parties: PartyIndex
) -> tuple[Int64Array, Int64Array, UInt64Array, Int64Array]:
    """Last digits of the invoices' numbers: row, party, hash, length."""
    number = ledger.invoices.invoice_number
    rows = np.flatnonzero((number != NO_TEXT) & (parties.invoice_party >= 0))
    codes = distinct_codes(number[rows])
    numbers = TokenTexts([ledger.texts.values[c] for c in codes.tolist()])
    whole = numbers.whole()
    digit = np.concatenate([[0], np.cumsum(numbers.bytes <= ord("9"))])
    at = np.searchsorted(codes, number[rows])
    out = []
    for size in range(_SHORTEST, _LONGEST + 1):
        tail = Spans(whole.text, np.maximum(whole.end - size, whole.start), whole.end)
        clear = (digit[tail.end] - digit[tail.start] == size) & (whole.length > size)
        hashes = numbers.hashes(tail)
        good = clear[at]
        out.append(
            (
                rows[good],
                parties.invoice_party[rows[good]].astype(np.int64),
                hashes[at[good]],
                np.full(int(good.sum()), size, np.int64),
            )
        )
    row, who, digits, length = (np.concatenate(parts) for parts in zip(*out, strict=True))
    return row, who, digits, length
