"""The hooks of Recon: what a plugin may offer, and when it is asked.

A plugin is a module (or an object) whose functions are marked with `recon_sdk.hookimpl`. A package
announces it as an entry point of the group `recon.plugins`; the entry point's name is the plugin's
name, by which a tenant's configuration switches it on.

```python
from recon_sdk import hookimpl, pair_rule

@pair_rule(weight=0.2)
def same_month(invoice, transaction):
    "issued and paid in one month"
    ...

@hookimpl
def recon_register_rules():
    return [same_month]
```

What holds for every hook:

- It is a plain function, not `async` and not a wrapper; both are refused at load.
- An implementation may leave out arguments that it does not need.
- It hands over objects and does no work: no I/O, no state about a tenant in the module. The same
  module serves every tenant.
- Each plugin is called alone and sees only its own `config`. What it returns is checked, and
  results are sorted by name: neither the order of a list nor that of installation has a meaning.
- An exception, or a result that the hook does not allow, becomes a `PluginError` that names the
  plugin and the hook. The tenant is then not loaded; one that was loaded keeps what it had. No
  other tenant is touched.
- Settings that do not fit together are refused by raising `ConfigError(path, detail)`, with the
  path inside the plugin's own section; it is shown with `settings.<plugin>` before it.
- Hooks may gain arguments; that breaks no plugin. What else may change is announced one minor
  release ahead.

The groups below stand in the order of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.markers import hookspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.assignment import Assigner
    from recon_sdk.blocking import Blocker
    from recon_sdk.config import PluginConfig, TenantRef
    from recon_sdk.differences import DifferenceModel
    from recon_sdk.engines import Engine
    from recon_sdk.explanations import Explainer
    from recon_sdk.notices import DecisionNotice, RunNotice
    from recon_sdk.policy import DecisionPolicy
    from recon_sdk.recognisers import Recogniser
    from recon_sdk.rules import ScoringRule
    from recon_sdk.statements import StatementReader
    from recon_sdk.storage import StorageBackend

__all__ = [
    "recon_build_assigner",
    "recon_build_policy",
    "recon_match_decided",
    "recon_plugin_settings",
    "recon_register_blockers",
    "recon_register_difference_models",
    "recon_register_engines",
    "recon_register_explainers",
    "recon_register_recognisers",
    "recon_register_rules",
    "recon_register_statement_readers",
    "recon_register_storage_backends",
    "recon_run_finished",
]


# ------------------------------------------------------------------------------------------------
# Settings: asked first, before a tenant's configuration is read
# ------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def recon_plugin_settings() -> type | None:
    """Name the class of this plugin's own settings.

    Called once whenever a tenant is loaded, and when the schema of the configuration is printed.
    The section `[settings.<plugin>]` is structured by the class, strictly: unknown keys, a missing
    required value and a value of another type are errors with a path.

    Returns:
        An attrs class, best a frozen one. Give every field a default, so that the plugin works
        without a section, and a line under `Attributes:` in the docstring: it becomes the
        description in the published JSON Schema. None, or no implementation, means that the plugin
        has no settings; a section for it is then an error.

    On failure: the tenant is not loaded.
    """


# ------------------------------------------------------------------------------------------------
# Reading files
# ------------------------------------------------------------------------------------------------


@hookspec
def recon_register_statement_readers() -> Iterable[StatementReader]:
    """Offer readers of bank file formats.

    Called when files of another kind than CSV and Parquet are to be read, never per row.

    Returns:
        Any number of readers, `()` for none. Names, and endings of files, are unique among the
        active plugins.

    On failure: the file is not read.
    """
    return ()


# ------------------------------------------------------------------------------------------------
# Where a run happens: plugins that the operator installs
# ------------------------------------------------------------------------------------------------


@hookspec
def recon_register_storage_backends() -> Iterable[StorageBackend]:
    """Offer storage by URL scheme.

    Called when a server or a command opens its storage, for the operator's plugins only.

    Returns:
        Any number of backends, `()` for none. A `scheme` is unique among the active plugins.

    On failure: the process does not start.
    """
    return ()


@hookspec
def recon_register_engines() -> Iterable[Engine]:
    """Offer engines, by the name given with `--engine`.

    Called when an engine other than the built-in `local` is asked for, for the operator's plugins
    only.

    Returns:
        Any number of engines, `()` for none. Every engine gives the same outcome as `local`, to
        the last digit.

    On failure: the run does not start.
    """
    return ()


# ------------------------------------------------------------------------------------------------
# From rows to candidates and scores
# ------------------------------------------------------------------------------------------------


@hookspec
def recon_register_blockers(tenant: TenantRef, config: PluginConfig) -> Iterable[Blocker]:
    """Offer ways to find rows that are worth comparing.

    Called once whenever a tenant is loaded, never per row.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        Any number of blockers, `()` for none. A pair becomes a candidate when any blocker gives
        both rows the same key. Names are unique for the tenant.

    On failure: the tenant is not loaded. A blocker that fails later, in a run, is set aside for
    that run, and nothing in it is decided automatically.
    """
    return ()


@hookspec
def recon_register_rules(tenant: TenantRef, config: PluginConfig) -> Iterable[ScoringRule]:
    """Offer scoring rules.

    Called once whenever a tenant is loaded, never per pair: the engine calls the rules, with many
    pairs at once.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings. Weights are no settings: `[rules.<name>]` is for that.

    Returns:
        Any number of rules, `()` for none. Names are unique for the tenant.

    On failure: the tenant is not loaded. A rule that fails later, in a run, is set aside for that
    run, and nothing in it is decided automatically.
    """
    return ()


@hookspec
def recon_register_recognisers(tenant: TenantRef, config: PluginConfig) -> Iterable[Recogniser]:
    """Offer readers of structured references.

    Called once whenever a tenant is loaded, never per text.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        Any number of recognisers, `()` for none. Names are unique for the tenant.

    On failure: the tenant is not loaded. A recogniser that fails later, in a run, is set aside for
    that run, and nothing in it is decided automatically.
    """
    return ()


@hookspec
def recon_register_difference_models(
    tenant: TenantRef, config: PluginConfig
) -> Iterable[DifferenceModel]:
    """Offer explanations of a gap between what was asked and what was paid.

    Called once whenever a tenant is loaded, never per gap.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        Any number of models, `()` for none. Names are unique for the tenant; several models may
        give gaps of one kind, and the most probable one names the gap.

    On failure: the tenant is not loaded. A model that fails later, in a run, is set aside for that
    run, and nothing in it is decided automatically.
    """
    return ()


# ------------------------------------------------------------------------------------------------
# From scores to decisions: exactly one provider each, named in the tenant's configuration
# ------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def recon_build_assigner(tenant: TenantRef, config: PluginConfig) -> Assigner | None:
    """Build what chooses matches from all hypotheses.

    Called once whenever a tenant's rule set is put together, and only for the plugin that the key
    `assigner` names.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        The assigner. None means that this plugin has none, which is an error for the plugin that
        the configuration names.

    On failure: the tenant is not loaded. If it fails later, the run fails.
    """


@hookspec(firstresult=True)
def recon_build_policy(tenant: TenantRef, config: PluginConfig) -> DecisionPolicy | None:
    """Build what decides which matches need a person's look.

    Called once whenever a tenant's rule set is put together, and only for the plugin that the key
    `policy` names.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        The policy. None means that this plugin has none, which is an error for the plugin that the
        configuration names.

    On failure: the tenant is not loaded. If it fails later, the run fails.
    """


# ------------------------------------------------------------------------------------------------
# Wording
# ------------------------------------------------------------------------------------------------


@hookspec
def recon_register_explainers(tenant: TenantRef, config: PluginConfig) -> Iterable[Explainer]:
    """Offer ways to put a match into words.

    Called once whenever a tenant is loaded, never per match. Build no connection here: an
    explainer makes it when it is first asked.

    Args:
        tenant: Who is being loaded, and its base currency. Read-only.
        config: This plugin's own settings.

    Returns:
        Any number of explainers, `()` for none. The key `explainers` says which of them are used
        and in which order; the built-in text stands behind all of them.

    On failure: the tenant is not loaded. An explainer that fails later, or is too slow, is passed
    over.
    """
    return ()


# ------------------------------------------------------------------------------------------------
# Notices: told after the change is committed
# ------------------------------------------------------------------------------------------------


@hookspec
def recon_run_finished(tenant: TenantRef, run: RunNotice) -> None:
    """Hear that a run is finished and stored.

    Called once for each run, after commit, in no particular order among plugins. Be quick, or hand
    the work to a queue of your own: the caller waits.

    Args:
        tenant: Whose run it was.
        run: What came out.

    Returns:
        Nothing; a returned value is ignored.

    On failure: the failure is logged with the plugin's name. The run stays as it is, and the other
    plugins are told all the same.
    """


@hookspec
def recon_match_decided(tenant: TenantRef, notice: DecisionNotice) -> None:
    """Hear that a match was confirmed, rejected or put back.

    Called once for each match whose status changed, after commit, in no particular order among
    plugins. Be quick, or hand the work to a queue of your own: the caller waits.

    Args:
        tenant: Whose match it is.
        notice: What was decided.

    Returns:
        Nothing; a returned value is ignored.

    On failure: the failure is logged with the plugin's name. The decision stays as it is, and the
    other plugins are told all the same.
    """
