"""Rules on identity: which number is quoted, and who is behind the payment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk import Cost, Evidence, PartyRelation, ReferenceGrade, Role
from recon_sdk.folding import fold, name_keys, plain_vowels

if TYPE_CHECKING:
    from recon_sdk import BankTransaction, FloatArray, Invoice, Pairs

__all__ = ["OtherParty", "OtherReference", "Reference", "VendorAccount", "VendorName"]

_LETTERS_AND_DIGITS = re.compile("[A-Z0-9]")
_FULL_LENGTH = 8
"""Characters from which a quoted number is as good as it gets."""
_BY_GRADE = np.zeros(len(ReferenceGrade))
_BY_GRADE[ReferenceGrade.TAIL] = 0.3
_BY_GRADE[ReferenceGrade.SWAPPED] = 0.6
_BY_GRADE[ReferenceGrade.CUT] = 0.6
_BY_GRADE[ReferenceGrade.DIGITS] = 0.8
_BY_GRADE[ReferenceGrade.EXACT] = 1.0
_BY_GRADE[ReferenceGrade.CHECKED] = 1.0
_BY_RELATION = np.zeros(len(PartyRelation))
_BY_RELATION[PartyRelation.IN_TEXT] = 0.8
_BY_RELATION[PartyRelation.CUT_NAME] = 0.8
_BY_RELATION[PartyRelation.NAME] = 1.0
_BY_RELATION[PartyRelation.INFERRED] = 0.9
_BY_RELATION[PartyRelation.ALIAS] = 1.0
_BY_RELATION[PartyRelation.ACCOUNT] = 1.0


@attrs.frozen
class Reference:
    """The payment quotes the invoice's number as a whole token; longer and rarer counts more."""

    name: str = "reference"
    version: str = "1"
    evidence: Evidence = Evidence.IDENTITY
    role: Role = Role.BOOST
    weight: float = 0.8
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """Grade x length, shared between the invoices that the quoted token fits."""
        grade = pairs.reference_grade
        quoted = grade > ReferenceGrade.NONE
        value = np.full(len(pairs), np.nan)
        if np.any(quoted):
            index = pairs.ledger.references
            sharing = index.sharing[pairs.reference_at[quoted]]
            length = np.minimum(pairs.reference_length[quoted], _FULL_LENGTH) / _FULL_LENGTH
            value[quoted] = _BY_GRADE[grade[quoted]] * length / sharing
        return value

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Name the quoted number."""
        del value
        numbers = (invoice.invoice_number, invoice.payment_reference, invoice.order_number)
        given = [number for number in numbers if number]
        said = fold(f"{transaction.description}\n{transaction.reference}")
        for number in given:
            if _is_spelt_out(number, said):
                return f"the payment quotes {number}"
        return f"the payment seems to quote {given[0] if given else 'the invoice'}"


def _is_spelt_out(number: str, folded: str) -> bool:
    """Whether a number stands in a folded text, whatever separates its letters and digits."""
    characters = _LETTERS_AND_DIGITS.findall(fold(number))
    spaced = "[^A-Z0-9]*".join(characters)
    found = re.search(f"(?<![A-Z0-9]){spaced}(?![A-Z0-9])", folded)
    return bool(characters) and found is not None


@attrs.frozen
class OtherReference:
    """The payment quotes a number that belongs to another invoice, and not this one's."""

    name: str = "other_reference"
    version: str = "1"
    evidence: Evidence = Evidence.IDENTITY
    role: Role = Role.PENALTY
    weight: float = 0.3
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """Length of the other number, as a share of a good length."""
        other = np.minimum(pairs.other_reference_length, _FULL_LENGTH) / _FULL_LENGTH
        weak = (pairs.reference_grade > ReferenceGrade.NONE) & (other > 0)
        other = np.where(weak, other / 2, other)
        return np.where(other > 0, other, np.nan)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say that another number is quoted."""
        del value, invoice, transaction
        return "the payment quotes the number of another invoice"


@attrs.frozen
class VendorName:
    """The payment names the invoice's party: by name, alias, or inside the text."""

    name: str = "vendor_name"
    version: str = "1"
    evidence: Evidence = Evidence.IDENTITY
    role: Role = Role.BOOST
    weight: float = 0.5
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """How the party is named, shared between the parties that the name fits."""
        value = np.full(len(pairs), np.nan)
        named = pairs.same_party
        if np.any(named):
            sharing = pairs.ledger.parties.sharing[pairs.party_at[named]]
            value[named] = _BY_RELATION[pairs.party_relation[named]] / sharing
        value[pairs.party_relation == PartyRelation.UNRESOLVED] = 0.0
        return value

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say whom the payment names."""
        shown = transaction.counterparty_name
        party = invoice.vendor_name or invoice.vendor_id
        who = repr(party) if party else "the invoice's party"
        if value == 0:
            known = f"the name {shown!r}" if shown else "the other side's account"
            return f"{known} is not known to be {who}" + ("" if shown else "'s")
        if shown and _is_name_of(shown, party):
            return f"the payment names {who}"
        if invoice.vendor_name and _is_in(invoice.vendor_name, transaction.description):
            return f"the text names {who}"
        return f"{shown!r} stands for {who}" if shown else f"the payment is with {who}"


def _is_name_of(shown: str, party: str) -> bool:
    """Whether a shown name is a party's, whole, without its legal form, or cut at the end."""
    (full, core), (whole, short) = name_keys(shown), name_keys(party)
    return bool(core) and (core == short or whole.startswith(full))


def _is_in(party: str, text: str) -> bool:
    core = name_keys(party)[1]
    return bool(core) and core in "".join(_LETTERS_AND_DIGITS.findall(plain_vowels(fold(text))))


@attrs.frozen
class OtherParty:
    """The payment names another party of the ledger."""

    name: str = "other_party"
    version: str = "1"
    evidence: Evidence = Evidence.IDENTITY
    role: Role = Role.PENALTY
    weight: float = 0.4
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """1 by account or name, less inside the text; no opinion otherwise."""
        value = np.full(len(pairs), np.nan)
        relation = pairs.party_relation
        value[relation == PartyRelation.OTHER_ACCOUNT] = 1.0
        value[relation == PartyRelation.OTHER_NAME] = 1.0
        value[relation == PartyRelation.OTHER_IN_TEXT] = 0.6
        return value

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say that somebody else is named."""
        del invoice
        shown = transaction.counterparty_name
        if value < 1:
            return "the text names another party"
        return f"{shown!r} is another party" if shown else "the payment is with another party"


@attrs.frozen
class VendorAccount:
    """The payment's account is the invoice's party's."""

    name: str = "vendor_account"
    version: str = "1"
    evidence: Evidence = Evidence.IDENTITY
    role: Role = Role.BOOST
    weight: float = 0.2
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """1 where the account is the party's; no opinion otherwise."""
        return np.where(pairs.party_relation == PartyRelation.ACCOUNT, 1.0, np.nan)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Name the account by its last digits."""
        del value, invoice
        return f"the account ending in {transaction.counterparty_iban[-4:]} is the party's"
