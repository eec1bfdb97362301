"""What the texts of a ledger say: which numbers a payment quotes, and who is behind it.

Both indexes are sparse: sorted 64-bit words with the transaction's row in the upper half, so a
batch of pairs is looked up by one binary search.
"""

from __future__ import annotations

import enum

import attrs
import numpy as np

from recon_sdk.columns import Int8Array, Int32Array, Int64Array, UInt64Array

__all__ = [
    "PartyIndex",
    "PartyRelation",
    "ReferenceGrade",
    "ReferenceIndex",
    "lookup",
    "pack",
]


class ReferenceGrade(enum.IntEnum):
    """How a payment's text quotes a number; higher is better."""

    NONE = 0
    TAIL = 1
    """Only the last digits; counts with a known party alone."""
    SWAPPED = 2
    """Two neighbouring characters are swapped."""
    CUT = 3
    """The end is missing."""
    DIGITS = 4
    """The digits alone, leading zeros dropped."""
    EXACT = 5
    """All letters and digits as whole tokens; separators and case do not matter."""
    CHECKED = 6
    """Exact, and its check digits are right."""


class PartyRelation(enum.IntEnum):
    """What a payment says about who is behind it, seen from one invoice's party."""

    NOTHING = 0
    """No name, account or known text."""
    UNRESOLVED = 1
    """A name or account that belongs to no party of this ledger."""
    OTHER_IN_TEXT = 2
    """The text names another party."""
    OTHER_NAME = 3
    """The name is another party's."""
    OTHER_ACCOUNT = 4
    """The account is another party's."""
    IN_TEXT = 5
    """The text names this party."""
    CUT_NAME = 6
    """The name is this party's, cut at the end."""
    NAME = 7
    """The name is this party's."""
    INFERRED = 8
    """The name keeps coming with this party's references."""
    ALIAS = 9
    """The name is known to stand for this party."""
    ACCOUNT = 10
    """The account is this party's."""


@attrs.frozen(kw_only=True, eq=False)
class ReferenceIndex:
    """Which reference texts the transactions quote.

    Attributes:
        words: Sorted int64: transaction row << 32 | text code of the quoted number.
        grade: `ReferenceGrade` of each word.
        length: Significant characters of what was quoted, of each word.
        sharing: Number of different invoices that the quoted token fits, at least 1, of each word.
        strongest: For each transaction the longest exactly or digitwise quoted number, 0 for none.
    """

    words: Int64Array
    grade: Int8Array
    length: Int8Array
    sharing: Int32Array
    strongest: Int8Array

    @classmethod
    def empty(cls, transactions: int) -> ReferenceIndex:
        """An index of texts that quote nothing."""
        return cls(
            words=np.zeros(0, np.int64),
            grade=np.zeros(0, np.int8),
            length=np.zeros(0, np.int8),
            sharing=np.zeros(0, np.int32),
            strongest=np.zeros(transactions, np.int8),
        )


@attrs.frozen(kw_only=True, eq=False)
class PartyIndex:
    """Who the other parties are, and whom the transactions name.

    Attributes:
        invoice_party: Party of each invoice, -1 where it names nobody.
        words: Sorted int64: transaction row << 32 | party.
        relation: `PartyRelation` of each word.
        sharing: Number of parties that the same name fits, at least 1, of each word.
        strongest: For each transaction the strongest relation to anybody, `UNRESOLVED` or
            `NOTHING`.
        payments: For each party the number of transactions that name it and nobody else.
        keys: For each party a hash of what it is known by, the same in every ledger.
    """

    invoice_party: Int32Array
    words: Int64Array
    relation: Int8Array
    sharing: Int32Array
    strongest: Int8Array
    payments: Int32Array
    keys: UInt64Array

    @classmethod
    def empty(cls, invoices: int, transactions: int) -> PartyIndex:
        """An index that knows nobody."""
        return cls(
            invoice_party=np.full(invoices, -1, np.int32),
            words=np.zeros(0, np.int64),
            relation=np.zeros(0, np.int8),
            sharing=np.zeros(0, np.int32),
            strongest=np.zeros(transactions, np.int8),
            payments=np.zeros(0, np.int32),
            keys=np.zeros(0, np.uint64),
        )


def pack(rows: Int64Array | Int32Array, codes: Int64Array | Int32Array) -> Int64Array:
    """Pack a row (upper half) and a code of at least 0 (lower half) into one sortable word."""
    return (rows.astype(np.int64) << 32) | codes.astype(np.int64)


def lookup(words: Int64Array, wanted: Int64Array) -> Int64Array:
    """Find the position of each wanted word in sorted words, -1 where it is absent."""
    if len(words) == 0:
        return np.full(len(wanted), -1, np.int64)
    at = np.searchsorted(words, wanted)
    at[at == len(words)] = 0
    return np.where(words[at] == wanted, at, -1)
