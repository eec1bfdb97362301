"""The default rules, blockers, difference models, assigner and policy of Recon.

An ordinary plugin: it comes in through the hooks of `recon_sdk` and uses nothing that others
cannot.
"""
