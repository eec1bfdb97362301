"""Measure one small reconciliation, warm: how long a caller waits for an answer.

    python benchmarks/latency.py --invoices 100 --transactions 200 --repeat 200

Runs `Reconciler.run` again and again on records in memory and prints JSON with the wall time in
milliseconds. The first runs, which load what is loaded lazily, are reported apart.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from make_ledger import make_ledger, write_ledger

from recon_sdk import Reconciler


def read(path: Path, count: int) -> list[dict[str, str]]:
    """Read the first rows of a file as records."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row, _ in zip(csv.DictReader(file), range(count), strict=False)]


def make_inputs(invoices: int, transactions: int, seed: int) -> tuple[Any, Any]:
    """Make a ledger and take so many rows of each side."""
    with tempfile.TemporaryDirectory() as folder:
        write_ledger(make_ledger(max(2 * invoices, 2 * transactions), seed), Path(folder))
        return (
            read(Path(folder) / "invoices.csv", invoices),
            read(Path(folder) / "transactions.csv", transactions),
        )


def measure(invoices: Any, transactions: Any, repeat: int) -> tuple[float, list[float], int]:
    """Give the time of the first run, the times of the others, and the number of matches."""
    reconciler = Reconciler({})
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        result = reconciler.run(invoices, transactions)
        times.append((time.perf_counter() - start) * 1000)
    return times[0], times[1:], len(result.matches)


def main() -> None:
    """Parse the command line, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--invoices", type=int, default=100, help="invoices of a run")
    parser.add_argument("--transactions", type=int, default=200, help="transactions of a run")
    parser.add_argument("--repeat", type=int, default=200, help="warm runs")
    parser.add_argument("--seed", type=int, default=1, help="of the ledger")
    options = parser.parse_args()
    invoices, transactions = make_inputs(options.invoices, options.transactions, options.seed)
    first, times, matches = measure(invoices, transactions, options.repeat)
    figures = {
        "benchmark": "latency",
        "invoices": len(invoices),
        "transactions": len(transactions),
        "matches": matches,
        "runs": len(times),
        "first_ms": round(first, 2),
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "max_ms": round(max(times), 2),
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
