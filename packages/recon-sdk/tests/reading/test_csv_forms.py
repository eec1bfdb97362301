from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from recon_sdk.reading import ReadOptions, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id,amount,issue_date,vendor_name"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read_text: Any, delimiter: str) -> None:
    text = f"{HEADER}\na,1.00,2026-01-31,Müller\n".replace(",", delimiter)
    transactions = "id,amount,booking_date\n".replace(",", delimiter)
    result = read_text(text)
    assert result.ledger.invoice(0).vendor_name == "Müller"
    assert result.invoices.delimiter == delimiter
    assert (
        read_text(text, transactions, delimiter=delimiter).ledger.invoice(0).vendor_name
        == "Müller"
    )


def test_a_delimiter_inside_other_names_does_not_mislead(read_text: Any) -> None:
    text = 'id;amount;issue_date;"a,b,c,d,e,f"\na;1,00;2026-01-31;\n'
    assert read_text(text).ledger.invoice(0).amount.minor == 100


@pytest.mark.parametrize(
    ("encoding", "option", "shown"),
    [
        ("utf-8", None, "utf-8"),
        ("utf-8-sig", None, "utf-8"),
        ("utf-8-sig", "utf-8", "utf-8"),
        ("cp1252", None, "cp1252"),
        ("latin-1", "latin-1", "iso8859-1"),
        ("utf-16", "utf-16", "utf-16"),
        ("cp850", "cp850", "cp850"),
    ],
)
def test_the_encoding_is_found_or_given(
    read_text: Any, encoding: str, option: str | None, shown: str
) -> None:
    content = f"{HEADER}\na,1.00,2026-01-31,Müller\nb,x,2026-01-31,Ö\n".encode(encoding)
    result = read_text(content, "id,amount,booking_date".encode(encoding), encoding=option)
    assert result.ledger.invoice(0).vendor_name == "Müller"
    assert result.ledger.invoice(0).id == "a"
    assert result.problems[0].line == 3
    assert result.invoices.encoding == shown


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end", "end end"])
def test_line_ends_do_not_matter(read_text: Any, end: str, last: str) -> None:
    text = f"{HEADER}\na,1.00,2026-01-31,\nb,x,2026-01-31,".replace("\n", end)
    result = read_text(text + last.replace("end", end).replace(" ", ""))
    assert result.ledger.invoices.ids.tolist() == ["a"]
    assert result.problems[0].line == 3


def test_quoted_fields_may_hold_delimiters_quotes_and_line_breaks(read_text: Any) -> None:
    result = read_text(f'{HEADER}\n"a","1.00","2026-01-31","A ""B"",\nC"\n')
    assert result.ledger.invoice(0).vendor_name == 'A "B",\nC'


def test_blank_lines_and_empty_rows_are_passed_over(read_text: Any) -> None:
    result = read_text(f'{HEADER}\n\n  \n""\n,,,\na,1.00,2026-01-31,\n, ,,\n\n')
    assert result.problems == ()
    assert (result.invoices.rows, result.invoices.kept, result.invoices.blank) == (1, 1, 6)


def test_headers_match_without_regard_to_case_and_blanks(read_text: Any) -> None:
    result = read_text(" ID ,Amount,ISSUE_DATE,Vendor_Name,Ort\na,1.00,2026-01-31,X,Y\n")
    assert result.ledger.invoice(0).vendor_name == "X"
    assert result.invoices.ignored_columns == ("Ort",)
    assert result.ignored_columns[0].endswith("invoices.csv: Ort")


def test_an_exact_name_wins_over_a_similar_one(read_text: Any) -> None:
    result = read_text("Id,id,amount,due_date\nx,a,1.00,2026-01-31\n")
    assert result.ledger.invoices.ids.tolist() == ["a"]
    assert result.invoices.ignored_columns == ("Id",)


def test_columns_are_mapped_for_both_sides_or_one(read_text: Any) -> None:
    result = read_text(
        "Nr;Betrag;Datum\na;1,00;31.01.2026\n",
        "Umsatz;amount;Tag\nt;-1,00;31.01.2026\n",
        mapping={
            "invoices.id": "Nr",
            "transactions.id": "umsatz",
            "amount": "Betrag",
            "issue_date": "Datum",
            "booking_date": "Tag",
        },
    )
    assert result.ledger.invoice(0).amount.minor == 100
    assert result.ledger.transaction(0).amount.minor == -100


def test_rows_with_a_final_status_are_left_out_and_counted(read_text: Any) -> None:
    result = read_text(
        "id,amount,due_date,status\na,1.00,2026-01-31,open\nb,nonsense,,Void\nc,,,ignored\n",
        "id,amount,booking_date,status\nt,1.00,2026-01-31,ignored\nt,2.00,2026-01-31,matched\n",
    )
    assert result.ledger.invoices.ids.tolist() == ["a"]
    assert result.ledger.transaction(0).amount.minor == 200
    assert (result.invoices.left_out, result.transactions.left_out) == (1, 1)
    assert [problem.line for problem in result.problems] == [4]


def test_a_pipe_can_be_read(tmp_path: Path, csv_reader: str) -> None:
    del csv_reader
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    content = f"{HEADER}\na,1.00,2026-01-31,X\n"
    writer = threading.Thread(target=pipe.write_text, args=(content,))
    writer.start()
    result = read_ledger(pipe, [])
    writer.join()
    assert result.ledger.invoice(0).vendor_name == "X"


def test_small_files_do_not_import_pyarrow(tmp_path: Path) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text(f"{HEADER}\na,1.00,2026-01-31,X\n")
    program = (
        "import sys; from recon_sdk.reading import read_ledger; "
        "read_ledger(sys.argv[1], []); assert 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)  # noqa: S603


_LIMITED = """
import resource, sys
from recon_sdk.reading import read_ledger, reader
if sys.argv[2] == "arrow":
    import pyarrow.csv
else:
    reader.has_arrow = lambda: False
size = int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (size + 512 * 2**20,) * 2)
result = read_ledger(sys.argv[1], [])
print(result.invoices.kept, result.invoices.problems)
"""


def test_a_large_file_is_read_within_little_memory(tmp_path: Path, csv_reader: str) -> None:
    # The whole file as a table of texts does not fit into the limit.
    row = "2026-01-31,12.50,Remittance text that many rows have in common " + "x" * 1850
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("id,issue_date,amount,description\n")
        file.writelines(f"i{n:07},{row}{n % 50}\n" for n in range(140_000))
    assert path.stat().st_size > 256 * 2**20
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _LIMITED, str(path), csv_reader],
        check=True,
        capture_output=True,
        text=True,
    )
    path.unlink()
    assert done.stdout.split() == ["140000", "0"]


def test_options_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "invoices.TXT"
    path.write_text(f"{HEADER}\na,1.00,2026-01-31,X\n")
    assert read_ledger(str(path), []).ledger.invoice(0).id == "a"
    assert read_ledger(path, [], ReadOptions()).invoices.source == str(path)
