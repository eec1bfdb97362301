"""Text similarity: rare words count, common ones hardly, and nothing depends on the order."""

from __future__ import annotations

import gc
import pickle
import random
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest

from recon_rules_default.text import TextSimilarity
from recon_sdk.testing import a_ledger, a_transaction, all_pairs, an_invoice, pairs_of

if TYPE_CHECKING:
    from recon_sdk import Ledger

COMMON = "Rechnung Zahlung Kunde"


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - an order of rows, not a secret


def ledger_of(*pairs: tuple[str, str]) -> Ledger:
    """One invoice and one payment for each pair of texts."""
    invoices = [an_invoice(f"i{k}", description=text) for k, (text, _) in enumerate(pairs)]
    payments = [a_transaction(f"t{k}", description=text) for k, (_, text) in enumerate(pairs)]
    return a_ledger(invoices, payments)


def value(ledger: Ledger, invoice: str, transaction: str) -> float:
    (found,) = TextSimilarity().score(pairs_of(ledger, [(invoice, transaction)])).tolist()
    return float(found)


def test_equal_texts_are_alike_and_foreign_ones_are_not() -> None:
    ledger = ledger_of(("toner cartridge", "cartridge TONER"), ("window cleaning", "pens"))
    assert value(ledger, "i0", "t0") == 1
    assert value(ledger, "i0", "t1") == 0


def test_rare_word_counts_and_common_ones_hardly() -> None:
    usual = [(f"{COMMON} item{k}", f"{COMMON} other{k}") for k in range(200)]
    ledger = ledger_of(*usual, (f"{COMMON} zirkonia", f"{COMMON} zirkonia"))
    rare, common = value(ledger, "i200", "t200"), value(ledger, "i0", "t0")
    assert rare == 1
    assert 0 < common < 0.2


def test_a_word_that_becomes_common_weighs_less() -> None:
    def of(times: int) -> float:
        filler = [("toner", "toner")] * times + [("x", f"y{k}") for k in range(40)]
        return value(ledger_of(("toner alpha", "toner beta"), *filler), "i0", "t0")

    # Texts are counted once each, however many rows carry them.
    assert of(1) == of(30)


@pytest.mark.parametrize(
    ("left", "right"), [("", "toner"), ("toner", ""), ("", ""), ("!", "toner"), ("a b", "toner")]
)
def test_side_without_words_gets_no_opinion(left: str, right: str) -> None:
    ledger = ledger_of((left, right), ("toner", "toner"))
    assert np.isnan(value(ledger, "i0", "t0"))


def test_ledger_without_any_word_gets_no_opinion() -> None:
    assert np.isnan(value(ledger_of(("", "")), "i0", "t0"))
    assert len(TextSimilarity().score(all_pairs(a_ledger()))) == 0


def test_names_and_numbers_are_words_too_and_accents_do_not_matter() -> None:
    ledger = a_ledger(
        [an_invoice("i", vendor_name="Café Zürich", invoice_number="77001", order_number="PO9")],
        [
            a_transaction(
                "t", counterparty_name="CAFE ZURICH", description="77001", reference="po9"
            )
        ],
    )
    assert value(ledger, "i", "t") == 1


@pytest.mark.parametrize("seed", range(3))
def test_values_do_not_depend_on_the_order_of_the_rows(seed: int) -> None:
    chance = seeded(seed)
    words = [f"word{k}" for k in range(30)]
    texts = [" ".join(chance.choices(words, k=6)) for _ in range(60)]
    invoices = [an_invoice(f"i{k:02d}", description=text) for k, text in enumerate(texts)]
    payments = [a_transaction(f"t{k:02d}", description=text) for k, text in enumerate(texts[::-1])]
    here = TextSimilarity().score(all_pairs(a_ledger(invoices, payments)))
    chance.shuffle(invoices)
    chance.shuffle(payments)
    there = TextSimilarity().score(all_pairs(a_ledger(invoices, payments)))
    assert here.tolist() == there.tolist()


def test_vectors_are_kept_for_a_ledger_and_freed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from recon_rules_default import text

    made = []

    class Counted(text._Vectors):
        def __init__(self, ledger: Ledger) -> None:
            made.append(weakref.ref(self))
            super().__init__(ledger)

    monkeypatch.setattr(text, "_Vectors", Counted)
    rule = TextSimilarity()
    ledger, other = ledger_of(("toner", "toner")), ledger_of(("pens", "pens"))
    for _ in range(3):
        rule.score(all_pairs(ledger))
        rule.score(all_pairs(other))
    assert len(made) == 2
    alive = weakref.ref(ledger)
    del ledger
    gc.collect()
    assert alive() is None
    assert [ref() is None for ref in made] == [True, False]


def test_pickled_rule_leaves_its_vectors_behind() -> None:
    rule = TextSimilarity()
    plain = pickle.dumps(rule)
    ledger = ledger_of(("toner alpha", "toner beta"))
    before = rule.score(all_pairs(ledger))
    assert pickle.dumps(rule) == plain
    copy = pickle.loads(plain)  # noqa: S301 - made here
    assert copy.score(all_pairs(ledger)).tolist() == before.tolist()


def test_words_round_the_value() -> None:
    invoice, transaction = an_invoice(), a_transaction()
    words = [TextSimilarity().describe(v, invoice, transaction) for v in (0.0, 0.356, 1.0)]
    assert words == [f"the texts are alike to {percent}" for percent in ("0%", "36%", "100%")]


def imported_by(code: str) -> set[str]:
    """Packages that a fresh interpreter has imported after some code."""
    shown = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", shown], capture_output=True, check=True, text=True
    )
    return set(done.stdout.split())


def test_plugin_is_imported_without_scikit_learn_and_scipy() -> None:
    found = imported_by("import recon_rules_default.plugin")
    assert "recon_rules_default" in found
    assert found.isdisjoint({"sklearn", "scipy", "pandas", "pyarrow"})


def test_plugin_is_loaded_without_scikit_learn_and_scipy() -> None:
    found = imported_by("from recon_sdk import Reconciler\nReconciler({'direction': 'payable'})")
    assert "recon_rules_default" in found
    assert found.isdisjoint({"sklearn", "scipy"})


def test_small_choice_needs_no_scipy() -> None:
    found = imported_by(
        "from recon_sdk.testing import hypotheses_of\n"
        "from recon_rules_default.assigner import BestWhole\n"
        "from recon_sdk import Limits, Strategy\n"
        "claims = [((k,), (k,), 9_000) for k in range(9)]\n"
        "claims += [((k,), (k + 1,), 8_000) for k in range(8)]\n"
        "hypotheses = hypotheses_of(claims, 9, 9)\n"
        "found = BestWhole().assign(hypotheses, Strategy.OPTIMAL, Limits())\n"
        "assert found.complete.all() and len(found.chosen) == 9\n"
    )
    assert found.isdisjoint({"sklearn", "scipy"})
