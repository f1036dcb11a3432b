"""How Sphinx builds these pages: `sphinx-build -W docs site`."""

import re
from collections.abc import Iterator

from pygments.lexer import Lexer, do_insertions
from pygments.lexers.shell import BashLexer
from pygments.token import Generic, _TokenType
from sphinx.application import Sphinx

project = "The Beras autograder"
extensions = ["myst_parser", "sphinx_copybutton"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["tables.js"]
html_show_copyright = False
html_show_sphinx = False
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
nitpicky = True
exclude_patterns = ["_build"]


class ConsoleLexer(Lexer):
    """Colours commands alone: a line after `$ `, and those that a backslash continues. All else is output.

    Pygments' own lexer also takes a prompt for what ends in `#` or `%`, and colours output as a command.
    """

    name = "Console"

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield position, kind and text of each piece."""
        bash = BashLexer(**self.options)
        for found in re.finditer(r"^\$ ((?:.*\\\n)*.*\n?)|^.*\n?", text, re.MULTILINE):
            if found[1] is None:
                yield found.start(), Generic.Output, found[0]
            else:
                prompt = [(0, [(0, Generic.Prompt, "$ ")])]
                for index, kind, piece in do_insertions(prompt, bash.get_tokens_unprocessed(found[1])):
                    yield found.start() + index, kind, piece


def setup(app: Sphinx) -> None:
    """Use it for the pages' console blocks."""
    app.add_lexer("console", ConsoleLexer)
