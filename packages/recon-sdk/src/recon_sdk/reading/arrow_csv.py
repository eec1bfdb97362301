"""Read CSV with pyarrow, in blocks and on one thread, keeping only distinct texts."""

from __future__ import annotations

import codecs
import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from recon_sdk.reading.csv_text import END, CsvText, is_blank
from recon_sdk.reading.raw import RaggedRow, RawColumn, RawTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from recon_sdk.columns import Int32Array, Int64Array

__all__ = ["DistinctTexts", "gathered", "read_csv"]


_BLOCK = 1 << 21
"""Bytes per block (2 MiB). pyarrow reads 32 blocks ahead, so larger ones cost memory."""

_GATHERED = 1 << 25
"""Bytes of columns that are gathered before their distinct texts are taken (32 MiB)."""


class DistinctTexts:
    """A column under construction: the distinct texts of all blocks so far.

    Args:
        distinct: False for keys: every row keeps its own text.
    """

    def __init__(self, *, distinct: bool = True) -> None:
        self._index: defaultdict[str, int] = defaultdict()
        self._index.default_factory = self._index.__len__
        self._values: list[str] = []
        self.keeps_all = not distinct
        self._codes: list[Int32Array] = []

    def add(self, texts: Sequence[str], codes: Int32Array) -> None:
        """Add a block: its distinct texts and a code for each row, -1 for nothing."""
        found = np.fromiter(map(self._index.__getitem__, texts), np.int32, len(texts))
        self._codes.append(np.append(found, np.int32(-1))[codes])

    def add_all(self, texts: list[str]) -> None:
        """Add a block of which every row keeps its own text."""
        start = len(self._values)
        self._values.extend(texts)
        self._codes.append(np.arange(start, len(self._values), dtype=np.int32))

    def done(self) -> tuple[list[str], Int32Array]:
        """Give texts and codes."""
        values = self._values if self.keeps_all else list(self._index)
        return values, np.concatenate([np.zeros(0, np.int32), *self._codes])


class _Utf8Stream:
    """The bytes of a text file as UTF-8, followed by our last record."""

    closed = False

    def __init__(self, text: CsvText, raw: BinaryIO) -> None:
        self._raw = raw
        self._decoder = (
            None
            if text.encoding in ("utf-8", "utf-8-sig")
            else codecs.getincrementaldecoder(text.encoding)()
        )
        self._last = b"\n"
        self._rest = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """Give the next bytes, none at the end; fewer only there, for they make a block."""
        parts = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and not self._ended:
            parts.append(self._next(missing))
            missing -= len(parts[-1])
        block = b"".join(parts)
        self._rest = block[size:]
        return block[:size]

    def _next(self, size: int) -> bytes:
        block = self._raw.read(size)
        self._ended = not block
        if self._decoder is not None:
            block = self._decoder.decode(block, final=self._ended).encode()
        self._last = block[-1:] or self._last
        if not self._ended:
            return block
        return block + (b"" if self._last in b"\r\n" else b"\n") + END.encode() + b"\n"

    def close(self) -> None:
        """Do nothing: who opened the file closes it."""


def read_csv(text: CsvText) -> RawTable:
    """Read a whole file.

    Raises:
        InputError: A quote is never closed.
    """
    import pyarrow as pa

    width = len(text.names)
    bad = _BadRecords()
    positions = text.headers.positions
    columns = {ours: DistinctTexts(distinct=ours != "id") for ours in positions}
    rows = 0
    with text.open() as raw:
        try:
            for table in gathered(_batches(text, _Utf8Stream(text, raw), bad)):
                rows += table.num_rows
                for column, chunks in zip(columns.values(), table.columns, strict=True):
                    _add(column, chunks)
        except pa.ArrowInvalid:
            raise text.open_quote() from None
    if not bad.ended:
        raise text.open_quote()
    good_before = np.array(bad.numbers, np.int64) - np.arange(len(bad.numbers)) - 1

    def lines_of(wanted: Int64Array) -> Int64Array:
        before = np.searchsorted(good_before, wanted, side="right")
        return text.lines_of(wanted + 1 + before)

    ragged = np.array([number for number, _ in bad.ragged], np.int64)
    lines = text.lines_of(ragged).tolist()
    done = {ours: column.done() for ours, column in columns.items()}
    return RawTable(
        source=text.source,
        rows=rows,
        columns={
            ours: RawColumn(header=text.names[positions[ours]], values=values, codes=codes)
            for ours, (values, codes) in done.items()
        },
        ignored=text.headers.ignored,
        ragged=[
            RaggedRow(line, fields) for line, (_, fields) in zip(lines, bad.ragged, strict=True)
        ],
        blank=bad.blank,
        width=width,
        lines_of=lines_of,
        encoding=text.encoding,
        delimiter=text.delimiter,
    )


class _BadRecords:
    """Records that pyarrow could not fit into the header."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        """All of them, by record number from 0, the header included."""
        self.ragged: list[tuple[int, int]] = []
        """Record number and number of fields of those that matter."""
        self.blank = 0
        self.ended = False

    def __call__(self, row: Any) -> str:
        """Note one; pyarrow's number counts from 1."""
        self.ended = row.text == END
        if not self.ended:
            self.numbers.append(row.number - 1)
            if row.actual_columns == 1 and _is_blank(row.text):
                self.blank += 1
            else:
                self.ragged.append((row.number - 1, row.actual_columns))
        return "skip"


def _is_blank(record: str) -> bool:
    if record.replace('"', "").strip():
        return False
    return is_blank(next(csv.reader(io.StringIO(record, newline="")), []))


def _batches(text: CsvText, stream: _Utf8Stream, bad: _BadRecords) -> Any:
    from pyarrow import csv as arrow_csv
    from pyarrow import string

    names = [f"c{position}" for position in range(len(text.names))]
    wanted = [names[position] for position in text.headers.positions.values()]
    return arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=names, skip_rows_after_names=1
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=text.delimiter,
            newlines_in_values=text.quoted,
            ignore_empty_lines=False,
            invalid_row_handler=bad,
        ),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def gathered(batches: Iterable[Any]) -> Iterator[Any]:
    """Gather batches: the more rows are looked through at once, the fewer texts come twice."""
    from pyarrow import Table

    pending: list[Any] = []
    for batch in batches:
        pending.append(batch)
        if sum(one.nbytes for one in pending) >= _GATHERED:
            yield Table.from_batches(pending)
            pending = []
    if pending:
        yield Table.from_batches(pending)


def _add(column: DistinctTexts, chunks: Any) -> None:
    if column.keeps_all:
        column.add_all(chunks.to_pylist())
    else:
        # All chunks of one column are encoded into one dictionary.
        encoded = chunks.dictionary_encode().chunks
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded])
        column.add(encoded[-1].dictionary.to_pylist(), codes)
