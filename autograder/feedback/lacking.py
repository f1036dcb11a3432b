"""What a test asks an object of the submission's for and its class lacks; read from the text, which nobody parses."""

from __future__ import annotations

import re
from typing import Final

from autograder.base.searching import code_to_search
from autograder.feedback.definitions import find_body, find_classes, line_of
from autograder.feedback.misplaced import NO_ATTRIBUTE
from autograder.feedback.text import code
from autograder.intake.submission import Submission

_DEFINITION: Final = re.compile(r"^([ \t]+)def[ \t]+(\w+)", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r"\bself\.([^\W_]\w*)(?:[ \t]*,[ \t]*self\.([^\W_]\w*))?[ \t]*=(?!=)")
_NAMED: Final = 4  # attributes at most


def explain_missing_attribute(text: str, submission: Submission) -> str:
    """Say what a class lacks, and where it stands instead or what the class has; or nothing.

    text: what Python says of it. Nothing is said of a class that the submission does not define.
    """
    found = NO_ATTRIBUTE.search(text)
    if found is None or found[2].startswith("_"):
        return ""
    owner, name = found.groups()
    for path, content in submission.files.items():
        whole = code_to_search(content)
        classes = find_classes(owner, whole)
        if not classes:
            continue
        start = classes[0]
        asked = f"This test asks for {code(f'{owner}.{name}')}, and the class {code(owner)} has none."
        body = find_body(whole, start)
        outside = re.compile(rf"^def[ \t]+{name}\b", re.MULTILINE).search(whole, start)
        if outside is not None:
            line = line_of(whole, outside.start())
            return f"{asked} {code(path)} line {line} defines it outside of the class: is it too far to the left?"
        if within := _find_within(name, body):
            line = line_of(whole, start + within.start())
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
