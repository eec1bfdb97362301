"""Measure payments of several invoices that quote nothing, where vendors have many open items.

    python benchmarks/open_items.py --vendors 60 --items 300

Every vendor's invoices are paid in their order by payments of up to five, which now and then leave
one out. The payments name the vendor and nothing else. Prints JSON with the wall and CPU seconds
of one run and how many of the true links it found.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import time
from typing import Any

from recon_sdk import Reconciler

_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
_USUAL = (49_99, 99_00, 120_00, 250_00)
"""Amounts that invoices share, in minor units."""


def money(minor: int) -> str:
    """Write minor units with two decimals."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def make_vendor(
    vendor: int, items: int, rng: random.Random
) -> tuple[list[Any], list[Any], set[Any]]:
    """Make one vendor's invoices, the payments of them, and the true links."""
    name = "".join(rng.choice(_SYLLABLES) for _ in range(4)).title() + " Handels GmbH"
    first = dt.date(2025, 1, 1)
    bills = sorted(
        (
            first + dt.timedelta(days=rng.randrange(330)),
            rng.choice(_USUAL) if rng.random() < 0.3 else 100 + int(rng.lognormvariate(9, 1)),
        )
        for _ in range(items)
    )
    invoices = [
        {
            "id": f"I{vendor:04d}-{number:05d}",
            "invoice_number": f"{vendor:04d}/{number:05d}",
            "vendor_id": f"V{vendor}",
            "vendor_name": name,
            "amount": money(amount),
            "currency": "EUR",
            "issue_date": issued.isoformat(),
            "due_date": (issued + dt.timedelta(days=30)).isoformat(),
        }
        for number, (issued, amount) in enumerate(bills)
    ]
    payments: list[Any] = []
    truth = set()
    at = 0
    while at < items:
        size = rng.randint(2, 5)
        paid = [n for n in range(at, min(at + size, items)) if rng.random() < 0.9]
        at += size
        if not paid:
            continue
        number = f"T{vendor:04d}-{len(payments):05d}"
        day = bills[paid[-1]][0] + dt.timedelta(days=30 + rng.randint(-3, 8))
        payments.append(
            {
                "id": number,
                "booking_date": day.isoformat(),
                "amount": money(-sum(bills[n][1] for n in paid)),
                "currency": "EUR",
                "counterparty_name": name.upper(),
                "description": "Zahlung",
            }
        )
        truth |= {(invoices[n]["id"], number) for n in paid}
    return invoices, payments, truth


def main(argv: list[str] | None = None) -> int:
    """Make the ledger, reconcile it once, and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--vendors", type=int, default=60)
    parser.add_argument("--items", type=int, default=300, help="invoices of each vendor")
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args(argv)
    rng = random.Random(given.seed)  # noqa: S311  # nothing here is secret
    invoices, payments, truth = [], [], set()
    for vendor in range(given.vendors):
        more_invoices, more_payments, links = make_vendor(vendor, given.items, rng)
        invoices += more_invoices
        payments += more_payments
        truth |= links
    reconciler = Reconciler({"direction": "payable"})
    wall, cpu = time.perf_counter(), time.process_time()
    result = reconciler.run(invoices, payments)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    found = {
        (a.invoice_id, a.transaction_id) for match in result.matches for a in match.allocations
    }
    figures = {
        "invoices": len(invoices),
        "payments": len(payments),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "links": len(truth),
        "precision": round(len(found & truth) / max(1, len(found)), 4),
        "recall": round(len(found & truth) / len(truth), 4),
        "digest": result.digest,
    }
    print(json.dumps(figures, indent=2))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
