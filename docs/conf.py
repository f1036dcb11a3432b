"""How Sphinx builds these pages: `sphinx-build -W docs site`."""

project = "The Beras autograder"
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
nitpicky = True
exclude_patterns = ["_build"]
