"""Read one large file within a limit of memory: seconds and peak memory, as JSON.

    python benchmarks/read_large.py --gigabytes 4 --limit-gigabytes 3

Makes a file of bank transactions with long remittance texts in a temporary folder (`--folder` for
another place with room), reads it in a process whose address space is limited, and deletes it. The
file is larger than the limit: it is read in blocks, and each distinct text is kept once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ = """
import json, resource, sys, time
from recon_sdk.reading import read_ledger
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
began = time.perf_counter()
result = read_ledger([], sys.argv[1])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "rows": result.transactions.kept,
    "bad_rows": result.transactions.problems,
    "wall_seconds": round(time.perf_counter() - began, 1),
    "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
    "peak_mib": used.ru_maxrss // 1024,
}))
"""
HEADER = "id,booking_date,amount,currency,counterparty_name,description\n"
TEXT = "Remittance text as long as banks let it be with words that many rows share " * 24


def make(path: Path, size: int) -> None:
    """Write a file of about the given number of bytes."""
    rows, written = 0, 0
    with path.open("w", encoding="utf-8") as file:
        written += file.write(HEADER)
        while written < size:
            lines = [
                f"t{n:010},2026-{n % 12 + 1:02}-{n % 28 + 1:02},-{n % 90_000 + 1}.{n % 100:02},"
                f"EUR,Payer {n % 5_000},{TEXT}{n % 20_000}\n"
                for n in range(rows, rows + 5_000)
            ]
            rows += len(lines)
            written += file.write("".join(lines))


def main() -> None:
    """Make, read, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=4.0)
    parser.add_argument("--limit-gigabytes", type=float, default=3.0)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "transactions.csv"
        began = time.perf_counter()
        make(path, int(given.gigabytes * 2**30))
        sys.stderr.write(f"made in {time.perf_counter() - began:.0f} s\n")
        size = path.stat().st_size
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", READ, str(path), str(int(given.limit_gigabytes * 2**30))],
            check=True,
            capture_output=True,
            text=True,
        )
    report = {"file_mib": size // 2**20, **json.loads(done.stdout)}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
