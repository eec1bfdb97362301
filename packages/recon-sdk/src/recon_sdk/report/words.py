"""Plain words for the codes of a result, as people in accounting would say them."""

from __future__ import annotations

import attrs

from recon_sdk.matches import DifferenceKind, MatchKind, Reason

__all__ = [
    "DIFFERENCES",
    "KINDS",
    "REASONS",
    "Advice",
    "count",
    "label",
    "number",
    "printable",
]


@attrs.frozen
class Advice:
    """What a reason means and what to do about it.

    Attributes:
        title: The reason in a few words.
        meaning: What is the case.
        action: What a person should do.
    """

    title: str
    meaning: str
    action: str


REASONS = {
    Reason.AMBIGUOUS: Advice(
        "More than one answer fits",
        "Another invoice or payment fits as well, or nearly as well.",
        "Compare with what is listed under “Also possible” and keep one.",
    ),
    Reason.NO_IDENTITY: Advice(
        "Only amount and date agree",
        "The payment quotes no invoice number and its payer is not known.",
        "Check who paid. A vendor account or an alias settles it the next time.",
    ),
    Reason.UNEXPLAINED_DIFFERENCE: Advice(
        "The amounts differ without a known cause",
        "It is no rounding, fee, discount, tax or exchange difference that Recon knows.",
        "Ask what the gap is, or leave the rest open.",
    ),
    Reason.PARTIAL_PAYMENT: Advice(
        "Paid in part",
        "Less than the open amount was paid.",
        "Confirm to keep the rest open; a later run goes on from there.",
    ),
    Reason.OVERPAYMENT: Advice(
        "Paid too much",
        "More than the open amount was paid.",
        "Confirm to settle the invoice; the surplus stays on the payment.",
    ),
    Reason.BELOW_MARGIN: Advice(
        "The runner-up is too close",
        "It is the best answer, but not by enough to decide it unseen.",
        "A quick look usually settles it.",
    ),
    Reason.POSSIBLE_DUPLICATE: Advice(
        "Possibly paid twice",
        "An earlier payment fits as well, or this one repeats a payment.",
        "Look at both payments before confirming either.",
    ),
    Reason.INTERCHANGEABLE: Advice(
        "Another open invoice could take a place in it",
        "The sum is right, but an open invoice of the same party has the amount of a member.",
        "Check the remittance advice for which invoices were meant.",
    ),
    Reason.DIRECTION_UNKNOWN: Advice(
        "Not known whether money should go out or come in",
        "The invoices have no direction, so only the size of the amounts was compared.",
        "Run again with --direction payable or --direction receivable.",
    ),
    Reason.NO_RATE: Advice(
        "No exchange rate",
        "The currencies differ and no rate is stored for the day.",
        "Run again with --rates.",
    ),
    Reason.RULE_FAILED: Advice(
        "A rule failed in this run",
        "A rule was set aside, so nothing is decided automatically.",
        "See “Rules that failed”, cure it and run again.",
    ),
    Reason.INCOMPLETE_SEARCH: Advice(
        "The search ended at its budget",
        "There were more combinations than the limits allow to look at.",
        "Check the members, or raise limits.search_steps.",
    ),
    Reason.ALTERNATIVE: Advice(
        "A runner-up",
        "It lost against the match that was chosen.",
        "Confirm it in place of the chosen one if it is right.",
    ),
}

KINDS = {
    MatchKind.ONE_TO_ONE: "One to one",
    MatchKind.MANY_TO_ONE: "One payment for several invoices",
    MatchKind.ONE_TO_MANY: "Several payments for one invoice",
}

DIFFERENCES = {
    DifferenceKind.NONE: "",
    DifferenceKind.ROUNDING: "rounding",
    DifferenceKind.BANK_FEE: "bank fee",
    DifferenceKind.CASH_DISCOUNT: "cash discount",
    DifferenceKind.WITHHOLDING: "withholding tax",
    DifferenceKind.VAT: "VAT",
    DifferenceKind.FX: "exchange difference",
    DifferenceKind.UNDERPAYMENT: "underpayment",
    DifferenceKind.OVERPAYMENT: "overpayment",
    DifferenceKind.UNEXPLAINED: "unexplained",
}

_UNPRINTABLE = dict.fromkeys(
    [
        *(code for code in range(0x20) if code not in {0x09, 0x0A, 0x0D}),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
        0x200E,
        0x200F,
        0xFFFE,
        0xFFFF,
    ],
    "\ufffd",
)


def printable(text: str) -> str:
    """Replace what a page must not hold or what turns the reading direction around."""
    return text.translate(_UNPRINTABLE)


def number(value: int) -> str:
    """Write a whole number with thousands separators."""
    return f"{value:,}"


def count(value: int, one: str, many: str = "") -> str:
    """Write a number and its noun.

    Example:
        >>> count(1, "match", "matches"), count(1200, "invoice")
        ('1 match', '1,200 invoices')
    """
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def label(name: str) -> str:
    """Write a snake-case name as words.

    Example:
        >>> label("date_proximity")
        'Date proximity'
    """
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
