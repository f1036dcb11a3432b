"""Markdown that students' words stand in, as HTML that fetches nothing, runs nothing and leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.base.errors import AssignmentError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LEADS_OUT = ("link", "image", "autolink", "html_inline", "html_block", "reference")


def renderer() -> MarkdownIt:
    """Return what makes HTML of Markdown: tables, but no HTML of the text's own, no links and no pictures.

    Raises AssignmentError where the library is missing.
    """
    try:
        from markdown_it import MarkdownIt
    except ModuleNotFoundError as error:
        raise AssignmentError(f"Pages need {error.name}: ./setup.sh --staff installs it.") from error
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(_LEADS_OUT))
