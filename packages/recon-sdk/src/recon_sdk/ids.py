"""Identifiers that must not be mixed up."""

from __future__ import annotations

from typing import NewType

__all__ = ["InvoiceId", "MatchId", "RunId", "TenantId", "TransactionId"]

TenantId = NewType("TenantId", str)
InvoiceId = NewType("InvoiceId", str)
TransactionId = NewType("TransactionId", str)
MatchId = NewType("MatchId", str)
RunId = NewType("RunId", str)
