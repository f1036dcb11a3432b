"""Answers that can be computed: results given as a formula, a number, a shape or a choice, and functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from autograder.assignment.homework import Homework, WrittenCheck
from autograder.base.errors import AssignmentError
from autograder.base.seeds import PUBLIC_SEED
from autograder.wall.probe_names import probe_name
from autograder.wall.request import Ending, Outcome, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox
from autograder.written import claims, expressions, formulas, phrasing, shapes, vocabulary
from autograder.written.documents import Document, Section
from autograder.written.lookalike_letters import is_reordered, without_invisible
from autograder.written.questions import Code, Field, Limits, Question

# Lengths tried for each symbol of a shape, in pairwise different combinations, so that no transpose hides.
_SIZES: Final = ((7, 3, 11), (5, 2, 3), (4, 9, 6), (13, 8, 5))
_TAG: Final = re.compile(r"\\tag\*?(?![A-Za-z])(?:\s{0,9}\{([^{}]{1,40})\})?")
_EQUATION: Final = re.compile(r"\s*(?:\*{1,3}|[A-Z]?\d{0,2}(?:[.-]\d{1,2})?[a-z]?'?)\s*")  # what numbers an equation
_LONGEST: Final = 1_000  # characters of a result
_MEMORY: Final = 1024 * 2**20
_ONLY_SECRETLY: Final = "it is not right for all inputs that were tried."


@dataclass(frozen=True)
class Verdict:
    """What came of one computed answer. right None: it could not be read, and a person decides."""

    label: str
    right: bool | None
    points: float
    text: str

    @property
    def earned(self) -> float:
        """The points that are sure."""
        return self.points if self.right else 0.0


def check_fields(
    question: Question, given: Mapping[str, str], seed: int, unsure: Mapping[str, str] = MappingProxyType({})
) -> list[Verdict]:
    """Return a verdict for every field of the question; `seed` draws the values that formulas are tried with.

    unsure: why a result may be another one than what was read: it can be right, and wrong only to a person.
    """
    told = claims.givens(question.text)
    verdicts = [
        _check_field(field, given.get(field.name, ""), seed, vocabulary.of_field(question, field), told)
        for field in question.fields
    ]
    return [
        replace(one, right=None, text=f"{unsure[one.label]}; a person decides.")
        if one.right is False and one.label in unsure
        else one
        for one in verdicts
    ]


def _check_field(
    field: Field, given: str, seed: int, known: vocabulary.Vocabulary, told: frozenset[tuple[str, str]]
) -> Verdict:
    if not given:
        text = f"no result stands behind `{field.name}:`. If it stands elsewhere in the answer, a person will find it."
        return Verdict(field.name, None, field.points, text)
    if not is_reordered(given):
        given = without_invisible(given)
    given = re.sub(r"\s+", lambda blanks: "\n" if "\n" in blanks[0] else " ", given.strip())
    if len(given) > _LONGEST:
        text = f"{len(given)} characters stand there, and {_LONGEST} at most are read; a person decides."
        return Verdict(field.name, None, field.points, text)
    if field.kind != "number":
        given = re.sub(r"(?<!\\)%", " # ", given)  # what stands in a comment was written as well
    checks: dict[str, Callable[[], tuple[bool | None, str]]] = {
        "formula": lambda: formulas.check(field, given, seed, known),
        "number": lambda: _number(field, given, told, known),
        "shape": lambda: _shape(field, given, known),
        "choice": lambda: _choice(field, given, known),
    }
    if any(field.kind == "number" or not _EQUATION.fullmatch(tag[1] or "?") for tag in _TAG.finditer(given)):
        return Verdict(field.name, None, field.points, "a tag stands beside it, which a page shows; a person decides.")
    if claims.is_doubtful(given):
        return Verdict(field.name, None, field.points, "it says that it may be something else; a person decides.")
    try:
        right, text = checks[field.kind]()
    except expressions.UnreadableError as error:
        expected = {"formula": "a formula in " + ", ".join(field.symbols), "number": "a number", "shape": "a shape"}[
            field.kind
        ]
        return Verdict(field.name, None, field.points, f"could not be read as {expected} ({error}); a person decides.")
    return Verdict(field.name, right, field.points, text)


def _number(
    field: Field, given: str, told: frozenset[tuple[str, str]], known: vocabulary.Vocabulary
) -> tuple[bool | None, str]:
    expected = expressions.parse(field.expect)
    if "%" in given:
        raise expressions.UnreadableError("a percent sign")
    text = claims.without_givens(phrasing.number_text(given), told)
    text, refused = phrasing.split_refusal(text)
    whole = text
    text, _remark = phrasing.split_remark(phrasing.without_leading_condition(text))
    head, _condition = phrasing.without_condition(text)
    answer, *others = _numbers_of(head, told)
    # All that is said beside it must be that number, too, and what is refused another one.
    others += claims.numbers(whole, told)
    if any(not expressions.same_value(other, answer, {}) for other in others):
        raise expressions.UnreadableError("there are several numbers")
    denied = list(claims.numbers(refused, told))
    if len(denied) > 1 or any(expressions.same_value(other, answer, {}) for other in denied):
        raise expressions.UnreadableError("there are several numbers")
    if claims.is_called_given(whole, told):
        raise expressions.UnreadableError("it is called by another name")
    if refused and not denied and not known.has_own(refused):
        raise expressions.UnreadableError("it takes something back")
    known.check(phrasing.without_agreement(whole, answer.value({})))
    known.check_refused(refused)
    if claims.says_otherwise(whole) or not all(map(_has_number, re.split(r"\bor\b", whole)[1:])):
        raise expressions.UnreadableError("another case stands there")
    if expressions.same_value(answer, expected, {}):
        return True, "right."
    return False, "it is another number."


def _numbers_of(head: str, told: frozenset[tuple[str, str]]) -> list[expressions.Expression]:
    """Return the numbers that a result comes to: of an equation each side that is a number."""
    try:
        found = [side for part in re.split(r"\bor\b|\bi\.e\.|;", head) for side in expressions.sides(part)]
        return [side for side in found if isinstance(side, expressions.Expression)]
    except expressions.UnreadableError:
        numbers = re.findall(r"(?<![\w.])[-−+]?\d+(?:\.\d+)?(?![\w.]*\d)(?:st|nd|rd|th)?(?!\w)", head)
        if len(set(numbers)) != 1 or not any(claims.numbers(head, told)):
            raise
        return [expressions.parse(re.sub(r"[a-z]+$", "", numbers[0]))]


def _has_number(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _shape(field: Field, given: str, known: vocabulary.Vocabulary) -> tuple[bool | None, str]:
    known.check(shapes.without_refusal(given))
    if found := shapes.find_transpose(given):
        raise expressions.UnreadableError(f"{found!r} may change what it says")
    ways = re.split(r"\bor\b", given)
    if len(ways) > 1 and all(_is_accepted(field, _parse_shape(field, way)[0]) for way in ways):
        return True, "right."
    answer, is_certain = _parse_shape(field, given)
    if found := shapes.find_other_length(given, answer, field.symbols):
        raise expressions.UnreadableError(f"{found!r} stands beside it")
    is_right = _is_accepted(field, answer)
    joined = shapes.joined_shapes(given, field.symbols, batch=field.batch)
    if claims.says_otherwise(given) or any(_is_accepted(field, other) != is_right for other in joined):
        raise expressions.UnreadableError("there are several shapes")
    if is_right:
        return True, "right."
    if not is_certain:
        raise expressions.UnreadableError("other words or shapes stand there")
    sizes = dict(zip(field.symbols, _SIZES[0], strict=False))
    try:
        lengths = ", ".join(f"{length.value(sizes):g}" for length in answer)
    except (ArithmeticError, ValueError):
        raise expressions.UnreadableError("its lengths are no numbers") from None
    with_sizes = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
    return False, f"for {with_sizes} it is ({lengths}), which is not what the handout says."


def _parse_shape(field: Field, given: str) -> tuple[shapes.Shape, bool]:
    return shapes.parse_shape(given, field.symbols, batch=field.batch)


def _is_accepted(field: Field, answer: shapes.Shape) -> bool:
    """Return whether the shape is one of the accepted ones, whatever the symbols' sizes."""
    for accepted in field.accept:
        wanted, _certain = shapes.parse_shape(accepted, field.symbols)
        if len(wanted) == len(answer) and all(
            expressions.same_value(ours, theirs, dict(zip(field.symbols, sizes, strict=False)))
            for sizes in _SIZES
            for ours, theirs in zip(answer, wanted, strict=True)
        ):
            return True
    return False


def _choice(field: Field, given: str, known: vocabulary.Vocabulary) -> tuple[bool | None, str]:
    """Compare whole words. What holds a word that is no choice, nor known to be harmless, a person reads."""
    given, refused = phrasing.split_refusal(vocabulary.without_verbs(expressions.plain(given)))
    given, remark = phrasing.split_remark(given)
    words, beside = vocabulary.words_of(given), vocabulary.words_of(remark)
    for right, phrases, text in ((True, field.accept, "right."), (False, field.reject, "it is another one.")):
        others = field.reject if right else field.accept
        if any(_find_phrase(words, phrase) or _find_phrase(beside, phrase) for phrase in others):
            continue
        found: set[int] = set().union(*(_find_phrase(words, phrase) for phrase in phrases))
        if not found or (refused and not _refuses_another(refused, {words[place] for place in found}, field)):
            continue
        chosen = [*field.accept, *field.reject, *known.all_phrases]
        if not any(_strange_choice(part, chosen, known) for part in (given, remark, refused)):
            return right, text
    return None, "the answer was not recognised; a person decides."


def _refuses_another(refused: str, chosen: set[str], field: Field) -> bool:
    """Return whether what is refused, "not the first", is a choice, and none of the words that were chosen."""
    words = vocabulary.words_of(refused)
    found: set[int] = set().union(*(_find_phrase(words, phrase) for phrase in (*field.accept, *field.reject)))
    return bool(found) and not {words[place] for place in found} <= chosen


def _strange_choice(text: str, phrases: Sequence[str], known: vocabulary.Vocabulary) -> str:
    """Return the first word or sign that is neither harmless nor part of a choice; empty where there is none."""
    words = vocabulary.words_of(text)
    found: set[int] = set().union(*(_find_phrase(words, phrase) for phrase in phrases))
    strange = (word for place, word in enumerate(words) if place not in found and word not in known.words)
    return next(strange, "") or known.strange_sign(text)


def _find_phrase(words: Sequence[str], phrase: str) -> set[int]:
    """Return the places of the words that are the phrase, however it is cut into words.

    One with a `_` is the beginning of a name, which may go on.
    """
    wanted = "".join(vocabulary.words_of(phrase))
    found: set[int] = set()
    for start in range(len(words)):
        joined = ""
        for end in range(start, len(words)):
            joined += words[end]
            if joined == wanted or ("_" in phrase and joined.startswith(wanted)):
                found |= set(range(start, end + 1))
            if len(joined) >= len(wanted):
                break
    return found


def unrunnable(code: Code, section: Section, document: Document) -> str:
    """Return why an answer's function is left to a person; empty where it can be run, or is nowhere in the document."""
    kind = document.kind
    is_apart = any(piece.is_code for piece in section.pieces)
    if kind == "word":
        return "a Word document does not keep code as it was written, so it was not run: a person reads it."
    if kind == "pdf":
        return "a PDF does not keep code as it was written, so it was not run: a person reads it."
    if not section.code.strip() and is_apart:
        return "its code stands below the end of the answer, and was not run: a person reads it."
    starter, defined = "".join(code.starter.split()), re.compile(rf"\bdef\s{{1,9}}{re.escape(code.function)}\b")
    others = (cell for cell in document.code_cells if "".join(cell.split()) != starter)
    if not section.code.strip() and any(map(defined.search, others)):
        return "the function stands in the cell of another question, and was not run: a person reads it."
    if not section.code.strip() and (section.text or section.pictures):
        return "no code was found that could be run: write it into the code cell. A person reads what is there."
    return ""


def check_code(
    code: Code,
    source: str,
    cells: Sequence[str],
    limits: Limits,
    sandbox: Sandbox | None,
    seed: int,
    homework: Homework,
) -> Verdict:
    """Run an answer's function in the sandbox and compare what it does.

    cells: those of the whole notebook, for imports and helpers that stand elsewhere in it.
    Raises AssignmentError where the homework has no check of that name.
    """
    label = f"{code.function}()"
    if not source.strip() or sandbox is None:
        return Verdict(label, False, code.points, f"the function `{code.function}` has not been written.")
    check = homework.written_checks.get(code.check)
    if check is None:
        known = ", ".join(homework.written_checks) or "none"
        raise AssignmentError(f"written.toml: there is no check {code.check!r} in homework/; there are: {known}.")
    elsewhere = [cell for cell in cells if cell.strip() and cell.strip() not in source]
    sources = (source, _after(elsewhere, source)) if elsewhere else (source,)

    def find_fault(seed: int) -> str:
        inputs = {"function": code.function, **check.inputs(seed)}
        outcome = _run_first_complete(check, inputs, sources, limits, sandbox, homework, public=seed == PUBLIC_SEED)
        if outcome.ending is Ending.ANSWERED:
            return check.judge(seed, outcome.answer)
        return _failure(outcome, code)

    if not find_fault(seed):
        return Verdict(label, True, code.points, "right, in every case tried.")
    # What is told of a fault could tell the inputs: it is told of inputs that everybody may know.
    return Verdict(label, False, code.points, find_fault(PUBLIC_SEED) or _ONLY_SECRETLY)


def _after(cells: Sequence[str], source: str) -> str:
    """Return a program that runs every cell, whatever comes of it, and then `source`.

    A cell that plots, or reads a file, may well fail in the sandbox; what others define is there all the same.
    """
    run = "for _cell in {!r}:\n    try:\n        exec(_cell, globals())\n    except BaseException:\n        pass\n"
    return f"{run.format(list(cells))}{source}"


def _run_first_complete(
    check: WrittenCheck,
    inputs: Mapping[str, Any],
    sources: Sequence[str],
    limits: Limits,
    sandbox: Sandbox,
    homework: Homework,
    *,
    public: bool,
) -> Outcome:
    """Run the first of `sources`, or the next where a name is missing in it that the next one gives."""
    first = _run(check, inputs, sources[0], limits, sandbox, homework, public=public)
    for source in sources[1:]:
        if first.failure is None or first.failure.kind != "NameError":
            break
        again = _run(check, inputs, source, limits, sandbox, homework, public=public)
        first = again if again.ending is Ending.ANSWERED else first
    return first


def _run(
    check: WrittenCheck,
    inputs: Mapping[str, Any],
    source: str,
    limits: Limits,
    sandbox: Sandbox,
    homework: Homework,
    *,
    public: bool,
) -> Outcome:
    request = Request(
        probe=probe_name(check.probe),
        inputs=inputs,
        sources={f"{homework.package}/answer.py": source.lstrip("\n").encode("utf-8", "replace")},
        given={},
        edition={},
        seed=1,
        public=public,
    )
    return sandbox.run(request, WorkerLimits(limits.code_seconds, _MEMORY, 2**22))


def _failure(outcome: Outcome, code: Code) -> str:
    failure = outcome.failure
    if outcome.ending is not Ending.RAISED or failure is None:
        return f"running it did not end well: it {outcome.ending.value}."
    if failure.stage == "name":
        return f"there is no function `{code.function}` in the answer's code."
    line = f" in line {failure.line} of the answer's code" if failure.line else ""
    kind = failure.kind if failure.kind.isidentifier() else "an exception"
    return f"it raised `{kind}`{line}: {failure.text[:300]!r}."
