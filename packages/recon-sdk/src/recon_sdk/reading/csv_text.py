"""What both CSV readers need to know about a file before they read it."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import attrs
import numpy as np

from recon_sdk.errors import InputError
from recon_sdk.reading.headers import DELIMITERS, Headers, best_delimiter, match_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recon_sdk.columns import Int64Array
    from recon_sdk.reading.options import ReadOptions
    from recon_sdk.reading.specs import SideSpec

__all__ = ["END", "CsvText", "examine", "is_blank", "records"]

END = "--recon end of file--"
"""A last record that we add: where it does not come back, an open quote has swallowed the rest."""
_BLOCK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@attrs.frozen(kw_only=True, eq=False)
class CsvText:
    """A text file that was looked through once.

    Attributes:
        source: Its name for messages.
        data: Its content, or the path to it.
        encoding: Its encoding.
        delimiter: Its delimiter.
        names: Its header.
        headers: Which of them are ours.
        size: Its size in bytes.
        quoted: Whether there is any double quote, hence perhaps a line break inside a field.
    """

    source: str
    data: bytes | Path
    encoding: str
    delimiter: str
    names: list[str]
    headers: Headers
    size: int
    quoted: bool

    def open(self) -> BinaryIO:
        """Open the bytes from the start."""
        return _open(self.data)

    def lines_of(self, numbers: Int64Array) -> Int64Array:
        """Give the first line of records by their ascending numbers (0 is the header)."""
        if not self.quoted or len(numbers) == 0:
            return numbers + 1
        wanted = set(numbers.tolist())
        last = int(numbers[-1])
        lines: dict[int, int] = {}
        for number, (line, _) in enumerate(records(self)):
            if number in wanted:
                lines[number] = line
            if number == last:
                break
        return np.array([lines.get(number, number + 1) for number in numbers.tolist()], np.int64)

    def open_quote(self) -> InputError:
        """Word the error of a quote that is never closed."""
        line = 1
        try:
            for at, _ in records(self):
                line = at
        except InputError as error:
            return error
        return _open_quote(self.source, line)


def _open(data: bytes | Path) -> BinaryIO:
    return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _open_quote(source: str, line: int) -> InputError:
    return InputError(
        f"{source}:{line}",
        "a double quote is opened in this row and never closed",
        'close it, or double it ("") where it is meant as a character',
    )


def is_blank(record: list[str]) -> bool:
    """Whether a record is an empty line, or one of blanks only."""
    return not record or (len(record) == 1 and not record[0].strip())


def records(text: CsvText) -> Iterator[tuple[int, list[str]]]:
    """Read a file record by record with the standard library, our last record included.

    Yields:
        The first line of the record (from 1) and its fields.
    """
    with text.open() as raw:
        lines = io.TextIOWrapper(raw, encoding=text.encoding, newline="")
        reader = csv.reader(_with_end(lines), delimiter=text.delimiter)
        line = 1
        try:
            for record in reader:
                yield line, record
                line = reader.line_num + 1
        except csv.Error:
            raise _open_quote(text.source, line) from None


def _with_end(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line[-1] in "\r\n" else line + "\n"
    yield END


def examine(path: Path, spec: SideSpec, options: ReadOptions) -> CsvText:
    """Look through a file once: encoding, unreadable characters, quotes, delimiter, header.

    Raises:
        InputError: It cannot be opened, is empty, is no text in its encoding, contains NUL bytes,
            or lacks a column.
    """
    source = str(path)
    try:
        data = path if path.is_file() else path.read_bytes()  # a pipe can be read only once
        with _open(data) as raw:
            start = raw.read(4)
    except OSError as error:
        raise InputError(source, f"cannot be opened: {error.strerror}", "check the path") from None
    if not start:
        raise InputError(source, "the file is empty", "it needs at least a header")
    encoding, quoted = _encoding(source, data, start, options)
    with _open(data) as raw:
        lines = io.TextIOWrapper(raw, encoding=encoding, newline="")
        delimiter, names = _header(source, lines, spec, options)
    return CsvText(
        source=source,
        data=data,
        encoding=encoding,
        delimiter=delimiter,
        names=names,
        headers=match_headers(spec, source, names, options),
        size=data.stat().st_size if isinstance(data, Path) else len(data),
        quoted=quoted,
    )


def _encoding(
    source: str, data: bytes | Path, start: bytes, options: ReadOptions
) -> tuple[str, bool]:
    """Find the encoding; tell whether there are quotes."""
    given = options.encoding
    if given is None and start.startswith(_UTF16):
        raise InputError(
            source, "the file is UTF-16", "save it as UTF-8, or say --encoding utf-16"
        )
    marked = start.startswith(codecs.BOM_UTF8)
    if given is not None:
        name = codecs.lookup(given).name
        tried = ["utf-8-sig" if name == "utf-8" and marked else name]
    else:
        tried = ["utf-8-sig"] if marked else ["utf-8", "cp1252"]
    line = 0
    for encoding in tried:
        at, quoted = _decodable(source, data, encoding)
        if at is None:
            return encoding, quoted
        line = at
    msg = f"{source}:{line}"
    raise InputError(
        msg,
        f"there are bytes that are not {' or '.join(tried)}",
        "name the encoding: --encoding NAME",
    )


def _decodable(source: str, data: bytes | Path, encoding: str) -> tuple[int | None, bool]:
    """Decode it all.

    Returns:
        The line of the first byte that is not of this encoding, or None; whether there are quotes.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line, quoted = 1, False
    with _open(data) as raw:
        while True:
            block = raw.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeError as error:
                if isinstance(error, UnicodeDecodeError):
                    line += error.object[: error.start].count(b"\n")
                return line, quoted
            if "\0" in text:
                line += text[: text.index("\0")].count("\n")
                msg = f"{source}:{line}"
                raise InputError(
                    msg,
                    "there is a NUL byte, so this is no text file in " + encoding,
                    "export it again as CSV in UTF-8",
                )
            quoted = quoted or '"' in text
            line += text.count("\n")
            if not block:
                return None, quoted


def _header(
    source: str, lines: io.TextIOWrapper, spec: SideSpec, options: ReadOptions
) -> tuple[str, list[str]]:
    """Read the header under each delimiter and keep the best."""
    signs = [options.delimiter] if options.delimiter else list(DELIMITERS)
    head = lines.read(1 << 16)
    split: dict[str, list[str]] = {}
    for sign in signs:
        try:
            split[sign] = next(csv.reader(io.StringIO(head, newline=""), delimiter=sign), [])
        except csv.Error:
            raise _open_quote(source, 1) from None
    delimiter = best_delimiter(spec, options, split)
    if is_blank(split[delimiter]):
        raise InputError(source, "the first line is blank", "it needs a header in line 1")
    return delimiter, split[delimiter]
