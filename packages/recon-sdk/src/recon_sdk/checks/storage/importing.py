"""Checks of a storage: imports of bank statements, overlapping and repeated."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from recon_sdk.checks.builders import a_transaction
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.storage.bench import everything, row_of
from recon_sdk.fingerprints import content_fingerprint
from recon_sdk.stored import ImportRow, RowStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.checks.storage.bench import Bench, Desk
    from recon_sdk.stored import ImportResult
    from recon_sdk.transactions import BankTransaction

__all__ = ["CHECKS"]


async def _bring(desk: Desk, rows: Sequence[ImportRow]) -> ImportResult:
    result = await desk.do(lambda s: s.import_transactions(rows))
    require(
        [row.index for row in result.rows] == list(range(len(rows))),
        "an import does not say of each row, once and in order, what became of it",
    )
    total = result.created + result.duplicate + result.invalid
    require(total == result.received == len(rows), "the counts of an import do not add up")
    return result


async def _stored(desk: Desk) -> list[BankTransaction]:
    async with desk.unit() as session:
        rows = await everything(lambda c: session.list_transactions(cursor=c))
    return [row.transaction for row in rows]


def _reasons(result: ImportResult) -> list[str]:
    return [row.reason or row.status.value for row in result.rows]


async def same_file_twice_stores_nothing_new(bench: Bench) -> None:
    """A file that is imported again is all duplicates, each named with the row that it equals.

    Look rows up by the bank's id, else by content and count; see `recon_sdk.importing`.
    """
    file = [
        row_of(a_transaction(description="a")),
        row_of(a_transaction(description="a")),
        row_of(a_transaction(external_id="B1", account_id="x")),
        ImportRow(transaction=a_transaction("own", description="b")),
    ]
    async with bench.desk() as desk:
        first = await _bring(desk, file)
        require(first.created == 4, f"4 new rows gave {_reasons(first)}")
        before = await _stored(desk)
        second = await _bring(desk, file)
        require(second.duplicate == 4, f"the same file again gave {_reasons(second)}")
        named = [row.transaction_id for row in second.rows]
        ids = [row.transaction_id for row in first.rows]
        require(named == ids, f"the duplicates of {ids} are said to be {named}")
        require(await _stored(desk) == before, "a repeated import changed a row")


async def overlapping_files_add_up(bench: Bench) -> None:
    """Files that overlap give the history: nothing is lost, nothing doubled, true twins are kept.

    Store as many copies of a row as the fullest file holds. Count copies in the file and in the
    storage; a plain unique index on content swallows true twins.
    """
    chance = random.Random(20260301)
    for _ in range(8):
        days = [
            [
                a_transaction(
                    description=chance.choice("ab"),
                    booking_date=f"2026-03-{day:02d}",
                    external_id=f"B{day}{n}" if chance.random() < 0.3 else "",
                )
                for n in range(chance.randrange(5))
            ]
            for day in range(1, 9)
        ]
        cuts = sorted(chance.sample(range(1, 8), 2))
        files = [days[: cuts[1]], days[cuts[0] :], days[cuts[0] : cuts[1]]]
        files += [[day[: len(day) // 2] for day in days]]
        chance.shuffle(files)
        async with bench.desk() as desk:
            for file in files:
                rows = [row_of(t) for day in file for t in day]
                chance.shuffle(rows)
                await _bring(desk, rows)
            wanted = Counter((content_fingerprint(t), t.external_id) for day in days for t in day)
            found = Counter((content_fingerprint(t), t.external_id) for t in await _stored(desk))
            lost, more = wanted - found, found - wanted
            require(
                not lost and not more,
                f"overlapping files lost {lost.total()} rows and doubled {more.total()}",
            )


async def bank_ids_tell_rows_apart(bench: Bench) -> None:
    """The bank's id is stored once for each account; with other content the row is invalid.

    Make (account, bank id) unique, and compare the content before you call a row a duplicate.
    """
    row = a_transaction(external_id="B1", account_id="x", description="a")
    async with bench.desk() as desk:
        await _bring(desk, [row_of(row)])
        result = await _bring(
            desk,
            [
                row_of(row),
                row_of(attrs.evolve(row, description="other")),
                row_of(attrs.evolve(row, account_id="y")),
                row_of(attrs.evolve(row, external_id="B2")),
                row_of(attrs.evolve(row, external_id="B2")),
                row_of(row, force=True),
            ],
        )
        found = _reasons(result)
        wanted = ["same-bank-id", "bank-id-reused", "created", "created"]
        wanted += ["same-bank-id", "same-bank-id"]
        require(found == wanted, f"the bank's ids gave {found}, not {wanted}")
        require(len(await _stored(desk)) == 3, "a row with a bank id was lost or doubled")


async def own_ids_tell_rows_apart(bench: Bench) -> None:
    """A caller's own id is stored once; with other content it is invalid.

    Keep the caller's id as the transaction's id, and never replace a stored row.
    """
    row = a_transaction("own", description="a")
    other = a_transaction("own", description="b")
    async with bench.desk() as desk:
        first = await _bring(desk, [ImportRow(transaction=t) for t in (row, row, other)])
        require(
            _reasons(first) == ["created", "same-id", "id-reused"],
            f"an id three times in a file gave {_reasons(first)}",
        )
        again = await _bring(desk, [ImportRow(transaction=other), ImportRow(transaction=row)])
        require(
            _reasons(again) == ["id-reused", "same-id"],
            f"an id with other content gave {_reasons(again)}",
        )
        require(await _stored(desk) == [row], "a stored row was replaced")


async def equal_rows_can_be_forced(bench: Bench) -> None:
    """`force` stores a row that equals a stored one, as a copy of its own.

    Give it the next ordinal.
    """
    row = a_transaction(description="a")
    async with bench.desk() as desk:
        await _bring(desk, [row_of(row)])
        result = await _bring(desk, [row_of(row, force=True)])
        require(_reasons(result) == ["created"], f"a forced row gave {_reasons(result)}")
        again = await _bring(desk, [row_of(row), row_of(row)])
        require(again.duplicate == 2, "two stored copies do not explain two rows of a file")
        require(len({t.id for t in await _stored(desk)}) == 2, "the forced row was not stored")


async def unreadable_rows_are_reported(bench: Bench) -> None:
    """Rows that could not be read are counted as invalid, and hinder no other row.

    Take them over into the outcome; the caller decides whether to commit.
    """
    async with bench.desk() as desk:
        rows = [ImportRow(problem="no amount"), row_of(a_transaction()), ImportRow(problem="x")]
        result = await _bring(desk, rows)
        statuses = [row.status for row in result.rows]
        wanted = [RowStatus.INVALID, RowStatus.CREATED, RowStatus.INVALID]
        require(statuses == wanted, f"the rows are {statuses}")
        require(result.rows[0].detail == "no amount", "the problem of a row was lost")
        require((await _bring(desk, [])).received == 0, "an empty import is not empty")


async def imports_can_be_read_again(bench: Bench) -> None:
    """What became of an import stays readable, and each row knows its import.

    Store the outcome of every row with the import.
    """
    async with bench.desk() as desk:
        first = await _bring(desk, [row_of(a_transaction()), ImportRow(problem="no date")])
        second = await _bring(desk, [row_of(a_transaction())])
        async with desk.unit() as session:
            for result in (first, second):
                found = await session.get_import(result.import_id)
                require(found == result, f"the import {result} came back as {found}")
            (row,) = await session.list_transactions()
        require(row.import_id == first.import_id, "a row names another import than its own")
        require(row.ordinal == 1, f"the only copy has the ordinal {row.ordinal}")
        same = row.fingerprint == content_fingerprint(row.transaction)
        require(same, "the stored fingerprint is not that of the content")


async def derived_ids_follow_from_content(bench: Bench) -> None:
    """Rows without an id get the same ids in every storage and in any order of files.

    Derive them as `recon_sdk.importing` does: digests of runs are made of them.
    """
    file = [
        row_of(a_transaction(description="a")),
        row_of(a_transaction(description="a")),
        row_of(a_transaction(description="b", external_id="B1", account_id="x")),
    ]
    async with bench.two_desks() as (first, second):
        await _bring(first, file)
        await _bring(second, [file[2]])
        await _bring(second, file[:1])
        await _bring(second, file[:2])
        ids = [[t.id for t in await _stored(desk)] for desk in (first, second)]
        require(ids[0] == ids[1], f"the same rows got the ids {ids[0]} and {ids[1]}")


CHECKS: tuple[Check, ...] = (
    same_file_twice_stores_nothing_new,
    overlapping_files_add_up,
    bank_ids_tell_rows_apart,
    own_ids_tell_rows_apart,
    equal_rows_can_be_forced,
    unreadable_rows_are_reported,
    imports_can_be_read_again,
    derived_ids_follow_from_content,
)
"""Checks of imports; they take `bench`."""
