"""The peer: Splink, set up for this work as somebody would who knows both.

Records are cleaned as Recon cleans them (accents, legal forms, gateways), so that the table
compares the matching and not the cleaning. Candidates share an amount, a number, or a name or
account near in time. Weights come from EM on every ledger, without labels. Each invoice and each
payment is used once, best pair first, since that is the best that pairs can do; `THRESHOLD` is the
cut with the best F1 on one ledger kept for that (`make_ledger.py --seed 99`), the same everywhere.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import logging
import re
import time
import warnings
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from accuracy_parts.ledgers import Ledger, Link, cents
from accuracy_parts.scoring import Answer
from recon_sdk.folding import fold, name_keys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

THRESHOLD = -4.0
"""Lowest match weight (log2 odds) of a pair that is used."""

_EPOCH = dt.date(2000, 1, 1)
_SCHEMA = pa.schema(
    [
        ("unique_id", pa.string()),
        ("cents", pa.int64()),
        ("currency", pa.string()),
        ("issued", pa.int64()),
        ("day", pa.int64()),
        ("fortnight", pa.int64()),
        ("core", pa.string()),
        ("text", pa.string()),
        ("account", pa.string()),
        ("numbers", pa.list_(pa.string())),
        ("digits", pa.list_(pa.string())),
        ("first_digits", pa.string()),
    ]
)


def version() -> str:
    """Name the peer with its version."""
    return f"splink {importlib.metadata.version('splink')}"


def run(folder: Path, threshold: float = THRESHOLD) -> Answer:
    """Link a ledger folder."""
    wall, cpu = time.perf_counter(), time.process_time()
    ledger = Ledger.read(folder)
    links = one_to_one(score_pairs(ledger), threshold)
    return Answer(
        links=links,
        auto=(),
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
    )


def one_to_one(pairs: Iterable[tuple[Link, float, int]], threshold: float) -> dict[Link, float]:
    """Use each row once, highest weight first, then nearest in time, then earliest."""
    invoices, transactions, links = set(), set(), {}
    for link, weight, _days in sorted(pairs, key=lambda p: (-p[1], abs(p[2]), p[2], p[0])):
        invoice, transaction = link
        if weight >= threshold and invoice not in invoices and transaction not in transactions:
            invoices.add(invoice)
            transactions.add(transaction)
            links[link] = weight
    return links


def score_pairs(ledger: Ledger) -> list[tuple[Link, float, int]]:
    """Give link, match weight and days from due to booked of all candidate pairs."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.blocking_rule_library import CustomRule

    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI()
    tables = [
        database.register(_invoices(ledger), dataset_display_name="invoices"),
        database.register(_transactions(ledger), dataset_display_name="transactions"),
    ]
    near = "abs(l.day - r.day) <= {}"
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=_comparisons(),
        blocking_rules_to_generate_predictions=[
            block_on("cents"),
            block_on("numbers", arrays_to_explode=["numbers"]),
            block_on("digits", arrays_to_explode=["digits"]),
            CustomRule(f"l.core = r.core and {near.format(45)}"),
            CustomRule(f"l.account = r.account and {near.format(45)}"),
        ],
        additional_columns_to_retain=["day"],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = Linker(tables, settings, log_level=logging.ERROR)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            [CustomRule(f"l.cents = r.cents and l.core = r.core and {near.format(10)}")],
            recall=0.4,
        )
        training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
        # A column in a rule is not trained by it, so these two have columns of their own. Pairs
        # that share a name would teach "same party", not "same invoice".
        for rule in (block_on("cents", "fortnight"), block_on("first_digits")):
            training.estimate_parameters_using_expectation_maximisation(rule)
        found = linker.inference.predict(threshold_match_weight=-25)
    rows = found.as_record_list()
    return [
        (
            (row["unique_id_l"], row["unique_id_r"]),
            float(row["match_weight"]),
            row["day_r"] - row["day_l"],
        )
        for row in rows
    ]


def _comparisons() -> list[Any]:
    from splink import comparison_level_library as levels
    from splink import comparison_library as library

    def custom(name: str, null: str, *conditions: str) -> Any:
        steps: list[Any] = [{"sql_condition": null, "is_null_level": True}]
        steps += [levels.CustomLevel(condition) for condition in conditions]
        return library.CustomComparison([*steps, levels.ElseLevel()], output_column_name=name)

    gap = "abs(cents_l - cents_r)"
    late = "(day_r - day_l)"
    return [
        custom(
            "cents",
            "currency_l <> currency_r",
            "cents_l = cents_r",
            f"{gap} <= 5",
            f"{gap} <= 0.03 * abs(cents_l)",
            f"{gap} <= 0.15 * abs(cents_l)",
        ),
        custom(
            "day",
            "day_l is null or day_r is null",
            f"day_r >= issued_l - 7 and abs{late} <= 3",
            f"day_r >= issued_l - 7 and abs{late} <= 10",
            f"day_r >= issued_l - 7 and abs{late} <= 30",
            f"day_r >= issued_l - 7 and abs{late} <= 75",
        ),
        custom(
            "core",
            "core_r is null and text_r is null",
            "core_l = core_r",
            "jaro_winkler_similarity(core_l, core_r) >= 0.92",
            "contains(text_r, core_l)",
            "jaro_winkler_similarity(core_l, core_r) >= 0.8",
            "core_r is null",
        ),
        custom(
            "numbers",
            "len(digits_r) = 0",
            "list_has_any(numbers_l, numbers_r)",
            "list_has_any(digits_l, digits_r)",
        ),
        custom("account", "account_l is null or account_r is null", "account_l = account_r"),
    ]


def _invoices(ledger: Ledger) -> pa.Table:
    rows = []
    for row in ledger.invoices.values():
        sign = 1 if row.get("direction") == "receivable" else -1
        wanted = ("invoice_number", "payment_reference", "order_number")
        numbers = {"".join(_tokens(row.get(column) or "")) for column in wanted} - {""}
        digits = [d for d in map(_digits, sorted(numbers)) if len(d) > 3]
        rows.append(
            {
                "unique_id": row["id"],
                "cents": sign * cents(row["amount"]),
                "currency": row["currency"],
                "issued": _day(row.get("issue_date") or row["due_date"]),
                "day": _day(row.get("due_date") or row["issue_date"]),
                "fortnight": _day(row.get("due_date") or row["issue_date"]) // 14,
                "core": name_keys(row["vendor_name"])[1] or None,
                "text": None,
                "account": row.get("vendor_iban") or None,
                "numbers": sorted(numbers),
                "digits": sorted(set(digits)),
                "first_digits": _digits(row.get("invoice_number") or "") or None,
            }
        )
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _transactions(ledger: Ledger) -> pa.Table:
    rows = []
    for row in ledger.transactions.values():
        words = f"{row.get('description') or ''} ; {row.get('reference') or ''}"
        tokens = _tokens(words)
        spans = {
            "".join(tokens[at : at + size]) for at in range(len(tokens)) for size in range(1, 5)
        }
        digits = [d for d in map(_digits, tokens) if len(d) > 3]
        rows.append(
            {
                "unique_id": row["id"],
                "cents": cents(row["amount"]),
                "currency": row["currency"],
                "issued": None,
                "day": _day(row["booking_date"]),
                "fortnight": _day(row["booking_date"]) // 14,
                "core": name_keys(row["counterparty_name"])[1] or None,
                "text": name_keys(words)[0] or None,
                "account": row.get("counterparty_iban") or None,
                "numbers": sorted(s for s in spans if re.search("[0-9]", s)),
                "digits": sorted(set(digits)),
                "first_digits": digits[0] if digits else None,
            }
        )
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _tokens(text: str) -> list[str]:
    return re.findall("[A-Z0-9]+", fold(text))


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text).lstrip("0")


def _day(date: str) -> int:
    return (dt.date.fromisoformat(date) - _EPOCH).days
