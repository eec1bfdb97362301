"""Read Parquet files and data frames through Arrow, exactly: floats are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recon_sdk.errors import InputError
from recon_sdk.reading.arrow_csv import DistinctTexts, gathered
from recon_sdk.reading.headers import match_headers
from recon_sdk.reading.raw import Form, RawColumn, RawTable
from recon_sdk.reading.specs import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from recon_sdk.columns import Int32Array
    from recon_sdk.reading.headers import Headers
    from recon_sdk.reading.options import ReadOptions
    from recon_sdk.reading.specs import SideSpec

__all__ = ["read_parquet", "read_stream"]

_BATCH_ROWS = 1 << 17


def read_parquet(path: Path, spec: SideSpec, options: ReadOptions) -> RawTable:
    """Read a Parquet file, batch by batch.

    Raises:
        InputError: It is no Parquet file, lacks a column, or has one of an unusable type.
    """
    import pyarrow as pa
    from pyarrow import parquet

    source = str(path)
    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            headers = match_headers(spec, source, schema.names, options)
            wanted = [schema.names[position] for position in headers.positions.values()]
            batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=wanted)
            return _read(spec, source, schema, headers, batches)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(source, f"cannot be opened: {reason}", "check the path") from None
    except pa.ArrowInvalid as error:
        raise InputError(
            source, f"this is no Parquet file that can be read: {error}", "write it again"
        ) from None


def read_stream(given: Any, spec: SideSpec, options: ReadOptions) -> RawTable:
    """Read a data frame: anything with an Arrow C stream, or an Arrow table, batch or reader.

    Raises:
        InputError: It lacks a column, or has one of an unusable type.
    """
    import pyarrow as pa

    if isinstance(given, pa.RecordBatch):
        given = pa.Table.from_batches([given])
    if isinstance(given, pa.Table):
        reader = given.to_reader(max_chunksize=_BATCH_ROWS)
    elif isinstance(given, pa.RecordBatchReader):
        reader = given
    else:
        reader = pa.RecordBatchReader.from_stream(given)
    headers = match_headers(spec, spec.name, reader.schema.names, options)
    return _read(spec, spec.name, reader.schema, headers, reader)


def _read(
    spec: SideSpec, source: str, schema: Any, headers: Headers, batches: Iterable[Any]
) -> RawTable:
    columns = {
        ours: _Column(source, schema.field(position), spec.columns[ours])
        for ours, position in headers.positions.items()
    }
    rows = 0
    for table in gathered(batches):
        rows += table.num_rows
        for ours, column in columns.items():
            # By name: a batch of chosen columns has an order of its own.
            column.add(table.column(schema.names[headers.positions[ours]]).combine_chunks())
    return RawTable(
        source=source,
        rows=rows,
        columns={ours: column.done() for ours, column in columns.items()},
        ignored=tuple(name for name in headers.ignored if not name.startswith("__index_level_")),
    )


class _Column:
    """A column under construction."""

    def __init__(self, source: str, field: Any, kind: Kind) -> None:
        self._source = source
        self._header = field.name
        self._kind = kind
        self._form = Form.WRITTEN
        self._texts = DistinctTexts(distinct=kind is not Kind.ID)

    def done(self) -> RawColumn:
        """Give the finished column."""
        values, codes = self._texts.done()
        forms = None
        if self._form is not Form.WRITTEN:
            forms = np.full(len(values), self._form, np.int8)
        return RawColumn(header=self._header, values=values, codes=codes, forms=forms)

    def add(self, array: Any) -> None:
        """Add the column's part of one batch."""
        if self._texts.keeps_all and _is_text(array.type) and array.null_count == 0:
            self._texts.add_all(array.to_pylist())
            return
        distinct, codes = _encoded(array)
        texts = self._as_texts(distinct)
        if distinct.null_count:
            keep = distinct.is_valid().to_numpy(zero_copy_only=False)
            remap = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1).astype(np.int32)
            codes = remap[codes]
            texts = [text for text in texts if text is not None]
        if self._texts.keeps_all:
            keys = ["" if code < 0 else texts[code] or "" for code in codes.tolist()]
            self._texts.add_all(keys)
        else:
            self._texts.add([text or "" for text in texts], codes)

    def _as_texts(self, distinct: Any) -> Sequence[str | None]:
        """Write distinct values as texts."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind, types = distinct.type, pa.types
        is_amount = self._kind is Kind.AMOUNT
        if types.is_null(kind):
            return [None] * len(distinct)
        if _is_text(kind):
            return list(distinct.to_pylist())
        if types.is_integer(kind):
            self._form = Form.MINOR if is_amount else Form.WRITTEN
            return [None if value is None else str(value) for value in distinct.to_pylist()]
        if types.is_decimal(kind):
            self._form = Form.PLAIN if is_amount else Form.WRITTEN
            if 0 <= kind.scale <= 6:  # others may be written with an exponent
                return list(distinct.cast(pa.string()).to_pylist())
            return [None if v is None else format(v, "f") for v in distinct.to_pylist()]
        if types.is_timestamp(kind):
            local = distinct if kind.tz is None else pc.local_timestamp(distinct)
            return self._as_texts(local.cast(pa.date32(), safe=False))
        if types.is_date(kind):
            return list(distinct.cast(pa.date32()).cast(pa.string()).to_pylist())
        if types.is_floating(kind):
            return self._nothing_or_refused(distinct)
        raise InputError(
            self._source,
            f"the column {self._header!r} is of type {kind}, which cannot be read",
            "cast it to string",
        )

    def _nothing_or_refused(self, distinct: Any) -> Sequence[str | None]:
        """Read a float column as empty, which is what it is where a data frame has no values."""
        values = distinct.to_numpy(zero_copy_only=False)
        if np.isnan(values.astype(np.float64)).all():
            return [None if value is None else "" for value in distinct.to_pylist()]
        if self._kind is Kind.AMOUNT:
            raise InputError(
                self._source,
                f"the column {self._header!r} holds floats, which cannot hold money exactly",
                "cast it to string, Decimal, or integer minor units",
            )
        raise InputError(
            self._source,
            f"the column {self._header!r} holds floats, which have no one way to be written",
            "cast it to string",
        )


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _encoded(array: Any) -> tuple[Any, Int32Array]:
    """Give distinct values (perhaps null among them) and the code of each row."""
    import pyarrow as pa

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if pa.types.is_dictionary(kind):
        indices = array.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        return array.dictionary, indices.astype(np.int32)
    if pa.types.is_string_view(kind):
        array = array.cast(pa.string())
    elif not pa.types.is_primitive(kind) and not _is_text(kind):
        return array, np.arange(len(array), dtype=np.int32)
    encoded = array.dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return encoded.dictionary, indices.astype(np.int32)
