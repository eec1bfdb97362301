"""Digests: equal inputs and equal results give equal hashes, on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.columns import NO_TEXT
from recon_sdk.hashing import hash_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.columns import Int32Array
    from recon_sdk.engines import RuleSet
    from recon_sdk.known import Known
    from recon_sdk.ledger import Ledger
    from recon_sdk.outcome import Outcome

__all__ = ["match_id", "run_digest"]

_FORMAT = "recon-digest-1"


def match_id(pairs: Iterable[tuple[str, str]]) -> str:
    """Give the id of a match: a hash of its sorted (invoice key, transaction key) pairs."""
    text = "\x1e".join(f"{i}\x1f{t}" for i, t in sorted(pairs))
    return "m_" + hashlib.sha256(text.encode()).hexdigest()[:24]


def run_digest(outcome: Outcome, rule_set: RuleSet, known: Known) -> str:
    """Hash the inputs of a run and all that it found.

    In it: every row by its key, the configuration, weights and plugin versions, what was known,
    and the candidates, matches, scores and verdicts. Not in it: times, paths, the order of
    arrival, and the engine.
    """
    out = hashlib.sha256(_FORMAT.encode())
    out.update(_rules(rule_set))
    out.update(_known(known))
    _side(out, outcome.ledger, outcome.ledger.invoices)
    _side(out, outcome.ledger, outcome.ledger.transactions)
    for columns in (outcome.candidates, outcome.matches):
        for field in attrs.fields(type(columns)):
            out.update(np.ascontiguousarray(getattr(columns, field.name)).astype("<i8").tobytes())
    out.update(outcome.duplicate_of.astype("<i8").tobytes())
    for failure in outcome.failures:
        out.update(f"{failure.plugin}/{failure.name}".encode())
    return out.hexdigest()


def _rules(rule_set: RuleSet) -> bytes:
    return _plain(
        {
            "config": attrs.asdict(rule_set.config, value_serializer=_simple),
            "rules": [(r.name, r.version, r.evidence, r.role, w) for r, w in rule_set.rules],
            "blockers": [(b.name, b.days_before, b.days_after) for b in rule_set.blockers],
            "models": [(m.name, m.version, m.kind) for m in rule_set.difference_models],
            "recognisers": [(r.name, r.version) for r in rule_set.recognisers],
            "assigner": (rule_set.assigner.name, rule_set.assigner.version),
            "policy": (rule_set.policy.name, rule_set.policy.version),
            "plugins": rule_set.plugin_versions,
            "trusted": sorted(rule_set.trusted_identity),
        }
    )


def _known(known: Known) -> bytes:
    """What was known, as sets: the order in which it was told means nothing."""
    decisions = {
        (d.status.value, *sorted(_plain(a).decode() for a in d.allocations))
        for d in known.decisions
    }
    aliases = {_plain(alias).decode() for alias in known.aliases}
    rates = {_plain(rate).decode() for rate in known.rates}
    return _plain([sorted(decisions), sorted(aliases), sorted(rates)])


def _plain(value: Any) -> bytes:
    if attrs.has(type(value)):
        value = attrs.asdict(value, value_serializer=_simple)
    return json.dumps(value, sort_keys=True, default=str, separators=(",", ":")).encode()


def _simple(owner: Any, attribute: Any, value: Any) -> Any:
    del owner, attribute
    if hasattr(value, "items"):
        return {
            str(k): attrs.asdict(v, value_serializer=_simple)
            if attrs.has(type(v))
            else _simple(None, None, v)
            for k, v in sorted(value.items())
        }
    return value


def _side(out: Any, ledger: Ledger, columns: Any) -> None:
    for field in attrs.fields(type(columns)):
        column = getattr(columns, field.name)
        if field.name == "ids":
            out.update("\x1f".join(column.tolist()).encode())
        elif field.name == "currency":
            out.update(" ".join(ledger.currencies).encode())
            out.update(column.astype("<i8").tobytes())
        elif field.type == "Int32Array" and field.name in _TEXTS:
            out.update(_text_hashes(ledger, column).tobytes())
        else:
            out.update(column.astype("<i8").tobytes())


_TEXTS = frozenset(
    {
        "account_id",
        "counterparty_iban",
        "counterparty_name",
        "customer_number",
        "description",
        "external_id",
        "invoice_number",
        "order_number",
        "payment_reference",
        "reference",
        "vendor_iban",
        "vendor_id",
        "vendor_name",
    }
)


def _text_hashes(ledger: Ledger, codes: Int32Array) -> Any:
    """The text of each row by its hash: codes depend on the order of arrival."""
    given = np.sort(codes[codes != NO_TEXT])
    distinct = given[np.concatenate([[True], given[1:] != given[:-1]])] if len(given) else given
    hashes = hash_texts([ledger.texts.values[c] for c in distinct.tolist()]).astype("<u8")
    out = np.zeros(len(codes), "<u8")
    known = codes != NO_TEXT
    if len(distinct):
        out[known] = hashes[np.searchsorted(distinct, codes[known])]
    return out
