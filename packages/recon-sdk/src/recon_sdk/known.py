"""What is already known before a run: decisions of people, aliases, exchange rates."""

from __future__ import annotations

import datetime as dt

import attrs

from recon_sdk.errors import DataError
from recon_sdk.matches import Allocation, MatchStatus

__all__ = ["Alias", "Decision", "Known", "Rate"]


@attrs.frozen(kw_only=True)
class Decision:
    """What a person decided about one set of allocations.

    A confirmed set settles its invoices and uses its transactions, so a run sees only what is
    left. A rejected set is never proposed again as that same set; its pairs stay free in other
    sets.

    Attributes:
        status: `confirmed` or `rejected`.
        allocations: The set, at least one.
    """

    status: MatchStatus = attrs.field()
    allocations: tuple[Allocation, ...] = attrs.field(converter=tuple)

    @status.validator
    def _check_status(self, _: object, value: MatchStatus) -> None:
        if value is MatchStatus.PROPOSED:
            msg = "a decision is 'confirmed' or 'rejected', not 'proposed'"
            raise DataError(msg)

    @allocations.validator
    def _check_allocations(self, _: object, value: tuple[Allocation, ...]) -> None:
        if not value:
            msg = "a decision needs at least one allocation"
            raise DataError(msg)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The set of (invoice key, transaction key) that was decided on."""
        return frozenset((a.invoice_id, a.transaction_id) for a in self.allocations)


@attrs.frozen(kw_only=True, order=True)
class Alias:
    """A bank's display name that stands for a vendor.

    Attributes:
        name: The name as the bank shows it; compared after normalising.
        vendor_id: The vendor behind it.
        source: Where it was learned: `person`, `confirmed`, or a caller's own word.
    """

    name: str
    vendor_id: str
    source: str = "person"


@attrs.frozen(kw_only=True, order=True)
class Rate:
    """An exchange rate: one unit of `base` costs `micros` millionths of `quote`.

    Attributes:
        base: Currency that is priced.
        quote: Currency of the price.
        micros: The price in millionths (920000 = 0.92).
        date: First day on which it holds; it holds until the next date of the same pair.
        source: Where it comes from, for the record.
        band: How far a bank's own rate may lie from it, in hundredths of a percent.
    """

    base: str
    quote: str
    micros: int = attrs.field()
    date: dt.date
    source: str = ""
    band: int = 300

    @micros.validator
    def _check_micros(self, _: object, value: object) -> None:
        if type(value) is not int or value <= 0:
            msg = f"a rate is a positive number of millionths, not {value!r}"
            raise DataError(msg)


@attrs.frozen(kw_only=True)
class Known:
    """All that a run knows beside its ledger; part of the digest.

    Attributes:
        decisions: What people confirmed and rejected.
        aliases: Names that stand for vendors.
        rates: Exchange rates.
    """

    decisions: tuple[Decision, ...] = attrs.field(default=(), converter=tuple)
    aliases: tuple[Alias, ...] = attrs.field(default=(), converter=tuple)
    rates: tuple[Rate, ...] = attrs.field(default=(), converter=tuple)
