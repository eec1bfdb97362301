"""Rule on texts: TF-IDF similarity, so that rare words count and common ones do not."""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from recon_sdk import Cost, Evidence, Role
from recon_sdk.folding import fold

if TYPE_CHECKING:
    from recon_sdk import (
        BankTransaction,
        FloatArray,
        Int32Array,
        Int64Array,
        Invoice,
        Ledger,
        Pairs,
    )

__all__ = ["TextSimilarity"]

_WORD = re.compile("[A-Z0-9]{2,}")
"""Two letters or digits and more; a folded text has no others."""


class TextSimilarity:
    """Cosine of TF-IDF vectors of the invoice's and the transaction's texts.

    The document frequencies are those of the ledger's own distinct texts, so a word that many of
    its texts share ("GmbH", "payment") weighs little and a rare one weighs much.

    Source:
        TF-IDF with smoothed inverse document frequencies and unit length, as scikit-learn's
        `TfidfVectorizer` defines them.
    """

    name = "text_similarity"
    version = "1"
    evidence = Evidence.TEXT
    role = Role.SCORE
    weight = 0.1
    upper_bound = 1.0
    cost = Cost.TEXT
    nats = 0.0

    def __init__(self) -> None:
        self._vectors: weakref.WeakKeyDictionary[Ledger, _Vectors] = weakref.WeakKeyDictionary()

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]

    def score(self, pairs: Pairs) -> FloatArray:
        """Cosine of each pair; no opinion where one side has no words."""
        vectors = self._vectors.get(pairs.ledger)
        if vectors is None:
            vectors = self._vectors[pairs.ledger] = _Vectors(pairs.ledger)
        return vectors.cosine(pairs.invoice_rows, pairs.transaction_rows)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say how alike the texts are."""
        del invoice, transaction
        return f"the texts are alike to {value:.0%}"


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


class _Vectors:
    """The vectors of one ledger: one row for each distinct combination of texts of a side."""

    def __init__(self, ledger: Ledger) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        i, t = ledger.invoices, ledger.transactions
        self._left_of, left = _documents(
            ledger, i.vendor_name, i.invoice_number, i.description, i.order_number
        )
        self._right_of, right = _documents(ledger, t.counterparty_name, t.description, t.reference)
        vectorizer = TfidfVectorizer(analyzer=_words, dtype=np.float64)
        try:
            both = vectorizer.fit_transform(left + right)
        except ValueError:  # no text has a word
            both = None
        self._left: Any = None if both is None else both[: len(left)]
        self._right: Any = None if both is None else both[len(left) :]

    def cosine(self, invoice_rows: Int64Array, transaction_rows: Int64Array) -> FloatArray:
        """Cosine of each pair, rounded to a millionth."""
        if self._left is None:
            return np.full(len(invoice_rows), np.nan)
        a, b = self._left_of[invoice_rows], self._right_of[transaction_rows]
        left, right = self._left[a], self._right[b]
        found = np.asarray(left.multiply(right).sum(axis=1), np.float64).reshape(-1)
        found = np.clip(np.round(found, 6), 0.0, 1.0)
        wordless = (np.diff(left.indptr) == 0) | (np.diff(right.indptr) == 0)
        return np.where(wordless, np.nan, found)


def _documents(ledger: Ledger, *columns: Int32Array) -> tuple[Int64Array, list[str]]:
    """Give each row the number of its combination of texts, and the combinations."""
    if len(columns[0]) == 0:
        return np.zeros(0, np.int64), []
    order = np.lexsort(columns)
    fresh = np.zeros(len(order), bool)
    fresh[0] = True
    for column in columns:
        ordered = column[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(fresh) - 1
    firsts = order[fresh]
    texts = ledger.texts
    rows = [[texts[c] for c in column[firsts].tolist()] for column in columns]
    return number, [" ".join(parts) for parts in zip(*rows, strict=True)]
