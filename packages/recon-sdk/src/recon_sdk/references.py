"""References: which invoice numbers the texts of the transactions quote.

Whole tokens only: digits inside a longer number are no hit. A quoted token may be respelt (other
separators, other case, letters left out, leading zeros dropped), cut at its end, or have two
neighbouring characters swapped; each form has its own grade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import NO_TEXT, Int64Array
from recon_sdk.facts import ReferenceGrade, ReferenceIndex, pack
from recon_sdk.folding import fold_all
from recon_sdk.structured import read_structured
from recon_sdk.tokens import Spans, TokenTexts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import BoolArray, Int8Array, Int32Array, UInt64Array
    from recon_sdk.ledger import Ledger
    from recon_sdk.recognisers import Recogniser

__all__ = ["distinct_codes", "find_references"]

JOINS = 5
"""Neighbouring tokens that may form one number ("INV 2025 / 00 123")."""
_SHORTEST_DIGITS = 4
_SHORTEST_GRADED = 5
_LONGEST = 35
_WIDTH = 40


def distinct_codes(*columns: Int32Array) -> Int64Array:
    """Give the distinct text codes of some columns, ascending, without `NO_TEXT`."""
    codes: Int64Array = np.sort(np.concatenate(columns)).astype(np.int64)
    codes = codes[codes != NO_TEXT]
    if len(codes) == 0:
        return codes
    fresh = np.concatenate([[True], codes[1:] != codes[:-1]])
    distinct: Int64Array = codes[fresh]
    return distinct


class _Hits:
    """Collects (text position, number position, grade, length) of all forms."""

    def __init__(self) -> None:
        self.parts: list[tuple[Int64Array, Int64Array, Int8Array, Int64Array]] = []

    def add(
        self, text: Int64Array, number: Int64Array, grade: ReferenceGrade, length: Int64Array
    ) -> None:
        self.parts.append((text, number, np.full(len(text), grade, np.int8), length))


def _join(
    needles: UInt64Array, hay: UInt64Array, order: Int64Array, hay_sorted: UInt64Array
) -> tuple[Int64Array, Int64Array]:
    """All (needle, hay) positions with equal hashes."""
    del hay
    lo = np.searchsorted(hay_sorted, needles, side="left")
    hi = np.searchsorted(hay_sorted, needles, side="right")
    count = hi - lo
    needle = np.repeat(np.arange(len(needles)), count)
    offset = np.arange(len(needle)) - np.repeat(np.cumsum(count) - count, count)
    return needle, order[np.repeat(lo, count) + offset]


def find_references(ledger: Ledger, recognisers: Sequence[Recogniser] = ()) -> ReferenceIndex:
    """Find the quoted numbers of all transactions.

    Works on distinct texts: each text and each number is looked at once, whatever the number of
    rows that carry it.

    Args:
        ledger: The ledger.
        recognisers: Readers of structured references.
    """
    invoices, transactions = ledger.invoices, ledger.transactions
    columns = (invoices.invoice_number, invoices.payment_reference, invoices.order_number)
    number_codes = distinct_codes(*columns)
    text_codes = distinct_codes(transactions.description, transactions.reference)
    if len(number_codes) == 0 or len(text_codes) == 0:
        return ReferenceIndex.empty(len(transactions))
    values = ledger.texts.values
    written = [values[c] for c in text_codes.tolist()]
    numbers, texts = (
        TokenTexts([values[c] for c in number_codes.tolist()]),
        TokenTexts(written, references=True),
    )
    folded = fold_all(written) if recognisers else []
    structured = [read_structured(r, folded) for r in recognisers]
    rows = np.concatenate([np.flatnonzero(c != NO_TEXT) for c in columns])
    given = np.concatenate([c[c != NO_TEXT] for c in columns])
    carried = _Carried(rows, np.searchsorted(number_codes, given), len(number_codes))
    text, number, grade, length, sharing = _match(numbers, texts, carried, structured)
    return _spread(ledger, text_codes, number_codes, text, number, grade, length, sharing)


@attrs.frozen(eq=False)
class _Carried:
    """Which invoices carry which numbers.

    Attributes:
        rows: Invoice of each entry.
        numbers: Position of its number.
        size: How many numbers there are.
    """

    rows: Int64Array
    numbers: Int64Array
    size: int

    def sharing(self, alike: Int64Array | UInt64Array) -> Int64Array:
        """Count for each number the different invoices whose numbers are alike."""
        _, kind = np.unique(alike, return_inverse=True)
        word = np.sort((kind[self.numbers].astype(np.int64) << 32) | self.rows)
        fresh = np.concatenate([[True], word[1:] != word[:-1]])
        counts = np.bincount(word[fresh] >> 32, minlength=self.size)
        return np.asarray(counts[kind], np.int64)


def _match(
    numbers: TokenTexts,
    texts: TokenTexts,
    carried: _Carried,
    structured: list[tuple[Int64Array, list[str]]],
) -> tuple[Int64Array, Int64Array, Int8Array, Int64Array, Int64Array]:
    whole = numbers.whole()
    usable = (whole.length >= 2) & (whole.length <= _LONGEST)
    hits = _Hits()

    # All letters and digits, whatever stands between them.
    spans = texts.joins(JOINS)
    spans = spans.take((spans.length >= 2) & (spans.length <= _LONGEST))
    significant = numbers.without_zeros(whole).length
    targets = np.flatnonzero(usable)
    span, number = _join_spans(texts.hashes(spans), numbers.hashes(whole), targets)
    hits.add(spans.text[span], number, ReferenceGrade.EXACT, significant[number])
    spelt = spans.take(span)
    taken = _covered(texts, spelt)

    # The digits alone, leading zeros dropped; not inside a number that is quoted as it stands.
    digits = _digits_of(numbers)
    targets = np.flatnonzero((digits.length >= _SHORTEST_DIGITS) & (digits.length <= _LONGEST))
    runs = texts.joined_runs(3)
    runs = runs.take(~_inside(taken, runs) | _among(runs, spelt))
    shorn = texts.without_zeros(runs)
    long = (shorn.length >= _SHORTEST_DIGITS) & (shorn.length <= _LONGEST)
    runs, shorn = runs.take(long), shorn.take(long)
    span, at = _join_spans(texts.hashes(shorn), digits.hashes, targets)
    hits.add(runs.text[span], at, ReferenceGrade.DIGITS, digits.length[at])

    # Structured references whose check digits are right quote the number inside them.
    for text, inner in structured:
        quoted = TokenTexts(inner)
        heads = quoted.without_zeros(quoted.whole())
        for hashes, lengths in (
            (numbers.hashes(numbers.without_zeros(whole)), significant),
            (digits.hashes, digits.length),
        ):
            targets = np.flatnonzero((lengths >= _SHORTEST_DIGITS) & (lengths <= _LONGEST))
            at_inner, at = _join_spans(quoted.hashes(heads), hashes, targets)
            hits.add(text[at_inner], at, ReferenceGrade.CHECKED, lengths[at])

    # Weaker forms, only for spans that are no number as they stand.
    rest = spans.take((spans.length >= _SHORTEST_GRADED) & _has_digit(texts, spans))
    rest = rest.take(~_inside(taken, rest) & ~_among(rest, runs.take(span)))
    for missing in (1, 2, 3):
        cut = Spans(whole.text, whole.start, np.maximum(whole.end - missing, whole.start))
        targets = np.flatnonzero(usable & (cut.length >= _SHORTEST_GRADED))
        last = rest if missing == 1 else rest.take(rest.end == texts.bounds[rest.text + 1])
        span, at = _join_spans(texts.hashes(last), numbers.hashes(cut), targets)
        hits.add(last.text[span], at, ReferenceGrade.CUT, cut.length[at])
    targets = np.flatnonzero(usable & (whole.length >= _SHORTEST_GRADED))
    span, at = _join_spans(texts.unordered_hashes(rest), numbers.unordered_hashes(whole), targets)
    real = _is_swap(texts, rest.take(span), numbers, whole.take(at))
    hits.add(rest.text[span[real]], at[real], ReferenceGrade.SWAPPED, significant[at[real]])
    by_digits = digits.length >= _SHORTEST_DIGITS
    spelt_alike = carried.sharing(numbers.hashes(whole))
    digits_alike = np.where(by_digits, carried.sharing(digits.hashes), spelt_alike)
    return _best_of(hits, carried.sharing(np.arange(len(whole))), spelt_alike, digits_alike)


class _Digits:
    def __init__(self, hashes: UInt64Array, length: Int64Array) -> None:
        self.hashes = hashes
        self.length = length


def _digits_of(numbers: TokenTexts) -> _Digits:
    """Hash the digits of each number, leading zeros dropped, letters left out."""
    keep = numbers.bytes <= ord("9")
    text = np.searchsorted(numbers.bounds, np.flatnonzero(keep), side="right") - 1
    counts = np.bincount(text, minlength=len(numbers.bounds) - 1)
    joined = numbers.bytes[keep].tobytes().decode("ascii")
    ends = np.cumsum(counts)
    pieces = [joined[a:b] for a, b in zip((ends - counts).tolist(), ends.tolist(), strict=True)]
    digits = TokenTexts(pieces)
    spans = digits.without_zeros(digits.whole())
    return _Digits(digits.hashes(spans), spans.length)


def _join_spans(
    needles: UInt64Array, hay: UInt64Array, targets: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """All (span, number) positions with equal hashes, numbers limited to `targets`."""
    hay = hay[targets]
    order = np.argsort(hay, kind="stable")
    needle, at = _join(needles, hay, order, hay[order])
    return needle, targets[at]


def _covered(texts: TokenTexts, spans: Spans) -> Int64Array:
    """Count for each byte, as prefix sums, the bytes before it that some span covers."""
    edges = np.zeros(len(texts.bytes) + 1, np.int64)
    np.add.at(edges, spans.start, 1)
    np.add.at(edges, spans.end, -1)
    return np.concatenate([[0], np.cumsum(np.cumsum(edges[:-1]) > 0)])


def _inside(covered: Int64Array, spans: Spans) -> BoolArray:
    """Whether all bytes of a span are covered."""
    return np.asarray(covered[spans.end] - covered[spans.start] == spans.length)


def _among(spans: Spans, others: Spans) -> BoolArray:
    """Whether a span is one of the others."""
    words = np.sort((others.start << 32) | others.end)
    wanted = (spans.start << 32) | spans.end
    if len(words) == 0:
        return np.zeros(len(spans), bool)
    at = np.minimum(np.searchsorted(words, wanted), len(words) - 1)
    return np.asarray(words[at] == wanted)


def _has_digit(texts: TokenTexts, spans: Spans) -> BoolArray:
    counts = np.concatenate([[0], np.cumsum(texts.bytes <= ord("9"))])
    return np.asarray(counts[spans.end] > counts[spans.start])


def _is_swap(texts: TokenTexts, quoted: Spans, numbers: TokenTexts, meant: Spans) -> BoolArray:
    """Whether two spans of the same characters differ by one swap of neighbours."""
    a, b = texts.characters(quoted, _WIDTH), numbers.characters(meant, _WIDTH)
    differ = a != b
    first = differ.argmax(axis=1)
    rows = np.arange(len(a))
    second = np.minimum(first + 1, _WIDTH - 1)
    crosswise = (a[rows, first] == b[rows, second]) & (a[rows, second] == b[rows, first])
    return np.asarray((differ.sum(axis=1) == 2) & crosswise & (quoted.length == meant.length))


def _best_of(
    hits: _Hits, carriers: Int64Array, spelt_alike: Int64Array, digits_alike: Int64Array
) -> tuple[Int64Array, Int64Array, Int8Array, Int64Array, Int64Array]:
    """Keep the best form of each (text, number), and count what else its token fits.

    Args:
        hits: All forms that were found.
        carriers: Invoices that carry each number.
        spelt_alike: Invoices whose number has the same letters and digits.
        digits_alike: Invoices whose number has the same digits.
    """
    text = np.concatenate([p[0] for p in hits.parts])
    number = np.concatenate([p[1] for p in hits.parts])
    grade = np.concatenate([p[2] for p in hits.parts])
    length = np.concatenate([p[3] for p in hits.parts])
    order = np.lexsort((-length, -grade, number, text))
    text, number, grade, length = text[order], number[order], grade[order], length[order]
    first = np.ones(len(text), bool)
    first[1:] = (text[1:] != text[:-1]) | (number[1:] != number[:-1])
    text, number, grade, length = text[first], number[first], grade[first], length[first]
    # A token that is spelt out fits all numbers that are spelt so. Of weaker forms, the numbers of
    # one text that were quoted in the same form and length are taken to share one token.
    spelt = grade >= ReferenceGrade.DIGITS
    sharing = np.where(
        grade == ReferenceGrade.EXACT,
        spelt_alike[number],
        np.where(spelt, digits_alike[number], carriers[number]),
    )
    weak = np.flatnonzero(~spelt)
    if len(weak):
        key = (text[weak] << 16) | (grade[weak].astype(np.int64) << 8) | length[weak]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        group = np.cumsum(starts) - 1
        total = np.bincount(group, weights=sharing[weak][order]).astype(np.int64)
        sharing[weak[order]] = total[group]
    return text, number, grade, length, sharing


def _spread(
    ledger: Ledger,
    text_codes: Int64Array,
    number_codes: Int64Array,
    text: Int64Array,
    number: Int64Array,
    grade: Int8Array,
    length: Int64Array,
    sharing: Int64Array,
) -> ReferenceIndex:
    """From distinct texts to transactions."""
    transactions = ledger.transactions
    rows, words, hit = [], [], []
    starts = np.searchsorted(text, np.arange(len(text_codes) + 1))
    for column in (transactions.description, transactions.reference):
        given = np.flatnonzero(column != NO_TEXT)
        at = np.searchsorted(text_codes, column[given])
        count = starts[at + 1] - starts[at]
        source = np.repeat(starts[at], count) + (
            np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        )
        row = np.repeat(given, count)
        rows.append(row)
        hit.append(source)
        words.append(pack(row, number_codes[number[source]]))
    word, source = np.concatenate(words), np.concatenate(hit)
    order = np.lexsort((-length[source], -grade[source], word))
    word, source = word[order], source[order]
    first = np.ones(len(word), bool)
    first[1:] = word[1:] != word[:-1]
    word, source = word[first], source[first]
    strongest = np.zeros(len(transactions), np.int8)
    clear = grade[source] >= ReferenceGrade.DIGITS
    np.maximum.at(
        strongest, (word[clear] >> 32), np.minimum(length[source[clear]], 100).astype(np.int8)
    )
    return ReferenceIndex(
        words=word,
        grade=grade[source],
        length=np.minimum(length[source], 100).astype(np.int8),
        sharing=np.minimum(sharing[source], 2**31 - 1).astype(np.int32),
        strongest=strongest,
    )
