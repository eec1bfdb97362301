"""The ledger in `examples/ledger`: sound in itself, and matched as its stories say."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from recon_sdk import Result, reconcile

LEDGER = Path(__file__).parents[3] / "examples" / "ledger"
CLOSING = {"one", "batch", "credit_note", "duplicate", "subscription", "twin"}
CHANGED = {"discount", "fee", "rounding", "overpay", "partial", "withholding"}


def rows(name: str) -> list[dict[str, str]]:
    with (LEDGER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@attrs.frozen
class Story:
    text: str
    invoices: tuple[str, ...]
    transactions: tuple[str, ...]
    expected: tuple[str, ...]


def read_stories() -> list[Story]:
    found = []
    for line in (LEDGER / "stories.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and not cells[0].startswith(("Story", "--")):
            text, invoices, transactions, expected = cells
            found.append(
                Story(
                    text,
                    tuple(invoices.split()),
                    tuple(transactions.split()),
                    tuple(word.strip() for word in expected.split(",")),
                )
            )
    return found


INVOICES = {row["id"]: row for row in rows("invoices.csv")}
TRANSACTIONS = {row["id"]: row for row in rows("transactions.csv")}
TRUTH = rows("truth.csv")
STORIES = read_stories()


def check_number(text: str) -> int:
    """ISO 7064 mod 97-10, over letters and digits."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def test_ids_are_unique_and_every_row_has_one_story() -> None:
    assert len(INVOICES) == len(rows("invoices.csv"))
    assert len(TRANSACTIONS) == len(rows("transactions.csv"))
    assert sorted(i for story in STORIES for i in story.invoices) == sorted(INVOICES)
    assert sorted(t for story in STORIES for t in story.transactions) == sorted(TRANSACTIONS)


def test_check_digits_of_accounts_and_structured_references_are_valid() -> None:
    ibans = {row["vendor_iban"] for row in INVOICES.values()}
    ibans |= {row["counterparty_iban"] for row in TRANSACTIONS.values()}
    references = {row["payment_reference"] for row in INVOICES.values()}
    for text in (ibans | references) - {""}:
        assert check_number(text[4:] + text[:4]) == 1, text


def test_bank_ids_are_unique_per_account() -> None:
    keys = {(row["account_id"], row["external_id"]) for row in TRANSACTIONS.values()}
    assert len(keys) == len(TRANSACTIONS)


def test_truth_names_known_rows_and_never_uses_more_than_was_paid() -> None:
    used: dict[str, Decimal] = {}
    for link in TRUTH:
        invoice = INVOICES[link["invoice_id"]]
        transaction = TRANSACTIONS[link["transaction_id"]]
        flow = 1 if invoice["direction"] == "receivable" else -1
        allocated = Decimal(link["allocated"])
        assert (allocated > 0) == (Decimal(invoice["amount"]) > 0), link
        used[link["transaction_id"]] = (
            used.get(link["transaction_id"], Decimal(0)) + flow * allocated
        )
        assert transaction["booking_date"] >= invoice["issue_date"], link
    for key, amount in used.items():
        assert amount == Decimal(TRANSACTIONS[key]["amount"]), key


def test_what_is_paid_agrees_with_the_kind() -> None:
    paid: dict[tuple[str, str], Decimal] = {}
    for link in TRUTH:
        key = link["invoice_id"], link["kind"]
        paid[key] = paid.get(key, Decimal(0)) + Decimal(link["allocated"])
    for (invoice_id, kind), amount in paid.items():
        asked = Decimal(INVOICES[invoice_id]["amount"])
        if kind in CLOSING or kind == "instalment":
            assert amount == asked, invoice_id
        elif kind == "fx":
            assert INVOICES[invoice_id]["currency"] == "USD"
        else:
            assert kind in CHANGED
            assert (amount > asked) == (kind == "overpay"), invoice_id


@pytest.fixture(scope="module")
def result() -> Result:
    return reconcile(
        LEDGER / "invoices.csv", LEDGER / "transactions.csv", rates=LEDGER / "rates.csv"
    )


def test_nothing_is_wrong_among_what_is_decided_automatically(result: Result) -> None:
    truth = {(link["invoice_id"], link["transaction_id"]) for link in TRUTH}
    wrong = [
        (a.invoice_id, a.transaction_id)
        for match in result.matches
        if match.decision.value == "auto"
        for a in match.allocations
        if (a.invoice_id, a.transaction_id) not in truth
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "story", STORIES, ids=[re.sub(r"\W+", "-", story.text)[:40] for story in STORIES]
)
def test_story_ends_as_told(result: Result, story: Story) -> None:
    found = [m for m in result.matches if set(m.transaction_ids) & set(story.transactions)]
    if story.expected[0] == "unmatched" or (
        story.expected[0].startswith("unmatched or ") and not found
    ):
        unmatched = {row.transaction.id: row for row in result.unmatched_transactions}
        assert set(story.invoices) <= {invoice.id for invoice in result.unmatched_invoices}
        assert set(story.transactions) <= set(unmatched)
        if story.expected[1:] == ("possible_duplicate",):
            assert [unmatched[key].reason for key in story.transactions] == ["possible_duplicate"]
        return
    kind, decision, *facts = story.expected
    assert len(found) == 1, [result.explain(match) for match in found]
    match = found[0]
    assert match.kind.value == kind.removeprefix("unmatched or ")
    assert set(match.transaction_ids) == set(story.transactions)
    if "ambiguous" in facts:
        assert set(match.invoice_ids) < set(story.invoices)
    else:
        assert set(match.invoice_ids) == set(story.invoices)
    assert match.decision.value in decision.split(" or "), result.explain(match)
    names = {reason.value for reason in match.reasons}
    names |= {match.difference.kind.value} if match.difference else set()
    assert set(facts) <= names, result.explain(match)


def test_example_plugin_passes_its_own_tests() -> None:
    folder = LEDGER.parent / "recon-acme-rules"
    options = ["-q", "-p", "no:cacheprovider", "--confcutdir=.", "."]
    command = [sys.executable, "-m", "pytest", *options]
    ran = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_example_configuration_is_valid() -> None:
    config = LEDGER.parent / "recon.toml"
    result = reconcile(LEDGER / "invoices.csv", LEDGER / "transactions.csv", config=config)
    assert result.rule_set.config.settings["rules-default"]["rounding_minor"] == 10
