"""Make a labelled ledger of any size: invoices, transactions, rates, and the truth.

    python benchmarks/make_ledger.py OUT --invoices 10000 --seed 1

The same options give the same files. Parties are made up: each has a language, a way of numbering,
terms, and habits of paying and of filling in the bank's text; the rows follow from them. `--messy`
takes the habits from a wider range. What is in the files is told in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import math
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

FIRST_DAY = dt.date(2024, 1, 1)
DAYS = 420

# Surnames, trades, legal forms, and the words around a number in a bank's text, by country.
COUNTRIES: dict[str, tuple[str, str, str, str]] = {
    "DE": (
        "Ahlers Bergkamp Dörfler Eißner Fröhlich Grünwald Hölscher Jäger Krähe Löwen Möhring Nuß",
        "Elektrotechnik Gerüstbau Großküchen Lagertechnik Malerbetrieb Sanitär Spedition Werbung",
        "GmbH|AG|e.K.|KG|GmbH & Co. KG",
        "Rechnung|Rg.-Nr.|RNr|Beleg",
    ),
    "FR": (
        "Aubert Bonnaud Chénier Delacourt Étienne Fournel Gérard Hébert Lachaux Mérieux Prévost",
        "Boulangerie Électricité Imprimerie Maçonnerie Menuiserie Nettoyage Plomberie Traiteur",
        "SARL|SAS|SA|EURL",
        "Facture|Fact|Fac n°|Réf",
    ),
    "IT": (
        "Bellucci Carraro D'Amico Esposito Fabbri Galimberti Lombardo Moretti Niccolò Pèrego",
        "Arredamenti Autotrasporti Carpenteria Elettronica Grafica Impianti Ristorazione Tessuti",
        "S.r.l.|S.p.A.|S.n.c.",
        "Fattura|Fatt.|Saldo fattura|ft",
    ),
    "ES": (
        "Álvarez Benítez Castañeda Domínguez Echevarría Fuentes Gálvez Hidalgo Ibáñez Peñalver",
        "Carpintería Distribuciones Fontanería Imprenta Limpiezas Logística Seguridad Suministros",
        "S.L.|S.A.|S.L.U.",
        "Factura|Fra.|Pago factura|N/Ref",
    ),
    "SE": (
        "Åkerlund Björnsson Dahlgren Ekström Forsberg Gröndal Håkansson Lindqvist Öhman Sjöberg",
        "Bygg Data Fastighet Färg Måleri Städ Trä Transport",
        "AB|HB",
        "Faktura|Fakt|OCR|Avser faktura",
    ),
    "CZ": (
        "Černý Dvořáček Fišer Hájek Jelínek Kučera Mrázek Němec Procházka Růžička Šťastný Žižka",
        "Doprava Dřevo Elektro Kovovýroba Reklama Servis Stavby Tiskárna",
        "s.r.o.|a.s.|v.o.s.",
        "Faktura|VS|Fa č.|Úhrada",
    ),
}
TOWNS = (
    "Aurich", "Brno", "Colmar", "Denia", "Falun", "Gent", "Haro", "Imola", "Jena", "Kiruna",
    "Lecce", "Malmö", "Nancy", "Olomouc",
)  # fmt: skip
FOREIGN = {"USD": 0.93, "GBP": 1.17, "SEK": 0.088, "CHF": 1.04}
NOISE = (
    ("", "LOHN UND GEHALT {m:02d}/{y}", 3000, 40000),
    ("", "KONTOFUEHRUNG {m:02d}/{y}", 5, 60),
    ("FINANZKASSE NORD", "UMSATZSTEUER {m:02d}/{y} STNR 22/815/08150", 500, 20000),
    ("KRANKENKASSE BALTIKA", "BEITRAG {m:02d}/{y}", 300, 6000),
    ("TANKHOF A7", "KARTENZAHLUNG {d:02d}.{m:02d}. KARTE {n}", 30, 140),
    ("BISTRO AM PARK", "KARTENZAHLUNG {d:02d}.{m:02d}. KARTE {n}", 4, 90),
    ("", "BARAUSZAHLUNG GA NR {n}", 50, 500),
    ("EIGENES KONTO", "UEBERTRAG", 1000, 50000),
)
GATEWAYS = ("PAYPAL *", "STRIPE* ", "SumUp *", "KLARNA*")
INVOICE_COLUMNS = (
    "id", "invoice_number", "vendor_id", "vendor_name", "vendor_iban", "amount", "currency",
    "issue_date", "due_date", "description", "direction", "order_number", "customer_number",
    "payment_reference", "discount_percent", "discount_until", "withholding_percent",
)  # fmt: skip
TRANSACTION_COLUMNS = (
    "id", "booking_date", "value_date", "amount", "currency", "counterparty_name",
    "counterparty_iban", "description", "reference", "account_id", "external_id",
)  # fmt: skip
FORMS = ("exact", "respelt", "lower", "digits", "cut", "swapped")


class Dice:
    """Chance from one seeded stream of floats, drawn in blocks because single draws are slow."""

    def __init__(self, seed: int) -> None:
        self._stream = np.random.Generator(np.random.PCG64(seed))
        self._block: Iterable[float] = iter(())

    def roll(self) -> float:
        """Give a number from 0 to below 1."""
        for value in self._block:
            return value
        self._block = iter(self._stream.random(65_536).tolist())
        return self.roll()

    def chance(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.roll() < share

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from low to high, both included."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Give one of the items."""
        return items[int(self.roll() * len(items))]

    def weighted(self, shares: dict[str, float]) -> str:
        """Give a key, each with its share."""
        at = self.roll() * sum(shares.values())
        for key, share in shares.items():
            at -= share
            if at < 0:
                return key
        return key

    def amount(self, median: float, spread: float) -> int:
        """Give an amount in cents, log-normal around a median in whole units."""
        normal = math.sqrt(-2 * math.log(1 - self.roll())) * math.cos(2 * math.pi * self.roll())
        cents = max(300, round(100 * median * math.exp(spread * normal)))
        return cents - cents % 100 if self.chance(0.15) else cents


@attrs.define(kw_only=True)
class Party:
    """A vendor or customer with its habits."""

    id: str
    country: str
    name: str
    trade: str
    iban: str
    customer: bool
    currency: str
    number_form: str
    counter: int
    median: float
    spread: float
    term: int
    discount: int
    states_terms: bool
    withholding: int
    subscription: int
    structured: str
    quotes: float
    forms: dict[str, float]
    shown: dict[str, float]
    shows_iban: float
    lag: float
    friday: bool
    kinds: dict[str, float]
    alias: str
    our_number: str


@attrs.define(kw_only=True)
class Bill:
    """One invoice or credit note."""

    party: Party
    number: str
    amount: int
    issued: int
    due: int
    order: str
    reference: str
    words: str
    id: str = ""


@attrs.define(kw_only=True)
class Payment:
    """One transaction and what it settles, `paid` signed like the bill."""

    day: int
    amount: int
    party: Party | None
    name: str
    iban: str
    text: str
    reference: str = ""
    links: list[tuple[Bill, int, str]] = attrs.field(factory=list)
    id: str = ""


def mod97(text: str) -> int:
    """Give the remainder of ISO 7064 over letters and digits."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def make_iban(dice: Dice, country: str) -> str:
    """Make an account number with valid check digits."""
    shape = {
        "DE": "9" * 18, "FR": "9" * 23, "IT": "A" + "9" * 22, "ES": "9" * 20, "SE": "9" * 20,
        "CZ": "9" * 20,
    }[country]  # fmt: skip
    body = "".join("KX"[dice.whole(0, 1)] if c == "A" else str(dice.whole(0, 9)) for c in shape)
    return f"{country}{98 - mod97(body + country + '00'):02d}{body}"


def make_reference(dice: Dice, kind: str) -> str:
    """Make a structured reference: ISO 11649, or the Belgian one in its printed form."""
    number = f"{dice.whole(10**8, 10**10 - 1):010d}"
    if kind == "rf":
        return f"RF{98 - mod97(number + 'RF00'):02d}{number}"
    check = int(number) % 97 or 97
    digits = f"{number}{check:02d}"
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def plain(text: str) -> str:
    """Write as a bank does: capitals, no accents."""
    for special, letters in (("ß", "ss"), ("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(special, letters)
    folded = unicodedata.normalize("NFKD", text)
    return "".join(c for c in folded if not unicodedata.combining(c)).upper()


def make_party(dice: Dice, index: int, *, messy: bool) -> Party:
    """Make a party; parties are numbered, and about a fifth are customers."""
    country = dice.pick(tuple(COUNTRIES))
    surnames, trades, legal_forms, _ = COUNTRIES[country]
    core = dice.pick(surnames.split())
    if dice.chance(0.6):
        core += f" & {dice.pick(surnames.split())}"
    trade = dice.pick(trades.split())
    core += f" {trade}"
    if dice.chance(0.6):
        core += f" {dice.pick(TOWNS)}"
    customer = dice.chance(0.2)
    is_foreign = not customer and dice.chance(0.03)
    is_subscription = not customer and dice.chance(0.15)
    weights = {form: dice.roll() ** (1 if messy else 3) for form in FORMS}
    weights["exact"] += 1
    shown = {"upper": 4 * dice.roll(), "plain": dice.roll(), "cut": dice.roll()}
    shown |= {"gateway": 3.0 if dice.chance(0.05) else 0.0, "alias": float(dice.chance(0.06))}
    shown |= {"none": 0.3 * dice.roll(), "in_text": 0.3 * dice.roll()}
    batches = dice.chance(0.3)
    discount = dice.pick((200, 200, 300)) if dice.chance(0.15) else 0
    wide = 2.0 if messy else 1.0
    return Party(
        id=f"{'C' if customer else 'V'}{index:06d}",
        country=country,
        name=f"{core} {dice.pick(legal_forms.split('|'))}",
        trade=trade,
        iban=make_iban(dice, country),
        customer=customer,
        currency=dice.pick(tuple(FOREIGN)) if is_foreign else "EUR",
        number_form=dice.pick(
            ("{y}/{n:05d}", "RG{y}{n:04d}", "FAC-{n:06d}", "{c}-{y}-{n:03d}", "{n}", "{yy}{n:05d}")
        ),
        counter=dice.whole(1, 9000),
        median=20 * math.exp(4 * dice.roll()),
        spread=0.2 + 0.8 * dice.roll(),
        term=dice.pick((0, 7, 10, 14, 14, 30, 30, 30, 45, 60)),
        discount=discount,
        states_terms=dice.chance(0.6),
        withholding=dice.pick((1000, 1500)) if customer and dice.chance(0.08) else 0,
        subscription=dice.amount(80, 0.8) if is_subscription else 0,
        structured=dice.pick(("rf", "be")) if dice.chance(0.12) else "",
        quotes=min(1.0, 0.25 + 0.9 * dice.roll()),
        forms=weights,
        shown=shown,
        shows_iban=dice.pick((0.0, 0.0, 0.5, 0.95)),
        lag=dice.pick((0, 0, 1, 2, 5)) + (dice.whole(0, 40) if dice.chance(0.1 * wide) else 0),
        friday=dice.chance(0.3),
        kinds={
            "one": 60, "batch": 90.0 if batches else 1.0, "instalment": 3.0 * wide,
            "discount": 40.0 if discount or (messy and dice.chance(0.1)) else 0.0,
            "fee": 1.5 * wide, "rounding": 1.0, "overpay": 0.7 * wide, "partial": 1.2 * wide,
            "duplicate": 0.8, "unpaid": 7.0,
        },
        alias=f"{dice.pick(TOWNS)} {dice.pick(('Inkasso', 'Factoring', 'Holding', 'Collect'))}",
        our_number=str(dice.whole(10_000, 99_999)) if dice.chance(0.4) else "",
    )  # fmt: skip


def make_bills(dice: Dice, party: Party, count: int) -> list[Bill]:
    """Write a party's invoices over the period, in order, with credit notes among them."""
    if party.subscription:
        start = dice.whole(0, 30)
        days = [start + round(30.4 * month) for month in range(count)]
    else:
        days = sorted(dice.whole(0, DAYS - 60) for _ in range(count))
    code = plain(party.trade)[:2]
    bills: list[Bill] = []
    for day in days:
        party.counter += dice.whole(1, 9)
        date = FIRST_DAY + dt.timedelta(day)
        number = party.number_form.format(n=party.counter, y=date.year, yy=date.year % 100, c=code)
        amount = party.subscription or dice.amount(party.median, party.spread)
        credit = not party.subscription and len(bills) > 1 and dice.chance(0.025)
        if credit:
            amount = -max(100, abs(bills[-1].amount) * dice.pick((10, 20, 50, 100)) // 100)
        bills.append(
            Bill(
                party=party,
                number=f"G{number}" if credit else number,
                amount=amount,
                issued=day,
                due=day + party.term,
                order=f"PO{dice.whole(100_000, 999_999)}" if dice.chance(0.15) else "",
                reference=make_reference(dice, party.structured) if party.structured else "",
                words=party.trade if dice.chance(0.5) else "",
            )
        )
    return bills


def quote(dice: Dice, bill: Bill) -> str:
    """Write a bill's number as somebody does who pays it."""
    number, form = bill.number, dice.weighted(bill.party.forms)
    separated = number.translate(str.maketrans("/-", "  "))
    if form == "respelt":
        return separated if dice.chance(0.5) else separated.replace(" ", "")
    if form == "lower":
        return number.lower()
    if form == "digits":
        return "".join(c for c in number if c.isdigit()).lstrip("0")
    if form == "cut" and len(number) > 6:
        return number[: -dice.whole(1, 2)]
    if form == "swapped" and len(number) > 6:
        at = dice.whole(len(number) - 4, len(number) - 2)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number


def write_payment(dice: Dice, bills: Sequence[Bill], day: int, amount: int) -> Payment:
    """Fill in the bank's fields for a payment of some bills; links are added by the caller."""
    party = bills[0].party
    words = COUNTRIES[party.country][3].split("|")
    parts: list[str] = []
    reference = ""
    if dice.chance(party.quotes):
        if len(bills) == 1 and bills[0].reference and dice.chance(0.8):
            reference = bills[0].reference
        elif len(bills) == 1 and bills[0].order and dice.chance(0.3):
            parts.append(bills[0].order)
        else:
            parts += [dice.pick(words), dice.pick((" ", ", ", "/")).join(
                quote(dice, bill) for bill in bills
            )]  # fmt: skip
    elif dice.chance(0.4):
        parts.append(bills[0].words or dice.pick(words))
    if party.our_number and dice.chance(0.2):
        parts.append(f"KD {party.our_number}")
    style = dice.weighted(party.shown)
    name = plain(party.name)
    if style == "plain":
        name = party.name
    elif style == "cut":
        name = name[: dice.whole(14, 27)].strip()
    elif style == "gateway":
        name = dice.pick(GATEWAYS) + "".join(name.split()[:2])[: dice.whole(9, 18)]
    elif style == "alias":
        name = plain(party.alias)
    elif style in {"none", "in_text"}:
        if style == "in_text":
            parts.insert(0, name)
        name = ""
    text = " ".join(parts)
    return Payment(
        day=day,
        amount=amount,
        party=party,
        name=name,
        iban=party.iban if dice.chance(party.shows_iban) else "",
        text=text if dice.chance(0.5) else plain(text),
        reference=reference,
    )


def pay_day(dice: Dice, party: Party, due: int) -> int:
    """Choose a business day around a due day by the party's habit."""
    day = due + int(party.lag - 2 * math.log(1 - dice.roll())) - dice.whole(0, 2)
    if party.friday:
        day += (4 - (FIRST_DAY + dt.timedelta(day)).weekday()) % 7
    day += {5: 2, 6: 1}.get((FIRST_DAY + dt.timedelta(day)).weekday(), 0)
    return max(0, day)


class Ledger:
    """All rows of a ledger while it grows."""

    def __init__(self, dice: Dice, *, messy: bool) -> None:
        self.dice = dice
        self.messy = messy
        self.bills: list[Bill] = []
        self.payments: list[Payment] = []
        walk = dict(FOREIGN)
        self.rates: list[tuple[str, int, float]] = []
        for day in range(0, DAYS + 90, 30):
            for currency in walk:
                walk[currency] *= 1 + 0.02 * (dice.roll() - 0.5)
                self.rates.append((currency, day, round(walk[currency], 6)))

    def rate(self, currency: str, day: int) -> float:
        """Give the rate that holds on a day."""
        return [rate for c, start, rate in self.rates if c == currency and start <= day][-1]

    def settle(self, bills: list[Bill]) -> None:
        """Pay a party's bills, each in one of the party's ways."""
        self.bills += bills
        waiting = list(bills)
        while waiting:
            bill = waiting.pop(0)
            kind = self.dice.weighted(bill.party.kinds)
            if bill.amount < 0:
                self._refund(bill)
            elif bill.party.currency != "EUR":
                self._pay_abroad(bill)
            elif kind == "batch":
                waiting = self._pay_batch(bill, waiting)
            elif kind == "instalment" and bill.amount > 20_000:
                self._pay_in_parts(bill)
            elif kind != "unpaid":
                self._pay(bill, kind)

    def _add(self, bills: Sequence[Bill], day: int, paid: Sequence[int], kind: str) -> Payment:
        payment = write_payment(self.dice, bills, day, 0)
        payment.links = [(b, p, kind) for b, p in zip(bills, paid, strict=True)]
        payment.amount = sum(paid) * (1 if bills[0].party.customer else -1)
        if day < DAYS:
            self.payments.append(payment)
        return payment

    def _pay(self, bill: Bill, kind: str) -> None:
        dice, party, asked = self.dice, bill.party, bill.amount
        day, paid = pay_day(dice, party, bill.due), asked
        if party.withholding:
            kind, paid = "withholding", asked - round(asked * party.withholding / 10_000)
        elif kind == "discount" and (party.discount or self.messy):
            percent = party.discount or dice.pick((150, 200, 250, 300, 500))
            paid = asked - round(asked * percent / 10_000)
            day = pay_day(dice, party, bill.issued + min(party.term, dice.whole(5, 9)))
        elif kind == "fee":
            fee = dice.pick((250, 500, 1000, 1500)) if not self.messy else dice.whole(90, 2500)
            paid = asked - fee if asked > 4 * fee else asked
            kind = "fee" if paid < asked else "one"
        elif kind == "rounding":
            paid = asked - asked % 10 if asked % 10 else asked
            kind = "rounding" if paid < asked else "one"
        elif kind == "overpay":
            paid = -(-asked // 1000) * 1000 if dice.chance(0.7) else asked + dice.whole(500, 5000)
            kind = "overpay" if paid > asked else "one"
        elif kind == "partial":
            paid = max(100, asked * dice.pick((30, 40, 50, 60)) // 100)
        elif kind not in {"duplicate", "one"}:
            kind = "one"
        first = self._add([bill], day, [paid], kind)
        if kind == "duplicate":
            second = write_payment(dice, [bill], first.day + dice.whole(1, 30), first.amount)
            if second.day < DAYS:
                self.payments.append(second)

    def _pay_batch(self, bill: Bill, waiting: list[Bill]) -> list[Bill]:
        """Pay the next bills together, credit notes among them; give what is left."""
        dice = self.dice
        day = pay_day(dice, bill.party, bill.due + dice.whole(0, 20))
        size = dice.pick((2, 2, 3, 3, 4, 5, 6, 8, 12))
        together: list[Bill] = [bill]
        left: list[Bill] = []
        for other in waiting:
            fits = other.issued <= day and len(together) < size
            skips = other.amount > 0 and dice.chance(0.2 if self.messy else 0.03)
            total = sum(b.amount for b in together) + other.amount
            (together if fits and not skips and total > 0 else left).append(other)
        has_credit = any(b.amount < 0 for b in together)
        kind = "one" if len(together) == 1 else "credit_batch" if has_credit else "batch"
        self._add(together, day, [b.amount for b in together], kind)
        return left

    def _pay_in_parts(self, bill: Bill) -> None:
        dice = self.dice
        count = dice.pick((2, 3, 3, 4, 6))
        day = pay_day(dice, bill.party, bill.due)
        rest = bill.amount
        for part in range(count, 0, -1):
            equal = rest // part
            free = int(equal * (0.6 + 0.8 * dice.roll())) if self.messy else equal
            paid = rest if part == 1 else free
            rest -= paid
            self._add([bill], day, [paid], "instalment")
            day = pay_day(dice, bill.party, day + dice.whole(28, 31))

    def _refund(self, bill: Bill) -> None:
        if self.dice.chance(0.7):
            day = pay_day(self.dice, bill.party, bill.due)
            self._add([bill], day, [bill.amount], "credit_note")

    def _pay_abroad(self, bill: Bill) -> None:
        dice = self.dice
        day = pay_day(dice, bill.party, bill.due)
        spread = 1 + 0.02 * (dice.roll() - 0.5)
        self._add(
            [bill], day, [round(bill.amount * self.rate(bill.party.currency, day) * spread)], "fx"
        )

    def add_noise(self, count: int) -> None:
        """Add transactions that pay nothing, some of them with the amount of an open bill."""
        dice = self.dice
        for _ in range(count):
            name, text, low, high = dice.pick(NOISE)
            day = dice.whole(0, DAYS - 1)
            date = FIRST_DAY + dt.timedelta(day)
            amount = dice.whole(low * 100, high * 100)
            if dice.chance(0.05):
                bill = dice.pick(self.bills)
                amount, day = abs(bill.amount), min(bill.due, DAYS - 1)
            words = text.format(d=date.day, m=date.month, y=date.year, n=dice.whole(1000, 9999))
            self.payments.append(
                Payment(
                    day=day, amount=-amount, party=None, name=name, iban="", text=words
                )
            )  # fmt: skip


def make_ledger(invoices: int, seed: int, *, messy: bool = False) -> Ledger:
    """Make a ledger with about this many invoices (exactly, by leaving out the last ones)."""
    dice = Dice(seed)
    ledger = Ledger(dice, messy=messy)
    index = 0
    while len(ledger.bills) < invoices:
        index += 1
        party = make_party(dice, index, messy=messy)
        crowd = int(1 + 8 / (0.02 + dice.roll()) ** 0.9)
        size = dice.whole(8, 12) if party.subscription else crowd
        ledger.settle(make_bills(dice, party, min(size, invoices - len(ledger.bills))))
    ledger.add_noise(invoices // 12)
    ledger.bills.sort(key=lambda bill: (bill.issued, bill.party.id, bill.number))
    for at, bill in enumerate(ledger.bills, 1):
        bill.id = f"I{at:07d}"
    ledger.payments.sort(key=lambda payment: (payment.day, payment.amount, payment.name))
    for at, payment in enumerate(ledger.payments, 1):
        payment.id = f"T{at:07d}"
    return ledger


def write_ledger(ledger: Ledger, folder: Path) -> None:
    """Write the four files."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "invoices.csv", INVOICE_COLUMNS, map(_invoice_row, ledger.bills))
    _write(folder / "transactions.csv", TRANSACTION_COLUMNS, map(_payment_row, ledger.payments))
    _write(
        folder / "truth.csv",
        ("invoice_id", "transaction_id", "allocated", "kind"),
        (
            (bill.id, payment.id, _decimal(paid), kind)
            for payment in ledger.payments
            for bill, paid, kind in payment.links
        ),
    )
    _write(
        folder / "rates.csv",
        ("base", "quote", "rate", "date", "source", "band_percent"),
        ((c, "EUR", f"{rate:.6f}", _date(day), "made up", "3") for c, day, rate in ledger.rates),
    )


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _date(day: int) -> str:
    return (FIRST_DAY + dt.timedelta(day)).isoformat()


def _decimal(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _percent(hundredths: int) -> str:
    return f"{hundredths / 100:g}" if hundredths else ""


def _invoice_row(bill: Bill) -> Sequence[str]:
    party = bill.party
    terms = party.discount if party.states_terms and bill.amount > 0 else 0
    return (
        bill.id, bill.number, party.id, party.name, party.iban, _decimal(bill.amount),
        party.currency, _date(bill.issued), _date(bill.due), bill.words,
        "receivable" if party.customer else "payable", bill.order, party.our_number,
        bill.reference, _percent(terms), _date(bill.issued + 10) if terms else "",
        _percent(party.withholding),
    )  # fmt: skip


def _payment_row(payment: Payment) -> Sequence[str]:
    return (
        payment.id, _date(payment.day), _date(payment.day), _decimal(payment.amount), "EUR",
        payment.name, payment.iban, payment.text, payment.reference, "giro", f"B{payment.id[1:]}",
    )  # fmt: skip


def main() -> None:
    """Parse the command line and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--invoices", type=int, default=10_000, help="number of invoices")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another world")
    parser.add_argument("--messy", action="store_true", help="habits from a wider range")
    options = parser.parse_args()
    ledger = make_ledger(options.invoices, options.seed, messy=options.messy)
    write_ledger(ledger, options.out)
    links = sum(len(payment.links) for payment in ledger.payments)
    sys.stderr.write(
        f"{options.out}: {len(ledger.bills)} invoices, {len(ledger.payments)} transactions, "
        f"{links} links\n"
    )


if __name__ == "__main__":
    main()
