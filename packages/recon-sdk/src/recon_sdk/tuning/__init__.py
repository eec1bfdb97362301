"""Tuning: weights and thresholds proposed from labelled matches, by cross-validation.

Nothing is tuned silently or within a run: `tune` measures, proposes, and says why; a person reads
the file that comes out and uses it or not. The constants of the evidence are never tuned.

What is tuned is judged on parties that it was not tuned on. The labelled parties are split into
folds, an invoice's payments staying with it; each fold is measured with what the other folds would
propose. A run has no labels in it, so one run over the whole ledger measures all folds at once:
each meets the rivals it meets in life, and the payments that belong to nobody.

A proposal stands only where its gain on parties it has not seen is larger than the standard error
of that gain; everything else is kept. Among values that do equally well the one nearest to the
current value is taken, so little or noisy data changes nothing.
"""

from __future__ import annotations

from recon_sdk.tuning.outcome import FoldFigures, Tuning, Verdict
from recon_sdk.tuning.tuner import LEAST_LINKS, tune
from recon_sdk.tuning.written import tuned_toml, write_tuned

__all__ = [
    "LEAST_LINKS",
    "FoldFigures",
    "Tuning",
    "Verdict",
    "tune",
    "tuned_toml",
    "write_tuned",
]
