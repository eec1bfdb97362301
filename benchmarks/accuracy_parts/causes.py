"""Causes of errors, worked out from the rows and the truth alone.

What the matcher thought plays no part: a cause says what the data offered. So the same words serve
for every matcher.
"""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
import re
from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from accuracy_parts.ledgers import Ledger, Link, Row, cents
from recon_sdk.folding import fold, name_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_IDENTITY = "no identity at all"
UNREADABLE = "reference unreadable"
EQUAL = "equal amounts of one party, no own reference"
OVERPAID = "overpayment by party only"
CURRENCY = "other currency"
DIFFERENCE_QUOTED = "difference unexplained, own number quoted"
DIFFERENCE = "difference unexplained, by party only"
OTHER_PAYMENT = "paid twice, the other payment taken"
IDLE_PAYMENT = "a payment of nothing in the same amount taken"
GROUP = "group not found, {} quoted"
NOTHING_NAMED = "pays nothing here, yet names the party or the number"
NOTHING = "pays nothing here, amount and date only"
TOO_MUCH = "taken along in a group"
OTHER_QUOTED = "other: own number quoted, exact amount"
OTHER = "other: by party only, exact amount that is alone"

_SIBLING_DAYS = 90
_JOINS = 6
_TYPO = 0.86


@attrs.frozen(eq=False, slots=False)
class Causes:
    """Says why links of a ledger were lost or are wrong."""

    ledger: Ledger

    def lost(self, found: Mapping[Link, float]) -> dict[Link, str]:
        """Give the cause of each true link that was not found."""
        by_invoice: dict[str, list[str]] = defaultdict(list)
        for invoice, transaction in found:
            by_invoice[invoice].append(transaction)
        return {
            link: self._lost(link, by_invoice) for link in self.ledger.truth if link not in found
        }

    def wrong(self, found: Mapping[Link, float], lost: Mapping[Link, str]) -> dict[Link, str]:
        """Give the cause of each found link that is not true."""
        by_transaction: dict[str, list[str]] = defaultdict(list)
        for (_, transaction), cause in lost.items():
            by_transaction[transaction].append(cause)
        return {
            link: self._wrong(link, by_transaction[link[1]])
            for link in found
            if link not in self.ledger.truth
        }

    def _lost(self, link: Link, found: Mapping[str, list[str]]) -> str:
        invoice, transaction = link
        if any(self._repeats(other, transaction) for other in found.get(invoice, ())):
            is_paid_twice = self.ledger.truth[link] == "duplicate"
            return OTHER_PAYMENT if is_paid_twice else IDLE_PAYMENT
        quoted = self.reads(invoice, transaction)
        if quoted != "whole" and not self.names(invoice, transaction):
            return UNREADABLE if quoted else NO_IDENTITY
        if not self.ledger.is_one_to_one(link):
            return self._group(link)
        row, payment = self.ledger.invoices[invoice], self.ledger.transactions[transaction]
        if row["currency"] != payment["currency"]:
            return CURRENCY
        gap = abs(cents(payment["amount"])) - abs(cents(row["amount"]))
        if quoted == "whole":
            return DIFFERENCE_QUOTED if gap else OTHER_QUOTED
        if quoted:
            return UNREADABLE
        if gap:
            return OVERPAID if gap > 0 else DIFFERENCE
        return EQUAL if self._has_equal(invoice, {invoice}) else OTHER

    def _group(self, link: Link) -> str:
        """Tell why a link of a batch or of instalments was lost."""
        invoice, transaction = link
        ledger = self.ledger
        members = ledger.invoices_of[transaction]
        links = [(i, transaction) for i in members]
        if len(members) == 1:
            links = [(invoice, t) for t in ledger.payments_of[invoice]]
        quoted = [self.reads(i, t) == "whole" for i, t in links]
        own = self.reads(invoice, transaction) == "whole"
        if len(members) > 1 and not own and self._has_equal(invoice, set(members)):
            return EQUAL
        return GROUP.format("all" if all(quoted) else "some" if any(quoted) else "none")

    def _wrong(self, link: Link, lost: list[str]) -> str:
        """A wrong link has the cause for which the right one of its payment was lost."""
        invoice, transaction = link
        if lost:
            return Counter(sorted(lost)).most_common(1)[0][0]
        if self.ledger.invoices_of.get(transaction):
            return TOO_MUCH
        paid = self.ledger.payments_of.get(invoice, ())
        twins = [other for other in paid if self._repeats(transaction, other)]
        if twins:
            is_paid_twice = self.ledger.truth[invoice, twins[0]] == "duplicate"
            return OTHER_PAYMENT if is_paid_twice else IDLE_PAYMENT
        known = self.names(invoice, transaction) or self.reads(invoice, transaction)
        return NOTHING_NAMED if known else NOTHING

    def _repeats(self, one: str, other: str) -> bool:
        """Whether a transaction pays nothing, in the amount of another one that does."""
        rows = self.ledger.transactions
        is_idle = one not in self.ledger.invoices_of
        return is_idle and rows[one]["amount"] == rows[other]["amount"]

    # What the rows say.

    def names(self, invoice: str, transaction: str) -> bool:
        """Whether account, name, text, or a name that pays the party elsewhere says who paid."""
        row, payment = self.ledger.invoices[invoice], self.ledger.transactions[transaction]
        party = self._parties[row["vendor_id"]]
        account = payment.get("counterparty_iban")
        if account and account == row.get("vendor_iban"):
            return True
        if self._payers[payment["counterparty_name"]][row["vendor_id"]] > 1:
            return True
        full, core = name_keys(payment["counterparty_name"])
        if full and any(_alike(full, core, own) for own in party):
            return True
        text = name_keys(payment.get("description") or "")[0]
        return any(own in text for own in party)

    def reads(self, invoice: str, transaction: str) -> str:
        """Tell how the payment quotes a number of the invoice: `whole`, `part`, or not ("")."""
        row, payment = self.ledger.invoices[invoice], self.ledger.transactions[transaction]
        tokens = _tokens(f"{payment.get('description') or ''} ; {payment.get('reference') or ''}")
        spans = {
            "".join(tokens[at : at + size])
            for at, size in itertools.product(range(len(tokens)), range(1, _JOINS))
        }
        best = ""
        for column in ("invoice_number", "payment_reference", "order_number"):
            number = "".join(_tokens(row.get(column) or ""))
            if len(number) < 2:
                continue
            digits = re.sub("[^0-9]", "", number).lstrip("0")
            forms = {number, number.lstrip("0"), digits if len(digits) > 3 else number}
            if any(span.lstrip("0") in forms or span in forms for span in spans):
                return "whole"
            if any(_is_part(span, number, digits) for span in spans):
                best = "part"
        return best

    def _has_equal(self, invoice: str, without: set[str]) -> bool:
        """Whether the party has another invoice of this amount, due near it."""
        row = self.ledger.invoices[invoice]
        key = row["vendor_id"], row["amount"], row["currency"]
        day = _day(row)
        return any(
            other not in without
            and abs((_day(self.ledger.invoices[other]) - day).days) <= _SIBLING_DAYS
            for other in self._equals[key]
        )

    @cached_property
    def _equals(self) -> Mapping[tuple[str, str, str], list[str]]:
        groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for key, row in self.ledger.invoices.items():
            groups[row["vendor_id"], row["amount"], row["currency"]].append(key)
        return groups

    @cached_property
    def _parties(self) -> Mapping[str, set[str]]:
        names: dict[str, set[str]] = defaultdict(set)
        for row in self.ledger.invoices.values():
            names[row["vendor_id"]] |= {key for key in name_keys(row["vendor_name"]) if key}
        return names

    @cached_property
    def _payers(self) -> Mapping[str, Counter[str]]:
        """How many payments of each party carry a name; one of them is the one asked about."""
        payers: dict[str, Counter[str]] = defaultdict(Counter)
        for transaction, invoices in self.ledger.invoices_of.items():
            name = self.ledger.transactions[transaction]["counterparty_name"]
            if name:
                payers[name][self.ledger.invoices[invoices[0]]["vendor_id"]] += 1
        return payers


def _alike(full: str, core: str, own: str) -> bool:
    """Whether a printed name is a party's: equal, cut, or with a typo."""
    shorter, longer = sorted((core, own), key=len)
    if len(shorter) > 5 and longer.startswith(shorter):
        return True
    cut = own[: len(full)]
    return difflib.SequenceMatcher(None, full, cut, autojunk=False).ratio() >= _TYPO


def _is_part(span: str, number: str, digits: str) -> bool:
    """Whether a span is a cut, swapped or shortened number."""
    if len(span) < 4 or not any(c.isdigit() for c in span):
        return False
    if digits.endswith(span) or (len(span) > 4 and number.startswith(span)):
        return True
    if 4 < len(digits) <= len(span) + 1 and digits.startswith(span):
        return True
    return len(span) == len(number) and sorted(span) == sorted(number)


def _tokens(text: str) -> list[str]:
    return re.findall("[A-Z0-9]+", fold(text))


def _day(row: Row) -> dt.date:
    return dt.date.fromisoformat(row.get("due_date") or row["issue_date"])


def examples(links: Mapping[Link, str], count: int) -> Iterator[tuple[str, list[Link]]]:
    """Give some links of each cause, evenly from first to last, most frequent cause first."""
    groups: dict[str, list[Link]] = defaultdict(list)
    for link, cause in links.items():
        groups[cause].append(link)
    for cause, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        step = max(1, len(group) // count)
        yield cause, sorted(group)[::step][:count]
