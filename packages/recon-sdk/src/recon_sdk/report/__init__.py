"""A result, or what differs between two, as one HTML page that needs nothing but a browser.

The page has no address in it, loads nothing, works with JavaScript off and prints well. Texts of
the data are escaped, and a content security policy inside the page allows only its own style and
script. Its bytes depend on the result alone: there is no clock in it.
"""

from __future__ import annotations

from recon_sdk.report.changes import render_changes_report, write_changes_report
from recon_sdk.report.page import render_report, write_report

__all__ = ["render_changes_report", "render_report", "write_changes_report", "write_report"]
