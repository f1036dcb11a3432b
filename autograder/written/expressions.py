"""Formulas as people write them, in plain text, Unicode or LaTeX: parsed and computed with, never evaluated as code."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 400
_DEEPEST: Final = 40
_FUNCTIONS: Final[Mapping[str, Callable[[float], float]]] = {
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
}
_CONSTANTS: Final = {"pi": math.pi, "e": math.e}

# What a command of LaTeX, or a character, stands for; the rest of LaTeX's commands only change how things look.
_MEANINGS: Final = {
    r"\times": "×", r"\cdot": "*", r"\ast": "*", r"\div": "/", r"\exp": "exp", r"\log": "log", r"\ln": "ln",
    r"\sqrt": "sqrt", r"\pi": "pi", r"\left": "", r"\right": "", r"\,": " ", r"\;": " ", r"\!": "", r"\:": " ",
    r"\quad": " ", r"\big": "", r"\Big": "", r"\displaystyle": "", r"\rightarrow": "→", r"\to": "→",
    r"\lbrace": "{", r"\rbrace": "}",
    r"\bigl": "", r"\bigr": "", r"\Bigl": "", r"\Bigr": "", r"\bigg": "", r"\Bigg": "", r"\qquad": " ",
    r"\lbrack": "(", r"\rbrack": ")", r"\lparen": "(", r"\rparen": ")", r"\implies": "→", r"\Rightarrow": "→",
    r"\longrightarrow": "→", r"\mid": "|", r"\mathbin": "", r"\textstyle": "", r"\top": "T", r"\intercal": "T",
    r"\ ": " ", r"\bullet": "*", r"\nonumber": "", r"\notag": "",
    r"\approx": "=", r"\equiv": "=", r"\in": "=", r"\alpha": "alpha", r"\eta": "eta",
}  # fmt: skip
_CHARACTERS: Final = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "⁄": "/", "⨯": "×", "•": "*",
     "≈": "=", "∈": "=",
     "²": "^2", "³": "^3", "ᵀ": "^T",
     "α": "alpha", "η": "eta", "π": "pi", "[": "(", "]": ")", "⟨": "(", "⟩": ")", "’": "'",
     "\u00a0": " ", "\u2009": " "}
)  # fmt: skip
# Commands that change how their argument looks, and those whose argument is no part of the formula.
_LOOKS: Final = re.compile(
    r"\\(?:mathbf|mathrm|mathit|mathbb|mathsf|boldsymbol|bm|vec|text|textbf|texttt|textit|operatorname|boxed|fbox|mathcal"
    r"|underline|mbox|ensuremath|mathop|mathnormal|emph|textnormal|textrm)(?![A-Za-z])"
)
_SILENT: Final = re.compile(
    r"\\(?:label|tag\*?|phantom|hphantom|vphantom|hspace\*?|(?:text)?color|begin|end)(?![A-Za-z])"
)
_HAT: Final = re.compile(r"\\(?:wide)?(?:hat|tilde|bar)(?![A-Za-z])|[\u0302\u0303\u0304]")
_COMMENT: Final = re.compile(r"(?<!\\)%.*")
_FRACTION: Final = re.compile(r"\\[dt]?frac(?![A-Za-z])")
_CONTROL_WORD: Final = re.compile(r"\\[A-Za-z]{1,40}$")
_NUMBER: Final = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?")


class UnreadableError(ValueError):
    """A text is no expression in the symbols that it may have: what stands where."""


@dataclass(frozen=True)
class Expression:
    """A formula: a number, a symbol, or an operator with its arguments."""

    operator: str
    arguments: tuple[Expression, ...] = ()
    number: float = 0.0

    def value(self, symbols: Mapping[str, float]) -> float:
        """Return what it comes to. Raises ArithmeticError or ValueError where that is no number."""
        if self.operator == "number":
            return self.number
        if self.operator in symbols:
            return symbols[self.operator]
        values = [argument.value(symbols) for argument in self.arguments]
        if self.operator in _FUNCTIONS:
            return _FUNCTIONS[self.operator](values[0])
        first, second = values if len(values) == 2 else (0.0, values[0])
        if self.operator == "+":
            return first + second
        if self.operator == "-":
            return first - second
        if self.operator == "*":
            return first * second
        if self.operator == "/":
            return first / second
        return math.pow(first, second)


def plain(text: str) -> str:
    """Return `text` with LaTeX and Unicode brought to plain operators; brackets become parentheses."""
    text = _COMMENT.sub("", text).strip().strip("*")  # Markdown's emphasis
    # Superscripts first: compatibility characters lose that they are raised.
    text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS))
    for mark in ("$", "`", "\\(", "\\)", "\\[", "\\]", "&", "~"):
        text = text.replace(mark, " ")
    text = text.replace("\\{", "(").replace("\\}", ")").replace("\\_", "_").replace("**", "^")
    text = _unwrap_commands(_unwrap_commands(text, _SILENT, keep=False), _LOOKS, keep=True)
    while found := _FRACTION.search(text):
        above, rest = _argument(text[found.end() :])
        below, rest = _argument(rest)
        text = f"{text[: found.start()]}(({above})/({below})){rest}"
    for command in sorted(_MEANINGS, key=len, reverse=True):
        # A command of letters ends where the letters end: \to is none of \top.
        end = r"(?![A-Za-z])" if command[-1].isalpha() else ""
        text = re.sub(re.escape(command) + end, lambda _, meaning=_MEANINGS[command]: f"{meaning} ", text)  # type: ignore[misc]
    return text.translate(_CHARACTERS).strip()


def _unwrap_commands(text: str, commands: re.Pattern[str], *, keep: bool) -> str:
    """Return `text` without these commands; their arguments stay, or go with them."""
    position = 0
    while found := commands.search(text, position):
        inner, rest = text[found.end() :].lstrip(), ""
        if inner.startswith("{"):
            inner, rest = _argument(inner)
            inner = inner if keep else " "
        # `\\cdot\\mathbf{x}` is no `\\cdotx`.
        blank = " " if inner[:1].isalpha() and _CONTROL_WORD.search(text, 0, found.start()) else ""
        text = f"{text[: found.start()]}{blank}{inner if keep or not rest else ' '}{rest}"
        position = found.start()
    return text


def with_spellings(text: str, spellings: Mapping[str, Sequence[str]]) -> str:
    r"""Return `text` with a symbol in the place of each of its other spellings, `\delta_{jc}` for `y_j`."""
    text = plain(text)
    listed = [(one, symbol) for symbol, ones in spellings.items() for one in map(plain, ones)]
    for one, symbol in sorted(listed, key=lambda entry: -len(entry[0])):
        letters = [re.escape(letter) for letter in one if not letter.isspace()]
        pattern = r"\s*".join({"\\{": "[{(]", "\\(": "[{(]", "\\}": "[)}]", "\\)": "[)}]"}.get(x, x) for x in letters)
        text = re.sub(pattern, f" {symbol} ", text)
    return text


def _argument(text: str) -> tuple[str, str]:
    """Return a LaTeX command's argument at the beginning of `text`, a group or one character, and what follows it."""
    text = text.lstrip()
    if not text.startswith("{"):
        return text[:1], text[1:]
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[1:index], text[index + 1 :]
    return text[1:], ""


def sides(text: str, symbols: Sequence[str] = ()) -> list[Expression | str]:
    """Return what each side of an equation comes to, and the text of those that cannot be read.

    Of no equation it is the expression alone. Raises UnreadableError where no side can be read.
    """
    if len(text) > _LONGEST:
        raise UnreadableError(f"{len(text)} characters, at most {_LONGEST} are read")
    found: list[Expression | str] = []
    problem = UnreadableError("nothing stands there")
    for side in plain(text).split("="):
        try:
            found.append(parse(side, symbols))
        except UnreadableError as error:
            problem = error
            if side.strip():
                found.append(side)
    if not any(isinstance(side, Expression) for side in found):
        raise problem
    return found


def find_symbols(expression: Expression) -> frozenset[str]:
    """Return the symbols, and the operators, that an expression has."""
    return frozenset({expression.operator}).union(*(find_symbols(argument) for argument in expression.arguments))


def symbol_places(text: str, symbol: str) -> Iterator[tuple[int, int]]:
    """Yield where `symbol` begins and ends in `text`, and is no part of a word."""
    for match in _symbol_pattern(symbol).finditer(text):
        if not text[match.end() : match.end() + 1].isalpha() and not text[: match.start()][-1:].isalpha():
            yield match.span()


def has_hat(text: str) -> bool:
    """Return whether a letter has a hat, a bar or a tilde: no plain symbol, though often meant as one."""
    return bool(_HAT.search(unicodedata.normalize("NFD", text)))


def parse(text: str, symbols: Sequence[str] = ()) -> Expression:
    """Return the expression in `text`, in which only `symbols` (`x_i`, `P_j`) may occur; of an equation its right side.

    A symbol may be written with or without `_`, braces and blanks, in capitals or not. A product needs no sign.
    Raises UnreadableError.
    """
    if len(text) > _LONGEST:
        raise UnreadableError(f"{len(text)} characters, at most {_LONGEST} are read")
    text = plain(text).rpartition("=")[2].strip().rstrip(".,;").replace("×", "*")
    text = re.sub(r"^([-+]?\d+),(\d+)$", r"\1.\2", text)  # a decimal comma
    return _Parser(text, symbols).whole()


class _Parser:
    """Precedence climbing over tokens: sums, products (with or without a sign), signs, powers, calls."""

    def __init__(self, text: str, symbols: Sequence[str]) -> None:
        self.text = text
        self.symbols = [(symbol, _symbol_pattern(symbol)) for symbol in sorted(symbols, key=len, reverse=True)]
        self.tokens = list(self._tokens())
        self.position = self.depth = 0

    def _tokens(self) -> Iterator[tuple[str, str]]:
        position, text = 0, self.text.replace("{", "(").replace("}", ")")
        bare = self.text  # braces belong to a symbol's subscript where one matches
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            for symbol, pattern in self.symbols:
                match = pattern.match(bare, position)
                if match:
                    yield "symbol", symbol
                    break
            else:
                match = _NUMBER.match(text, position)
                if match:
                    yield "number", match[0]
                elif text[position] in "+-*/^()":
                    yield text[position], text[position]
                    position += 1
                    continue
                else:
                    match = re.compile(r"exp|log|ln|sqrt|abs|pi\b|e\b").match(text, position)
                    if not match:
                        raise UnreadableError(f"at {text[position : position + 12]!r}")
                    yield ("constant" if match[0] in _CONSTANTS else "function"), match[0]
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1][1]

    def whole(self) -> Expression:
        if not self.tokens:
            raise UnreadableError("nothing stands there")
        expression = self.sum()
        if self.position < len(self.tokens):
            raise UnreadableError(f"{self.peek()!r} was not expected there")
        return expression

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnreadableError("it is nested too deeply")
        expression = self.product()
        while self.peek() in ("+", "-"):
            expression = Expression(self.take(), (expression, self.product()))
        self.depth -= 1
        return expression

    def product(self) -> Expression:
        expression = self.signed()
        while self.peek() in ("*", "/", "number", "symbol", "constant", "function", "("):
            operator = self.take() if self.peek() in ("*", "/") else "*"
            expression = Expression(operator, (expression, self.signed()))
        return expression

    def signed(self) -> Expression:
        signs = 0
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take() == "-"
            signs += 1
            if signs > _DEEPEST:
                raise UnreadableError("too many signs")
        power = self.power()
        return Expression("-", (power,)) if negative else power

    def power(self) -> Expression:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnreadableError("it is nested too deeply")
        exponent = self.signed()
        self.depth -= 1
        return Expression("^", (base, exponent))

    def atom(self) -> Expression:
        kind = self.peek()
        if kind == "number":
            return Expression("number", number=float(self.take()))
        if kind == "constant":
            return Expression("number", number=_CONSTANTS[self.take()])
        if kind == "symbol":
            return Expression(self.take())
        if kind == "function":
            name = self.take()
            return Expression(name, (self.atom(),))
        if kind == "(":
            self.take()
            inner = self.sum()
            if self.peek() != ")":
                raise UnreadableError("a parenthesis is not closed")
            self.take()
            return inner
        raise UnreadableError(f"{kind!r} was not expected there" if kind else "it ends too early")


def _symbol_pattern(symbol: str) -> re.Pattern[str]:
    """Return `x_i` also as x_{i}, xi and `x i`; what follows must not go on with the same word."""
    letter, _, subscript = symbol.partition("_")
    if not subscript:
        return re.compile(rf"{re.escape(letter)}(?![A-Za-z]{{2}})", re.IGNORECASE)
    return re.compile(rf"{re.escape(letter)}\s*_?\s*(?:[{{(]\s*{subscript}\s*[}})]|{subscript})", re.IGNORECASE)


def same_value(given: Expression, expected: Expression, values: Mapping[str, float]) -> bool:
    """Return whether both come to the same number, to nine digits, for these values of the symbols."""
    try:
        ours, theirs = expected.value(values), given.value(values)
    except (ArithmeticError, ValueError):
        return False
    return math.isfinite(theirs) and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
