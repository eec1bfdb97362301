"""Measure `recon match` on a folder: time, processor time, memory, and how right it is.

    python benchmarks/make_ledger.py /tmp/ledger --invoices 100000
    python benchmarks/match_files.py /tmp/ledger --repeat 3

Starts the command as a process of its own, as a user would, and prints JSON. With a `truth.csv` in
the folder the written links are compared with it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import resource


def run_command(folder: Path, out: Path, options: list[str]) -> dict[str, float]:
    """Run the command once; give wall and CPU seconds and the peak memory."""
    rates = folder / "rates.csv"
    command = [
        *(
            sys.executable,
            "-c",
            "from recon_sdk.cli import main; raise SystemExit(main())",
            "match",
        ),
        *(str(folder / "invoices.csv"), str(folder / "transactions.csv"), "--out", str(out)),
        *(("--rates", str(rates)) if rates.exists() else ()),
        *options,
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)}\nended with status {os.waitstatus_to_exitcode(status)}")
    return {
        "wall_s": round(wall, 3),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_mib": round(_peak_mib(usage), 1),
    }


def _peak_mib(usage: resource.struct_rusage) -> float:
    """Read the largest resident size of the process; macOS counts bytes, Linux KiB."""
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def compare(out: Path, truth: Path) -> dict[str, float]:
    """Compare the written links with the true ones."""
    with truth.open(encoding="utf-8", newline="") as file:
        true = {(row["invoice_id"], row["transaction_id"]) for row in csv.DictReader(file)}
    with out.open(encoding="utf-8", newline="") as file:
        found = {
            (row["invoice_id"], row["transaction_id"]): row["decision"]
            for row in csv.DictReader(file)
        }
    right = found.keys() & true
    auto = {link for link, decision in found.items() if decision == "auto"}
    precision, recall = len(right) / max(1, len(found)), len(right) / max(1, len(true))
    return {
        "links": len(found),
        "true_links": len(true),
        "precision": round(precision, 5),
        "recall": round(recall, 5),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 5),
        "auto_links": len(auto),
        "auto_errors": len(auto - true),
        "auto_coverage": round(len(auto & true) / max(1, len(true)), 5),
    }


def main() -> None:
    """Parse the command line, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="ledger with invoices.csv and transactions.csv")
    parser.add_argument("--repeat", type=int, default=3, help="runs; the fastest one is reported")
    parser.add_argument("options", nargs="*", help="further options of the command, after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "matches.csv"
        runs = [
            run_command(arguments.folder, out, arguments.options) for _ in range(arguments.repeat)
        ]
        best = min(runs, key=lambda run: run["wall_s"])
        truth = arguments.folder / "truth.csv"
        agreement = compare(out, truth) if truth.exists() else {}
    figures = {
        "benchmark": "match_files",
        "ledger": arguments.folder.name,
        **best,
        "runs": len(runs),
        **agreement,
        "python": platform.python_version(),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
