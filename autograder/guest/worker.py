"""One probe over one submission: runs in a locked-down process, answers, and is killed."""

from __future__ import annotations

import math
import mmap
import os
import random
import resource
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import wraps
from itertools import chain, islice
from types import GeneratorType
from typing import Any

import numpy as np

from . import blame, seam, wire
from .executed import executed
from .loader import Location, ModuleNotLoadedError, NameMissingError, World
from .printed import OutputTail
from .scratch import Scratch
from .stack_sampler import Place, StackSampler

REQUEST_BOUNDS = wire.Bounds(message_bytes=512 * 2**20, text_bytes=65_535)


class _Casts:
    """NumPy 1's `np.cast`: by type, what makes arrays of it."""

    def __getitem__(self, kind: Any) -> Any:
        return lambda values: np.asarray(values).astype(kind)


# Names that NumPy has removed, and that code written against an older NumPy still uses.
_REMOVED_FROM_NUMPY = {
    "float": float, "int": int, "bool": bool, "object": object, "str": str, "complex": complex, "unicode": str,
    "float_": np.float64, "complex_": np.complex128, "cfloat": np.complex128, "singlecomplex": np.complex64,
    "longfloat": np.longdouble, "longcomplex": np.clongdouble, "clongfloat": np.clongdouble,
    "bool8": np.bool_, "int0": np.intp, "uint0": np.uintp, "object0": np.object_,
    "string_": np.bytes_, "bytes0": np.bytes_, "unicode_": np.str_, "str0": np.str_,
    "Inf": np.inf, "Infinity": np.inf, "infty": np.inf, "PINF": np.inf, "NINF": -np.inf,
    "NaN": np.nan, "NAN": np.nan, "PZERO": 0.0, "NZERO": -0.0, "math": math,
    "product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any,
    "row_stack": np.vstack, "mat": np.asmatrix, "msort": lambda a: np.sort(a, axis=0),
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype), "cast": _Casts(),
    "in1d": lambda a, b, **options: np.isin(np.ravel(a), b, **options),
    "trapz": getattr(np, "trapezoid", None), "asscalar": lambda a: a.item(), "round_": np.round,
    "find_common_type": lambda arrays, scalars: np.result_type(*arrays, *scalars),
}  # fmt: skip


def prepare_numpy() -> None:
    """Give NumPy back the names it removed: using one is not a mistake of the homework."""
    for name, value in _REMOVED_FROM_NUMPY.items():
        if name not in vars(np) and value is not None:
            setattr(np, name, value)


def allow_copy_false() -> None:
    """Have `np.array(x, copy=False)` copy where it must, as NumPy 1 does; NumPy 2 raises an exception there.

    Only for submissions: call it when all that runs beside them has a NumPy of its own.
    """
    make = np.array

    @wraps(make)
    def array(*values: Any, **options: Any) -> np.ndarray:
        if options.get("copy") is False:
            options["copy"] = None
        made: np.ndarray = make(*values, **options)
        return made

    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        sys.modules["numpy"].array = array  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Handout:
    """What every question about an edition comes with: the template's files, the edition's names, and libraries."""

    given: Mapping[str, bytes]
    names: Mapping[str, str]
    forbidden: tuple[str, ...]
    inert: tuple[str, ...]


_LOGIN = "student"
_REHEARSALS = 20  # Python looks at a function more closely after some eight calls
_REHEARSAL = 0  # the number of its handout
_REHEARSED = b"""
import numpy as np

class Layer:
    def __init__(self, size):
        self.weights = np.ones((size, size), dtype=np.float32)

    def __call__(self, x):
        return np.exp(np.matmul(x, self.weights)).sum(axis=-1, keepdims=True)

Layer(3)(np.zeros((2, 3)))
"""

#: By the number that requests call it by: read once, in the zygote, for all workers. None of it is a submission's.
handouts: dict[int, Handout] = {}


def keep_handout(number: int, encoded: bytes) -> None:
    """Read a handout for all workers to come, and forget the oldest where there are many."""
    tree = wire.decode(encoded, REQUEST_BOUNDS)
    while len(handouts) >= wire.MOST_HANDOUTS:
        del handouts[min(handouts)]
    forbidden, inert = (tuple(tree[kind].decode().split()) for kind in ("forbidden", "inert"))
    names = {name: value.text for name, value in tree["edition"].items()}
    handouts[number] = Handout(tree["given"], names, forbidden, inert)


def rehearse() -> None:
    """Answer a few requests in the zygote, about a module of ours: what runs for the first time takes longer.

    Python fits the code that it runs to what it meets, and remembers where it has found things. A worker that had to
    do so itself would write to many more pages of the zygote's memory.
    """
    package = seam.api().PACKAGE
    common = {"given": {}, "edition": {}, "forbidden": b"", "inert": b""}
    request = {
        "probe": "modules.load",
        "inputs": {"name": f"{package}.rehearsal", "x": np.zeros((2, 3))},
        "sources": {f"{package}/rehearsal.py": _REHEARSED},
        "code": {},
        "handout": _REHEARSAL,
        "seed": 1,
        "public": False,
        "notices": False,
        "unloadable": {},
    }
    keep_handout(_REHEARSAL, wire.encode(common))
    for _ in range(_REHEARSALS):
        decoded = wire.decode(wire.encode(request), REQUEST_BOUNDS)
        del decoded["inputs"]["x"]
        _seed(1)
        for kind, tree in _answers(decoded):
            wire.frame(kind, bytes(wire.NONCE_BYTES), wire.encode({**tree, "x": np.zeros((2, 3))}))
    del handouts[_REHEARSAL]


#: The files that this worker writes; the zygote installs it for all of them, empty.
scratch = Scratch()


def prepare_resource() -> None:
    """Have `resource.getrusage`, which the filter refuses, give this process's time and nothing more.

    Measuring oneself is no mistake of the homework.
    """

    def getrusage(_who: int) -> resource.struct_rusage:
        return resource.struct_rusage((time.process_time(), *[0] * 15))

    resource.getrusage = getrusage


def prepare_login() -> None:
    """Have `getpass.getuser` and `os.getlogin` give a name: there is none here, and to ask for one is no mistake."""
    os.environ["LOGNAME"] = _LOGIN
    os.getlogin = lambda: _LOGIN


#: What the lock-down of this process achieved, layer by layer: for the probe that tries the wall.
layers: dict[str, str] = {}


def serve(request_file: int, answer_file: int, shared_file: int | None, achieved: Mapping[str, str]) -> None:
    """Read one request, run its probe, and write its answer in one or more frames."""
    layers.update(achieved)
    message = memoryview(_read_all(request_file))
    nonce, payload = bytes(message[: wire.NONCE_BYTES]), message[wire.NONCE_BYTES :]
    shared = mmap.mmap(shared_file, 0, access=mmap.ACCESS_COPY) if shared_file is not None else None
    request = wire.decode(payload, REQUEST_BOUNDS, shared)
    seed = int(request["seed"])
    _seed(seed)
    _forget_all_but(int(request["handout"]), request["probe"].text)
    scratch.begin({path.rpartition("/")[0] for path in request["sources"]})
    answer = _Answer(answer_file, nonce)
    StackSampler(request["sources"], answer.send_place).begin()
    executed.begin(request["sources"])
    for kind, tree in _answers(request):
        try:
            answer.write(kind, tree)
        except MemoryError:  # it is far larger than what was asked for
            answer.say_too_large()
            return


def _forget_all_but(handout: int, probe: str) -> None:
    """Keep in this process what its question needs: another handout, or another probe's parts, may hold an answer."""
    for number in handouts.keys() - {handout}:
        del handouts[number]
    seam.keep_for(probe)


class _Answer:
    """The frames that go to the grader, one at a time."""

    def __init__(self, file: int, nonce: bytes) -> None:
        self._file, self._nonce, self._busy = file, nonce, False

    def write(self, kind: int, tree: Any) -> None:
        """Send one frame."""
        with np.errstate(all="ignore"):  # a submission may have NumPy raise what rounding does
            frame = wire.frame(kind, self._nonce, wire.encode(tree))
        self._busy = True
        _write_all(self._file, frame)
        self._busy = False

    def say_too_large(self) -> None:
        """Send what the grader takes for far more data than it asked for, and stops reading at."""
        self._busy = True
        _write_all(self._file, wire.too_large_a_frame(self._nonce))

    def send_place(self, place: Place) -> None:
        """Send where the submission is; it comes from a signal, and must not come between the halves of a frame."""
        if not self._busy:
            file, function, line = place
            self.write(wire.STILL, {"file": file, "name": function, "line": line})


def _answers(request: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    handout = handouts[int(request["handout"])]
    unloadable = {path: reason.text for path, reason in request["unloadable"].items()}
    probe = request["probe"].text
    world = World(
        request["sources"],
        handout.given,
        unloadable=unloadable,
        works=seam.api().working_neighbours(handout.names, probe),
        forbidden=handout.forbidden,
        inert=handout.inert,
        code=request["code"],
        notices=bool(request["notices"]),
    )
    printed = OutputTail(sys.stdout)
    # Only for inputs that are no secret does anything of it leave this process.
    with world.importing(), redirect_stdout(printed) if request["public"] else nullcontext():
        try:
            with world.unfinished.noticing() if request["notices"] else nullcontext():
                result = run_probe(probe, seam.api().open_api(world, handout.names), request["inputs"])
                # A probe that answers in parts, as training does, has what it needs when the first part is there.
                first = list(islice(result, 1)) if isinstance(result, GeneratorType) else []
            if isinstance(result, GeneratorType):
                for part in chain(first, result):
                    yield from _faults()
                    yield wire.PART, part
                result = {}
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            if isinstance(error, GeneratorExit) and error.__traceback__ and error.__traceback__.tb_next is None:
                raise  # nobody waits for the next part
            last = wire.FAILURE, describe(error, world, public=bool(request["public"]))
        else:
            last = wire.LAST, result
        for stub in world.unfinished.noted:
            yield wire.UNFINISHED, vars(stub)
        refused = world.refusal.noted | executed.noted
        for kind, noted in ((wire.REFUSED, refused), (wire.INERT_USES, world.inert_uses)):
            for (name, file), line in noted.items():
                yield kind, {"name": name, "file": file, "line": line}
        if printed.text:
            yield wire.PRINTED, {"text": printed.text}
        yield from _faults()
        yield last


def _faults() -> Iterator[tuple[int, Any]]:
    for text in blame.faults.take():
        yield wire.FAULT, {"text": text}


def run_probe(name: str, api: Any, inputs: Mapping[str, Any]) -> Any:
    """Call the probe `module.function` with the homework's api and its inputs (arrays; 0-d ones become scalars)."""
    return seam.find_probe(name)(api, **{key: _plain(value) for key, value in inputs.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, wire.Text):
        return value.text
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value


def describe(error: BaseException, world: World, *, public: bool) -> dict[str, Any]:
    """Return an exception as it may cross: class, place in the submission, and its text where that is public."""
    stage, file = "run", ""
    error = _find_what_a_stub_stands_for(error, world) or error
    cause = error
    if isinstance(error, ModuleNotLoadedError):
        stage, file = "load", error.file
        cause = error.__cause__ or error
    elif isinstance(error, NameMissingError):
        stage, file = "name", error.file
    place = world.locate(cause) or Location(file, 0)
    text = _text(cause) if public else ""
    return {
        "stage": stage,
        "class": type(cause).__name__,
        "file": place.file or file,
        "line": place.line,
        "function": place.function,
        "text": text,
        "not_implemented": isinstance(cause, NotImplementedError),
        "origin": blame.origin(cause, world.sources),
    }


def _find_what_a_stub_stands_for(error: BaseException, world: World) -> Exception | None:
    """Return why the submission has no version of its own of the stub that raised `error`; None where none did.

    The handout's takes the place of a neighbour that cannot be loaded, is missing, or lacks a class: that something is
    still to be written there says nothing of the submission.
    """
    if not isinstance(error, NotImplementedError) or error.__traceback__ is None:
        return None
    code = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1].f_code
    prefix, _, path = code.co_filename.partition("/")
    if prefix != "handout" or path not in world.given or code.co_filename in world.sources:
        return None
    name = path.removesuffix(".py").replace("/", ".")
    if name in world.failures:
        return world.failures[name]
    if path not in world.sources:
        return ModuleNotLoadedError(path, "the file is not in the submission")
    owner = getattr(code, "co_qualname", code.co_name).partition(".")[0]
    own = vars(sys.modules[name]) if name in sys.modules else {}
    return None if owner in own or not owner.isidentifier() else NameMissingError(path, owner)


def _text(error: BaseException) -> str:
    try:
        return (error.msg if isinstance(error, SyntaxError) else str(error))[:1000]
    except BaseException:
        return "(its text could not be read)"


def _seed(seed: int) -> None:
    """Make every usual source of randomness repeat: the same submission gets the same score."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002  this is what submissions use
    counter = iter(range(seed, seed + 2**62))
    # An unseeded default_rng() asks this function for entropy.
    np.random.bit_generator.randbits = lambda bits: random.Random(next(counter)).getrandbits(bits)  # type: ignore[attr-defined]


def _read_all(file: int) -> bytes:
    pieces = []
    while piece := os.read(file, 1 << 20):
        pieces.append(piece)
    os.close(file)
    return b"".join(pieces)


def _write_all(file: int, message: bytes) -> None:
    view = memoryview(message)
    while view:
        view = view[os.write(file, view) :]
