"""The last paragraph of what a student reads at the top: how many points are left, after something has changed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def write_score_note(document: Mapping[str, Any], lead: str, before: float, score: float) -> dict[str, str]:
    """Return the `output` of a results.json that ends with `lead` and the points; without them where none changed.

    A note with the same lead that is there already gives way. Nothing is returned for a document without an output.
    """
    if "output" not in document:
        return {}
    text = document["output"].partition(lead)[0].rstrip()
    return {"output": text if score == before else f"{text}\n\n{lead} **{score:.6g} points**.".lstrip()}
