"""Recognisers of structured references, with the check digits of their standards."""

from __future__ import annotations

import re

import attrs

__all__ = ["BelgianReference", "CreditorReference", "OcrReference", "SwissReference"]

_SEPARATORS = re.compile("[^A-Z0-9]")


def _plain(found: str) -> str:
    return _SEPARATORS.sub("", found)


@attrs.frozen
class CreditorReference:
    """Creditor reference: RF, two check digits, and up to 21 letters and digits.

    Source:
        ISO 11649; checked by python-stdnum.
    """

    name: str = "creditor_reference"
    version: str = "1"
    pattern: str = r"(?<![A-Z0-9])RF ?[0-9]{2}(?: ?[A-Z0-9]){1,21}(?![A-Z0-9])"

    def read(self, found: str) -> str:
        """Give what stands behind the check digits."""
        from stdnum import iso11649

        # Words may follow: the longest beginning whose check digits are right is meant.
        words = found.split(" ")
        for end in range(len(words), 0, -1):
            number = _plain("".join(words[:end]))
            if iso11649.is_valid(number):
                return number[4:]
        return ""


@attrs.frozen
class BelgianReference:
    """Belgian structured communication: ten digits and two check digits (OGM-VCS).

    Source:
        Febelfin, structured communication; checked by python-stdnum.
    """

    name: str = "belgian_reference"
    version: str = "1"
    pattern: str = (
        r"(?:[+*]{3} ?)?(?<![0-9])[0-9]{3}[/ ]?[0-9]{4}[/ ]?[0-9]{5}(?![0-9])(?: ?[+*]{3})?"
    )

    def read(self, found: str) -> str:
        """Give the ten digits."""
        from stdnum.be import ogm_vcs

        number = _plain(found)
        return number[:10] if ogm_vcs.is_valid(number) else ""


@attrs.frozen
class SwissReference:
    """Swiss QR reference: 26 digits and a check digit.

    Source:
        SIX, Swiss payment standards, QR reference (modulo 10, recursive); checked by
        python-stdnum.
    """

    name: str = "swiss_reference"
    version: str = "1"
    pattern: str = r"(?<![0-9])[0-9]{2}(?: ?[0-9]{5}){5}(?![0-9])"

    def read(self, found: str) -> str:
        """Give the 26 digits without leading zeros."""
        from stdnum.ch import esr

        number = _plain(found)
        return number[:-1].lstrip("0") if esr.is_valid(number) else ""


@attrs.frozen
class OcrReference:
    """Swedish OCR reference: a number, a digit for the length of the whole, and a check digit.

    A check digit alone would be right for one long number in ten, so both are asked for.

    Source:
        Bankgirot, OCR references with variable length and check digit (the Luhn formula, ISO/IEC
        7812-1 annex B); checked by python-stdnum.
    """

    name: str = "ocr_reference"
    version: str = "1"
    pattern: str = r"(?<![A-Z0-9])[0-9]{6,25}(?![A-Z0-9])"

    def read(self, found: str) -> str:
        """Give the digits before the last two."""
        from stdnum import luhn

        if int(found[-2]) != len(found) % 10 or not luhn.is_valid(found):
            return ""
        return found[:-2]
