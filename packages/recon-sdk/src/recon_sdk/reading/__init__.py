"""Reading: files, data frames and records become a ledger."""

from recon_sdk.reading.options import ReadOptions
from recon_sdk.reading.reader import ReadResult, SourceReport, read_ledger

__all__ = ["ReadOptions", "ReadResult", "SourceReport", "read_ledger"]
