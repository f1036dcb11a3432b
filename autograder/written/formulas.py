"""A result that is a formula: right where all that is written agrees with the right one, whatever its symbols are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from autograder.written import claims, expressions, phrasing
from autograder.written.questions import Field
from autograder.written.vocabulary import Vocabulary

_TRIALS: Final = 8
_FOREIGN: Final = "it has a symbol that the right formula has not."


def check(field: Field, given: str, seed: int, known: Vocabulary) -> tuple[bool | None, str]:
    """Return whether a formula is right, and why; `seed` draws the values that it is tried with.

    Raises UnreadableError where a person has to decide.
    """
    expected = expressions.parse(field.expect, field.symbols)
    if expressions.has_hat(given):
        raise expressions.UnreadableError("a hat, where the question has none")
    uncommented = phrasing.without_comment(given)
    text = phrasing.without_quantifier(uncommented)
    cut = given[len(uncommented) :], uncommented[len(text.removesuffix("$")) :]
    spelled = expressions.with_spellings(text, dict(field.also))
    is_spelled = spelled != expressions.plain(text)
    text = spelled if is_spelled else text
    head, condition = phrasing.without_condition(text)
    beside = [*cut, *([text[len(head) :]] if condition else []), *phrasing.remarks(head)]
    strange = next(filter(None, (known.strange_definition(one, dict(field.also)) for one in beside)), "")
    may_be_foreign = bool(field.foreign) and not condition and not strange and _names_foreign(field, head)
    try:
        answers, names = _sides(head, field.symbols)
    except expressions.UnreadableError:
        if may_be_foreign:
            return False, _FOREIGN
        raise
    verdicts = {_agrees(field, answer, expected, seed) for answer in answers}
    if may_be_foreign and True not in verdicts:
        return False, _FOREIGN
    strange = strange or next(filter(None, map(known.strange, names)), "")
    if verdicts == {True} and not strange:
        return True, "right."
    # Of single cases, what stands in front of the conclusion is told apart there.
    if condition and not any(map(known.strange, cut)) and _is_concluded(field, text, expected, seed, known):
        return True, "right."
    if verdicts == {False} and not condition and not is_spelled and not strange:
        return False, "it does not give the same values as the right formula."
    raise expressions.UnreadableError(
        f"{strange!r} may change what it says" if strange else "a case or a second formula stands there"
    )


def _sides(text: str, symbols: Sequence[str]) -> tuple[list[expressions.Expression], list[str]]:
    """Return the sides of the equation in `text`, and those that cannot be read, as the names of the result.

    Where words stand around it, they are the sides of what these conclude.
    """
    try:
        found = expressions.sides(text, symbols)
    except expressions.UnreadableError:
        found = []
        for part in phrasing.conclusions(text):
            try:
                found += expressions.sides(part, symbols)
            except expressions.UnreadableError:
                found.append(part)
        if not any(isinstance(side, expressions.Expression) for side in found):
            raise
    return [side for side in found if isinstance(side, expressions.Expression)], [
        side for side in found if isinstance(side, str)
    ]


def _is_concluded(field: Field, text: str, expected: expressions.Expression, seed: int, known: Vocabulary) -> bool:
    """Return whether the text ends in the right formula, and says before what this comes to in single cases.

    "P_j x_i if j ≠ c, (P_j - 1) x_i if j = c: (P_j - y_j) x_i".
    """
    *before, last = phrasing.conclusions(text) or [""]
    head, condition = phrasing.without_condition(last)
    if not before or (condition and known.strange_definition(last[len(head) :], dict(field.also))):
        return False
    cases = [case for part in before for case in claims.cases(part) if known.strange(case)]
    try:
        answers, *of_cases = (_sides(one, field.symbols) for one in (head, *cases))
    except expressions.UnreadableError:
        return False
    names = [name for _, ones in (answers, *of_cases) for name in ones]
    return (
        not any(map(known.strange, names))
        and all(_agrees(field, answer, expected, seed) for answer in answers[0])
        and all(_agrees(field, answer, expected, seed, cases=True) for ones, _ in of_cases for answer in ones)
    )


def _names_foreign(field: Field, text: str) -> bool:
    """Return whether the formula can be read, and has a symbol that cannot be right."""
    try:
        found = expressions.sides(text, (*field.symbols, *field.foreign))
    except expressions.UnreadableError:
        return False
    last = found[-1]
    return isinstance(last, expressions.Expression) and bool(expressions.find_symbols(last) & set(field.foreign))


def _agrees(
    field: Field,
    answer: expressions.Expression,
    expected: expressions.Expression,
    seed: int,
    *,
    cases: bool = False,
) -> bool:
    """Return whether both formulas give the same for any values of the symbols; of those that are 0 or 1, for both.

    cases: it is enough that they do for some of what is 0 or 1.
    """
    rng = random.Random(seed)
    differing = set()
    for trial in range(_TRIALS):
        signs = [1 if symbol in field.positive else rng.choice((-1, 1)) for symbol in field.symbols]
        # Both signs, whatever is drawn: the first trials and the last ones differ in them.
        flip = -1 if trial >= _TRIALS // 2 else 1
        values = {
            symbol: rng.uniform(0.1, 0.9) * (sign if symbol in field.positive else sign * flip)
            for symbol, sign in zip(field.symbols, signs, strict=True)
        }
        case = tuple(float(trial >> place & 1) for place in range(len(field.binary)))
        if not expressions.same_value(answer, expected, values | dict(zip(field.binary, case, strict=True))):
            differing.add(case)
    return not differing or (cases and len(differing) < 2 ** len(field.binary))
