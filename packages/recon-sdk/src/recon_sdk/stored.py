"""Stored values: what storage hands out beside the domain types themselves."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import attrs

from recon_sdk.errors import DataError
from recon_sdk.ids import MatchId, RunId
from recon_sdk.invoices import Invoice
from recon_sdk.known import Known
from recon_sdk.matches import Match
from recon_sdk.transactions import BankTransaction

__all__ = [
    "AuditAction",
    "AuditEvent",
    "ImportResult",
    "ImportRow",
    "Page",
    "RowOutcome",
    "RowStatus",
    "RunRecord",
    "Snapshot",
    "StoredAnswer",
    "StoredInvoice",
    "StoredMatch",
    "StoredTransaction",
]

_Item = TypeVar("_Item")


@attrs.frozen(kw_only=True)
class Page(Generic[_Item]):
    """A part of a listing.

    Attributes:
        items: The rows, in the order of the listing.
        next_cursor: Opaque text that gets the page behind this one; None on the last page.
    """

    items: tuple[_Item, ...]
    next_cursor: str | None = None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[_Item]:
        return iter(self.items)


@attrs.frozen(kw_only=True)
class StoredInvoice:
    """An invoice as it is stored.

    Attributes:
        invoice: The invoice, with what confirmed matches have settled so far.
        version: Changes with every change of the invoice, and is never used twice for one id.
        changed_at: When it was last changed, in UTC.
    """

    invoice: Invoice
    version: int
    changed_at: dt.datetime


@attrs.frozen(kw_only=True)
class StoredTransaction:
    """A bank transaction as it is stored.

    Attributes:
        transaction: The transaction, with what confirmed matches use so far.
        version: Changes with every change of the transaction.
        import_id: The import that brought it.
        fingerprint: Hash of its content, see `recon_sdk.fingerprints`.
        ordinal: Which copy of that content it is, from 1; 0 where the bank's own id tells it
            apart.
        changed_at: When it was last changed, in UTC.
    """

    transaction: BankTransaction
    version: int
    import_id: str
    fingerprint: str
    ordinal: int
    changed_at: dt.datetime


@attrs.frozen(kw_only=True)
class StoredMatch:
    """A match as it is stored.

    Attributes:
        match: The match and where it stands.
        version: Changes with every change of the match, and is never used twice for one id, not
            even by a later run that makes the same claim again.
        run_id: The run that proposed it; None for a person's own match.
        withdrawn_by: The confirmed match that left this proposal too little; None where it stands.
        changed_at: When it was last changed, in UTC.
    """

    match: Match
    version: int
    run_id: RunId | None
    withdrawn_by: MatchId | None = None
    changed_at: dt.datetime


@attrs.frozen(kw_only=True)
class ImportRow:
    """One row of a bank statement on its way in.

    Attributes:
        transaction: The row; None where it could not be read.
        derive_id: The file gave no id of its own: storage names the row by account and bank id,
            else by content and ordinal, and `transaction.id` is a placeholder.
        force: Store the row even if it equals one that is stored already.
        problem: Why the row could not be read; "" where it could.
    """

    transaction: BankTransaction | None = None
    derive_id: bool = False
    force: bool = False
    problem: str = attrs.field(default="")

    @problem.validator
    def _check_problem(self, _: object, value: str) -> None:
        if (self.transaction is None) != bool(value):
            msg = "an import row has either a transaction or a problem"
            raise DataError(msg)


class RowStatus(enum.StrEnum):
    """What became of an imported row."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    """It is stored already."""
    INVALID = "invalid"
    """It cannot be stored; nothing of it was kept."""


@attrs.frozen(kw_only=True)
class RowOutcome:
    """What became of one imported row.

    Attributes:
        index: Its position in the import, from 0.
        status: What became of it.
        transaction_id: The transaction that it made or equals; None where it is invalid.
        reason: "" where it was created, else a stable kebab-case word: `same-id`, `same-bank-id`,
            `same-content`, `id-reused`, `bank-id-reused` or `unreadable`.
        detail: The reason as a sentence.
    """

    index: int
    status: RowStatus
    transaction_id: str | None = None
    reason: str = ""
    detail: str = ""


@attrs.frozen(kw_only=True)
class ImportResult:
    """What became of an import. `received` is always the sum of the three counts.

    Attributes:
        import_id: The import.
        rows: The outcome of every row, by index.
        imported_at: When, in UTC.
    """

    import_id: str
    rows: tuple[RowOutcome, ...]
    imported_at: dt.datetime

    @property
    def received(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def created(self) -> int:
        """Rows that were stored."""
        return self._count(RowStatus.CREATED)

    @property
    def duplicate(self) -> int:
        """Rows that were stored already."""
        return self._count(RowStatus.DUPLICATE)

    @property
    def invalid(self) -> int:
        """Rows that could not be stored."""
        return self._count(RowStatus.INVALID)

    def _count(self, status: RowStatus) -> int:
        return sum(row.status is status for row in self.rows)


def _json_copy(value: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return MappingProxyType(json.loads(json.dumps(dict(value), allow_nan=False)))
    except (TypeError, ValueError) as error:
        msg = f"a run's summary must be JSON: {error}"
        raise DataError(msg) from None


@attrs.frozen(kw_only=True)
class RunRecord:
    """A finished run.

    Attributes:
        id: The run.
        digest: Hash of its inputs and of all that it found.
        watermark: Revision of the snapshot that it saw; later rows took no part.
        rule_set: Version of the rule set.
        started_at: When, in UTC.
        finished_at: When, in UTC.
        summary: Facts about the run, as JSON values.
    """

    id: RunId
    digest: str
    watermark: int
    rule_set: str = ""
    started_at: dt.datetime
    finished_at: dt.datetime
    summary: Mapping[str, Any] = attrs.field(factory=dict, converter=_json_copy)


@attrs.frozen(kw_only=True)
class Snapshot:
    """What a run starts from: one consistent view of one tenant.

    Attributes:
        invoices: Open invoices, by id.
        transactions: Transactions that are not ignored and have something unallocated, by id.
        known: What people rejected and which names they taught. What they confirmed is in the rows
            already, as `settled` and `allocated`; exchange rates are not stored.
        epoch: Counts the changes that make a run stale; `save_run` wants it back.
        watermark: Revision of the newest row that is visible.
    """

    invoices: tuple[Invoice, ...]
    transactions: tuple[BankTransaction, ...]
    known: Known
    epoch: int
    watermark: int


class AuditAction(enum.StrEnum):
    """What somebody did."""

    MATCH_CONFIRMED = "match_confirmed"
    MATCH_REJECTED = "match_rejected"
    MATCH_UNDONE = "match_undone"
    MATCH_ADDED = "match_added"
    """A person's own match, confirmed at once."""
    INVOICE_CHANGED = "invoice_changed"
    INVOICE_REMOVED = "invoice_removed"
    TRANSACTION_IGNORED = "transaction_ignored"
    TRANSACTION_RESTORED = "transaction_restored"


@attrs.frozen(kw_only=True)
class AuditEvent:
    """One thing that somebody did. Events are never changed or removed.

    Attributes:
        sequence: Ascending in the order of the events; gaps have no meaning.
        at: When, in UTC.
        actor: Who.
        key: Idempotency key of the request; "" where it had none.
        action: What.
        subject: Id of the match, invoice or transaction that it was done to.
        withdrawn: Proposals that no longer stand because of it, sorted.
        restored: Withdrawn proposals that stand again because of it, sorted.
    """

    sequence: int
    at: dt.datetime
    actor: str
    key: str
    action: AuditAction
    subject: str
    withdrawn: tuple[MatchId, ...] = ()
    restored: tuple[MatchId, ...] = ()


@attrs.frozen(kw_only=True)
class StoredAnswer:
    """What a request was answered, kept under its idempotency key.

    Attributes:
        fingerprint: Hash of the request; another request under the same key is refused.
        body: The answer, byte for byte.
        status: Status code.
        headers: Names and values that are part of the answer.
    """

    fingerprint: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
