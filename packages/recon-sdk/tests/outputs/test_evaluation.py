from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recon_sdk.errors import InputError
from recon_sdk.evaluation import evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from recon_sdk.results import Result

TRUTH = """invoice_id,transaction_id,allocated,kind
i1,t1,100.00,one
i2,t2,700.00,batch
i3,t2,-120.00,batch
i4,t3,45.00,instalment
i4,t7,45.00,instalment
+9,t7,12.00,one
i6,t9,33.00,fee
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "truth.csv").write_text(TRUTH)
    return tmp_path


def test_links_are_counted_as_in_any_textbook(result: Result, folder: Path) -> None:
    found = evaluate(result, folder)
    assert (found.links, found.true_links, found.right) == (7, 7, 4)
    assert found.precision == pytest.approx(4 / 7)
    assert found.recall == pytest.approx(4 / 7)
    assert found.f1 == pytest.approx(4 / 7)


def test_recall_is_told_apart_by_kind_of_payment(result: Result, folder: Path) -> None:
    found = evaluate(result, folder / "truth.csv")
    assert found.recall_by_kind == {"batch": 1, "fee": 0, "instalment": 0.5, "one": 0.5}
    assert found.true_by_kind == {"batch": 2, "fee": 1, "instalment": 2, "one": 2}


def test_first_answers_are_judged_on_payments_of_one_invoice_by_one_transaction(
    result: Result, folder: Path
) -> None:
    assert evaluate(result, folder).top1 == pytest.approx(1 / 2)


def test_automatic_links_have_figures_of_their_own(result: Result, folder: Path) -> None:
    auto = evaluate(result, folder).auto
    assert (auto.links, auto.right, auto.errors, auto.precision) == (3, 3, 0, 1.0)
    assert auto.coverage == pytest.approx(3 / 7)
    assert auto.coverage_by_kind == {"batch": 1, "fee": 0, "instalment": 0, "one": 0.5}


def test_an_automatic_error_is_counted(result: Result, folder: Path) -> None:
    lines = TRUTH.replace("i1,t1", "i1,t6")
    (folder / "truth.csv").write_text(lines)
    assert evaluate(result, folder).auto.errors == 1


def test_nothing_found_is_no_division_by_zero(empty_result: Result, folder: Path) -> None:
    found = evaluate(empty_result, folder)
    assert (found.precision, found.recall, found.f1, found.auto.precision) == (0, 0, 0, 1)


def test_a_truth_without_a_column_is_refused_with_the_columns_it_needs(
    result: Result, tmp_path: Path
) -> None:
    (tmp_path / "truth.csv").write_text("invoice_id,transaction_id\n")
    with pytest.raises(InputError, match="lacks the column 'kind'"):
        evaluate(result, tmp_path)


def test_a_missing_truth_is_named(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"truth\.csv: cannot be read"):
        evaluate(result, tmp_path)
