"""What pylatexenc makes of a LaTeX source, its nodes, and the groups and options that belong to a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

MATH: Final = frozenset(
    name + star
    for name in (
        "align",
        "equation",
        "gather",
        "multline",
        "eqnarray",
        "flalign",
        "alignat",
        "displaymath",
        "math",
        "dmath",
    )
    for star in ("", "*")
)
_LONGEST_OPTION: Final = 60  # nodes


def parse(text: str) -> Sequence[Any]:
    """Parse with pylatexenc: the nodes of a source without comments."""
    from pylatexenc.latexwalker import LatexWalker
    from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec, SpecialsSpec, VerbatimArgsParser

    context = LatexContextDb()
    context.add_context_category(
        "ours",
        macros=[
            MacroSpec("verb", args_parser=VerbatimArgsParser(verbatim_arg_type="verb-macro")),
        ],
        environments=[
            *(EnvironmentSpec(name, is_math_mode=True) for name in sorted(MATH)),
            EnvironmentSpec("verbatim", args_parser=VerbatimArgsParser(verbatim_arg_type="verbatim-environment")),
        ],
        specials=[SpecialsSpec(one) for one in ("~", "``", "''", "---", "--", "&", "\n\n")],
    )
    nodes: Sequence[Any] = LatexWalker(text, latex_context=context, tolerant_parsing=True).get_latex_nodes()[0]
    return nodes


def groups_at(
    queue: Sequence[Any], index: int, count: int, *, options: bool = False, dropped: list[str] | None = None
) -> tuple[list[Any], int]:
    """Up to `count` groups at `index` of `queue`, without blanks and an option in brackets, and the index behind.

    dropped: takes in what the options say.
    """
    groups: list[Any] = []
    after = index
    while after < len(queue):
        node = queue[after]
        kind = type(node).__name__
        if kind == "LatexGroupNode" and len(groups) < count:
            groups.append(node)
            index = after = after + 1
        elif kind == "LatexCharsNode" and not node.chars.strip():
            after += 1
        elif kind == "LatexCharsNode" and options and node.chars.lstrip()[:1] in ("[", "*"):
            behind = _behind_option(queue, after, [] if dropped is None else dropped)
            if behind == after:
                if queue[after].chars.strip():
                    break
                after += 1
                continue
            index = after = behind
            if type(queue[after]).__name__ == "LatexCharsNode" and not queue[after].chars.strip():
                index = after = after + 1
        else:
            break
    return groups, index


def _behind_option(queue: Sequence[Any], index: int, dropped: list[str]) -> int:
    """Return the index of the node in which an option in brackets at `index` ends; `index` where there is none.

    That node is cut down to what follows the option, which stands in no more than one paragraph.
    """
    chars = queue[index].chars.lstrip().removeprefix("*").lstrip()
    if not chars.startswith("["):
        if chars != queue[index].chars.lstrip():  # a star alone
            queue[index].chars = chars
        return index
    said: list[str] = []
    for after in range(index, min(index + _LONGEST_OPTION, len(queue))):
        if getattr(queue[after], "specials_chars", "") == "\n\n":
            break
        text = queue[after].chars if type(queue[after]).__name__ == "LatexCharsNode" else ""
        said.append(text.partition("]")[0] or str(queue[after].latex_verbatim()))
        if "]" in text:
            dropped.append(f"[{''.join(said).lstrip('[ ')}]")
            queue[after].chars = text.partition("]")[2]
            return after if after > index or queue[after].chars.strip() != chars.strip() else index
    return index


def after_options(nodes: Sequence[Any], count: int, dropped: list[str]) -> Sequence[Any]:
    """Return what an environment holds, without its options and its first `count` arguments: `dropped` takes these."""
    groups, after = groups_at(nodes, 0, count, options=True, dropped=dropped)
    if any("\n\n" in source_of(group) for group in groups):  # one that is not closed
        return nodes
    dropped += map(source_of, groups)
    return nodes[after:]


def unwrap_label(queue: Sequence[Any], index: int) -> None:
    """Take the brackets off the label of a list's point, in the node at `index`."""
    node = queue[index] if index < len(queue) else None
    if (
        node is not None
        and type(node).__name__ == "LatexCharsNode"
        and (label := re.match(r"\s*\[([^\[\]]{0,200})\]", node.chars))
    ):
        node.chars = f"{label[1]} {node.chars[label.end() :]}"


def source_of(node: Any) -> str:
    """Return a group as it was typed, without its braces."""
    return str(node.latex_verbatim()).strip().removeprefix("{").removesuffix("}").strip()


def plain(node: Any) -> str:
    """Return a node's words, commands left out."""
    return re.sub(r"\\[A-Za-z]+\*?|[{}]", " ", str(node.latex_verbatim()))


def group_from(text: str, position: int) -> str:
    """Return what stands in the group that opens at `position`."""
    depth = 0
    for match in re.compile(r"\\[\s\S]|[{}]").finditer(text, position):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return text[position + 1 : match.start()]
    return ""
