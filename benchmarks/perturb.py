"""Write a copy of a labelled ledger in which people pay less tidily, with a truth that holds.

    python benchmarks/perturb.py IN OUT --seed 1

Works on any folder with invoices.csv, transactions.csv and truth.csv, whoever made it, so it
shows how much of a figure hangs on the habits of a generator. Each change has a rate, the share of
what could be changed and is; `--typos 0` switches one off. The same options give the same files.
Payments of an invoice that is paid twice stay as they are, since the truth says which came first.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import re
import shutil
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import attrs
from make_ledger import Dice

Row = dict[str, str]

CENT = Decimal("0.01")
RATES = {
    "open-item": (0.35, "batches that leave an item open"),
    "instalments": (0.9, "instalments in odd parts, oddly spaced"),
    "discount": (0.05, "plain payments less 1.5 to 5 %%, up to day 22"),
    "fees": (0.04, "plain payments less an arbitrary fee"),
    "late": (0.15, "parties that pay late, on Fridays"),
    "typos": (0.08, "names with a wrong letter"),
    "cuts": (0.08, "names cut at another length"),
    "tails": (0.15, "numbers given as their last 4 to 6 digits"),
}
SEPARATORS = " ,;+/"


@attrs.define
class Link:
    """One line of the truth."""

    invoice: str
    transaction: str
    allocated: Decimal
    kind: str


class Folder:
    """The rows of a ledger folder while they change."""

    def __init__(self, folder: Path, dice: Dice) -> None:
        self.dice = dice
        self.invoice_header, invoices = _read(folder / "invoices.csv")
        self.transaction_header, transactions = _read(folder / "transactions.csv")
        _, truth = _read(folder / "truth.csv")
        self.invoices = {row["id"]: row for row in invoices}
        self.transactions = {row["id"]: row for row in transactions}
        self.links = [
            Link(r["invoice_id"], r["transaction_id"], Decimal(r["allocated"]), r["kind"])
            for r in truth
        ]
        self.counts: Counter[str] = Counter()
        self.by_transaction: dict[str, list[Link]] = defaultdict(list)
        self.by_invoice: dict[str, list[Link]] = defaultdict(list)
        for link in self.links:
            self.by_transaction[link.transaction].append(link)
            self.by_invoice[link.invoice].append(link)
        self.fixed = {link.transaction for link in self.links if link.kind == "duplicate"}

    def paying(self) -> list[str]:
        """Give the transactions that pay something and may be changed."""
        return [t for t in self.by_transaction if t not in self.fixed]

    def plain(self) -> list[Link]:
        """Give the payments of one invoice by one transaction in exactly its amount."""
        found = []
        for transaction in self.paying():
            link = self.by_transaction[transaction][0]
            invoice, row = self.invoices[link.invoice], self.transactions[transaction]
            if (
                link.kind == "one"
                and len(self.by_transaction[transaction]) == 1
                and invoice["currency"] == row["currency"]
                and Decimal(invoice["amount"]) == link.allocated == abs(Decimal(row["amount"]))
            ):
                found.append(link)
        return found

    def leave_items_open(self, rate: float) -> None:
        """Take one item out of a batch, its number out of the text, its amount off the payment."""
        for transaction in self.paying():
            links, row = self.by_transaction[transaction], self.transactions[transaction]
            whole = sum((link.allocated for link in links), Decimal())
            if len(links) == 1 or row.get("reference") or whole != abs(Decimal(row["amount"])):
                continue
            if not self.dice.chance(rate):
                continue
            for _ in range(len(links)):
                link = self.dice.pick(links)
                text = self._without(row["description"], link)
                if text is None or whole - link.allocated <= 0:
                    continue
                links.remove(link)
                row["description"] = text
                _set_amount(row, whole - link.allocated)
                if len(links) == 1:
                    links[0].kind = "one"
                self.counts["open-item"] += 1
                break

    def _without(self, text: str, link: Link) -> str | None:
        """Take the number of a link out of a text; None where it may be there in another form."""
        number = self.invoices[link.invoice]["invoice_number"]
        found = _find(text, number)
        if found is not None:
            before, after = text[: found.start()], text[found.end() :]
            if after.lstrip(SEPARATORS):
                return before + after.lstrip(SEPARATORS)
            return before.rstrip(SEPARATORS)
        numbers = (
            self.invoices[other.invoice]["invoice_number"]
            for other in self.by_transaction[link.transaction]
        )
        said = _digits(text)
        return None if any(_digits(n)[-3:] in said for n in numbers) else text

    def split_oddly(self, rate: float) -> None:
        """Split what was paid in parts anew, and space the parts anew."""
        for invoice, links in self.by_invoice.items():
            links.sort(key=lambda link: self.transactions[link.transaction]["booking_date"])
            rows = [self.transactions[link.transaction] for link in links]
            alone = all(len(self.by_transaction[link.transaction]) == 1 for link in links)
            same = {row["currency"] for row in rows} == {self.invoices[invoice]["currency"]}
            if len(links) == 1 or not alone or not same or not self.dice.chance(rate):
                continue
            whole = sum((link.allocated for link in links), Decimal())
            weights = [Decimal(20 + self.dice.whole(0, 80)) for _ in links]
            parts = [(whole * w / sum(weights)).quantize(CENT) for w in weights[:-1]]
            parts.append(whole - sum(parts))
            if min(parts) <= 0:
                continue
            day = dt.date.fromisoformat(rows[0]["booking_date"])
            for link, row, part in zip(links, rows, parts, strict=True):
                link.allocated = part
                _set_amount(row, part)
                _set_day(row, day)
                day += dt.timedelta(self.dice.whole(9, 55))
            self.counts["instalments"] += 1

    def take_discounts(self, rate: float) -> None:
        """Pay less a discount that was not offered, or offered for a shorter time."""
        for link in self.plain():
            if not self.dice.chance(rate) or link.allocated < 20:
                continue
            row = self.transactions[link.transaction]
            percent = Decimal(self.dice.whole(3, 10)) / 2
            self._pay(link, link.allocated - (link.allocated * percent / 100).quantize(CENT))
            issued = dt.date.fromisoformat(self.invoices[link.invoice]["issue_date"])
            _set_day(row, issued + dt.timedelta(self.dice.whole(3, 22)))
            link.kind = "discount"
            self.counts["discount"] += 1

    def charge_fees(self, rate: float) -> None:
        """Take an arbitrary fee off, up to a tenth of the amount."""
        for link in self.plain():
            if not self.dice.chance(rate):
                continue
            most = min(3_500, int(link.allocated * 10))
            if most < 50:
                continue
            self._pay(link, link.allocated - Decimal(self.dice.whole(15, most)) * CENT)
            link.kind = "fee"
            self.counts["fees"] += 1

    def _pay(self, link: Link, amount: Decimal) -> None:
        link.allocated = amount
        _set_amount(self.transactions[link.transaction], amount)

    def pay_late(self, rate: float) -> None:
        """Let a party pay everything some weeks later, on Fridays."""
        parties: dict[str, list[str]] = defaultdict(list)
        for transaction in self.paying():
            invoice = self.by_transaction[transaction][0].invoice
            parties[self.invoices[invoice]["vendor_id"]].append(transaction)
        for party in sorted(parties):
            if not self.dice.chance(rate):
                continue
            lag = self.dice.whole(4, 40)
            for transaction in parties[party]:
                row = self.transactions[transaction]
                day = dt.date.fromisoformat(row["booking_date"])
                day += dt.timedelta(max(0, lag + self.dice.whole(-4, 4)))
                _set_day(row, day + dt.timedelta((4 - day.weekday()) % 7))
                self.counts["late"] += 1

    def misspell(self, typos: float, cuts: float) -> None:
        """Put one wrong letter into a name, or cut it."""
        for transaction in self.paying():
            row = self.transactions[transaction]
            name = row["counterparty_name"]
            if len(name) > 8 and self.dice.chance(typos):
                name = _with_typo(name, self.dice)
                self.counts["typos"] += 1
            if len(name) > 12 and self.dice.chance(cuts):
                name = name[: self.dice.whole(10, len(name) - 2)].rstrip()
                self.counts["cuts"] += 1
            row["counterparty_name"] = name

    def quote_tails(self, rate: float) -> None:
        """Give numbers that stand in the text as their last 4 to 6 digits."""
        for transaction in self.paying():
            if not self.dice.chance(rate):
                continue
            row, changed = self.transactions[transaction], False
            for link in self.by_transaction[transaction]:
                number = self.invoices[link.invoice]["invoice_number"]
                tail = _digits(number)[-self.dice.whole(4, 6) :]
                found = _find(row["description"], number)
                if found is not None and 4 <= len(tail) < len(number):
                    text = row["description"]
                    row["description"] = text[: found.start()] + tail + text[found.end() :]
                    changed = True
            self.counts["tails"] += changed

    def write(self, folder: Path) -> None:
        """Write the rows, payments by day."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "invoices.csv", self.invoice_header, list(self.invoices.values()))
        rows = sorted(self.transactions.values(), key=lambda r: (r["booking_date"], r["id"]))
        _write(folder / "transactions.csv", self.transaction_header, rows)
        truth = [
            {
                "invoice_id": link.invoice,
                "transaction_id": transaction,
                "allocated": f"{link.allocated:.2f}",
                "kind": link.kind,
            }
            for transaction, links in self.by_transaction.items()
            for link in links
        ]
        _write(folder / "truth.csv", list(truth[0]), truth)


def _read(path: Path) -> tuple[list[str], list[Row]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return list(rows.fieldnames or ()), list(rows)


def _write(path: Path, header: list[str], rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _find(text: str, number: str) -> re.Match[str] | None:
    """Find a number as it stands, not inside a longer one."""
    if not number:
        return None
    pattern = rf"(?<![0-9A-Za-z]){re.escape(number)}(?![0-9A-Za-z])"
    return re.search(pattern, text, re.IGNORECASE)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _set_amount(row: Row, amount: Decimal) -> None:
    row["amount"] = f"{-amount if row['amount'].startswith('-') else amount:.2f}"


def _set_day(row: Row, day: dt.date) -> None:
    for column in ("booking_date", "value_date"):
        if row.get(column):
            row[column] = day.isoformat()


def _with_typo(name: str, dice: Dice) -> str:
    """Swap, leave out, double or replace one letter, not the first one."""
    places = [at for at in range(1, len(name) - 1) if name[at].isalpha()]
    if not places:
        return name
    at = dice.pick(places)
    letter = dice.pick("AEINRST")
    return dice.pick(
        (
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + (letter if name[at].isupper() else letter.lower()) + name[at + 1 :],
        )
    )


def main() -> None:
    """Parse the command line and write the copy."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="ledger with its truth.csv")
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--seed", type=int, default=1)
    for name, (rate, words) in RATES.items():
        parser.add_argument(f"--{name}", type=float, default=rate, metavar="RATE", help=words)
    options = parser.parse_args()
    ledger = Folder(options.folder, Dice(options.seed))
    ledger.leave_items_open(options.open_item)
    ledger.split_oddly(options.instalments)
    ledger.take_discounts(options.discount)
    ledger.charge_fees(options.fees)
    ledger.pay_late(options.late)
    ledger.misspell(options.typos, options.cuts)
    ledger.quote_tails(options.tails)
    ledger.write(options.out)
    if (options.folder / "rates.csv").exists():
        shutil.copyfile(options.folder / "rates.csv", options.out / "rates.csv")
    done = ", ".join(f"{name} {ledger.counts[name]}" for name in RATES)
    sys.stderr.write(f"{options.out}: {done}\n")


if __name__ == "__main__":
    main()
