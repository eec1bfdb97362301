"""Reading decisions, aliases and rates from files."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from recon_sdk.errors import InputError, RowError
from recon_sdk.known import Alias, Decision, Known, Rate
from recon_sdk.known_files import (
    DECISION_COLUMNS,
    load_known,
    read_aliases,
    read_decisions,
    read_rates,
)
from recon_sdk.matches import Allocation, MatchStatus
from recon_sdk.money import Money
from recon_sdk.wire import to_json

HEAD = ",".join(DECISION_COLUMNS)


def allocation(invoice, transaction, amount):
    money = Money.of(amount, "EUR")
    return Allocation(invoice_id=invoice, transaction_id=transaction, settled=money, paid=-money)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


DECISIONS = f"""{HEAD}
confirmed,a,t1,10,EUR,-10,EUR,m1
rejected,b,t2,5.50,EUR,-5.50,EUR,

confirmed,c,t1,20,EUR,-20,EUR,m1
,d,t9,1,EUR,-1,EUR,m9
proposed,e,t9,1,EUR,-1,EUR,m8
rejected,b,t2,5.50,EUR,-5.50,EUR,
"""


def test_rows_with_one_match_id_are_one_decision(write):
    confirmed, rejected, again = read_decisions(write("d.csv", DECISIONS))
    assert confirmed == Decision(
        status=MatchStatus.CONFIRMED,
        allocations=(allocation("a", "t1", "10"), allocation("c", "t1", "20")),
    )
    assert rejected == again
    assert rejected.allocations == (allocation("b", "t2", "5.50"),)


def test_the_written_matches_with_a_status_are_a_file_of_decisions(write):
    text = (
        "match_id,invoice_id,transaction_id,settled_amount,settled_currency,paid_amount,"
        "paid_currency,score,kind,decision,reasons,difference_kind,difference_amount,explanation,"
        'status\nm,a,t,10.00,EUR,-10.00,EUR,0.9,one_to_one,auto,,,,"fits, well",confirmed\n'
    )
    assert read_decisions(write("out.csv", text))[0].pairs == {("a", "t")}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_separators_and_a_byte_order_mark_are_fine(write, delimiter):
    text = "\ufeff" + DECISIONS.replace(",", delimiter).replace("\n", "\r\n")
    assert len(read_decisions(write("d.csv", text))) == 3


def test_a_guard_against_formulas_is_taken_away(write):
    text = f"{HEAD}\nconfirmed,'=a,'b,1,EUR,-1,EUR,\n"
    assert read_decisions(write("d.csv", text))[0].pairs == {("=a", "'b")}


def test_json_lines_and_json_lists_have_the_same_keys(write):
    rows = [
        {
            "status": "confirmed",
            "invoice_id": name,
            "transaction_id": "t",
            "settled_amount": "1.00",
            "settled_currency": "EUR",
            "paid_amount": "-1.00",
            "paid_currency": "EUR",
            "match_id": "m",
        }
        for name in "ab"
    ]
    lines = "\n".join(map(json.dumps, rows))
    one = read_decisions(write("d.jsonl", lines))
    assert one == read_decisions(write("d.json", json.dumps(rows)))
    assert one[0].pairs == {("a", "t"), ("b", "t")}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("confirmed,a,t,x,EUR,-1,EUR,", "column 'settled_amount': 'x' is not an amount"),
        ("confirmed,a,t,1.234,EUR,-1,EUR,", "column 'settled_amount': '1.234' has 3 decimals"),
        ("confirmed,a,t,1,EUR,,EUR,", "column 'paid_amount': is blank (write it like -1234.50)"),
        ("confirmed,,t,1,EUR,-1,EUR,", "column 'invoice_id': is blank"),
        ("confirmed,a,t,1,EU,-1,EUR,", "column 'settled_amount': unknown currency 'EU'"),
        ("confirmd,a,t,1,EUR,-1,EUR,", "column 'status': 'confirmd' is no status; did you mean"),
        ("confirmed,a,t,1,EUR,-1,EUR", ": has 7 fields, the header has 8 (put quotes"),
        ("rejected,z,t,1,EUR,-1,EUR,m", "column 'status': line 2 has the same match_id and is"),
        ("confirmed,y,t,1,EUR,-1,EUR,m", ": repeats the invoice and transaction of line 2"),
        ('confirmed,"a', ": unexpected end of data (close the quotes"),
    ],
)
def test_a_wrong_row_is_refused_with_line_column_and_remedy(write, row, message):
    path = write("d.csv", f"{HEAD}\nconfirmed,y,t,1,EUR,-1,EUR,m\n{row}\n")
    with pytest.raises(RowError) as caught:
        read_decisions(path)
    assert f"{path}:3" in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.line == 3


def test_lines_are_counted_across_quoted_line_breaks(write):
    text = f'{HEAD}\nconfirmed,"a\nb",t,1,EUR,-1,EUR,\nconfirmed,c,t,x,EUR,-1,EUR,\n'
    with pytest.raises(RowError) as caught:
        read_decisions(write("d.csv", text))
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("d.txt", "", "the ending is unknown; use .csv, .jsonl, .ndjson or .json"),
        ("d.csv", "status\n", "there is no column invoice_id, paid_amount"),
        ("d.csv", "", "there is no column invoice_id"),
        ("d.csv", f"{HEAD},match_idd\n", "unknown column 'match_idd'; did you mean 'match_id'?"),
        ("d.csv", f"{HEAD},status\n", "column status stands twice (keep one of them)"),
        ("d.csv", b"\xe4", "byte 0 is not UTF-8 (save it as UTF-8)"),
        ("d.json", "{}", "is not a JSON list"),
        ("d.json", "[", "is not JSON"),
        ("d.jsonl", "{", ":1: is not JSON"),
        ("d.jsonl", "\n3", ":2: is a int, not an object"),
        ("d.jsonl", '{"status": "confirmed"}', "there is no column invoice_id"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(write, name, text, message):
    path = write(name, text)
    with pytest.raises((InputError, RowError)) as caught:
        read_decisions(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent.csv: cannot be read: No such file"):
        read_rates(tmp_path / "absent.csv")


def test_json_numbers_are_no_amounts(write):
    row = dict.fromkeys(DECISION_COLUMNS, "EUR") | {"status": "confirmed", "settled_amount": 1.5}
    with pytest.raises(RowError, match=r"'settled_amount': must be a text, not 1.5"):
        read_decisions(write("d.jsonl", json.dumps(row)))
    row |= {"settled_amount": "1", "paid_amount": "1", "match_id": 3}
    with pytest.raises(RowError, match="'match_id': must be a text, not 3"):
        read_decisions(write("d.jsonl", json.dumps(row)))


def test_aliases(write):
    text = "name,vendor_id,source\nACME*SHOP,v1,\n ACME Ltd ,v1,confirmed\n"
    assert read_aliases(write("a.csv", text)) == (
        Alias(name="ACME*SHOP", vendor_id="v1", source="person"),
        Alias(name="ACME Ltd", vendor_id="v1", source="confirmed"),
    )
    with pytest.raises(RowError, match=r"a.csv:2, column 'vendor_id': is blank"):
        read_aliases(write("a.csv", "name,vendor_id\nACME,\n"))


def test_rates(write):
    text = "base,quote,rate,date,source,band_percent\nEUR,USD,1.0842,2026-03-02,bank,2.5\n"
    assert read_rates(write("r.csv", text)) == (
        Rate(
            base="EUR",
            quote="USD",
            micros=1_084_200,
            date=dt.date(2026, 3, 2),
            source="bank",
            band=250,
        ),
    )
    short = "base,quote,rate,date\nEUR,USD,1,2026-03-02\nEUR,USD,1,2026-03-02\n"
    assert read_rates(write("r.csv", short))[0].band == 300


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("EUR,USX,1,2026-03-02", "column 'quote': unknown currency 'USX'"),
        ("EUR,EUR,1,2026-03-02", "column 'quote': is the same currency as base"),
        ("EUR,USD,1.0000001,2026-03-02", "column 'rate': '1.0000001' has more than 6 decimals"),
        ("EUR,USD,0,2026-03-02", "column 'rate': a rate is a positive number"),
        ("EUR,USD,-1,2026-03-02", "column 'rate': a rate is a positive number"),
        ("EUR,USD,1,02.03.2026", "column 'date': must be a date such as 2026-03-31"),
        ("EUR,USD,1.2,2026-01-01", "column 'rate': line 2 gives another rate for EUR/USD"),
    ],
)
def test_wrong_rates_are_refused(write, row, message):
    path = write("r.csv", f"base,quote,rate,date\nEUR,USD,1.1,2026-01-01\n{row}\n")
    with pytest.raises(RowError) as caught:
        read_rates(path)
    assert caught.value.line == 3
    assert message in str(caught.value)
    assert caught.value.remedy


def test_known_is_gathered_from_files_and_values(write):
    alias = Alias(name="ACME", vendor_id="v")
    rate = Rate(base="EUR", quote="USD", micros=1, date=dt.date(2026, 1, 1))
    known = load_known(write("d.csv", DECISIONS), [alias, to_json(alias)], (to_json(rate),))
    assert len(known.decisions) == 3
    assert known.aliases == (alias, alias)
    assert known.rates == (rate,)
    assert load_known() == Known()
    with pytest.raises(InputError, match=r"alias 2.name: is required and missing"):
        load_known(aliases=[alias, {"vendor_id": "v"}])
