"""What a test asks an object of the submission's for and its class lacks; read from the text, which nobody parses."""

from __future__ import annotations

import re
from typing import Final

from autograder.base.searching import text_to_search
from autograder.feedback.text import code
from autograder.intake.submission import Submission

_NO_ATTRIBUTE: Final = re.compile(r"'(\w+)' object has no attribute '([^\W_]\w*)'")
_NEXT_AT_THE_TOP: Final = re.compile(r"^(?:class|def)\s", re.MULTILINE)
_DEFINITION: Final = re.compile(r"^([ \t]+)def[ \t]+(\w+)", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r"\bself\.([^\W_]\w*)(?:[ \t]*,[ \t]*self\.([^\W_]\w*))?[ \t]*=(?!=)")
_NAMED: Final = 4  # attributes at most


def explain_missing_attribute(text: str, submission: Submission) -> str:
    """Say what a class lacks, and where it stands instead or what the class has; or nothing.

    text: what Python says of it. Nothing is said of a class that the submission does not define.
    """
    found = _NO_ATTRIBUTE.search(text)
    if found is None:
        return ""
    owner, name = found.groups()
    for path, content in submission.files.items():
        whole = text_to_search(content)
        start = re.search(rf"^class[ \t]+{owner}\b", whole, re.MULTILINE)
        if start is None:
            continue
        asked = f"This test asks for {code(f'{owner}.{name}')}, and the class {code(owner)} has none."
        end = _NEXT_AT_THE_TOP.search(whole, start.end())
        body = whole[start.start() : end.start() if end else len(whole)]
        outside = re.compile(rf"^def[ \t]+{name}\b", re.MULTILINE).search(whole, start.end())
        if outside is not None:
            line = whole.count("\n", 0, outside.start()) + 1
            return f"{asked} {code(path)} line {line} defines it outside of the class: is it too far to the left?"
        if within := _find_within(name, body):
            line = whole.count("\n", 0, start.start()) + body.count("\n", 0, within.start()) + 1
            return f"{asked} {code(path)} line {line} defines it inside of another method: is it too far to the right?"
        own = dict.fromkeys(one for pair in _ATTRIBUTE.findall(body) for one in pair if one)
        if own and not re.search(rf"\bdef[ \t]+{name}\b", body):
            listed = ", ".join(map(code, list(own)[:_NAMED]))
            return f"{asked} It has {listed}. Give what other parts use the handout's name."
        return f"{asked} Is it there, under the handout's name, in every case?"
    return ""


def _find_within(name: str, body: str) -> re.Match[str] | None:
    """Return where a class's text defines a function of that name deeper than its methods; or None."""
    definitions = list(_DEFINITION.finditer(body))
    depth = min((len(found[1].expandtabs()) for found in definitions), default=0)
    return next((one for one in definitions if one[2] == name and len(one[1].expandtabs()) > depth), None)


__all__ = ["explain_missing_attribute"]
