"""The digest depends on the inputs alone: not on process, time zone, order or interpreter."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LEDGER = Path(__file__).parents[3] / "examples" / "ledger"
SCRIPT = """
import sys
from recon_sdk import reconcile
folder = sys.argv[1]
result = reconcile(f"{folder}/invoices.csv", f"{folder}/transactions.csv",
                   config={"strategy": sys.argv[2]}, rates=f"{folder}/rates.csv")
texts = "".join(result.explain(match) for match in (*result.matches, *result.alternatives))
import hashlib
print(result.digest, hashlib.sha256(texts.encode()).hexdigest())
"""


def digest_of(
    folder: Path = LEDGER,
    python: str = sys.executable,
    strategy: str = "optimal",
    **environment: str,
) -> str:
    done = subprocess.run(  # noqa: S603 (this interpreter and its siblings)
        [python, "-c", SCRIPT, str(folder), strategy],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def expected() -> str:
    return digest_of()


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PYTHONHASHSEED": "1"}, id="hash-seed-1"),
        pytest.param({"PYTHONHASHSEED": "4294967295"}, id="hash-seed-4294967295"),
        pytest.param({"TZ": "Pacific/Kiritimati"}, id="time-zone-east"),
        pytest.param({"TZ": "America/Anchorage"}, id="time-zone-west"),
        pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0"}, id="locale-C"),
        pytest.param({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}, id="one-thread"),
        pytest.param({"PYTHONOPTIMIZE": "2"}, id="without-docstrings"),
    ],
)
def test_digest_does_not_depend_on_the_environment(
    expected: str, environment: dict[str, str]
) -> None:
    assert digest_of(**environment) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_digest_does_not_depend_on_the_order_of_rows_and_columns(
    expected: str, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 (shuffles rows)
    for name in ("invoices.csv", "transactions.csv", "rates.csv"):
        with (LEDGER / name).open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        chance.shuffle(rows)
        columns = list(rows[0])
        chance.shuffle(columns)
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, columns)
            writer.writeheader()
            writer.writerows(rows)
    assert digest_of(tmp_path) == expected


@pytest.mark.parametrize("strategy", ["rank", "greedy"])
def test_digest_tells_strategies_apart(expected: str, strategy: str) -> None:
    found = digest_of(strategy=strategy)
    assert found != expected
    assert digest_of(strategy=strategy, PYTHONHASHSEED="7") == found


def test_digest_tells_a_changed_cent_apart(expected: str, tmp_path: Path) -> None:
    shutil.copytree(LEDGER, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "transactions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if n and ".00" in line)
    lines[at] = lines[at].replace(".00", ".01", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert digest_of(tmp_path) != expected


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_digest_is_the_same_in_another_python(expected: str, version: str) -> None:
    python = shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"there is no python{version} on the path")
    works = subprocess.run(  # noqa: S603 (likewise)
        [python, "-c", "import recon_sdk, recon_rules_default"], capture_output=True, check=False
    )
    if works.returncode:
        pytest.skip(f"{python} cannot import recon_sdk and recon_rules_default")
    assert digest_of(python=python) == expected
