"""What the site does that mkdocs does not by itself: the FAQ is its first page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

LANDING = "faq.md"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """The files, LANDING at the root of the site."""
    del config
    landing = files.get_file_from_path(LANDING)
    assert landing is not None, LANDING
    landing.dest_uri = "index.html"
    return files
