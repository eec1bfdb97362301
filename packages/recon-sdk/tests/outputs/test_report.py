from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import attrs
import numpy as np
import pytest

from recon_sdk.columns import NO_DATE
from recon_sdk.errors import MissingExtraError
from recon_sdk.results import Result

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("jinja2")

from recon_sdk.report import render_report, write_report
from recon_sdk.report.charts import Bar, short, stacked_bars
from recon_sdk.report.figures import Figures, money
from recon_sdk.report.words import REASONS, printable

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "input", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """What a browser would see of a page, as far as these tests ask."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(given)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(given)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.texts.append(text)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def test_the_page_is_well_formed_and_says_the_headline(result: Result) -> None:
    page = Page(render_report(result))
    assert page.faults == []
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert "6 of 9 invoices found their payments." in page.text
    assert "Decided automatically 3 invoices, 33.3 %, in 2 matches" in page.text


def test_texts_of_the_data_are_inert(result: Result) -> None:
    text = render_report(result)
    page = Page(text)
    assert HOSTILE in page.text
    assert len(page.all("script")) == 1
    assert HOSTILE not in text
    assert "\u202e" not in text
    attributes = {name for _, given in page.tags for name in given}
    assert not [name for name in attributes if name.startswith("on")]
    assert "style" not in attributes


def test_the_page_loads_nothing_and_allows_only_its_own_style_and_script(
    result: Result,
) -> None:
    text = render_report(result)
    page = Page(text)
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not any("src" in given for _, given in page.tags)
    assert all((a["href"] or "").startswith("#") for a in page.all("a"))
    assert not re.search(r"https?://|url\(|@import", text)


def test_every_link_leads_somewhere(result: Result) -> None:
    page = Page(render_report(result))
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert {(a["href"] or "")[1:] for a in page.all("a")} <= set(ids)
    assert {svg["aria-labelledby"] for svg in page.all("svg") if "aria-labelledby" in svg} <= set(
        ids
    )


def test_equal_results_give_equal_bytes_whatever_the_clock_says(
    result: Result, tmp_path: Path
) -> None:
    slower = Result(
        attrs.evolve(result.outcome, seconds={"scoring": 9.75}),
        result.rule_set,
        result.digest,
        result.problems,
    )
    write_report(result, tmp_path / "a.html")
    write_report(slower, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_matches_for_review_come_first_and_the_rest_is_named(result: Result) -> None:
    text = render_report(result, most_matches=4)
    decisions = re.findall(r'data-decision="(\w+)"', text)
    assert decisions == ["review", "review", "review", "auto"]
    assert "Shown here: 4 of 5." in Page(text).text
    assert "Shown here" not in Page(render_report(result)).text


def test_a_match_opens_to_its_allocations_breakdown_and_rivals(result: Result) -> None:
    page = Page(render_report(result))
    assert len(page.all("details")) >= 5
    for words in (
        "What settles what",
        "Exact amount +0.50 ACME LTD paid what is open",
        "Named payer \u22120.05 doubt of 0.25",
        "Also possible R-1 (100.00 EUR, i1) by -100.00 EUR on 2026-04-09 (t6), score 0.40",
        "bank fee -100",
        "700.00 EUR paid -700.00 EUR",
    ):
        assert words in page.text, words


def test_reasons_are_said_in_plain_words_with_what_to_do(result: Result) -> None:
    text = Page(render_report(result)).text
    for reason in result.summary.by_reason:
        advice = next(advice for key, advice in REASONS.items() if key.value == reason)
        assert f"{advice.title} {advice.meaning} {advice.action} {reason}" in text


def test_what_is_left_over_is_listed(result: Result) -> None:
    text = Page(render_report(result)).text
    assert "Possibly paid twice" in text
    assert "Unnamed payer 2026-04-09, id t6 again ACME LTD 2026-03-31, id t1" in text
    assert "i8" in text
    assert "25 input rows could not be used." in text
    assert "raising of plugin toy : raised" in text
    assert "1 invoice has no direction. Nothing about it is decided automatically" in text


def test_money_is_told_apart_by_currency_and_direction(result: Result) -> None:
    rows = [(c.currency, c.direction, c.total, c.left) for c in Figures(result).currencies]
    assert rows == [
        ("JPY", "to receive", "5,000", "0"),
        ("EUR", "to pay", "1,099.00", "77.00"),
        ("EUR", "direction unknown", "1.00", "1.00"),
    ]


def test_long_histories_are_drawn_by_year(result: Result) -> None:
    old = result.ledger.invoices.due_date.copy()
    old[0] -= 4000
    figures = Figures(with_due_dates(result, old))
    assert [c.by_year for c in figures.currencies] == [False, True, False]
    assert (
        "by year in which invoices fall due"
        in Page(render_report(with_due_dates(result, old))).text
    )


def test_invoices_without_a_date_or_centuries_old_are_named_beside_the_chart(
    result: Result,
) -> None:
    days = result.ledger.invoices.due_date.copy()
    days[1], days[6], days[2] = NO_DATE, 20_000, -200_000
    result = with_due_dates(result, days, issued=np.full_like(days, NO_DATE))
    text = Page(render_report(result)).text
    assert "1 invoice without a date is not in the chart." in text
    assert "1 invoice before the first year shown is left out." in text


def with_due_dates(result: Result, days: object, issued: object = None) -> Result:
    ledger = result.ledger
    changes = {"due_date": days} | ({} if issued is None else {"issue_date": issued})
    invoices = attrs.evolve(ledger.invoices, **changes)  # type: ignore[arg-type]
    outcome = attrs.evolve(result.outcome, ledger=attrs.evolve(ledger, invoices=invoices))
    return Result(outcome, result.rule_set, result.digest, result.problems)


def test_a_result_without_matches_is_a_page_too(empty_result: Result) -> None:
    page = Page(render_report(empty_result))
    assert page.faults == []
    assert "None of 9 invoices found its payment." in page.text
    assert "Nothing was matched." in page.text


def test_account_numbers_are_not_shown_in_full() -> None:
    from recon_sdk.checks.builders import a_transaction
    from recon_sdk.report.rows import transaction_row

    row = transaction_row(a_transaction("t", counterparty_iban="DE89370400440532013000"))
    assert row.party == "Account ending in 3000"


def test_without_jinja2_the_extra_is_named(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'recon-sdk\[cli\]'"):
        render_report(result)


def test_every_reason_kind_and_difference_has_words() -> None:
    from recon_sdk.matches import DifferenceKind, MatchKind, Reason
    from recon_sdk.report.words import DIFFERENCES, KINDS

    assert set(REASONS) == set(Reason)
    assert set(KINDS) == set(MatchKind)
    assert set(DIFFERENCES) == set(DifferenceKind)


def test_control_characters_and_lone_surrogates_are_shown_as_unknown() -> None:
    assert printable("a\x00b\x1bc\ud800d\u2066e\tf\ng") == ("a\ufffdb\ufffdc\ufffdd\ufffde\tf\ng")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456789, "EUR", "1,234,567.89"),
        (-5, "EUR", "-0.05"),
        (-123456, "EUR", "-1,234.56"),
        (1500, "JPY", "1,500"),
        (-1234567, "KWD", "-1,234.567"),
        (0, "EUR", "0.00"),
    ],
)
def test_amounts_have_thousands_separators(minor: int, currency: str, text: str) -> None:
    assert money(minor, currency) == text


def test_bars_stand_on_each_other_and_share_one_scale() -> None:
    chart = stacked_bars([Bar("a", 0, (1, 1), "a"), Bar("b", 0, (0, 4), "b")])
    (a, _), (b, _) = chart.bars
    assert [p.part for p in a] == [0, 1]
    assert [p.part for p in b] == [1]
    assert float(a[0].height) == float(a[1].height) == float(b[0].height) / 4
    assert float(a[0].y) + float(a[0].height) == pytest.approx(chart.base)
    assert float(a[1].y) + float(a[1].height) == pytest.approx(float(a[0].y))


def test_a_chart_of_nothing_has_no_bars() -> None:
    chart = stacked_bars([Bar("a", 0, (0, 0), "a")])
    assert [pieces for pieces, _ in chart.bars] == [[]]


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (999, "999"), (2500, "2.5k"), (4e6, "4m"), (1e9, "1bn")]
)
def test_scales_are_labelled_in_few_characters(value: float, text: str) -> None:
    assert short(value) == text
