"""Check the callers' keys: present, and each only once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from recon_sdk.columns import BoolArray, Int64Array, StringArray, strings
from recon_sdk.reading.faults import Fault, Faults
from recon_sdk.reading.raw import Complaint, RawColumn, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["key_order", "read_keys", "refuse_repeats"]

AnyArray: TypeAlias = npt.NDArray[Any]


def read_keys(column: RawColumn, noun: str, faults: Faults) -> StringArray:
    """Give each row's key, stripped; rows without one are faults."""
    values = [value.strip() for value in column.values]
    codes = column.codes
    if len(values) == len(codes) and bool((codes == np.arange(len(codes))).all()):
        keys = values
    else:
        keys = [values[code] if code >= 0 else "" for code in codes.tolist()]
    ids = strings(keys)
    if "" in keys:
        remedy = "fill it in with your own key of the " + noun
        faults.add(
            Fault(
                header=column.header,
                rows=np.flatnonzero(ids == ""),
                explain=lambda _row, _lines: Complaint("the id is missing", remedy),
            )
        )
    return ids


def key_order(ids: StringArray) -> Int64Array | None:
    """Order rows by key, equal ones by row; None where they ascend already, all distinct."""
    if bool((ids[1:] > ids[:-1]).all()):
        return None
    return np.argsort(ids, kind="stable")


def refuse_repeats(
    ids: StringArray,
    order: Int64Array,
    live: BoolArray,
    content: Sequence[AnyArray],
    header: str,
    faults: Faults,
) -> int:
    """Refuse rows whose key stands in several rows.

    Rows that are equal in all columns leave one; where they differ nobody can say which is right,
    so all are refused. Either way the outcome does not depend on the order of the rows.

    Args:
        ids: Key of each row.
        order: Rows by key, equal keys by row.
        live: Rows that count; a bad one equals no other.
        content: Checked columns, compared between rows.
        header: The source's name of the key column.
        faults: Gets the refusals.

    Returns:
        The number of rows refused.
    """
    order = order[live[order] & (ids[order] != "")]
    if len(order) < 2:
        return 0
    ordered = ids[order]
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return 0
    group = np.concatenate(([0], np.cumsum(~same)))
    sizes = np.bincount(group)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    repeated = sizes[group] > 1
    rows, group = order[repeated], group[repeated]
    first = order[starts[group]]
    bad = faults.bad
    equal = ~(bad[rows] | bad[first])
    for column in content:
        equal &= column[rows] == column[first]
    differs = np.bincount(group[~equal], minlength=len(sizes)) > 0
    repeats = rows[(rows != first) & ~differs[group]]
    before = int(faults.bad.sum())
    _add(header, ids, repeats, first[(rows != first) & ~differs[group]], faults, exact=True)
    second = order[starts[group] + 1]
    partner = np.where(rows == first, second, first)[differs[group]]
    _add(header, ids, rows[differs[group]], partner, faults, exact=False)
    return int(faults.bad.sum()) - before


def _add(
    header: str,
    ids: StringArray,
    rows: Int64Array,
    partners: Int64Array,
    faults: Faults,
    *,
    exact: bool,
) -> None:
    by_row = np.argsort(rows)
    rows, partners = rows[by_row], partners[by_row]

    def explain(row: int, lines: Mapping[int, int]) -> Complaint:
        line = lines[int(partners[np.searchsorted(rows, row)])]
        key = shown(str(ids[row]))
        if exact:
            return Complaint(
                f"the id {key} and all else repeat line {line}, which was kept",
                "remove the repeated row",
            )
        return Complaint(
            f"the id {key} stands in line {line} too, with other content",
            "give each row its own id, or remove the wrong row",
        )

    faults.add(Fault(header=header, rows=rows, explain=explain, partners=partners))
