"""JSON forms of allocations, decisions, aliases and exchange rates.

Amounts are decimal texts with the currency beside them, percentages decimal texts of percent,
rates decimal texts, days ISO 8601. A form is a class, so its JSON Schema can be printed; `of` and
`build` are exact inverses.
"""

from __future__ import annotations

import datetime as dt

import attrs

from recon_sdk.fixed_point import format_fixed, parse_fixed
from recon_sdk.known import Alias, Decision, Rate
from recon_sdk.matches import Allocation, MatchStatus
from recon_sdk.money import exponent_of
from recon_sdk.row_forms import amount_at
from recon_sdk.structuring import at

__all__ = ["AliasForm", "AllocationForm", "DecisionForm", "RateForm", "build_allocations"]


@attrs.frozen(kw_only=True)
class AllocationForm:
    """What one transaction settles of one invoice.

    Attributes:
        invoice_id: The invoice.
        transaction_id: The bank transaction.
        settled_amount: What the open amount is reduced by, signed like the invoice.
        settled_currency: ISO 4217 code of the invoice.
        paid_amount: What is used of the transaction, signed like the transaction.
        paid_currency: ISO 4217 code of the transaction.
    """

    invoice_id: str
    transaction_id: str
    settled_amount: str
    settled_currency: str
    paid_amount: str
    paid_currency: str

    @classmethod
    def of(cls, allocation: Allocation) -> AllocationForm:
        """Lay out an allocation."""
        return cls(
            invoice_id=allocation.invoice_id,
            transaction_id=allocation.transaction_id,
            settled_amount=allocation.settled.decimal,
            settled_currency=allocation.settled.currency,
            paid_amount=allocation.paid.decimal,
            paid_currency=allocation.paid.currency,
        )

    def build(self) -> Allocation:
        """Build the allocation.

        Raises:
            ConfigError: An amount is wrong; names the key.
        """
        return Allocation(
            invoice_id=self.invoice_id,
            transaction_id=self.transaction_id,
            settled=amount_at(self.settled_amount, self.settled_currency, "settled_amount"),
            paid=amount_at(self.paid_amount, self.paid_currency, "paid_amount"),
        )


def build_allocations(forms: tuple[AllocationForm, ...]) -> tuple[Allocation, ...]:
    """Build the allocations of one match or decision.

    Raises:
        ConfigError: A value is wrong; names position and key.
    """
    built = []
    for position, form in enumerate(forms):
        with at(f"allocations[{position}]"):
            built.append(form.build())
    return tuple(built)


@attrs.frozen(kw_only=True)
class DecisionForm:
    """What a person decided about one set of allocations.

    Attributes:
        status: `confirmed` or `rejected`.
        allocations: The set, at least one.
    """

    status: MatchStatus
    allocations: tuple[AllocationForm, ...]

    @classmethod
    def of(cls, decision: Decision) -> DecisionForm:
        """Lay out a decision."""
        return cls(
            status=decision.status,
            allocations=tuple(map(AllocationForm.of, decision.allocations)),
        )

    def build(self) -> Decision:
        """Build the decision.

        Raises:
            ConfigError: A value is wrong; names the key.
            DataError: It is no decision.
        """
        built = build_allocations(self.allocations)
        return Decision(status=self.status, allocations=built)  # type: ignore[arg-type]


@attrs.frozen(kw_only=True)
class AliasForm:
    """A bank's display name that stands for a vendor.

    Attributes:
        name: The name as the bank shows it.
        vendor_id: The vendor behind it.
        source: Where it was learned.
    """

    name: str
    vendor_id: str
    source: str = "person"

    @classmethod
    def of(cls, alias: Alias) -> AliasForm:
        """Lay out an alias."""
        return cls(name=alias.name, vendor_id=alias.vendor_id, source=alias.source)

    def build(self) -> Alias:
        """Build the alias."""
        return Alias(name=self.name, vendor_id=self.vendor_id, source=self.source)


@attrs.frozen(kw_only=True)
class RateForm:
    """An exchange rate: one unit of `base` costs `rate` units of `quote`.

    Attributes:
        base: Currency that is priced.
        quote: Currency of the price.
        rate: The price, a decimal text with at most six decimals.
        date: First day on which it holds.
        source: Where it comes from.
        band_percent: How far a bank's own rate may lie from it, in percent.
    """

    base: str
    quote: str
    rate: str
    date: dt.date
    source: str = ""
    band_percent: str = "3.00"

    @classmethod
    def of(cls, rate: Rate) -> RateForm:
        """Lay out a rate."""
        return cls(
            base=rate.base,
            quote=rate.quote,
            rate=format_fixed(rate.micros, 6),
            date=rate.date,
            source=rate.source,
            band_percent=format_fixed(rate.band, 2),
        )

    def build(self) -> Rate:
        """Build the rate.

        Raises:
            ConfigError: A value is wrong; names the key.
        """
        for path, code in (("base", self.base), ("quote", self.quote)):
            with at(path):
                exponent_of(code)
        with at("band_percent"):
            band = parse_fixed(self.band_percent, 2)
        with at("rate"):
            micros = parse_fixed(self.rate, 6)
            return Rate(
                base=self.base,
                quote=self.quote,
                micros=micros,
                date=self.date,
                source=self.source,
                band=band,
            )
