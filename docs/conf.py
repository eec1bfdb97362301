"""Sphinx settings. The built pages load nothing from elsewhere."""

from __future__ import annotations

from importlib.metadata import version as installed_version

project = "Recon"
author = "The Recon maintainers"
copyright = "The Recon maintainers"
release = installed_version("recon-sdk")
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "examples/**"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Shape", "params_style"), "Units", "Source", "On failure"]

html_theme = "furo"
html_title = f"Recon {release}"
html_copy_source = False
html_show_sphinx = False
