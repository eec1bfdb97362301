"""The documentation says what the code does: headings, tables, links and files agree with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recon_sdk import errors, matches
from recon_sdk.assignment import Assigner
from recon_sdk.blocking import Blocker
from recon_sdk.differences import DifferenceModel
from recon_sdk.engines import Engine, RuleSet
from recon_sdk.explanations import Explainer
from recon_sdk.invoices import Invoice
from recon_sdk.known import Alias, Decision, Rate
from recon_sdk.known_files import ALIAS_COLUMNS, DECISION_COLUMNS, RATE_COLUMNS
from recon_sdk.ledger import Ledger
from recon_sdk.reading.specs import INVOICES, TRANSACTIONS
from recon_sdk.results import Candidate
from recon_sdk.transactions import BankTransaction
from recon_sdk.writing.candidates import CANDIDATE_COLUMNS
from recon_sdk.writing.changes import CHANGE_COLUMNS
from recon_sdk.writing.matches import MATCH_COLUMNS
from recon_sdk.writing.problems import PROBLEM_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("examples/**/*.md")]
    if "_build" not in page.parts
)
DOMAIN = (
    *(Invoice, BankTransaction, Ledger, Candidate, matches.Match, matches.Allocation),
    *(matches.Difference, matches.Contribution, matches.Rival, Decision, Alias, Rate),
    *(Blocker, DifferenceModel, Assigner, Engine, Explainer, RuleSet),
)

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
FILE_BLOCK = re.compile(r"<!-- file: (\S+) -->\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+?)\s*$", FENCE.sub("", text), re.MULTILINE)


def slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_every_error_code_has_a_heading_and_every_heading_a_code() -> None:
    codes = [getattr(errors, name).code for name in errors.__all__]
    assert sorted(headings((DOCS / "reference/errors.md").read_text("utf-8"))[1:]) == sorted(codes)


def glossary_terms() -> list[str]:
    text = (DOCS / "reference/glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^(\S.*)\n: ", text, re.MULTILINE)


def test_glossary_lists_the_words_of_the_domain() -> None:
    words = [
        re.sub(r"(?<=[a-z])([A-Z])", lambda m: f" {m[1].lower()}", c.__name__) for c in DOMAIN
    ]
    assert set(words) <= set(glossary_terms())
    assert {"Policy", "Rule", "Tenant", "Run", "Digest", "Score", "Evidence"} <= set(
        glossary_terms()
    )


def test_glossary_is_sorted_and_has_each_word_once() -> None:
    terms = glossary_terms()
    assert terms == sorted(set(terms))


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("Read: invoices", tuple(INVOICES.columns)),
        ("Read: transactions", tuple(TRANSACTIONS.columns)),
        ("Written: matches", MATCH_COLUMNS),
        ("Written: candidates", CANDIDATE_COLUMNS),
        ("Written: problems", PROBLEM_COLUMNS),
        ("Written: changes", CHANGE_COLUMNS),
        ("Read: rates", RATE_COLUMNS),
        ("Read: aliases", ALIAS_COLUMNS),
        ("Read: decisions", DECISION_COLUMNS),
    ],
)
def test_files_page_has_every_column_in_order(heading: str, columns: tuple[str, ...]) -> None:
    text = (DOCS / "reference/files.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(columns)


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if not re.match(r"[a-z]+:", target):
                yield page, target


@pytest.mark.parametrize(
    ("page", "target"), [pytest.param(p, t, id=f"{name_of(p)}->{t}") for p, t in links()]
)
def test_link_resolves(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    assert file.exists(), f"{name_of(page)} links to {target}"
    if anchor:
        assert anchor in map(slug, headings(file.read_text(encoding="utf-8")))


def file_blocks() -> Iterator[tuple[str, str, str]]:
    for page in PAGES:
        for path, block in FILE_BLOCK.findall(page.read_text(encoding="utf-8")):
            yield name_of(page), path, block


@pytest.mark.parametrize(("page", "path", "block"), list(file_blocks()))
def test_file_shown_in_a_page_is_the_file(page: str, path: str, block: str) -> None:
    assert block == (ROOT / path).read_text(encoding="utf-8"), f"{page} shows another {path}"


def test_adrs_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in sorted((DOCS / "adr").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
