"""The JSON forms of values, and back: `to_json` and `from_json` are exact inverses."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from recon_sdk.errors import ConfigError, DataError, InputError
from recon_sdk.invoices import Invoice
from recon_sdk.known import Alias, Decision, Rate
from recon_sdk.known_forms import AliasForm, AllocationForm, DecisionForm, RateForm
from recon_sdk.match_forms import MatchForm
from recon_sdk.matches import Allocation, Match
from recon_sdk.row_forms import InvoiceForm, TransactionForm
from recon_sdk.structuring import join_path, structure, unstructure
from recon_sdk.transactions import BankTransaction

__all__ = ["FORMS", "from_json", "to_json"]

T = TypeVar("T")


class _Form(Protocol):
    @classmethod
    def of(cls, value: Any, /) -> Any: ...

    def build(self) -> Any: ...


FORMS: dict[type[Any], type[_Form]] = {
    Alias: AliasForm,
    Allocation: AllocationForm,
    BankTransaction: TransactionForm,
    Decision: DecisionForm,
    Invoice: InvoiceForm,
    Match: MatchForm,
    Rate: RateForm,
}
"""Class of the JSON form of each kind of value."""


def to_json(value: object) -> dict[str, Any]:
    """Lay out a value as plain data that `json` can write.

    Args:
        value: An invoice, bank transaction, match, allocation, decision, alias or rate.

    Returns:
        All keys of its form in a fixed order; None where nothing is known.

    Raises:
        DataError: An invoice's amounts are in several currencies.
        TypeError: There is no JSON form of such a value.

    Example:
        >>> import datetime as dt
        >>> from recon_sdk.known import Rate
        >>> to_json(Rate(base="EUR", quote="USD", micros=1_080_000, date=dt.date(2026, 3, 2)))
        ... # doctest: +NORMALIZE_WHITESPACE
        {'base': 'EUR', 'quote': 'USD', 'rate': '1.080000', 'date': '2026-03-02', 'source': '',
         'band_percent': '3.00'}
    """
    form = FORMS.get(type(value))
    if form is None:
        message = f"there is no JSON form of a {type(value).__name__}"
        raise TypeError(message)
    laid_out: dict[str, Any] = unstructure(form.of(value))
    return laid_out


def from_json(kind: type[T], data: object, source: str = "") -> T:
    """Build a value from plain data as `json` reads it, strictly.

    Args:
        kind: The class to build.
        data: Keys and values. Keys that have a default may be missing; others must not be there.
        source: What messages call the data; by default the class.

    Raises:
        InputError: Something is wrong. Its `source` is the path to it, for example
            `match.allocations[0].paid_amount`.
        TypeError: There is no JSON form of such a value.
    """
    form = FORMS.get(kind)
    if form is None:
        message = f"there is no JSON form of a {kind.__name__}"
        raise TypeError(message)
    name = source or kind.__name__.lower().removeprefix("bank")
    try:
        built: T = structure(data, form).build()
    except ConfigError as error:
        raise InputError(join_path(name, error.path), error.detail) from error
    except DataError as error:
        raise InputError(name, str(error)) from error
    return built
