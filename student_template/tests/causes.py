"""What is behind an exception: in which of your files, on which line, and what to do about it."""

import ast
import importlib.util
import re
import sys
import traceback
from pathlib import Path

HOMEWORK = Path(__file__).resolve().parents[1]
COMPOSE = ("compose_input_gradients", "compose_weight_gradients")  # what core.py has for every layer
LONGEST_LINE = 160  # characters of code that are shown


class CannotImport(Exception):
    """A file of yours cannot be imported. `file` is its name."""

    def __init__(self, file, text):
        super().__init__(text)
        self.file = file


class Verdict(AssertionError):
    """What is wrong, in a sentence that is understood without the place in the code."""


def load_reader():
    """Return check_submission.py, which reads your files and runs none of them; None where it is gone."""
    spec = importlib.util.spec_from_file_location("check_submission", HOMEWORK / "check_submission.py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (OSError, SyntaxError):
        return None
    return module


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
        return quote(error)
    frame = frames[-1]
    hint = _advise(error, frames)
    return f"{_place(frame)}\n{quote(error)}" + (f"\n{hint}" if hint else "")


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
    line = frames[-1].line or ""
    if isinstance(error, RecursionError):
        return f"{frames[-1].name} calls itself again and again, directly or through others: what ends that?"
    if isinstance(error, (EOFError, OSError)) and "input(" in line:
        return "input() waits for a keyboard, and neither the tests nor the grader have one: take it out."
    if isinstance(error, TypeError) and "'method' object is not iterable" in str(error):
        return "A method that should be a property: does `@property` stand above its `def`?"
    return ""


def _explain_import(error):
    """Return a CannotImport if the exception is one of importing a file of yours, else None."""
    if isinstance(error, SyntaxError) and name_file(error.filename or ""):
        return _cannot_read(name_file(error.filename)) or _refuse(
            name_file(error.filename), f", line {error.lineno}: {(error.text or '').strip()}", quote(error), ""
        )
    frames = find_frames(error)
    modules = [frame for frame in frames if frame.name == "<module>"]
    if not modules:
        return None if frames else _explain_absence(error)
    last = modules[-1]
    file = name_file(last.filename)
    broken = _cannot_read_at_all(error, last)
    if broken is not None:
        return broken
    hint = _advise(error, frames)
    if frames[-1] is not last or isinstance(error, SystemExit):
        hint = hint or (
            "This line runs whenever the file is imported, by the tests and by the grader, too. What trains or tries out "
            'something stands at the end, under `if __name__ == "__main__":`.'
        )
    said = quote(error)
    if frames[-1] is not last:
        said = f"{_place(frames[-1])}\n{said}"
    return _refuse(file, f", line {last.lineno}: {(last.line or '').strip()[:LONGEST_LINE]}", said, hint)


def _refuse(file, where, said, hint):
    return CannotImport(file, "\n".join(line for line in (f"{file}{where}", said, hint) if line))


def _cannot_read(file):
    """Return a CannotImport with what is wrong with the text of a file of yours, or None."""
    reader = load_reader()
    fault = reader and reader.find_fault(HOMEWORK / file)
    if not fault:
        return None
    where = f", line {fault.line}: {fault.code}" if fault.line else ""
    return _refuse(file, where, f"{fault.kind}: {fault.words}" if fault.kind else fault.words, fault.hint)


def _cannot_read_at_all(error, frame):
    """Return a CannotImport of the file that a line imports, where Python says nothing of the place."""
    if not isinstance(error, (SyntaxError, ValueError)):
        return None
    for file in _imported(frame.line or ""):
        if (HOMEWORK / file).is_file() and _cannot_read(file):
            return _cannot_read(file)
    return None


def _imported(line):
    """Return the files of yours that a line of code may import."""
    try:
        nodes = ast.parse(line.strip()).body
    except SyntaxError:
        return []
    names = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [f"{name.replace('.', '/')}.py" for name in names]


def _explain_absence(error):
    """Return a CannotImport where a test could not import something of yours, or None."""
    reader = load_reader()
    if isinstance(error, (SyntaxError, ValueError)) and reader:
        last = (traceback.extract_tb(error.__traceback__) or [None])[-1]
        if last is not None and "importlib" in last.filename:
            for file in reader.handed_in(HOMEWORK):
                if reader.find_fault(HOMEWORK / file):
                    return _cannot_read(file)
    if not isinstance(error, ImportError):
        return None
    found = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", str(error))
    if found:
        whole, part = f"{found[2]}.{found[1]}".replace(".", "/") + ".py", found[2].replace(".", "/") + ".py"
    else:
        found = re.search(r"No module named '([\w.]+)'", str(error))
        whole = part = (found[1].replace(".", "/") + ".py") if found else ""
    if found and (HOMEWORK / part).is_file() and part != whole:
        near = reader.find_alike(found[1], HOMEWORK / part) if reader else ""
        return CannotImport(part, f"{part} has no {found[1]}" + (f"; it has {near}: is that it?" if near else ""))
    if found and reader and whole in reader.required(HOMEWORK) and not (HOMEWORK / whole).is_file():
        near = reader.find_misplaced(HOMEWORK, whole)
        return CannotImport(whole, f"{whole} is missing" + (f"; there is {near}: rename or move it" if near else ""))
    return None


def _explain_return(error):
    """Return a Verdict where the chain rule that core.py has for every layer fails on what a `get_*` returned."""
    step, frame = error.__traceback__, None
    while step is not None:
        if name_file(step.tb_frame.f_code.co_filename):
            frame = step.tb_frame
        step = step.tb_next
    if frame is None or frame.f_code.co_name not in COMPOSE or name_file(frame.f_code.co_filename) != "beras/core.py":
        return None
    layer = frame.f_locals.get("self")
    said = describe_local(layer, frame.f_code.co_name)
    return Verdict(said) if said else None


def describe_local(layer, compose):
    """Return what is wrong with the kind or the shapes of a layer's local gradients, in a sentence, or nothing.

    compose: the method of Diffable that puts them together with the upstream gradient, and asks for these shapes.
    """
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
    if found is None:
        return f"{what} should return a list with one array {one}, and returns None: is a `return` missing?"
    if not isinstance(found, (list, tuple)):
        shape = getattr(found, "shape", None)
        rather = f"an array of shape {shape}: put it into a list, [ ]" if shape else f"{type(found).__name__}"
        return f"{what} should return a list with one array {one}, and returns {rather}"
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
