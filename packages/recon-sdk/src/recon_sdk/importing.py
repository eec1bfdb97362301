"""Importing: which rows of a bank statement are new. Pure; every storage plans its imports here.

A row with the bank's own id is stored once. Rows without one are told apart by content and by
count: what is stored are as many copies as the fullest single file holds. So overlapping exports
double nothing, true twins inside one file are kept, and a partial day is completed by the full
one. Equal rows of one day that are split over two files look like an overlap; they are reported,
and `force` stores them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from recon_sdk.fingerprints import content_fingerprint
from recon_sdk.stored import ImportRow, RowOutcome, RowStatus
from recon_sdk.transactions import BankTransaction

__all__ = ["KnownRows", "NewRow", "plan_import"]


@attrs.frozen(kw_only=True)
class KnownRows:
    """The stored rows that an import may meet. Rows that it cannot meet may be left out.

    Attributes:
        by_id: Transactions by id.
        by_bank_id: Transactions by account and the bank's own id.
        copies: Transactions without a bank id by fingerprint, in the order of their ordinals.
    """

    by_id: Mapping[str, BankTransaction]
    by_bank_id: Mapping[tuple[str, str], BankTransaction]
    copies: Mapping[str, Sequence[BankTransaction]]


@attrs.frozen(kw_only=True)
class NewRow:
    """A row to store.

    Attributes:
        transaction: The transaction under its final id.
        fingerprint: Hash of its content.
        ordinal: Which copy of that content it is, from 1; 0 where the bank's own id tells it
            apart.
    """

    transaction: BankTransaction
    fingerprint: str
    ordinal: int


def plan_import(
    rows: Sequence[ImportRow], known: KnownRows
) -> tuple[tuple[NewRow, ...], tuple[RowOutcome, ...]]:
    """Say what becomes of each row.

    Returns:
        The rows to store, and the outcome of every row by index.
    """
    plan = _Plan(rows, known)
    plan.read()
    plan.match_own_ids()
    plan.match_bank_ids()
    plan.match_contents()
    plan.follow_twins()
    return tuple(plan.new), tuple(plan.outcomes[index] for index in range(len(rows)))


class _Plan:
    def __init__(self, rows: Sequence[ImportRow], known: KnownRows) -> None:
        self.rows = rows
        self.known = known
        self.new: list[NewRow] = []
        self.outcomes: dict[int, RowOutcome] = {}
        self.found: dict[int, BankTransaction] = {}
        self.prints: dict[int, str] = {}
        self.ids: dict[str, int] = {}
        self.twins: dict[int, int] = {}
        self.paired: set[str] = set()

    def read(self) -> None:
        for index, row in enumerate(self.rows):
            if row.transaction is None:
                self._settle(index, RowStatus.INVALID, None, "unreadable", row.problem)
            else:
                self.found[index] = row.transaction
                self.prints[index] = content_fingerprint(row.transaction)

    def match_own_ids(self) -> None:
        """Settle rows whose own id is stored, or was used by an earlier row."""
        for index, row in self._left():
            if self.rows[index].derive_id:
                continue
            stored = self.known.by_id.get(row.id)
            if stored is not None:
                same = content_fingerprint(stored) == self.prints[index]
                if same:
                    self.paired.add(row.id)
            elif row.id not in self.ids:
                self.ids[row.id] = index
                continue
            else:
                same = self.prints[self.ids[row.id]] == self.prints[index]
                if same:
                    self.twins[index] = self.ids[row.id]
                    continue
            if same:
                self._duplicate(index, row.id, "same-id", "the id is stored with this content")
            else:
                self._invalid(index, "id-reused", f"the id {row.id!r} has other content")

    def match_bank_ids(self) -> None:
        """Settle rows that the bank itself names."""
        seen: dict[tuple[str, str], tuple[str, str]] = {}
        for index, row in self._left():
            if not row.external_id:
                continue
            key = row.account_id, row.external_id
            stored = self.known.by_bank_id.get(key)
            if stored is not None:
                seen[key] = stored.id, content_fingerprint(stored)
            if key not in seen:
                made = self._create(index, f"{row.account_id}:{row.external_id}", ordinal=0)
                if made is not None:
                    seen[key] = made, self.prints[index]
            elif seen[key][1] == self.prints[index]:
                self._duplicate(index, seen[key][0], "same-bank-id", "the bank's id is stored")
            else:
                self._invalid(
                    index, "bank-id-reused", f"the bank's id {row.external_id!r} has other content"
                )

    def match_contents(self) -> None:
        """Settle the rest by content: the n-th copy in this file is the n-th copy stored."""
        free: dict[str, list[str]] = {}
        count: dict[str, int] = {}
        for index, _ in self._left():
            content = self.prints[index]
            if content not in free:
                stored = self.known.copies.get(content, ())
                free[content] = [t.id for t in stored if t.id not in self.paired]
                count[content] = len(stored)
            if free[content] and not self.rows[index].force:
                other = free[content].pop(0)
                self._duplicate(
                    index, other, "same-content", f"equals {other!r}; `force` stores it as well"
                )
                continue
            ordinal = count[content] + 1
            if self._create(index, f"{content[:32]}-{ordinal}", ordinal) is not None:
                count[content] = ordinal

    def follow_twins(self) -> None:
        """Settle rows that repeat an earlier row of this file, id and all."""
        for index, first in self.twins.items():
            outcome = self.outcomes[first]
            if outcome.transaction_id is None:
                self.outcomes[index] = attrs.evolve(outcome, index=index)
            else:
                self._duplicate(
                    index, outcome.transaction_id, "same-id", f"repeats row {first} of this import"
                )

    def _left(self) -> list[tuple[int, BankTransaction]]:
        done = self.outcomes.keys() | self.twins.keys()
        return [(i, row) for i, row in self.found.items() if i not in done]

    def _create(self, index: int, derived_id: str, ordinal: int) -> str | None:
        row = self.found[index]
        if self.rows[index].derive_id:
            if derived_id in self.known.by_id or derived_id in self.ids:
                self._invalid(index, "id-reused", f"the id {derived_id!r} has other content")
                return None
            row = attrs.evolve(row, id=derived_id)
            self.ids[derived_id] = index
        row = attrs.evolve(row, allocated=0, ignored=False)
        self.new.append(NewRow(transaction=row, fingerprint=self.prints[index], ordinal=ordinal))
        self._settle(index, RowStatus.CREATED, row.id, "", "")
        return row.id

    def _duplicate(self, index: int, other: str, reason: str, detail: str) -> None:
        self._settle(index, RowStatus.DUPLICATE, other, reason, detail)

    def _invalid(self, index: int, reason: str, detail: str) -> None:
        self._settle(index, RowStatus.INVALID, None, reason, detail)

    def _settle(
        self, index: int, status: RowStatus, other: str | None, reason: str, detail: str
    ) -> None:
        self.outcomes[index] = RowOutcome(
            index=index, status=status, transaction_id=other, reason=reason, detail=detail
        )
