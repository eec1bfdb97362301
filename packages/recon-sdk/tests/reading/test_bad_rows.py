from __future__ import annotations

from typing import Any

import pytest

from recon_sdk.errors import RowError
from recon_sdk.reading import ReadOptions, read_ledger

HEADER = "id,amount,currency,issue_date,due_date,direction,discount_percent,settled_amount"
GOOD = "g1,10.50,EUR,2026-01-31,,,,"


def bad(
    description: str, row: str, column: str, detail: str, remedy: str, good: str = GOOD
) -> Any:
    return pytest.param(good, row, column, detail, remedy, id=description)


ROWS = [
    bad("an exponent", "b,1e9,EUR,2026-01-31,,,,", "amount", "'1e9' is not an amount", "1234.50"),
    bad("NaN", "b,NaN,EUR,2026-01-31,,,,", "amount", "'NaN' is not an amount", "1234.50"),
    bad("infinity", "b,inf,EUR,2026-01-31,,,,", "amount", "'inf' is not an amount", "1234.50"),
    bad("Arabic digits", "b,٣.50,EUR,2026-01-31,,,,", "amount", "is not an amount", "1234.50"),
    bad("underscores", "b,1_000.00,EUR,2026-01-31,,,,", "amount", "is not an amount", "1234.50"),
    bad("two signs", "b,-1.00-,EUR,2026-01-31,,,,", "amount", "is not an amount", "1234.50"),
    bad("open bracket", "b,(1.00,EUR,2026-01-31,,,,", "amount", "is not an amount", "1234.50"),
    bad("torn groups", "b,12 34.50,EUR,2026-01-31,,,,", "amount", "is not an amount", "1234.50"),
    bad("a word", "b,free,EUR,2026-01-31,,,,", "amount", "'free' is not an amount", "1234.50"),
    bad("no amount", "b,,EUR,2026-01-31,,,,", "amount", "the amount is missing", "fill it in"),
    bad("blank amount", "b,  ,EUR,2026-01-31,,,,", "amount", "the amount is missing", "fill"),
    bad(
        "three decimals of a euro",
        "b,1.2345,EUR,2026-01-31,,,,",
        "amount",
        "'1.2345' has too many decimals: EUR has 2",
        "round it, or correct the currency",
    ),
    bad(
        "decimals of a yen",
        "b,1.50,JPY,2026-01-31,,,,",
        "amount",
        "'1.50' has too many decimals: JPY has 0",
        "round it, or correct the currency",
    ),
    bad(
        "out of range",
        "b,10000000000000.01,EUR,2026-01-31,,,,",
        "amount",
        "'10000000000000.01' is out of range",
        "check the digits",
    ),
    bad(
        "far out of range",
        "b," + "9" * 40 + ",EUR,2026-01-31,,,,",
        "amount",
        "is out of range",
        "check the digits",
    ),
    bad(
        "a decimal comma among points",
        'b,"1,5",EUR,2026-01-31,,,,',
        "amount",
        "'1,5' has a decimal comma, but this file's amounts have decimal points",
        "--decimal ,",
        good="g1,10.50,EUR,2026-01-31,,,,0.25",
    ),
    bad(
        "points and commas alike",
        'b,"1,5",EUR,2026-01-31,,,,',
        "amount",
        "'1,5' stands in a file that mixes decimal points and decimal commas",
        "--decimal . or --decimal ,",
    ),
    bad(
        "nothing explains the separator",
        "b,1.234,EUR,2026-01-31,,,,",
        "amount",
        "'1.234' is ambiguous: a thousands separator or a decimal sign",
        "--decimal . or --decimal ,",
        good="g1,10,EUR,2026-01-31,,,,",
    ),
    bad(
        "another currency in the amount",
        "b,USD 1.00,EUR,2026-01-31,,,,",
        "amount",
        "'USD 1.00' names another currency than the row, which has EUR",
        "correct one of them",
    ),
    bad(
        "a sign of many currencies",
        "b,$1.00,,2026-01-31,,,,",
        "amount",
        "'$1.00' does not say which currency",
        "fill in the column currency",
    ),
    bad(
        "unknown currency",
        "b,1.00,EURO,2026-01-31,,,,",
        "currency",
        "'EURO' is not a currency",
        "ISO 4217",
    ),
    bad("no id", ",1.00,EUR,2026-01-31,,,,", "id", "the id is missing", "your own key"),
    bad(
        "no such day",
        "b,1.00,EUR,2026-02-30,,,,",
        "issue_date",
        "'2026-02-30': there is no such day",
        "correct the date",
    ),
    bad(
        "two-digit year",
        "b,1.00,EUR,28.02.26,,,,",
        "issue_date",
        "'28.02.26' has a two-digit year",
        "four digits",
    ),
    bad(
        "a word for a date",
        "b,1.00,EUR,,soon,,,",
        "due_date",
        "'soon' is not a date",
        "write it like 2026-02-28",
    ),
    bad(
        "a date before 1900",
        "b,1.00,EUR,0206-02-28,,,,",
        "issue_date",
        "'0206-02-28' lies before 1900",
        "correct the year",
    ),
    bad(
        "no date at all",
        "b,1.00,EUR,,,,,",
        "issue_date",
        "there is no date in issue_date and due_date",
        "fill it in",
    ),
    bad(
        "unknown direction",
        "b,1.00,EUR,2026-01-31,,out,,",
        "direction",
        "'out' is not a direction",
        "payable or receivable",
    ),
    bad(
        "percentage with three decimals",
        "b,1.00,EUR,2026-01-31,,,2.125,",
        "discount_percent",
        "'2.125' is not a percentage",
        "2 or 2.5",
    ),
    bad(
        "percentage above 100",
        "b,1.00,EUR,2026-01-31,,,101,",
        "discount_percent",
        "'101' is not a percentage",
        "2 or 2.5",
    ),
    bad(
        "more settled than invoiced",
        "b,1.00,EUR,2026-01-31,,,,1.01",
        "settled_amount",
        "1.01 is not a part of the amount 1.00 EUR",
        "between zero and the amount",
    ),
    bad(
        "settled with the wrong sign",
        "b,-1.00,EUR,2026-01-31,,,,0.50",
        "settled_amount",
        "0.50 is not a part of the amount -1.00 EUR",
        "has its sign",
    ),
    bad(
        "a field too many",
        "b,1.00,EUR,2026-01-31,,,,,",
        "",
        "the row has 9 fields, the header has 8",
        "double quotes",
    ),
    bad("a field too few", "b,1.00,EUR", "", "the row has 3 fields, the header has 8", "quotes"),
    bad(
        "an id twice, with other content",
        "g1,11.50,EUR,2026-01-31,,,,",
        "id",
        "the id 'g1' stands in line 2 too, with other content",
        "give each row its own id",
    ),
    bad(
        "a whole row twice",
        GOOD,
        "id",
        "the id 'g1' and all else repeat line 2, which was kept",
        "remove the repeated row",
    ),
]


@pytest.mark.parametrize(("good", "row", "column", "detail", "remedy"), ROWS)
def test_a_bad_row_is_listed_with_file_line_column_and_remedy(
    read_text: Any, good: str, row: str, column: str, detail: str, remedy: str
) -> None:
    result = read_text(f"{HEADER}\n{good}\n{row}\n")
    problem = next(problem for problem in result.problems if problem.line == 3)
    assert problem.source.endswith("invoices.csv")
    assert problem.column == column
    assert detail in problem.detail
    assert remedy in problem.remedy
    for part in ("invoices.csv:3", detail, remedy, *([repr(column)] if column else [])):
        assert part in str(problem)


@pytest.mark.parametrize(("good", "row", "column", "detail", "remedy"), ROWS)
def test_strict_reading_raises_the_first_bad_row(
    read_text: Any, good: str, row: str, column: str, detail: str, remedy: str
) -> None:
    del column, detail, remedy
    with pytest.raises(RowError, match=r"invoices\.csv:[23]"):
        read_text(f"{HEADER}\n{good}\n{row}\n", strict=True)


def test_good_rows_survive_bad_ones_and_all_are_counted(read_text: Any) -> None:
    result = read_text(f"{HEADER}\n{GOOD}\nb,x,EUR,2026-01-31,,,,\nc,1\n\nd,,,,,,,\n")
    assert result.ledger.invoices.ids.tolist() == ["g1"]
    assert [problem.line for problem in result.problems] == [3, 4, 6]
    report = result.invoices
    assert (report.rows, report.kept, report.problems, report.blank) == (4, 1, 3, 1)
    assert (result.invoice_problems, result.transaction_problems) == (3, 0)


def test_a_row_is_listed_once_even_if_much_is_wrong_with_it(read_text: Any) -> None:
    result = read_text(f"{HEADER}\n{GOOD}\nb,x,Y,2026-02-30,,,,\n")
    assert [problem.column for problem in result.problems] == ["currency"]


def test_problems_are_counted_beyond_those_that_are_kept(read_text: Any) -> None:
    rows = "".join(f"b{n},x{n},EUR,2026-01-31,,,,\n" for n in range(12_000))
    result = read_text(f"{HEADER}\n{rows}")
    assert len(result.problems) == 10_000
    assert result.invoice_problems == 12_000
    assert result.problems[-1].line == 10_001


def test_a_problem_names_the_column_as_the_source_calls_it(read_text: Any) -> None:
    text = "Nr;Betrag;Datum\na;1,5x;2026-01-31\n"
    mapping = {"id": "Nr", "amount": "Betrag", "invoices.issue_date": "Datum"}
    result = read_text(text, mapping=mapping)
    assert "invoices.csv:2, column 'Betrag'" in str(result.problems[0])


def test_lines_are_right_behind_line_breaks_inside_quotes(read_text: Any) -> None:
    rows = 'a,"1.00","EUR","2026-01-31\n",,,,\n\nb,"x\n\n\ny",EUR,2026-01-31,,,,\nc,1\nd,z,,,,,,\n'
    result = read_text(f"{HEADER}\r\n{rows}")
    assert [(problem.line, problem.column) for problem in result.problems] == [
        (5, "amount"),
        (9, ""),
        (10, "amount"),
    ]


def test_transactions_need_a_booking_date(read_text: Any) -> None:
    transactions = "id,amount,booking_date,value_date\nt,1.00,,2026-01-31\n"
    result = read_text(f"{HEADER}\n{GOOD}\n", transactions)
    problem = result.problems[0]
    assert problem.source.endswith("transactions.csv")
    assert (problem.line, problem.column) == (2, "booking_date")
    assert "there is no date in booking_date" in problem.detail


@pytest.mark.parametrize(
    ("value", "detail", "remedy"),
    [
        (12.5, "the float 12.5 cannot hold money exactly", "a Decimal, or minor units"),
        (float("nan"), "the amount is missing", "fill it in"),
        (True, "True is a truth value", "give a text or a number"),
        (None, "the amount is missing", "fill it in"),
        ([1], "a list cannot be read here", "give a text"),
        ("\ud800", "the text has broken characters", "correct it"),
        (10**15 + 1, "is out of range", "check the digits"),
    ],
)
def test_a_bad_value_in_a_record_is_a_bad_row(value: object, detail: str, remedy: str) -> None:
    row = {"id": "a", "amount": value, "due_date": "2026-01-31"}
    result = read_ledger([{**row, "id": "g", "amount": 1}, row], [], ReadOptions())
    problem = result.problems[0]
    assert (problem.source, problem.line, problem.column) == ("invoices", 2, "amount")
    assert detail in problem.detail
    assert remedy in problem.remedy
    assert result.ledger.invoices.ids.tolist() == ["g"]
