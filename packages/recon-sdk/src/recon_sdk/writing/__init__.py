"""Files that a run leaves behind: matches, candidates, changes, learned names, unusable rows.

The ending decides the form: `.csv`, `.jsonl` (or `.ndjson`) and `.parquet`. All three have the
same columns and rows, the bytes depend on the result alone, and a file is complete or absent.
"""

from __future__ import annotations

from recon_sdk.writing.aliases import write_aliases
from recon_sdk.writing.atomic import replacing
from recon_sdk.writing.candidates import CANDIDATE_COLUMNS, write_candidates
from recon_sdk.writing.changes import CHANGE_COLUMNS, write_changes
from recon_sdk.writing.matches import MATCH_COLUMNS, write_matches
from recon_sdk.writing.problems import PROBLEM_COLUMNS, write_problems
from recon_sdk.writing.tables import check_target

__all__ = [
    "CANDIDATE_COLUMNS",
    "CHANGE_COLUMNS",
    "MATCH_COLUMNS",
    "PROBLEM_COLUMNS",
    "check_target",
    "replacing",
    "write_aliases",
    "write_candidates",
    "write_changes",
    "write_matches",
    "write_problems",
]
