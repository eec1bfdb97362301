# ruff: noqa: RUF001 (letters that look alike are what is tested)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.folding import fold, fold_all, name_keys, plain_vowels


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Acme GmbH", "ACME GMBH"),
        ("Müller & Söhne", "MULLER & SOHNE"),
        ("Straße", "STRASSE"),
        ("STRA\u1e9eE", "STRASSE"),
        ("Łódź Żółć", "LODZ ZOLC"),
        ("İstanbul ışık ÇĞÖŞÜ", "ISTANBUL ISIK CGOSU"),
        ("ΑΘΗΝΑ Ψυχή", "ATHINA PSYCHI"),
        ("Λόγος", "LOGOS"),
        ("Газпром Щука ёж", "GAZPROM SHCHUKA EZH"),
        ("Ђоковић", "DJOKOVIC"),
        ("Œuvre Ærø", "OEUVRE AERO"),
        ("\uff21\uff23\uff2d\uff25\u3000\uff11\uff12", "ACME 12"),
        ("cafe\u0301 caf\u00e9", "CAFE CAFE"),
        ("株式会社", "682A5F0F4F1A793E"),
        ("a🚚b\u00a0c–d", "A B C D"),
        ("\ud800x", " X"),
        ("", ""),
    ],
)
def test_texts_of_any_script_become_ascii_capitals(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_other_scripts_stay_apart() -> None:
    assert fold("株式会社") != fold("有限会社")


@given(st.text())
def test_a_folded_text_is_ascii_capitals_and_folds_to_itself(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.upper()
    assert fold(folded) == folded


@given(st.lists(st.text()))
def test_many_texts_fold_alike_and_on_one_line_each(texts: list[str]) -> None:
    folded = fold_all(texts)
    assert len("\n".join(folded).split("\n")) == max(len(texts), 1)
    for one, text in zip(folded, texts, strict=True):
        assert one == fold(text).replace("\n", " ").replace("\r", " ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller GmbH", "MUELLER GMBH"),
        ("Bäckerei Groß", "Baeckerei Gross"),
        ("Żabka Polska Sp. z o.o.", "ZABKA POLSKA SP Z O O"),
        ("Işık Tekstil Ltd. Şti.", "ISIK TEKSTIL LTD STI"),
        ("O'Neill & Sons", "ONEILL SONS"),
        ("Газпром ООО", "GAZPROM OOO"),
        ("Γιώργος Α.Ε.", "GIORGOS AE"),
        ("PAYPAL *Acme GmbH", "Acme GmbH"),
        ("SQ *Acme GmbH", "Acme GmbH"),
        ("SumUp Acme GmbH", "acme gmbh"),
        ("PayPal Europe Acme GmbH", "ACME-GMBH"),
    ],
)
def test_names_that_mean_one_party_have_one_key(one: str, other: str) -> None:
    assert name_keys(one) == name_keys(other)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Acme", ("ACME", "ACME")),
        ("Acme GmbH", ("ACMEGMBH", "ACME")),
        ("Acme G.m.b.H. & Co. KG", ("ACMEGMBHCOKG", "ACME")),
        ("Acme Ltd", ("ACMELTD", "ACME")),
        ("Acme S.r.l.", ("ACMESRL", "ACME")),
        ("Acme Sp. z o.o.", ("ACMESPZOO", "ACME")),
        ("Acme San. ve Tic. A.Ş.", ("ACMESANVETICAS", "ACME")),
        ("Acme S.A. de C.V.", ("ACMESADECV", "ACME")),
        ("Acme Co., Ltd.", ("ACMECOLTD", "ACME")),
        ("GmbH", ("GMBH", "GMBH")),
        ("AB GmbH", ("ABGMBH", "ABGMBH")),
        ("Co Limited", ("COLIMITED", "COLIMITED")),
        ("PAYPAL *", ("PAYPAL", "PAYPAL")),
        ("***", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_legal_form_at_the_end_is_taken_off_the_second_key(
    name: str, keys: tuple[str, str]
) -> None:
    assert name_keys(name) == keys


@given(st.text())
def test_keys_are_letters_and_digits(name: str) -> None:
    full, core = name_keys(name)
    assert full.startswith(core)
    assert all(not key or (key.isalnum() and key.isascii()) for key in (full, core))


def test_written_out_vowels_are_read_as_letters_with_dots() -> None:
    assert plain_vowels("MUELLER BAER GOETHE BLUE") == "MULLER BAR GOTHE BLU"
