"""Folding: texts of any script to comparable capitals, and names to keys."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fold", "fold_all", "name_keys", "plain_vowels"]

_LETTERS = {
    "ß": "SS", "ẞ": "SS", "æ": "AE", "ø": "O", "œ": "OE", "đ": "D", "ð": "D", "þ": "TH", "ł": "L",
    "ħ": "H", "ŋ": "NG", "ı": "I", "ŧ": "T",
    # Greek, ISO 843 (1997) type 2, without its digraph rules
    "α": "A", "β": "V", "γ": "G", "δ": "D", "ε": "E", "ζ": "Z", "η": "I", "θ": "TH", "ι": "I",
    "κ": "K", "λ": "L", "μ": "M", "ν": "N", "ξ": "X", "ο": "O", "π": "P", "ρ": "R", "σ": "S",
    "ς": "S", "τ": "T", "υ": "Y", "φ": "F", "χ": "CH", "ψ": "PS", "ω": "O",
    # Cyrillic, ICAO Doc 9303 part 3, section 6
    "а": "A", "б": "B", "в": "V", "г": "G", "д": "D", "е": "E", "ж": "ZH", "з": "Z", "и": "I",
    "к": "K", "л": "L", "м": "M", "н": "N", "о": "O", "п": "P", "р": "R", "с": "S", "т": "T",
    "у": "U", "ф": "F", "х": "KH", "ц": "TS", "ч": "CH", "ш": "SH", "щ": "SHCH", "ъ": "IE",
    "ы": "Y", "ь": "", "э": "E", "ю": "IU", "я": "IA", "і": "I", "є": "IE", "ґ": "G", "ђ": "DJ",
    "ј": "J", "љ": "LJ", "њ": "NJ", "ћ": "C", "џ": "DZ",
}  # fmt: skip


def fold(text: str) -> str:
    """Give a text in ASCII capitals: accents off, Greek and Cyrillic in Latin letters.

    Letters of other scripts become their code points in hexadecimal, so that equal texts stay
    equal and different ones stay different; other characters become blanks.
    """
    if text.isascii():
        return text.upper()
    out = []
    for char in unicodedata.normalize("NFKD", text).casefold():
        if char.isascii():
            out.append(char)
        elif unicodedata.combining(char):
            continue
        elif char in _LETTERS:
            out.append(_LETTERS[char])
        elif char.isalnum():
            out.append(f"{ord(char):X}")
        else:
            out.append(" ")
    return "".join(out).upper()


def fold_all(texts: Iterable[str]) -> list[str]:
    """Fold many texts; line breaks become blanks, so that results can be joined by them."""
    return [fold(text).replace("\n", " ").replace("\r", " ") for text in texts]


_WRITTEN_OUT = re.compile("([AOU])E")


def plain_vowels(folded: str) -> str:
    """Read AE, OE and UE as A, O and U: both are ways to write the letters with dots.

    Use it on both sides of a comparison; it also joins a few words that differ.
    """
    return _WRITTEN_OUT.sub(r"\1", folded)


# Legal forms as they look after folding, letters and digits only. Sources: the ISO 20275 list of
# entity legal forms (abbreviations in common use).
_FORMS = frozenset(
    """
    GMBHCOKG GMBHCOKGAA GMBHCO GMBH MBH UGHAFTUNGSBESCHRANKT UG AGCOKG AG KGAA KG OHG GBR EK EKFR
    EV EG SE LTD LIMITED PLC LLP LLC LC LP INC INCORPORATED CORP CORPORATION CO COMPANY PTY PTYLTD
    PVT PVTLTD BV NV VOF CV SARL SAS SASU EURL SNC SCI SA SL SLU SLNE SAU SC SRL SRLS SPA SNCA
    SAPA SRO SPOLSRO AS VOS ZRT KFT NYRT BT DOO DD AD EOOD OOD OY OYJ AB HB APS IS AMBA ASA ANS DA
    SPZOO SPZOOSPK SPK SPJ ZOO SIA UAB OU MB AE EPE IKE OE EE OOO OAO ZAO PAO TOV KK GK
    LTDSTI LIMITEDSIRKETI STI ANONIMSIRKETI TICLTDSTI SANVETICLTDSTI SANVETICAS ENTERPRISES
    LDA UNIPESSOALLDA LTDA EIRELI EIRL SCOP SCA SADECV SDERLDECV SAB
    """.split()  # noqa: SIM905 (a list of ninety words is read more easily so)
)
_GATEWAY = re.compile(
    r"^(?:[A-Z0-9][A-Z0-9.\-]{0,11} ?\*+ ?"
    r"|(?:PAYPAL|SUMUP|STRIPE|ZETTLE|IZETTLE|SQUARE|KLARNA|ADYEN|MOLLIE|"
    r"WORLDPAY|NEXI|PAYU|PRZELEWY24|IYZICO|VIVA|MYPOS)(?: (?:EUROPE|PAYMENTS?|PAY))? +)"
)
_WORD = re.compile(r"[A-Z0-9]+")


def name_keys(name: str) -> tuple[str, str]:
    """Reduce a name to comparable keys.

    Returns:
        The letters and digits of the folded name without a payment gateway in front, and the same
        without its legal form at the end (equal to the first where it shows none, or where nothing
        would be left).
    """
    folded = fold(name)
    folded = _GATEWAY.sub("", folded, count=1) or folded
    words = _WORD.findall(folded.replace("'", ""))
    full = "".join(words)
    cut = len(words)
    for _ in range(3):
        for first in range(max(1, cut - 7), cut):
            if "".join(words[first:cut]) in _FORMS:
                cut = first
                break
        else:
            break
    core = "".join(words[:cut])
    full, core = plain_vowels(full), plain_vowels(core)
    return full, core if len(core) >= 3 else full
