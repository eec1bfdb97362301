"""Parties: who the invoices are with, and whom the transactions name.

Names are resolved once per distinct text. A name that fits several parties names them all, with
the number that share it; a name that fits many identifies nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.columns import NO_TEXT
from recon_sdk.facts import PartyIndex, PartyRelation, ReferenceGrade
from recon_sdk.folding import name_keys
from recon_sdk.hashing import hash_texts
from recon_sdk.known import Alias
from recon_sdk.names import MOST_SHARING, NameBook, Named
from recon_sdk.references import distinct_codes
from recon_sdk.tokens import TokenTexts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.columns import Int32Array, Int64Array, UInt64Array
    from recon_sdk.facts import ReferenceIndex
    from recon_sdk.ledger import Ledger

__all__ = ["learned_aliases", "resolve_parties"]

_SHORTEST_IN_TEXT = 6
"""Letters that a name inside a longer text must have, at least."""
_INFER_AT_LEAST = 2
"""References of one party that must come with a string before it stands for the party."""


def resolve_parties(
    ledger: Ledger, references: ReferenceIndex, aliases: Iterable[Alias] = ()
) -> PartyIndex:
    """Resolve names and accounts of all transactions to the parties of the invoices.

    Args:
        ledger: The ledger.
        references: Its quoted numbers: they teach which display name stands for whom.
        aliases: Names that are known to stand for a vendor; they win over what is found here.
    """
    invoice_party, keys = _parties_of_invoices(ledger)
    book = NameBook(ledger, invoice_party, len(keys))
    transactions = ledger.transactions
    names = {
        code: book.resolve(ledger.texts[code])
        for code in distinct_codes(transactions.counterparty_name).tolist()
    }
    accounts = {
        code: book.accounts.get(code, [])
        for code in distinct_codes(transactions.counterparty_iban).tolist()
    }
    told = _apply_aliases(ledger, aliases, keys, names)
    _infer(ledger, references, invoice_party, transactions.counterparty_name, names, told)
    _infer(ledger, references, invoice_party, transactions.counterparty_iban, accounts, set())
    texts = _names_in_texts(ledger, book, names)
    return _spread(ledger, invoice_party, hash_texts(keys), names, accounts, texts)


def learned_aliases(ledger: Ledger) -> tuple[Alias, ...]:
    """Give the names that were inferred to stand for a vendor, sorted.

    Only vendors with an id can be named so, and only names that always stand for the same one.
    """
    parties, shown = ledger.parties, ledger.transactions.counterparty_name
    rows, party = parties.words >> 32, parties.words & 0xFFFFFFFF
    named = shown[rows] != NO_TEXT
    codes = shown[rows[named]].tolist()
    said = Counter(zip(codes, party[named].tolist(), strict=True))
    carried = Counter(shown[shown != NO_TEXT].tolist())
    inferred = named & (parties.relation == PartyRelation.INFERRED)
    party_of: dict[int, set[int]] = defaultdict(set)
    for code, who in zip(shown[rows[inferred]].tolist(), party[inferred].tolist(), strict=True):
        # An inferred account says nothing of the names beside it: a name counts where each of its
        # payments speaks for the party.
        if said[code, who] == carried[code]:
            party_of[code].add(who)
    vendor_of: dict[int, int] = {}
    for who, vendor in zip(
        parties.invoice_party.tolist(), ledger.invoices.vendor_id.tolist(), strict=True
    ):
        vendor_of.setdefault(who, vendor)
    return tuple(
        sorted(
            Alias(name=ledger.texts[code], vendor_id=ledger.texts[vendor], source="run")
            for code, found in party_of.items()
            if len(found) == 1 and (vendor := vendor_of.get(next(iter(found)), NO_TEXT)) != NO_TEXT
        )
    )


def _parties_of_invoices(ledger: Ledger) -> tuple[Int32Array, list[str]]:
    """Give each invoice its party: its vendor id, else its name, else its account."""
    invoices, texts = ledger.invoices, ledger.texts
    # One integer for each distinct (id, name, account), then Python once for each of them.
    columns = (invoices.vendor_id, invoices.vendor_name, invoices.vendor_iban)
    width = np.int64(len(texts) + 1)
    by_name = invoices.vendor_name.astype(np.int64) + 1
    by_account = invoices.vendor_iban.astype(np.int64) + 1
    source = np.where(
        invoices.vendor_id != NO_TEXT,
        invoices.vendor_id.astype(np.int64) + 1,
        np.where(
            by_name > 0, width + by_name, np.where(by_account > 0, 2 * width + by_account, 0)
        ),
    )
    del columns
    order = np.argsort(source, kind="stable")
    ordered = source[order]
    fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else ordered > 0
    keys: dict[str, int] = {}
    code_of = []
    for value in ordered[fresh].tolist():
        if value == 0:
            code_of.append(-1)
            continue
        kind, code = divmod(value - 1, int(width))
        text = texts[code]
        if kind == 0:
            key = f"id {text}"
        elif kind == 1:
            key = f"name {name_keys(text)[1]}"
        else:
            key = f"account {text}"
        code_of.append(keys.setdefault(key, len(keys)))
    party = np.full(len(source), -1, np.int32)
    if len(source):
        party[order] = np.array(code_of, np.int32)[np.cumsum(fresh) - 1]
    # Text codes depend on the order of arrival; the first invoice of a party does not.
    known = np.flatnonzero(party >= 0)
    numbers, first = np.unique(party[known], return_index=True)
    place = np.empty(len(keys), np.int32)
    by_first = numbers[np.argsort(first)]
    place[by_first] = np.arange(len(keys), dtype=np.int32)
    party[known] = place[party[known]]
    given = list(keys)
    return party, [given[number] for number in by_first.tolist()]


def _apply_aliases(
    ledger: Ledger, aliases: Iterable[Alias], keys: list[str], names: Named
) -> set[int]:
    """Let known aliases replace what was found for a name; give the codes of such names."""
    told: set[int] = set()
    wanted: dict[str, set[str]] = defaultdict(set)
    for alias in aliases:
        wanted[name_keys(alias.name)[0]].add(alias.vendor_id)
    if not wanted:
        return told
    party_of = {key.removeprefix("id "): at for at, key in enumerate(keys) if key[:3] == "id "}
    for code in names:
        vendors = wanted.get(name_keys(ledger.texts[code])[0])
        if vendors:
            found = sorted(party_of[v] for v in vendors if v in party_of)
            names[code] = [(party, PartyRelation.ALIAS, len(found)) for party in found]
            told.add(code)
    return told


def _infer(
    ledger: Ledger,
    references: ReferenceIndex,
    invoice_party: Int32Array,
    column: Int32Array,
    named: Named,
    told: set[int],
) -> None:
    """Let strings that keep coming with one party's references stand for that party.

    What people told of a string is not overruled, even where it stands for nobody in the ledger.
    """
    clear = (
        (references.grade >= ReferenceGrade.DIGITS)
        & (references.length >= 6)
        & (references.sharing == 1)
    )
    words = references.words[clear]
    rows, number = words >> 32, words & 0xFFFFFFFF
    codes = column[rows].astype(np.int64)
    carrier = np.full(len(ledger.texts), -1, np.int64)
    for numbers in (
        ledger.invoices.order_number,
        ledger.invoices.payment_reference,
        ledger.invoices.invoice_number,
    ):
        given = np.flatnonzero(numbers != NO_TEXT)
        carrier[numbers[given]] = given
    invoice = carrier[number]
    party = np.where(invoice >= 0, invoice_party[invoice], -1).astype(np.int64)
    exact = np.abs(ledger.transactions.unallocated_amount[rows]) == np.abs(
        ledger.invoices.open_amount[invoice]
    )
    useful = (codes != NO_TEXT) & (party >= 0) & exact
    # Count each transaction once for each party that it speaks for.
    triple = np.lexsort((party[useful], rows[useful]))
    r, p, c = rows[useful][triple], party[useful][triple], codes[useful][triple]
    first = np.ones(len(r), bool)
    first[1:] = (r[1:] != r[:-1]) | (p[1:] != p[:-1])
    votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for code, who in zip(c[first].tolist(), p[first].tolist(), strict=True):
        votes[code][who] += 1
    for code, ballot in votes.items():
        if code in told:
            continue
        who, number_of = max(ballot.items(), key=lambda item: (item[1], -item[0]))
        if number_of < _INFER_AT_LEAST or number_of * 5 < 4 * sum(ballot.values()):
            continue
        known = named.get(code, [])
        if len(known) == 1 and known[0][0] != who:
            continue  # a clear name is not overruled by what a few payments quote
        if not (len(known) == 1 and known[0][1] >= PartyRelation.NAME):
            named[code] = [(who, PartyRelation.INFERRED, 1)]


def _names_in_texts(ledger: Ledger, book: NameBook, names: Named) -> Named:
    """Find whole names inside the remittance texts: the parties' own and the resolved ones."""
    codes = distinct_codes(ledger.transactions.description)
    if len(codes) == 0:
        return {}
    meant: dict[str, set[int]] = defaultdict(set)
    for code, found in names.items():
        for key in name_keys(ledger.texts[code]):
            meant[key].update(party for party, _, _ in found)
    # A party's own name is its own, whomever the same name stands for elsewhere.
    meant.update({key: set(parties) for key, parties in book.by_key.items()})
    by_key = {
        key: [(p, PartyRelation.IN_TEXT, len(parties)) for p in sorted(parties)]
        for key, parties in meant.items()
        if len(key) >= _SHORTEST_IN_TEXT and 0 < len(parties) <= MOST_SHARING
    }
    keys = sorted(key for key in by_key if not key.isdigit())
    if not keys:
        return {}
    dictionary = TokenTexts(keys, names=True)
    texts = TokenTexts([ledger.texts.values[c] for c in codes.tolist()], names=True)
    hashes = dictionary.hashes(dictionary.whole())
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    spans = texts.joins(7)
    spans = spans.take(spans.length >= _SHORTEST_IN_TEXT)
    wanted = texts.hashes(spans)
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    hit = np.flatnonzero(ordered[at] == wanted)
    best: dict[int, tuple[int, int]] = {}
    for text, length, key in zip(
        spans.text[hit].tolist(), spans.length[hit].tolist(), order[at[hit]].tolist(), strict=True
    ):
        if text not in best or (length, key) > best[text]:
            best[text] = (length, key)
    return {int(codes[text]): by_key[keys[key]] for text, (_, key) in best.items()}


def _spread(
    ledger: Ledger,
    invoice_party: Int32Array,
    keys: UInt64Array,
    names: Named,
    accounts: Named,
    texts: Named,
) -> PartyIndex:
    """From distinct texts to transactions."""
    transactions = ledger.transactions
    count = len(transactions)
    strongest = np.zeros(count, np.int8)
    rows_parts: list[Int64Array] = []
    word_parts: list[Int64Array] = []
    value_parts: list[Int64Array] = []
    for column, named, is_name in (
        (transactions.counterparty_name, names, True),
        (transactions.counterparty_iban, accounts, True),
        (transactions.description, texts, False),
    ):
        codes = np.array(sorted(named), np.int64)
        sizes = np.array([len(named[c]) for c in codes.tolist()], np.int64)
        flat = [entry for c in codes.tolist() for entry in named[c]]
        party = np.array([e[0] for e in flat], np.int64)
        value = np.array([(int(e[1]) << 32) | e[2] for e in flat], np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        given = np.flatnonzero(column != NO_TEXT)
        if is_name:
            strongest[given] = np.maximum(strongest[given], PartyRelation.UNRESOLVED)
        if len(codes) == 0:
            continue
        at = np.minimum(np.searchsorted(codes, column[given]), len(codes) - 1)
        found = codes[at] == column[given]
        given, at = given[found], at[found]
        number = sizes[at]
        source = np.repeat(starts[at], number) + (
            np.arange(int(number.sum())) - np.repeat(np.cumsum(number) - number, number)
        )
        row = np.repeat(given, number)
        rows_parts.append(row)
        word_parts.append((row << 32) | party[source])
        value_parts.append(value[source])
    if not word_parts:
        return PartyIndex(
            invoice_party=invoice_party,
            words=np.zeros(0, np.int64),
            relation=np.zeros(0, np.int8),
            sharing=np.zeros(0, np.int32),
            strongest=strongest,
            payments=np.zeros(len(keys), np.int32),
            keys=keys,
        )
    word, value = np.concatenate(word_parts), np.concatenate(value_parts)
    # The strongest relation first; of equal ones the one that fewer parties share.
    order = np.lexsort((value & 0xFFFFFFFF, -(value >> 32), word))
    word, value = word[order], value[order]
    first = np.ones(len(word), bool)
    first[1:] = word[1:] != word[:-1]
    word, value = word[first], value[first]
    relation = (value >> 32).astype(np.int8)
    np.maximum.at(strongest, word >> 32, relation)
    sharing = (value & 0xFFFFFFFF).astype(np.int32)
    clear = sharing == 1
    payments = np.bincount(word[clear] & 0xFFFFFFFF, minlength=len(keys)).astype(np.int32)
    return PartyIndex(
        invoice_party=invoice_party,
        words=word,
        relation=relation,
        sharing=sharing,
        strongest=strongest,
        payments=payments,
        keys=keys,
    )
