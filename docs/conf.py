"""How `scripts/docs` makes a website of these pages (Sphinx, MyST, furo)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from firstparty import __version__ as release

project = "firstparty"
copyright = "the firstparty authors"  # noqa: A001 - Sphinx's name for it
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "furo"
html_title = f"firstparty {release}"
html_copy_source = False
html_show_sourcelink = False
