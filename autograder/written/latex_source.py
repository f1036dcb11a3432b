r"""A LaTeX source as TeX would read it: comments gone, `\input` followed, own macros expanded, every line's place kept.

It never runs TeX, takes time linear in what it reads, and stops expanding where the result would grow beyond a bound.
"""

from __future__ import annotations

import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

_MOST_EXPANDED: Final = 500_000  # characters of all expansions together
_DEEPEST: Final = 40
_TOKEN: Final = re.compile(r"\\[A-Za-z@]+\*?|\\[\s\S]|[{}]|%[^\n]*|[^\\{}%]+|\\")
_NAME: Final = re.compile(r"\s*(?:\{\s*(\\[A-Za-z@]+|\\.)\s*\}|(\\[A-Za-z@]+|\\.))")
_COUNT: Final = re.compile(r"\s*\[([^\]]{0,40})\]")
_PARAMETERS: Final = re.compile(r"\s*((?:#\d)*)")
_ENVIRONMENT: Final = re.compile(r"\{([A-Za-z]{1,40}\*?)\}")
_VERBATIM: Final = frozenset(
    ("verbatim", "verbatim*", "lstlisting", "lstlisting*", "minted", "minted*", "Verbatim", "Verbatim*", "BVerbatim",
     "LVerbatim", "SaveVerbatim", "python", "pyverbatim", "alltt", "tcblisting", "filecontents", "filecontents*")
)  # fmt: skip
_DEFINING_VERBATIM: Final = ("lstnewenvironment", "newminted", "DefineVerbatimEnvironment")
_OPTIONS: Final = re.compile(r"(?:\[[^\]\n]{0,300}\]|\{[^{}\n]{0,300}\})*[ \t]*")
# What a notebook's export to LaTeX makes of highlighted code.
_HIGHLIGHTED: Final = re.compile(r"\\PY\{[^{}\n]{0,40}\}\{((?:[^{}]|\{\}){0,500})\}")
_HIGHLIGHTED_SIGN: Final = re.compile(r"\\PYZ([a-z]{2})\{\}")
_SIGNS: Final = {"bs": "\\", "us": "_", "ob": "{", "cb": "}", "ca": "^", "am": "&", "lt": "<", "gt": ">", "sh": "#",
    "pc": "%", "dl": "$", "hy": "-", "sq": "'", "dq": '"', "ti": "~", "at": "@", "lb": "[", "rb": "]"}  # fmt: skip
_PLACEHOLDER: Final = re.compile(r"#(\d)")
_NEXT_LINE: Final = re.compile(r"\n[ \t]*")
_INCLUDED: Final = re.compile(r"\s*\{([^{}\n]{1,200})\}|[ \t]+([\w./-]{1,200})")
_DEFINING: Final = ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand")
_BOXES: Final = frozenset(("sbox", "savebox"))
_PERCENT: Final = r"\%"
_ADDRESSES: Final = frozenset(("url", "nolinkurl", "path", "href"))
_IGNORED_ENVIRONMENT: Final = re.compile(r"\{comment\}")
#: What the readers know by name, whatever the document defines it to look like.
KNOWN: Final = frozenset(
    (
        "question",
        "field",
        "code",
        "answer",
        "part",
        "subpart",
        "subsubpart",
        "section",
        "subsection",
        "item",
        "audience",
    )
)


@dataclass(frozen=True)
class Source:
    """The text to parse, where each part of it came from, and the comments that were left out."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[tuple[int, int], ...]  # of the text from each start on: the file's number, from 0, and the line
    comments: tuple[tuple[int, int, str], ...]  # file, line, text
    included: frozenset[str] = field(default_factory=frozenset)  # paths of files that were read on the way

    def place(self, position: int) -> tuple[int, int]:
        """Return the file, from 0, and the line, from 1, of a position in `text`."""
        index = bisect_right(self.starts, position) - 1
        return self.origins[max(index, 0)] if self.origins else (0, 1)


@dataclass
class _Reading:
    """One text that is being read: a file, or what a macro stands for."""

    text: str
    file: int
    line: int
    position: int = 0
    depth: int = 0
    is_file: bool = True
    counted: int = 0  # the position up to which lines are counted
    closing: dict[int, int] = field(default_factory=dict)  # of every opening brace, where it closes
    absent: set[str] = field(default_factory=set)  # what was searched for and stands nowhere below

    def find(self, end: str) -> int:
        """Return where `end` stands next, or -1; what is absent is searched for once."""
        found = -1 if end in self.absent else self.text.find(end, self.position)
        if found < 0:
            self.absent.add(end)
        return found


@dataclass(frozen=True)
class _Macro:
    count: int
    default: str | None
    body: str


def read(main: str, texts: Mapping[str, str]) -> Source:
    """Expand the file at path `main` of `texts`, which holds every LaTeX file that was handed in."""
    return _Expander(main, texts).run()


def includes(text: str) -> list[str]:
    r"""Return the names that `text` includes by `\input` and its kin, as they stand there."""
    commands = re.finditer(r"\\(?:input|include|subfile|subfileinclude|(?:sub)?import)\b", text)
    names = (_INCLUDED.match(text, match.end()) for match in commands)
    return [(name[1] or name[2]).strip() for name in names if name]


class _Expander:
    def __init__(self, main: str, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.files = [main]
        self.macros: dict[str, _Macro] = {}
        self.verbatim = set(_VERBATIM)
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.origins: list[tuple[int, int]] = []
        self.comments: list[tuple[int, int, str]] = []
        self.length = self.expanded = 0
        self.stack = [self._reading(texts[main], 0)]

    def _reading(self, text: str, file: int, line: int = 1, depth: int = 0, *, is_file: bool = True) -> _Reading:
        return _Reading(text, file, line, depth=depth, is_file=is_file, counted=0, closing=_closing_braces(text))

    def run(self) -> Source:
        """Read to the end of the document."""
        while self.stack:
            reading = self.stack[-1]
            match = _TOKEN.match(reading.text, reading.position)
            if match is None:
                self.stack.pop()
                continue
            self._count(reading)
            reading.position = match.end()
            token = match[0]
            if token[0] == "%":
                self._comment(reading, token)
            elif token[0] == "\\" and len(token) > 1:
                self._command(reading, token)
            else:
                self._put(reading, token)
        return Source(
            "".join(self.pieces),
            tuple(self.starts),
            tuple(self.origins),
            tuple(self.comments),
            frozenset(self.files[1:]),
        )

    def _count(self, reading: _Reading) -> None:
        if reading.is_file:
            reading.line += reading.text.count("\n", reading.counted, reading.position)
            reading.counted = reading.position

    def _put(self, reading: _Reading, text: str) -> None:
        # One entry a line, so that a long paragraph's lines have places of their own.
        for offset, part in enumerate(text.splitlines(keepends=True)):
            self.starts.append(self.length)
            self.origins.append((reading.file, reading.line + (offset if reading.is_file else 0)))
            self.pieces.append(part)
            self.length += len(part)

    def _comment(self, reading: _Reading, token: str) -> None:
        self.comments.append((reading.file, reading.line, token[1:]))
        # TeX skips the end of the line and the next one's blanks, but an empty line still ends the paragraph.
        after = _NEXT_LINE.match(reading.text, reading.position)
        if after and reading.text[after.end() : after.end() + 1] not in ("\n", ""):
            reading.position = after.end()

    def _command(self, reading: _Reading, token: str) -> None:
        name = token[1:].rstrip("*")
        if name in _DEFINING or name in _BOXES:
            self._define(reading, token, prefix="usebox " if name in _BOXES else "")
        elif name in ("def", "gdef", "edef", "let", "NewDocumentCommand"):
            self._define_plainly(reading, token)
        elif name in ("newenvironment", "renewenvironment", "newtheorem"):
            self._skip_groups(reading, token)
        elif name in ("input", "include", "subfile", "subfileinclude", "import", "subimport"):
            self._include(reading, token)
        elif name == "begin":
            self._begin(reading, token)
        elif name == "iffalse":
            end = reading.find("\\fi")
            reading.position = end + 3 if end >= 0 else reading.position
        elif name in _DEFINING_VERBATIM:
            self._define_verbatim(reading, token)
        elif name in ("verb", "lstinline") and reading.text[reading.position : reading.position + 1].strip(" [{\n"):
            end = reading.text.find(reading.text[reading.position], reading.position + 1, reading.position + 2000)
            stop = end + 1 if end >= 0 else reading.position
            self._put(reading, "\\verb" + reading.text[reading.position : stop])
            reading.position = stop
        elif name in _ADDRESSES:
            self._address(reading, token)
        elif name == "usebox":
            self._use_box(reading, token)
        elif name in self.macros and name not in KNOWN and self._may_expand(reading):
            self._expand(reading, token, self.macros[name])
        else:
            self._put(reading, token)

    def _address(self, reading: _Reading, token: str) -> None:
        """Put an address with its `%57` as letters: within it, a percent sign begins no comment."""
        address = self._group(reading)
        if address is None:
            self._put(reading, token)
        else:
            self._put(reading, f"{token}{{{urllib.parse.unquote(address).replace('%', _PERCENT)}}}")

    def _use_box(self, reading: _Reading, token: str) -> None:
        name = self._name(reading, token)
        box = self.macros.get(f"usebox {(name[1] or name[2])[1:]}") if name is not None else None
        if name is not None and box is not None and self._may_expand(reading):
            self._expand(reading, name[1] or name[2], box)

    def _may_expand(self, reading: _Reading) -> bool:
        """Return whether there is room for one more: macros that double themselves come to an end."""
        return reading.depth < _DEEPEST and self.expanded < _MOST_EXPANDED

    def _group(self, reading: _Reading) -> str | None:
        """Return the next group's content, with the reading behind it; None where there is none."""
        start = re.compile(r"\s*").match(reading.text, reading.position)
        at = start.end() if start else reading.position
        end = reading.closing.get(at)
        if end is None:
            return None
        reading.position = end + 1
        return reading.text[at + 1 : end]

    def _name(self, reading: _Reading, token: str) -> re.Match[str] | None:
        """Return the name that `token` defines, and the reading behind it; without a name, put `token` as it is."""
        name = _NAME.match(reading.text, reading.position)
        if name is None:
            self._put(reading, token)
        else:
            reading.position = name.end()
        return name

    def _define(self, reading: _Reading, token: str, prefix: str = "") -> None:
        name = self._name(reading, token)
        if name is None:
            return
        count, default = 0, None
        if bracket := _COUNT.match(reading.text, reading.position):
            count = int(bracket[1]) if bracket[1].strip().isdecimal() else 0
            reading.position = bracket.end()
            if bracket := _COUNT.match(reading.text, reading.position):
                default = bracket[1]
                reading.position = bracket.end()
        body = self._group(reading)
        if body is not None and count < 10:
            self.macros[prefix + (name[1] or name[2])[1:]] = _Macro(count, default, body)

    def _define_plainly(self, reading: _Reading, token: str) -> None:
        name = self._name(reading, token)
        if name is None:
            return
        if token == "\\let":  # noqa: S105  a token of TeX
            target = re.compile(r"\s*(?:=\s*)?(\\[A-Za-z@]+|\\?.)").match(reading.text, reading.position)
            if target is not None:
                reading.position = target.end()
                same = self.macros.get(target[1][1:])
                if same is not None or target[1].isalnum():
                    self.macros[(name[1] or name[2])[1:]] = same or _Macro(0, None, target[1])
            return
        if token.startswith("\\New"):
            arguments, body = self._group(reading), self._group(reading)
            if arguments is not None and body is not None and not arguments.replace("m", "").strip():
                self.macros[(name[1] or name[2])[1:]] = _Macro(min(arguments.count("m"), 9), None, body)
            return
        if parameters := _PARAMETERS.match(reading.text, reading.position):
            behind, reading.position = reading.position, parameters.end()
            body = self._group(reading)
            if body is None:
                reading.position = behind
            else:
                self.macros[(name[1] or name[2])[1:]] = _Macro(len(parameters[1]) // 2, None, body)

    def _define_verbatim(self, reading: _Reading, token: str) -> None:
        """Remember an environment of listings under a name of its author's own."""
        name = self._group(reading)
        if name is None:
            self._put(reading, token)
            return
        self.verbatim.add(f"{name.strip()}code" if token.startswith("\\newminted") else name.strip())
        for _ in range(2):
            while bracket := _COUNT.match(reading.text, reading.position):
                reading.position = bracket.end()
            if not token.startswith("\\newminted") or _ == 0:
                self._group(reading)

    def _skip_groups(self, reading: _Reading, token: str) -> None:
        """Leave out the definition of an environment: its name says enough."""
        if self._group(reading) is None:
            self._put(reading, token)
            return
        for _ in range(2):
            if bracket := _COUNT.match(reading.text, reading.position):
                reading.position = bracket.end()
            self._group(reading)
        if token.startswith("\\newtheorem") and (bracket := _COUNT.match(reading.text, reading.position)):
            reading.position = bracket.end()

    def _include(self, reading: _Reading, token: str) -> None:
        folder = self._group(reading) or "" if token.rstrip("*").endswith("import") else ""
        match = _INCLUDED.match(reading.text, reading.position)
        path = self._find_included(folder, (match[1] or match[2]).strip()) if match else None
        if match is None or path is None or path in self.files or reading.depth >= _DEEPEST:
            self._put(reading, token)
            return
        reading.position = match.end()
        self.files.append(path)
        # A subfile is a document of its own: what stands around its body is no part of this one.
        text = self.texts[path]
        inner = text.partition("\\begin{document}")[2].partition("\\end{document}")[0] or text
        line = text[: text.find(inner)].count("\n") + 1
        self.stack.append(self._reading(inner, len(self.files) - 1, line, reading.depth + 1))

    def _find_included(self, folder: str, name: str) -> str | None:
        """Return the path of an included file among those handed in: beside the main file, or of that name anywhere."""
        base = PurePosixPath(self.files[0]).parent
        wanted = [PurePosixPath(folder) / name, PurePosixPath(folder) / f"{name}.tex"]
        for one in wanted:
            for path in (str(base / one), str(one)):
                if path in self.texts:
                    return path
        names = {one.name.lower() for one in wanted}
        return next((path for path in self.texts if PurePosixPath(path).name.lower() in names), None)

    def _begin(self, reading: _Reading, token: str) -> None:
        match = _ENVIRONMENT.match(reading.text, reading.position)
        if match and match[1] in self.verbatim:
            closing = f"\\end{{{match[1]}}}"
            end = reading.find(closing)
            stop = end if end >= 0 else len(reading.text)
            self._put(reading, f"\\begin{{verbatim}}{_code(reading.text[match.end() : stop])}\\end{{verbatim}}")
            reading.position = min(stop + len(closing), len(reading.text))
        elif _IGNORED_ENVIRONMENT.match(reading.text, reading.position):
            end = reading.find("\\end{comment}")
            reading.position = end + len("\\end{comment}") if end >= 0 else reading.position + len("{comment}")
        else:
            self._put(reading, token)

    def _expand(self, reading: _Reading, token: str, macro: _Macro) -> None:
        begin, arguments = reading.position, []
        for number in range(macro.count):
            if number == 0 and macro.default is not None:
                bracket = _COUNT.match(reading.text, reading.position)
                arguments.append(bracket[1] if bracket else macro.default)
                reading.position = bracket.end() if bracket else reading.position
                continue
            argument = self._group(reading)
            if argument is None:  # a single character or command, as TeX takes it
                single = re.compile(r"\s*(\\[A-Za-z@]+|\\.|[^\s{}\\])").match(reading.text, reading.position)
                if single is None:
                    reading.position = begin
                    self._put(reading, token)
                    return
                argument, reading.position = single[1], single.end()
            arguments.append(argument)
        text = _PLACEHOLDER.sub(lambda match: _argument(arguments, int(match[1])), macro.body)
        self.expanded += len(text) + 1
        if token[-1].isalpha() and reading.text[reading.position : reading.position + 1] == " " and not macro.count:
            reading.position += 1
        self.stack.append(self._reading(text, reading.file, reading.line, reading.depth + 1, is_file=False))


def _code(text: str) -> str:
    """Return what a listing shows, without its options."""
    options = _OPTIONS.match(text)
    head = options[0] if options else ""
    body = text[len(head) :]
    if "commandchars" in head:
        body = _HIGHLIGHTED_SIGN.sub(lambda match: _SIGNS.get(match[1], " "), _HIGHLIGHTED.sub(r"\1", body))
    return "\n" + body.removeprefix("\n")


def _argument(arguments: list[str], number: int) -> str:
    return arguments[number - 1] if 0 < number <= len(arguments) else ""


def _closing_braces(text: str) -> dict[int, int]:
    """Return where each opening brace of `text` closes; those that never do are absent."""
    opened: list[int] = []
    closing = {}
    for match in re.finditer(r"\\[\s\S]|[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            closing[opened.pop()] = match.start()
    return closing
