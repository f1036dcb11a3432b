"""What is behind an exception: in which of your files, on which line, and what to do about it."""

import importlib.util
import re
import sys
import traceback
from functools import lru_cache
from pathlib import Path

try:
    import numpy as np
except ModuleNotFoundError:
    sys.exit(f"NumPy is missing in this Python, {sys.executable}. Type: python -m pip install numpy")

HOMEWORK = Path(__file__).resolve().parents[1]
GRADIENTS = ("get_input_gradients", "get_weight_gradients")
COMPOSE = ("compose_input_gradients", "compose_weight_gradients")  # what core.py has for every layer
GRADIENTS += COMPOSE
LONGEST_LINE = 160  # characters of code that are shown


class CannotImport(Exception):
    """A file of yours cannot be imported. `file` is its name."""

    def __init__(self, file, text):
        super().__init__(text)
        self.file = file


class Verdict(AssertionError):
    """What is wrong, in a sentence that is understood without the place in the code."""


def find_notes():
    """Return a sentence for each mistake that can be read in your files without running them."""
    reader = load_reader()
    if reader is None:
        return []
    notes = [*reader.find_warnings(HOMEWORK), *(sentence for _, sentence in reader.find_notes(HOMEWORK))]
    return notes + reader.list_empty(HOMEWORK)


@lru_cache(maxsize=None)
def load_reader():
    """Return check_submission.py, which reads your files and runs none of them; None where it is gone."""
    spec = importlib.util.spec_from_file_location("check_submission", HOMEWORK / "check_submission.py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (OSError, SyntaxError):
        return None
    return module


def refuse_breakpoint(*arguments, **settings):
    """Stand in for `breakpoint`, which would wait for somebody to type."""
    raise EOFError("nobody is at a keyboard")


def name_file(path):
    """Return the name of a file in the homework that is yours, such as "beras/layers.py", or None for any other."""
    try:
        name = Path(path).resolve().relative_to(HOMEWORK)
    except (OSError, ValueError):
        return None
    given = name.parts[0] in ("tests", "check.py", "check_submission.py") or "site-packages" in name.parts
    return name.as_posix() if name.suffix == ".py" and not given else None


def find_frames(error):
    """Return the frames of an exception's traceback that are in your own files, the outermost first."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if name_file(frame.filename)]


def quote(error):
    """Return Python's own words about an exception, without the file and the line that a SyntaxError shows."""
    said = traceback.format_exception_only(type(error), error)[-1].strip()
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "\n".join(lines[:6])


def explain(error):
    """Return an exception that says better what `error` is about, or `error` itself."""
    if isinstance(error, (NotImplementedError, CannotImport, Verdict)):
        return error
    return _explain_import(error) or _explain_return(error) or error


def describe(error):
    """Return what an exception says, below the last place in your own files that it went through."""
    error = explain(error)
    if isinstance(error, (CannotImport, Verdict)):
        return str(error)
    frames = find_frames(error)
    if not frames:
        return "\n".join(line for line in (quote(error), _advise(error, [])) if line)
    frame = _choose(error, frames)
    hint = _advise(error, frames)
    return f"{_place(frame)}\n{quote(error)}" + (f"\n{hint}" if hint else "")


def _choose(error, frames):
    """Return the last frame, or of a recursion, which ends anywhere, the last that is not in what core.py has given."""
    others = [frame for frame in frames if frame.name != "__call__"] if isinstance(error, RecursionError) else []
    return (others or frames)[-1]


def find_running(thread):
    """Return the place in your own files that a thread, by its number, is at, or nothing."""
    frame = sys._current_frames().get(thread)
    stack = [] if frame is None else traceback.extract_stack(frame)
    own = [one for one in stack if name_file(one.filename)]
    return _place(own[-1]) if own else ""


def _place(frame):
    inside = "" if frame.name == "<module>" else f", in {frame.name}"
    return f"{name_file(frame.filename)}, line {frame.lineno}{inside}: {(frame.line or '').strip()[:LONGEST_LINE]}"


def _advise(error, frames):
    """Return what to do about an exception that came up while your code ran, or nothing."""
    line, function = (frames[-1].line or "", frames[-1].name) if frames else ("", "")
    if isinstance(error, RecursionError) and frames:
        return (
            f"{_choose(error, frames).name} calls itself again and again, directly or through others: what ends that?"
        )
    waits = re.search(r"(input|breakpoint|set_trace)\(", line)
    if isinstance(error, (EOFError, OSError)) and waits:
        return f"{waits[1]}() waits for a keyboard, and neither the tests nor the grader have one: take it out."
    if isinstance(error, TypeError) and "'method' object is not iterable" in str(error):
        return "A method that should be a property: does `@property` stand above its `def`?"
    if {"apply_gradients", "step"} & {frame.name for frame in frames} and "NoneType" in str(error):
        return (
            "A gradient is None: nothing leads back from the loss to that weight. Are the model's output and the loss computed "
            "while the gradients are recorded, and is each layer called as `layer(x)`?"
        )
    if function in ("apply_gradients", "step") and "broadcast" in str(error):
        return (
            "A gradient has another shape than its weight: are both lists those of the same weights, in the same order?"
        )
    counts = re.search(r"takes (\d+) positional arguments? but (\d+) w", str(error))
    if isinstance(error, TypeError) and counts and int(counts[2]) == int(counts[1]) + 1:
        return "Is `self`, or an argument, missing in the `def` of that method?"
    if "partially initialized module" in str(error):
        return "These files import each other: take one of the imports out, or put it into the function that needs it."
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith(("beras", "tests")):
        name = error.name.partition(".")[0]
        if (HOMEWORK / "beras" / f"{name}.py").is_file():
            return f"beras/{name}.py is called beras.{name} in an import: from beras.{name} import …"
        return f"{name} is not there. Nothing but NumPy computes when your code is graded."
    return ""


def _explain_import(error):
    """Return a CannotImport if the exception is one of importing a file of yours, else None."""
    if isinstance(error, SyntaxError) and name_file(error.filename or ""):
        return _cannot_read(name_file(error.filename)) or _refuse(
            name_file(error.filename), f", line {error.lineno}: {(error.text or '').strip()}", quote(error), ""
        )
    reader = load_reader()
    if isinstance(error, (SyntaxError, ValueError)) and "null bytes" in str(error) and reader:
        # Python says nothing of the file.
        for file in reader.handed_in(HOMEWORK):
            fault = _find_fault(file)
            if fault and not fault.line:
                return _cannot_read(file)
    absent = _explain_absence(error)
    if absent is not None:
        return absent
    frames = find_frames(error)
    modules = [frame for frame in frames if frame.name == "<module>"]
    if not modules:
        return None
    last = modules[-1]
    file = name_file(last.filename)
    hint = _advise(error, frames)
    if frames[-1] is not last or isinstance(error, SystemExit):
        hint = hint or (
            "This line runs whenever the file is imported, by the tests and by the grader, too. What trains or tries out "
            'something stands at the end, under `if __name__ == "__main__":`.'
        )
    said = quote(error)
    where = f", line {last.lineno}: {(last.line or '').strip()[:LONGEST_LINE]}"
    if frames[-1] is not last:  # what it says itself matters less
        return CannotImport(file, "\n".join([f"{file}{where}", hint, _place(frames[-1]), said]))
    return _refuse(file, where, said, hint)


def _refuse(file, where, said, hint):
    return CannotImport(file, "\n".join(line for line in (f"{file}{where}", said, hint) if line))


@lru_cache(maxsize=None)
def _find_fault(file):
    """Return what keeps a file of yours from being read as Python, or None."""
    reader = load_reader()
    return reader and reader.find_fault(HOMEWORK / file)


def _cannot_read(file):
    """Return a CannotImport with what is wrong with the text of a file of yours, or None."""
    fault = _find_fault(file)
    if not fault:
        return None
    if not fault.line:
        return CannotImport(file, f"{file} cannot be read: {fault.words}. {fault.hint}".strip())
    return _refuse(file, f", line {fault.line}: {fault.code}", f"{fault.kind}: {fault.words}", fault.hint)


def _explain_absence(error):
    """Return a CannotImport where a file of yours, or a name in it, is not there, or None."""
    absent = _find_absent(str(error)) if isinstance(error, ImportError) else None
    return CannotImport(*absent) if absent else None


@lru_cache(maxsize=None)
def _find_absent(said):
    """Return (file, sentence) for what Python says that it could not import, or None."""
    reader = load_reader()
    found = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", said)
    if found:
        whole, part = f"{found[2]}.{found[1]}".replace(".", "/") + ".py", found[2].replace(".", "/") + ".py"
    else:
        found = re.search(r"No module named '([\w.]+)'", said)
        whole = part = (found[1].replace(".", "/") + ".py") if found else ""
    if not found or not reader:
        return None
    if (HOMEWORK / part).is_file() and part != whole:
        if reader.has_name(found[1], HOMEWORK / part):
            return None  # files that import each other, or the file fails before that line
        near = reader.find_alike(found[1], HOMEWORK / part)
        return (part, f"{part} has no {found[1]}" + (f"; it has {near}: is that it?" if near else ""))
    if whole in reader.required(HOMEWORK) and not (HOMEWORK / whole).is_file():
        return (whole, f"{whole} {reader.describe_missing(HOMEWORK, whole)}")
    return None


def _explain_return(error):
    """Return a Verdict where something fails on what a method of a layer returned, else None."""
    step, frames = error.__traceback__, []
    while step is not None:
        if name_file(step.tb_frame.f_code.co_filename):
            frames.append(step.tb_frame)
        step = step.tb_next
    for frame in reversed(frames):
        layer, name = frame.f_locals.get("self"), frame.f_code.co_name
        outputs = getattr(layer, "outputs", None)
        if name in GRADIENTS and isinstance(outputs, list) and len(outputs) > 1:
            what = f"{type(layer).__name__}.{'forward' if hasattr(layer, 'forward') else 'call'}"
            return Verdict(f"{what} should return one array, and returns a list of {len(outputs)}")
        J = frame.f_locals.get("J")
        if name in COMPOSE and isinstance(J, (list, tuple)) and J and isinstance(outputs, list) and len(outputs) == 1:
            said = describe_upstream(layer, name, J)
            if said:
                return Verdict(said)
        if name in COMPOSE and frame is frames[-1]:
            given = name_file(frame.f_code.co_filename) == "beras/core.py"
            said = describe_local(layer, name) if given else describe_kind(layer, name)
            if said:
                return Verdict(said)
    return None


def describe_upstream(layer, method, J):
    """Return why J cannot be the upstream gradient of a layer's last call, in a sentence, or nothing."""
    name, found, output = type(layer).__name__, np.shape(J[0]), np.shape(layer.outputs[0])
    if J[0] is None or found == output:
        return ""
    if np.size(layer.outputs[0]) == 1 and np.size(J[0]) == 1:
        return f"{method} of {name} got the upstream gradient {J[0]}: backpropagation starts at the loss, with [None]"
    why = ""
    if method == "compose_weight_gradients" and found == np.shape(layer.inputs[0]):
        why = ". Is it what compose_input_gradients returned? Both methods of a layer get the same, the gradient by its output"
    return (
        f"{method} of {name} got an upstream gradient of shape {found}; the layer's output has the shape {output}{why}"
    )


def describe_kind(layer, compose):
    """Return what is wrong with the kind of what `get_*_gradients` returns, in a sentence, or nothing."""
    method = compose.replace("compose", "get")
    try:
        found = getattr(layer, method)()
        count = len(layer.inputs if "input" in method else _weights(layer))
        local = {np.shape(array) for array in ([] if found is None else found)}
    except Exception:  # of your code: what it says is told elsewhere
        return ""
    one = "an input" if "input" in method else "a weight"
    wanted = f"{type(layer).__name__}.{method} should return a list with one array {one}"
    if found is None:
        return f"{wanted}, and returns None: is a `return` missing?"
    if isinstance(found, (list, tuple)):
        return ""
    if isinstance(found, np.ndarray):
        # (1, B, n) is as good as a list with one array of shape (B, n).
        alike = len(found) == count and len(local) == 1 and found.ndim > np.ndim(layer.outputs[0])
        return "" if alike else f"{wanted}, and returns an array of shape {found.shape}: put it into a list, [ ]"
    return f"{wanted}, and returns {type(found).__name__}"


def describe_local(layer, compose):
    """Return what is wrong with the kind or the shapes of a layer's local gradients, in a sentence, or nothing.

    compose: the method of Diffable that puts them together with the upstream gradient, and asks for these shapes.
    """
    kind = describe_kind(layer, compose)
    if kind:
        return kind
    method = compose.replace("compose", "get")
    what = f"{type(layer).__name__}.{method}"
    by_inputs = "input" in method
    try:
        found = getattr(layer, method)()
        targets = layer.inputs if by_inputs else _weights(layer)
        batch, out = len(layer.outputs[0]), layer.outputs[0].shape[-1]
        targets = [tuple(target.shape) for target in targets]
    except Exception:  # of your code: what it says is told elsewhere
        return ""
    one = "an input" if by_inputs else "a weight"
    shapes = [getattr(array, "shape", None) for array in found]
    if None in shapes:
        kinds = ", ".join(sorted({type(array).__name__ for array in found if not hasattr(array, "shape")}))
        return f"{what} should return a list of arrays, and one of them is {kinds}"
    if len(found) < len(targets):
        return f"{what} should return {len(targets)} arrays, one {one}, and returns {len(found)}"
    for number, (shape, target) in enumerate(zip(shapes, targets)):
        if by_inputs:
            wanted = [(target[-1], out), (batch, target[-1], out)]
            rule = f"{wanted[0]}, where all samples have the same, or {wanted[1]}, one matrix a sample"
        elif len(target) == 2 and target[0] > 1:
            wanted = [(batch, *target), (batch, target[0], 1)]
            rule = f"{wanted[0]}, one array a sample, or {wanted[1]}"
        else:
            wanted = [(1, out), (batch, 1, out), (out,), (1,), (), (1, 1), (batch, 1, 1)]
            rule = f"{wanted[0]} or {wanted[1]}"
        if shape not in wanted:
            kind = "input" if by_inputs else "weight"
            return (
                f"{what} returns an array of shape {shape} for {kind} {number}, of shape {target}, in a batch of {batch} "
                f"with {out} outputs; {compose}, which core.py has for every layer, needs {rule}"
            )
    return ""


def _weights(layer):
    weights = getattr(layer, "weights", None)
    return list(layer.parameters if weights is None else weights)
