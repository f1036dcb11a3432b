"""The text of a row whose code gave no answer: it raised, was stopped, or is not written yet."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from autograder.base.searching import count_lines, find_alike, line_to_search, text_to_search
from autograder.feedback import lacking, misplaced, slips, surroundings
from autograder.feedback.definitions import ALIKE, defines_name, explain_repeated, is_defined, where
from autograder.feedback.messages import describe_call, look_at, missing
from autograder.feedback.raised import IMPORTS, explain_given, explain_raised, explain_unusable, is_handed_out
from autograder.feedback.text import code, paragraphs
from autograder.guest.unfinished import Stub
from autograder.intake.submission import Submission
from autograder.wall.request import OUT_OF_MEMORY, Ending, Failure, Outcome

_KNOWN_ERRORS: Final = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
) | {"AxisError", "LinAlgError", "NameMissingError", "UnsupportedOperation"}


def no_answer(
    outcome: Outcome,
    submission: Submission,
    subject: str,
    inputs: Mapping[str, Any],
    handout: Mapping[str, bytes] = MappingProxyType({}),
) -> str:
    """Return why a submission gave no answer at all. handout: the files that students got.

    What is shown must come from a run whose inputs are no secret; see `Outcome.seen_again`.
    """
    stub = still_to_do(outcome.unfinished, submission, subject)
    if stub and (outcome.failure is None or outcome.failure.stage == "run"):
        return stub
    if outcome.ending is Ending.RAISED and outcome.failure is not None:
        return _explain_exception(outcome.failure, submission, subject, inputs, handout)
    finding = {
        Ending.TIMED_OUT: _too_long(outcome, submission),
        Ending.EXITED: "Your code ended the Python process (`sys.exit`, `os._exit`, `exit`) instead of returning.",
        Ending.CRASHED: f"Your code crashed the Python interpreter ({outcome.detail}).",
        Ending.KILLED: "Your code was stopped by the system, most likely because it used too much memory.",
        Ending.FLOODED: "Your code returned far more data than was asked for.",
        Ending.GARBLED: "Your code's answer could not be read.",
        Ending.GONE: (
            "Your code gave no answer: it ended or crashed its process, or returned far too much, or something that "
            "cannot be read. The grader did not see that with other inputs of the same shapes. The inputs of this "
            "test stay hidden, so it says no more. Try other values at home, such as zeros or very large numbers."
        ),
    }.get(outcome.ending, "Your code gave no answer.")
    return paragraphs(finding, describe_call(inputs), look_at(submission, subject))


def explain_load_failure(path: str, outcome: Outcome, submission: Submission) -> str:
    """Return why the file `path` could not be loaded by itself."""
    failure = outcome.failure
    if missing_module := surroundings.explain_missing_module(failure, submission):
        return f"{code(path)} could not be loaded. {missing_module}"
    if failure is not None and failure.stage == "run" and not failure.file:
        # Of no line of the submission: most likely it imports what another file could not give it.
        said = f": {code(failure.text)}" if failure.text else ""
        return f"{code(path)} could not be loaded: {_kind(failure.kind, submission)}{said}."
    told = no_answer(outcome, submission, "", {})
    return told if path in told else f"{code(path)}: {told}"


def _too_long(outcome: Outcome, submission: Submission) -> str:
    """Say that it was stopped, and in which function that was, as far as the submission's own text bears it out."""
    still = outcome.still
    function = still.name.rpartition(".")[2] if still is not None else ""
    place = _place(Failure("run", "", still.file, still.line, function, "", False), submission) if still else ""
    if not place:
        return "Your code took too long and was stopped. Does a loop never end? Does importing it train?"
    asks = "Does importing it train?" if function == "<module>" else "Does a loop there never end?"
    same = f"Most likely the same cause as in {outcome.since}." if outcome.since else asks
    return f"Your code took too long and was stopped, still at {place}. {same}"


def _explain_exception(
    failure: Failure, submission: Submission, subject: str, inputs: Mapping[str, Any], handout: Mapping[str, bytes]
) -> str:
    place, here = _place(failure, submission), _file(failure, submission)
    text = failure.text
    said = f": {code(text)}" if text else ""
    kind = _kind(failure.kind, submission)
    if failure.stage in ("name", "load") and not submission.files.get(failure.file, b"-").strip():
        return paragraphs(f"{code(failure.file)} is empty. Was the right file handed in?")
    if failure.stage == "name":
        return _name_missing(text, submission)
    if failure.stage == "load" and failure.file in submission.missing:
        return paragraphs(f"{missing(failure.file, submission)} This test needs it.")
    if failure.kind == "ModuleNotLoadedError":
        return paragraphs(f"{here or 'A file'} could not be loaded{said}.")
    if slip := slips.explain(failure, submission, text):
        loading = failure.stage == "load"
        # One line is enough: where the slip is, which need not be where Python noticed it.
        in_function = _place(replace(failure, line=0), submission) if slips.NAMES_A_LINE.search(slip) else place
        what = f"{here or 'A file'} could not be loaded" if loading else in_function or "Your code"
        return paragraphs(f"{what}: {slip}", _python_says(kind, text) if loading else describe_call(inputs))
    if failure.stage == "load":
        return paragraphs(
            f"{here or 'A file'} could not be loaded: {kind}{f', {place}' if place else ''}{said}",
            _placeholder(failure, submission) or surroundings.advise(failure, submission),
        )
    if failure.not_implemented:
        name = code(subject) if subject else "This"
        function = _function(failure, submission)
        if function and subject and function != subject.rpartition(".")[2]:
            name = f"{code(function)}, which this test needs,"
        return paragraphs(
            f"**Not implemented yet**: {name} raises `NotImplementedError`{f' at {place}' if place else ''}."
        )
    if not failure.kind:
        return paragraphs(
            "Your code raised an exception, and no such one with other inputs of the same shapes. The inputs of this "
            "test stay hidden, so this row cannot quote it. Try other values at home, such as zeros or very large "
            "numbers.",
            describe_call(inputs),
            look_at(submission, subject),
        )
    if not place and failure.kind == OUT_OF_MEMORY:
        return paragraphs(
            f"Your code needs more memory than there is for it: {kind}{said}.",
            describe_call(inputs),
            look_at(submission, subject),
        )
    incomplete = _is_own_incomplete_class(text, submission)
    if (incomplete or not place) and (remedy := _find_remedy(failure, submission, subject, handout)):
        cause = misplaced.find_incomplete_class(text) or subject
        return paragraphs(remedy, describe_call(inputs), look_at(submission, cause))
    if not place:
        look = "" if failure.kind in IMPORTS else look_at(submission, subject)
        return paragraphs(explain_unusable(failure, kind, said), _hint(text, subject), describe_call(inputs), look)
    given = is_handed_out(failure, submission, handout)
    return paragraphs(
        explain_given(failure, kind, said) if given else explain_raised(failure.origin, kind, place, said),
        surroundings.advise(failure, submission)
        or misplaced.explain_lost_property(text, submission, handout, subject)
        or misplaced.explain_lost_attribute(failure, submission)
        or _endless_calls(failure, submission)
        or _called_class(failure, submission)
        or _definition(failure.kind, text, submission)
        or _hint(text, subject),
        describe_call(inputs),
        look_at(submission, subject) if given else explain_repeated(submission, subject),
    )


def cause(failure: Failure, submission: Submission) -> str:
    """Return what rows with the same cause share: where the submission failed, and how; "" where that is not known.

    failure: as `no_answer` got it. Sizes, which differ between tests, do not count.
    """
    if failure.not_implemented or not (failure.kind or failure.stage != "run"):
        return ""
    text = re.sub(r"\d+", "#", failure.text)
    if failure.stage != "run":
        return f"{failure.stage} {failure.file} {text if failure.stage == 'name' else ''}" if failure.file else ""
    if _place(failure, submission) and not _is_own_incomplete_class(failure.text, submission):
        return f"{failure.kind} {failure.file}:{failure.line} {text}"
    return text if _find_misfit(failure.text, submission) else ""


_NAME_MISSING: Final = re.compile(r"(\S+\.py) defines no (\w+)")


def _name_missing(text: str, submission: Submission) -> str:
    """Say that a file lacks a class or a function, and which one it may be under another name."""
    found = _NAME_MISSING.match(text)
    if found is None:
        return f"{code(text) or 'A name is missing'}. Is it spelled as in the handout?"
    file, name = found.groups()
    content = text_to_search(submission.files.get(file, b""))
    defined = {other.lower(): other for other in re.findall(r"^(?:class|def)[ \t]+(\w+)", content, re.MULTILINE)}
    close = find_alike(name.lower(), defined, ALIKE)
    asked = f"Do you mean {code(defined[close])}? Spell" if close else "Spell"
    return f"{code(file)} defines no {code(name)}. {asked} it as in the handout."


_NO_ARGUMENTS: Final = re.compile(r"\b(\w+)\(\) takes no arguments")


def _without_init(text: str, submission: Submission) -> str:
    """Say that a class has no `__init__` of its own, though it was called with arguments; or nothing."""
    found = _NO_ARGUMENTS.search(text)
    if found is None or not is_defined("class", found[1], submission):
        return ""
    return (
        f"{code(found[1])} has no `__init__` that takes arguments. Is it called `__init__`, with two underscores on "
        "each side, and does it stand inside of the class?"
    )


_MADE: Final = re.compile(r"\b(\w+)(?:\.__init__)?\(\) takes (?:no arguments|(?:from )?\d)")


def _called_class(failure: Failure, submission: Submission) -> str:
    """Say that a class was called as if it were an object of it, where the line that calls does not name it."""
    found = _MADE.search(failure.text)
    line = line_to_search(submission.files.get(failure.file, b""), failure.line)
    if failure.kind != "TypeError" or found is None or not line or not is_defined("class", found[1], submission):
        return ""
    if re.search(rf"\b{re.escape(found[1])}\b|\bsuper\b", line):
        return ""
    return (
        f"What is called there is the class {code(found[1])} itself, and not an object of it. Where it is handed over, "
        f"is {code(found[1] + '()')} meant?"
    )


def _endless_calls(failure: Failure, submission: Submission) -> str:
    if failure.kind != "RecursionError":
        return ""
    line = line_to_search(submission.files.get(failure.file, b""), failure.line)
    called = "__call__" in failure.function or re.search(r"\bself(?:\.(?:__call__|call|forward))?\(", line)
    hint = " To call a layer, as in `self(x)`, calls its own forward method again." if called else ""
    return f"It calls itself without an end.{hint}"


def _definition(kind: str, text: str, submission: Submission) -> str:
    """Return how a function of the submission that was called with other arguments is defined; or nothing."""
    found = _SIGNATURE.search(text)
    if kind != "TypeError" or found is None:
        return ""
    file, line = where(submission, found[1])
    content = submission.files.get(file, b"")
    first = line_to_search(content, line)
    defined = re.match(r"\s*(def \w+\((.*)\))", first)
    if defined is None:
        return ""
    told = f"{code(found[1])} is defined at {code(file)} line {line} as {code(defined[1])}."
    method = "." in found[1] and first[:1].isspace()
    if (
        method
        and not re.match(r"\s*(?:self|cls|\*)\b", defined[2])
        and "@staticmethod" not in line_to_search(content, line - 1)
    ):
        return f"{told} A method's first parameter is `self`."
    return f"{told} Give it the parameters that it is called with; for a method of the handout, those of the handout."


def _python_says(kind: str, text: str) -> str:
    """Python's own words on what is explained in ours; nothing where they would only confuse."""
    return f"Python says: {kind}{f', {code(text)}' if text else ''}." if kind.endswith("Error**") else ""


_SIGNATURE: Final = re.compile(
    r"(?<![\w.])([\w.]+)\(\) "
    r"(?:missing \d+ required |takes (?:from )?\d|got an unexpected keyword argument|got multiple values)"
)
_OF_A_LIST: Final = re.compile(
    r"'list' object has no attribute|can't multiply sequence by non-int|: 'list' and |: '\w+' and 'list'|"
    r"list indices must be integers"
)


def _find_remedy(failure: Failure, submission: Submission, subject: str, handout: Mapping[str, bytes]) -> str:
    return (
        surroundings.explain_missing_module(failure, submission)
        or misplaced.explain_lost_property(failure.text, submission, handout, subject)
        or _find_misfit(failure.text, submission, handout)
    )


def _is_own_incomplete_class(text: str, submission: Submission) -> bool:
    """Return whether a class of the submission's lacks a method, whoever called it or made the object."""
    owner = misplaced.find_incomplete_class(text)
    return bool(owner) and is_defined("class", owner, submission)


def _find_misfit(text: str, submission: Submission, handout: Mapping[str, bytes] = MappingProxyType({})) -> str:
    """Return what is wrong where the grader could not even call the submission as the handout does; or nothing."""
    return (
        misplaced.explain_incomplete_class(text, submission, handout)
        or lacking.explain_missing_attribute(text, submission)
        or _other_parameters(text, submission)
        or _without_init(text, submission)
    )


def _other_parameters(text: str, submission: Submission) -> str:
    if (found := _SIGNATURE.search(text)) and is_defined("def", found[1].rpartition(".")[2], submission):
        return (
            f"{code(found[1])} was called as in the handout, and takes other arguments: {code(text)}. "
            "Give it the parameters that it has in the handout."
        )
    return ""


def _hint(text: str, subject: str) -> str:
    """Return what to do about a list that is taken for an array, about None, or an array's `.data`; or nothing."""
    if "attribute 'data' of 'numpy.ndarray' objects is not writable" in text:
        return "NumPy's arrays are changed in place by `p[...] -= step`: their `.data` is not what PyTorch's is."
    if "'NoneType'" in text:
        return (
            "Which value is `None` there? One that was never set, or what a function gives that ends without a "
            "`return`."
        )
    if not _OF_A_LIST.search(text):
        return ""
    if subject.endswith("apply_gradients"):
        return "The parameters and the gradients come as lists: go through both, one array at a time."
    if subject.endswith("_gradients"):
        return "`self.inputs` and `self.outputs` are lists: take the tensor out, as in `self.inputs[0]`."
    return ""


_LEFT_TO_DO: Final = {
    "error": "returns `NotImplementedError`",
    "constant": "returns `NotImplemented`",
    "ellipsis": "returns `...`",
    "empty": "returns nothing",
}


def still_to_do(stubs: Sequence[Stub], submission: Submission, subject: str) -> str:
    """Say that a method which ran is still to be written, as far as the submission's own text bears it out; or nothing.

    If several ran, it names the test's own subject, or else the first that ran.
    """
    known = [stub for stub in stubs if stub.how in _LEFT_TO_DO and _defines(submission, stub)]
    if not known:
        return ""
    stub = next((stub for stub in known if stub.function == subject), known[0])
    needed = "" if stub.function == subject or not subject else ", which this test needs,"
    return paragraphs(
        f"**Not implemented yet**: {code(stub.function)}{needed} {_LEFT_TO_DO[stub.how]} ({code(stub.file)}"
        f"{f' line {stub.line}' if _is_line(submission, stub) else ''})."
    )


def _defines(submission: Submission, stub: Stub) -> bool:
    content = submission.files.get(stub.file)
    owners, _, name = stub.function.rpartition(".")
    if content is None or not name.isidentifier() or not defines_name("def", name, content):
        return False
    return all(
        owner.isidentifier() and defines_name("class", owner, content) for owner in filter(None, owners.split("."))
    )


def _is_line(submission: Submission, stub: Stub) -> bool:
    return 0 < stub.line <= count_lines(submission.files[stub.file])


def _placeholder(failure: Failure, submission: Submission) -> str:
    """Say that a handout's `???` is left where the file stops being Python; nothing where none is."""
    lines = submission.files.get(failure.file, b"").splitlines()
    if failure.kind != "SyntaxError" or not 0 < failure.line <= len(lines) or b"???" not in lines[failure.line - 1]:
        return ""
    return "`???` stands for what is yet to be written, and is no Python. Until then, `None` can take its place."


def _kind(name: str, submission: Submission) -> str:
    """Return an exception's class: one of Python's own, or one that stands in the submission, quoted as its own."""
    if name in _KNOWN_ERRORS:
        return f"**{name}**"
    if name.isidentifier() and is_defined("class", name, submission):
        return code(name)
    return "an exception"


def _file(failure: Failure, submission: Submission) -> str:
    return code(failure.file) if failure.file in submission.files else ""


def _function(failure: Failure, submission: Submission) -> str:
    """Return the function that raised, if the file that it should be in defines one of that name."""
    content = submission.files.get(failure.file, b"")
    function = failure.function.rpartition(".")[2]
    return function if function.isidentifier() and defines_name("def", function, content) else ""


def _place(failure: Failure, submission: Submission) -> str:
    """Return `package/file.py`, line 12, in `method`: as far as the submission's own text bears it out."""
    content = submission.files.get(failure.file)
    if content is None:
        return ""
    place = code(failure.file)
    if 0 < failure.line <= count_lines(content):
        place += f" line {failure.line}"
    function = _function(failure, submission)
    return f"{place}, in {code(function)}" if function else place
