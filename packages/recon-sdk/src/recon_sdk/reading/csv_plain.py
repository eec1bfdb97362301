"""Read CSV with the standard library alone: slower than with the extra `arrow`, same result."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.reading.csv_text import END, CsvText, is_blank, records
from recon_sdk.reading.raw import RaggedRow, RawColumn, RawTable

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array

__all__ = ["read_csv"]


def read_csv(text: CsvText) -> RawTable:
    """Read a whole file, keeping only distinct texts.

    Raises:
        InputError: A quote is never closed.
    """
    positions = list(text.headers.positions.items())
    indexes: list[defaultdict[str, int]] = [defaultdict() for _ in positions]
    for index in indexes:
        index.default_factory = index.__len__
    codes = [array("i") for _ in positions]
    slots = [
        (position, index, column.append)
        for (_, position), index, column in zip(positions, indexes, codes, strict=True)
    ]
    width = len(text.names)
    lines = array("q")
    blank = 0
    ragged: list[RaggedRow] = []
    found = records(text)
    _, record = next(found)
    for line, record in found:
        if len(record) == width:
            lines.append(line)
            for position, index, append in slots:
                append(index[record[position]])
        elif is_blank(record):
            blank += 1
        elif record != [END]:
            ragged.append(RaggedRow(line, len(record)))
    if record != [END]:
        raise text.open_quote()
    line_of_row = np.array(lines, np.int64)

    def lines_of(rows: Int64Array) -> Int64Array:
        return line_of_row[rows]

    names = text.names
    columns = {
        ours: RawColumn(
            header=names[position], values=list(index), codes=np.array(column, np.int32)
        )
        for (ours, position), index, column in zip(positions, indexes, codes, strict=True)
    }
    return RawTable(
        source=text.source,
        rows=len(lines),
        columns=columns,
        ignored=text.headers.ignored,
        ragged=ragged,
        blank=blank,
        width=width,
        lines_of=lines_of,
        encoding=text.encoding,
        delimiter=text.delimiter,
    )
