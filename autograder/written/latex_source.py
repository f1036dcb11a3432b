r"""A LaTeX source as TeX would read it: comments gone, `\input` followed, own macros expanded, every line's place kept.

It never runs TeX, takes time linear in what it reads, and stops expanding where the result would grow beyond a bound.
"""

from __future__ import annotations

import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from autograder.written import latex_listings
from autograder.written.latex_reading import Reading

_MOST_EXPANDED: Final = 500_000  # characters of all expansions together
_DEEPEST: Final = 40
_TOKEN: Final = re.compile(r"\\[A-Za-z@]+\*?|\\[\s\S]|[{}]|%[^\n]*|[^\\{}%]+|\\")
_NAME: Final = re.compile(r"\s*(?:\{\s*(\\[A-Za-z@]+|\\.)\s*\}|(\\[A-Za-z@]+|\\.))")
_COUNT: Final = re.compile(r"\s*\[([^\]]{0,40})\]")
_PARAMETERS: Final = re.compile(r"\s*((?:#\d)*)")
_ENVIRONMENT: Final = re.compile(r"\{([A-Za-z]{1,40}\*?)\}")
_PLACEHOLDER: Final = re.compile(r"(?P<behind>(?<!\\)\\[A-Za-z@]{1,60})?#(?P<number>\d)")
_CONTROL_WORD: Final = re.compile(r"\\[A-Za-z@]+")
_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*")
_NEXT_LINE: Final = re.compile(r"\n[ \t]*")
_INCLUDED: Final = re.compile(r"\s*\{([^{}\n]{1,200})\}|[ \t]+([\w./-]{1,200})")
_DEFINING: Final = ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand")
_INCLUDING: Final = ("input", "include", "subfile", "subfileinclude", "import", "subimport")
_BOXES: Final = frozenset(("sbox", "savebox"))
_PERCENT: Final = r"\%"
_ADDRESSES: Final = frozenset(("url", "nolinkurl", "path", "href"))
_IGNORED_ENVIRONMENT: Final = re.compile(r"\{comment\}")
#: What the readers know by name, whatever the document defines it to look like.
KNOWN: Final = frozenset(
    ("question", "field", "code", "answer", "part", "subpart", "subsubpart", "section", "subsection", "item",
     "audience")
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The text to parse, and where each part of it came from."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[tuple[int, int], ...]  # of the text from each start on: the file's number, from 0, and the line

    def place(self, position: int) -> tuple[int, int]:
        """Return the file, from 0, and the line, from 1, of a position in `text`."""
        index = bisect_right(self.starts, position) - 1
        return self.origins[max(index, 0)] if self.origins else (0, 1)


@dataclass(frozen=True)
class _Macro:
    count: int
    default: str | None
    body: str


def read(main: str, texts: Mapping[str, str]) -> Source:
    """Expand the file at path `main` of `texts`, which holds every LaTeX file that was handed in."""
    return _Expander(main, texts).run()


def includes(text: str) -> list[str]:
    r"""Return the names that `text` includes by `\input` and its kin, as they stand there; none of a comment."""
    text = _COMMENT.sub("", text)
    commands = re.finditer(r"\\(?:input|include|subfile|subfileinclude|(?:sub)?import)\b", text)
    names = (_INCLUDED.match(text, match.end()) for match in commands)
    return [(name[1] or name[2]).strip() for name in names if name]


class _Expander:
    def __init__(self, main: str, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.files = [main]
        self.macros: dict[str, _Macro] = {}
        self.verbatim = set(latex_listings.ENVIRONMENTS)
        self.obeying: set[str] = set()  # those of them in which commands are obeyed
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.origins: list[tuple[int, int]] = []
        self.length = self.expanded = 0
        self.stack = [Reading(texts[main], 0)]
        self.handlers: Mapping[str, Callable[[Reading, str], None]] = {
            **dict.fromkeys((*_DEFINING, *_BOXES), self._define),
            **dict.fromkeys(("def", "gdef", "edef", "let", "NewDocumentCommand"), self._define_plainly),
            **dict.fromkeys(("DeclareMathOperator", "DeclarePairedDelimiter"), self._define_operator),
            **dict.fromkeys(("newenvironment", "renewenvironment", "newtheorem"), self._skip_groups),
            **dict.fromkeys(_INCLUDING, self._include),
            **dict.fromkeys(latex_listings.DEFINING, self._define_verbatim),
            **dict.fromkeys(latex_listings.INLINE, self._show_inline),
            **dict.fromkeys(latex_listings.OF_FILES, self._show_file),
            **dict.fromkeys(_ADDRESSES, self._address),
            "begin": self._begin,
            "iffalse": self._skip_false,
            "usebox": self._use_box,
        }

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
                self._skip_line_end(reading)
            elif token[0] == "\\" and len(token) > 1:
                self._command(reading, token)
            else:
                self._put(reading, token)
        return Source("".join(self.pieces), tuple(self.starts), tuple(self.origins))

    def _count(self, reading: Reading) -> None:
        if reading.is_file:
            reading.line += reading.text.count("\n", reading.counted, reading.position)
            reading.counted = reading.position

    def _put(self, reading: Reading, text: str) -> None:
        # A command ends where its token does: `\partial` and a macro that stands for `L` are not `\partialL`.
        if text[:1].isalpha() and self.pieces and _CONTROL_WORD.fullmatch(self.pieces[-1]):
            text = f" {text}"
        # One entry a line, so that a long paragraph's lines have places of their own.
        for offset, part in enumerate(text.splitlines(keepends=True)):
            self.starts.append(self.length)
            self.origins.append((reading.file, reading.line + (offset if reading.is_file else 0)))
            self.pieces.append(part)
            self.length += len(part)

    def _skip_line_end(self, reading: Reading) -> None:
        """Skip, as TeX does behind a comment, the line's end and the next one's blanks, but not an empty line."""
        after = _NEXT_LINE.match(reading.text, reading.position)
        if after and reading.text[after.end() : after.end() + 1] not in ("\n", ""):
            reading.position = after.end()

    def _command(self, reading: Reading, token: str) -> None:
        name = token[1:].rstrip("*")
        if handle := self.handlers.get(name):
            handle(reading, token)
        elif name in self.macros and name not in KNOWN and self._may_expand(reading):
            self._expand(reading, token, self.macros[name])
        else:
            self._put(reading, token)

    def _skip_false(self, reading: Reading, _token: str) -> None:
        end = reading.find("\\fi")
        reading.position = end + 3 if end >= 0 else reading.position

    def _show_inline(self, reading: Reading, token: str) -> None:
        r"""Put `\verb|…|`, `\lstinline{…}` and their kin as the one that the readers know."""
        begin, name = reading.position, token[1:].rstrip("*")
        if name != "verb":
            reading.skip_option()
        for _ in range(latex_listings.INLINE[name]):
            reading.group()
        code = reading.group() if reading.text.startswith("{", reading.position) else reading.between_signs()
        if code is None:
            reading.position = begin
            self._put(reading, token)
        else:
            self._put(reading, latex_listings.inline(code))

    def _show_file(self, reading: Reading, token: str) -> None:
        r"""Put the file that `\lstinputlisting{…}` and its kin show as a listing; the command where there is none."""
        begin = reading.position
        reading.skip_option()
        groups = [reading.group() for _ in range(latex_listings.OF_FILES[token[1:].rstrip("*")] + 1)]
        path = self._find_included("", (groups[-1] or "").strip())
        if path is None:
            reading.position = begin
            self._put(reading, token)
        else:
            self._put(reading, latex_listings.as_environment(self.texts[path].rstrip("\n") + "\n"))

    def _define_operator(self, reading: Reading, token: str) -> None:
        r"""Take in an operator that amsmath or mathtools declares, such as `\norm`, as the macro that it is."""
        name = self._name(reading, token)
        if name is None:
            return
        first = reading.group() or ""
        if token.startswith("\\DeclareMath"):
            macro = _Macro(0, None, f"\\operatorname{{{first}}}")
        else:
            macro = _Macro(1, None, f"{first} #1 {reading.group() or ''}")
        self.macros[(name[1] or name[2])[1:]] = macro

    def _address(self, reading: Reading, token: str) -> None:
        """Put an address with its `%57` as letters: within it, a percent sign begins no comment."""
        address = reading.group()
        if address is None:
            self._put(reading, token)
        else:
            self._put(reading, f"{token}{{{urllib.parse.unquote(address).replace('%', _PERCENT)}}}")

    def _use_box(self, reading: Reading, token: str) -> None:
        name = self._name(reading, token)
        box = self.macros.get(f"usebox {(name[1] or name[2])[1:]}") if name is not None else None
        if name is not None and box is not None and self._may_expand(reading):
            self._expand(reading, name[1] or name[2], box)

    def _may_expand(self, reading: Reading) -> bool:
        """Return whether there is room for one more: macros that double themselves come to an end."""
        return reading.depth < _DEEPEST and self.expanded < _MOST_EXPANDED

    def _name(self, reading: Reading, token: str) -> re.Match[str] | None:
        """Return the name that `token` defines, and the reading behind it; without a name, put `token` as it is."""
        name = _NAME.match(reading.text, reading.position)
        if name is None:
            self._put(reading, token)
        else:
            reading.position = name.end()
        return name

    def _define(self, reading: Reading, token: str) -> None:
        prefix = "usebox " if token[1:].rstrip("*") in _BOXES else ""
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
        body = reading.group()
        if body is not None and count < 10:
            self.macros[prefix + (name[1] or name[2])[1:]] = _Macro(count, default, body)

    def _define_plainly(self, reading: Reading, token: str) -> None:
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
            arguments, body = reading.group(), reading.group()
            if arguments is not None and body is not None and not arguments.replace("m", "").strip():
                self.macros[(name[1] or name[2])[1:]] = _Macro(min(arguments.count("m"), 9), None, body)
            return
        if parameters := _PARAMETERS.match(reading.text, reading.position):
            behind, reading.position = reading.position, parameters.end()
            body = reading.group()
            if body is None:
                reading.position = behind
            else:
                self.macros[(name[1] or name[2])[1:]] = _Macro(len(parameters[1]) // 2, None, body)

    def _define_verbatim(self, reading: Reading, token: str) -> None:
        """Remember an environment of listings under a name of its author's own."""
        name = reading.group()
        if name is None:
            self._put(reading, token)
            return
        name = f"{name.strip()}code" if token.startswith("\\newminted") else name.strip()
        self.verbatim.add(name)
        for _ in range(2):
            while bracket := _COUNT.match(reading.text, reading.position):
                reading.position = bracket.end()
            if (not token.startswith("\\newminted") or _ == 0) and "commandchars" in (reading.group() or ""):
                self.obeying.add(name)

    def _skip_groups(self, reading: Reading, token: str) -> None:
        """Leave out the definition of an environment: its name says enough."""
        if reading.group() is None:
            self._put(reading, token)
            return
        for _ in range(2):
            if bracket := _COUNT.match(reading.text, reading.position):
                reading.position = bracket.end()
            reading.group()
        if token.startswith("\\newtheorem") and (bracket := _COUNT.match(reading.text, reading.position)):
            reading.position = bracket.end()

    def _include(self, reading: Reading, token: str) -> None:
        folder = reading.group() or "" if token.rstrip("*").endswith("import") else ""
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
        self.stack.append(Reading(inner, len(self.files) - 1, line, depth=reading.depth + 1))

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

    def _begin(self, reading: Reading, token: str) -> None:
        match = _ENVIRONMENT.match(reading.text, reading.position)
        if match and match[1] in self.verbatim:
            closing = f"\\end{{{match[1]}}}"
            end = reading.find(closing)
            stop = end if end >= 0 else len(reading.text)
            listing = reading.text[match.end() : stop]
            self._put(reading, latex_listings.environment(listing, has_commands=match[1] in self.obeying))
            reading.position = min(stop + len(closing), len(reading.text))
        elif _IGNORED_ENVIRONMENT.match(reading.text, reading.position):
            end = reading.find("\\end{comment}")
            reading.position = end + len("\\end{comment}") if end >= 0 else reading.position + len("{comment}")
        else:
            self._put(reading, token)

    def _expand(self, reading: Reading, token: str, macro: _Macro) -> None:
        begin, arguments = reading.position, []
        for number in range(macro.count):
            if number == 0 and macro.default is not None:
                bracket = _COUNT.match(reading.text, reading.position)
                arguments.append(bracket[1] if bracket else macro.default)
                reading.position = bracket.end() if bracket else reading.position
                continue
            argument = reading.group()
            if argument is None:  # a single character or command, as TeX takes it
                single = re.compile(r"\s*(\\[A-Za-z@]+|\\.|[^\s{}\\])").match(reading.text, reading.position)
                if single is None:
                    reading.position = begin
                    self._put(reading, token)
                    return
                argument, reading.position = single[1], single.end()
            arguments.append(argument)
        text = _PLACEHOLDER.sub(lambda match: _substituted(match, arguments), macro.body)
        self.expanded += len(text) + 1
        if token[-1].isalpha() and reading.text[reading.position : reading.position + 1] == " " and not macro.count:
            reading.position += 1
        self.stack.append(Reading(text, reading.file, reading.line, depth=reading.depth + 1, is_file=False))


def _substituted(match: re.Match[str], arguments: list[str]) -> str:
    """Return a macro's argument in its place; a command before it stays a word of its own."""
    number, behind = int(match["number"]), match["behind"] or ""
    argument = arguments[number - 1] if 0 < number <= len(arguments) else ""
    return f"{behind}{' ' if behind and argument[:1].isalpha() else ''}{argument}"
