from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from recon_sdk.errors import InputError
from recon_sdk.reading import ReadOptions, read_ledger

DAY = dt.date(2026, 2, 28)


def dates_of(*texts: object, **options: Any) -> list[dt.date | str | None]:
    rows = [{"id": f"{n:03}", "amount": "1", "due_date": text} for n, text in enumerate(texts)]
    result = read_ledger(rows, [], ReadOptions(**options))
    found: list[dt.date | str | None] = [""] * len(texts)
    for problem in result.problems:
        found[problem.line - 1] = problem.detail
    for row in range(len(result.ledger.invoices)):
        invoice = result.ledger.invoice(row)
        found[int(invoice.id)] = invoice.due_date
    return found


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-28",
        " 2026-02-28 ",
        "20260228",
        "2026/02/28",
        "2026-2-28",
        "2026-02-28T23:59:59Z",
        "2026-02-28 23:59:59+05:00",
        "28.02.2026",
        "28.2.2026",
        "28/02/2026",
        "02/28/2026",
        "28-02-2026",
        "28.02.2026 10:15",
        DAY,
        dt.datetime(2026, 2, 28, 23, 59, tzinfo=dt.UTC),
    ],
)
def test_a_date_is_read_whatever_its_form(value: object) -> None:
    assert dates_of(value) == [DAY]


def test_one_date_proves_the_order_of_a_column() -> None:
    assert dates_of("01/02/2026", "13/02/2026")[0] == dt.date(2026, 2, 1)
    assert dates_of("01/02/2026", "02/13/2026")[0] == dt.date(2026, 1, 2)


def test_another_column_of_the_file_proves_the_order_too() -> None:
    row = {"id": "a", "amount": "1", "issue_date": "31/01/2026", "due_date": "01/02/2026"}
    result = read_ledger([row], [])
    assert result.ledger.invoice(0).due_date == dt.date(2026, 2, 1)
    assert result.invoices.date_order == "dmy"


def test_nothing_is_guessed_where_day_and_month_may_be_swapped() -> None:
    for text in ("01/02/2026", "01-02-2026"):
        with pytest.raises(InputError, match="--date-order dmy or --date-order mdy"):
            dates_of(text)
        assert dates_of(text, date_order="dmy") == [dt.date(2026, 2, 1)]
        assert dates_of(text, date_order="mdy") == [dt.date(2026, 1, 2)]


def test_points_are_day_first_unless_told_otherwise() -> None:
    assert dates_of("01.02.2026") == [dt.date(2026, 2, 1)]
    assert dates_of("01.02.2026", date_order="mdy") == [dt.date(2026, 1, 2)]


def test_equal_day_and_month_need_no_order() -> None:
    assert dates_of("05/05/2026") == [dt.date(2026, 5, 5)]


def test_dates_against_the_order_of_the_others_are_bad_rows() -> None:
    found = dates_of("13/02/2026", "14/02/2026", "02/15/2026", "01/02/2026")
    assert found[3] == dt.date(2026, 2, 1)
    assert "does not fit the other dates, which have the day first" in str(found[2])


def test_a_column_that_proves_both_orders_is_not_guessed_at() -> None:
    found = dates_of("13/02/2026", "02/15/2026", "01/02/2026")
    assert all("mixes day first and month first" in str(one) for one in found)


def test_iso_order_refuses_other_dates() -> None:
    assert "is not year-month-day" in str(dates_of("28.02.2026", date_order="iso")[0])


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("2026-02-30", "there is no such day"),
        ("2026-13-01", "there is no such day"),
        ("31.04.2026", "there is no such day"),
        ("2026-00-10", "there is no such day"),
        ("28/02/26", "has a two-digit year"),
        ("28.02.2026x", "is not a date"),
        ("2026-02", "is not a date"),
        ("45000", "is not a date"),
        ("٢٠٢٦-02-28", "is not a date"),
        ("0026-02-28", "lies before 1900"),
    ],
)
def test_what_is_no_date_is_refused(text: str, detail: str) -> None:
    assert detail in str(dates_of(text)[0])


def test_blank_dates_are_nothing() -> None:
    rows = [{"id": "a", "amount": "1", "issue_date": " ", "due_date": DAY}]
    assert read_ledger(rows, []).ledger.invoice(0).issue_date is None
