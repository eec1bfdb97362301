from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from recon_sdk import (
    Alias,
    Decision,
    InvoiceColumns,
    Known,
    MatchStatus,
    Rate,
    TransactionColumns,
)
from recon_sdk.checks.builders import an_allocation
from recon_sdk.digests import _TEXTS, _known, match_id

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_id_of_a_match_is_that_of_its_set_of_pairs() -> None:
    pairs = [("i1", "t1"), ("i2", "t1")]
    assert match_id(pairs) == match_id(iter(pairs[::-1])) == "m_cf4c951cd1dfc6e13fd636b0"
    assert match_id(pairs) != match_id(pairs[:1])
    assert match_id([("ab", "c")]) != match_id([("a", "bc")])
    assert match_id([("i", "t")]) != match_id([("t", "i")])


def test_every_text_column_enters_by_its_text() -> None:
    """Codes depend on the order of arrival; they may not be hashed themselves."""
    numbers = {
        "currency", "issue_date", "due_date", "discount_until", "booking_date", "value_date",
        "discount_percent", "withholding_percent",
    }  # fmt: skip
    coded = {
        field.name
        for columns in (InvoiceColumns, TransactionColumns)
        for field in attrs.fields(columns)
        if field.type == "Int32Array"
    }
    assert coded - numbers == _TEXTS


def decision(status: MatchStatus = MatchStatus.CONFIRMED, *settled: str) -> Decision:
    return Decision(
        status=status,
        allocations=[
            an_allocation(f"i{n}", "t", amount)
            for n, amount in enumerate(settled or ("1.00", "2.00"))
        ],
    )


RATE = Rate(base="USD", quote="EUR", micros=920_000, date=dt.date(2026, 1, 1))
KNOWN = Known(
    decisions=(decision(), decision(MatchStatus.REJECTED)),
    aliases=(Alias(name="A", vendor_id="v1"), Alias(name="B", vendor_id="v2")),
    rates=(RATE, attrs.evolve(RATE, date=dt.date(2026, 2, 1))),
)


def changes() -> Iterator[Any]:
    decisions, aliases, rates = KNOWN.decisions, KNOWN.aliases, KNOWN.rates
    yield pytest.param({"decisions": decisions[:1]}, id="a decision less")
    yield pytest.param(
        {"decisions": (decision(MatchStatus.CONFIRMED, "1.00", "2.01"), decisions[1])},
        id="another cent",
    )
    yield pytest.param(
        {"decisions": (decision(MatchStatus.REJECTED), decision(MatchStatus.REJECTED))},
        id="another verdict",
    )
    yield pytest.param({"aliases": aliases[1:]}, id="an alias less")
    yield pytest.param(
        {"aliases": (aliases[0], attrs.evolve(aliases[1], vendor_id="v3"))}, id="another vendor"
    )
    yield pytest.param({"rates": ()}, id="no rates")
    yield pytest.param({"rates": (attrs.evolve(RATE, band=1), rates[1])}, id="another band")
    yield pytest.param({"rates": (attrs.evolve(RATE, micros=1), rates[1])}, id="another price")


@pytest.mark.parametrize("change", list(changes()))
def test_whatever_is_known_enters_the_digest(change: dict[str, Any]) -> None:
    assert _known(attrs.evolve(KNOWN, **change)) != _known(KNOWN)


def test_the_order_in_which_things_are_told_does_not_matter() -> None:
    turned = Known(
        decisions=[
            attrs.evolve(d, allocations=d.allocations[::-1]) for d in KNOWN.decisions[::-1]
        ],
        aliases=KNOWN.aliases[::-1],
        rates=(*KNOWN.rates[::-1], KNOWN.rates[0]),
    )
    assert _known(turned) == _known(KNOWN)
