"""Which rows of a bank statement are new."""

from __future__ import annotations

import attrs
import pytest

from recon_sdk.errors import DataError
from recon_sdk.fingerprints import content_fingerprint
from recon_sdk.importing import KnownRows, plan_import
from recon_sdk.stored import ImportRow
from recon_sdk.testing import a_transaction

ROW = a_transaction("own", description="a", account_id="x")
BANK = attrs.evolve(ROW, external_id="B1")


def known(*transactions):
    copies = {}
    for t in transactions:
        if not t.external_id:
            copies.setdefault(content_fingerprint(t), []).append(t)
    return KnownRows(
        by_id={t.id: t for t in transactions},
        by_bank_id={(t.account_id, t.external_id): t for t in transactions if t.external_id},
        copies=copies,
    )


def own(transaction=ROW, **fields):
    return ImportRow(transaction=attrs.evolve(transaction, **fields))


def bare(transaction=ROW, force=False, **fields):
    return ImportRow(transaction=attrs.evolve(transaction, **fields), derive_id=True, force=force)


def outcomes(rows, *stored):
    new, found = plan_import(rows, known(*stored))
    assert [o.index for o in found] == list(range(len(rows)))
    created = [o.transaction_id for o in found if o.status == "created"]
    assert sorted(row.transaction.id for row in new) == sorted(created)
    return [f"{o.reason or o.status}:{o.transaction_id or ''}" for o in found]


def copy(number):
    return f"{content_fingerprint(ROW)[:32]}-{number}"


@pytest.mark.parametrize(
    ("rows", "stored", "expected"),
    [
        ([own()], [], ["created:own"]),
        ([own()], [ROW], ["same-id:own"]),
        ([own(description="b")], [ROW], ["id-reused:"]),
        ([own(), own()], [], ["created:own", "same-id:own"]),
        ([own(), own(description="b")], [], ["created:own", "id-reused:"]),
        ([bare()], [], [f"created:{copy(1)}"]),
        ([bare(), bare()], [], [f"created:{copy(1)}", f"created:{copy(2)}"]),
        ([bare(), bare()], [ROW], ["same-content:own", f"created:{copy(2)}"]),
        ([bare(force=True)], [ROW], [f"created:{copy(2)}"]),
        ([bare(force=True), bare()], [ROW], [f"created:{copy(2)}", "same-content:own"]),
        ([own(id="c")], [ROW], ["same-content:own"]),
        ([own(id="c"), own()], [ROW], ["created:c", "same-id:own"]),
        ([own(BANK)], [], ["created:own"]),
        ([bare(BANK)], [], ["created:x:B1"]),
        ([bare(BANK), bare(BANK)], [], ["created:x:B1", "same-bank-id:x:B1"]),
        ([bare(BANK), bare(BANK, description="b")], [], ["created:x:B1", "bank-id-reused:"]),
        ([bare(BANK, account_id="y")], [BANK], ["created:y:B1"]),
        ([own(BANK, id="c")], [BANK], ["same-bank-id:own"]),
        ([own(BANK, id="c"), own(BANK, id="c")], [BANK], ["same-bank-id:own", "same-id:own"]),
        ([bare()], [BANK], [f"created:{copy(1)}"]),
        ([own(id="x:B1", description="b"), bare(BANK)], [], ["created:x:B1", "id-reused:"]),
        ([ImportRow(problem="no date")], [], ["unreadable:"]),
    ],
)  # fmt: skip
def test_rows(rows, stored, expected):
    assert outcomes(rows, *stored) == expected


def test_a_twin_of_an_invalid_row_is_invalid_too():
    rows = [own(BANK, description="b"), own(BANK, description="b")]
    stored = attrs.evolve(BANK, id="other")
    assert outcomes(rows, stored) == ["bank-id-reused:", "bank-id-reused:"]


def test_copies_are_paired_by_own_id_first():
    a, b = ROW, attrs.evolve(ROW, id="b")
    rows = [own(id="c"), own(id="d"), own(id="b")]
    assert outcomes(rows, a, b) == ["same-content:own", "created:d", "same-id:b"]


def test_what_we_made_of_a_row_is_not_taken_over():
    (new,), _ = plan_import([own(allocated=-5, ignored=True)], known())
    assert (new.transaction.allocated, new.transaction.ignored) == (0, False)


def test_fingerprints_see_content_and_not_spelling():
    same = attrs.evolve(
        ROW, id="z", external_id="B9", description=" a ", allocated=-1, ignored=True
    )
    assert content_fingerprint(same) == content_fingerprint(ROW)
    composed, decomposed = (attrs.evolve(ROW, description=d) for d in ("é", "e\u0301"))
    assert content_fingerprint(composed) == content_fingerprint(decomposed)
    others = {
        content_fingerprint(attrs.evolve(ROW, **change))
        for change in (
            {"description": "b"},
            {"description": "", "reference": "a"},
            {"account_id": "y"},
            {"amount": a_transaction("t", "-100.01").amount},
            {"amount": a_transaction("t", "-100.00", currency="USD").amount},
            {"booking_date": a_transaction(booking_date="2026-03-30").booking_date},
            {"value_date": a_transaction().booking_date},
            {"counterparty_name": "a"},
            {"counterparty_iban": "a"},
        )
    }
    assert len(others | {content_fingerprint(ROW)}) == 10


@pytest.mark.parametrize("fields", [{}, {"transaction": ROW, "problem": "no date"}])
def test_a_row_is_a_transaction_or_a_problem(fields):
    with pytest.raises(DataError, match="either a transaction or a problem"):
        ImportRow(**fields)
