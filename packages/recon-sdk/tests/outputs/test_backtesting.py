from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import attrs
import numpy as np
import pytest

from recon_sdk.backtesting import ChangeKind, compare
from recon_sdk.matches import DecisionKind, Reason
from recon_sdk.policy import REASON_BITS
from recon_sdk.results import Result
from recon_sdk.writing import CHANGE_COLUMNS, write_changes

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"


def changed(result: Result, **columns: object) -> Result:
    """The same result with some columns of its matches changed."""
    found = result.outcome.matches
    new = {name: np.array(value, getattr(found, name).dtype) for name, value in columns.items()}
    outcome = attrs.evolve(result.outcome, matches=attrs.evolve(found, **new))
    return Result(outcome, result.rule_set, "f" * 64, result.problems)


def test_equal_results_differ_in_nothing(result: Result) -> None:
    found = compare(result, result)
    assert found.changes == ()
    assert found.unchanged == 5
    assert found.old == found.new


def test_each_kind_of_change_is_told_and_the_gravest_comes_first(result: Result) -> None:
    matches = result.outcome.matches
    transactions = matches.transaction_rows.copy()
    transactions[0] = 6  # another payment: the match of +9 goes, another one comes
    reasons = matches.reasons.copy()
    reasons[1] = REASON_BITS[Reason.AMBIGUOUS]  # was auto
    reasons[3] = REASON_BITS[Reason.NO_IDENTITY]  # was ambiguous
    settled = matches.settled.copy()
    settled[2] = 69000
    score = matches.score.copy()
    score[4] = 440_000
    new = changed(
        result, transaction_rows=transactions, reasons=reasons, settled=settled, score=score
    )
    found = compare(result, new)
    assert [change.kind for change in found.changes] == list(ChangeKind)
    assert set(found.by_kind.values()) == {1}
    assert found.unchanged == 0
    gone, came, decided, *_ = found.changes
    assert (gone.invoice_ids, gone.transaction_ids, gone.new) == (("+9",), ("t8",), None)
    assert (came.transaction_ids, came.old) == (("t7",), None)
    assert came.rivals == (gone.match_id,)
    assert decided.old is not None
    assert decided.new is not None
    assert decided.old.decision is DecisionKind.AUTO
    assert decided.new.reasons == (Reason.AMBIGUOUS,)


def test_totals_are_told_apart_by_currency_and_decision(result: Result) -> None:
    totals = compare(result, result).old
    assert (totals.matches, totals.auto, totals.review, totals.links) == (5, 2, 3, 7)
    assert totals.settled == {"EUR": 1200 + 10000 + 70000 + 12000 + 9000, "JPY": 5000}
    assert totals.auto_settled == {"EUR": 10000 + 70000 + 12000, "JPY": 0}
    assert totals.evaluation is None


def test_a_change_of_score_within_the_tolerance_is_none(result: Result) -> None:
    score = result.outcome.matches.score + 1000
    assert compare(result, changed(result, score=score)).changes == ()
    assert len(compare(result, changed(result, score=score), tolerance=999).changes) == 5


def test_nothing_on_one_side_is_a_backtest_too(result: Result, empty_result: Result) -> None:
    found = compare(result, empty_result)
    assert found.by_kind == {ChangeKind.VANISHED: 5}
    assert compare(empty_result, empty_result).changes == ()


def test_written_changes_have_the_columns_of_the_contract(result: Result, tmp_path: Path) -> None:
    found = compare(result, changed(result, score=result.outcome.matches.score - 100_000))
    write_changes(found.changes, tmp_path / "changes.csv")
    lines = (tmp_path / "changes.csv").read_text().splitlines()
    assert lines[0].split(",") == list(CHANGE_COLUMNS)
    assert lines[1].startswith("m_")
    write_changes((), tmp_path / "none.csv")


class Texts(HTMLParser):
    """The texts of a page, and whether its elements close."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.open = "", [], []  # type: ignore[var-annotated]
        self.feed(page)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(given)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(given)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += text


@pytest.fixture
def page(result: Result) -> str:
    pytest.importorskip("jinja2")
    from recon_sdk.report import render_changes_report

    reasons = np.zeros_like(result.outcome.matches.reasons)
    reasons[2] = REASON_BITS[Reason.AMBIGUOUS]
    transactions = result.outcome.matches.transaction_rows.copy()
    transactions[1] = 5
    new = changed(result, reasons=reasons, transaction_rows=transactions)
    return render_changes_report(compare(result, new))


def test_the_page_is_well_formed_inert_and_alone(page: str) -> None:
    found = Texts(page)
    assert found.open == []
    assert HOSTILE in found.text
    assert HOSTILE not in page
    assert not re.search(r"https?://|url\(|@import|<script", page)
    ids = [given["id"] for _, given in found.tags if "id" in given]
    assert len(ids) == len(set(ids))
    links = {(given["href"] or "")[1:] for tag, given in found.tags if tag == "a"}
    assert links <= set(ids)
    labels = [given["aria-label"] for _, given in found.tags if given.get("role") == "region"]
    assert len(labels) == len(set(labels)) > 2


def test_the_page_tells_what_changes(page: str) -> None:
    text = " ".join(Texts(page).text.split())
    assert "6 of 6 matches would change." in text
    assert "No longer proposed" in text
    assert "Newly proposed" in text
    assert "Decided otherwise" in text


def test_a_page_without_changes_says_so_and_long_groups_are_cut(
    result: Result, tmp_path: Path
) -> None:
    pytest.importorskip("jinja2")
    from recon_sdk.report import render_changes_report, write_changes_report

    assert "The new rules change nothing." in render_changes_report(compare(result, result))
    less = changed(result, score=result.outcome.matches.score - 100_000)
    write_changes_report(compare(result, less), tmp_path / "page.html", most_rows=2)
    assert "The 2 largest of 5;" in (tmp_path / "page.html").read_text(encoding="utf-8")
