"""The loader: each module on its own, whatever its neighbours are."""

import sys

import pytest

from autograder.assignment.files import read_sources
from autograder.guest.loader import ModuleNotLoadedError, World
from autograder.guest.worker import describe


@pytest.fixture
def given(assignment):
    return read_sources(assignment.template)


def world(files, given, **changes):
    changed = {name.replace("__", "/") + ".py": text.encode() for name, text in changes.items()}
    return World({**files, **changed}, given)


def test_a_broken_neighbour_is_replaced_by_the_handouts_own(reference_files, given):
    loaded = world(reference_files, given, beras__core="def ???")
    with loaded.importing():
        assert loaded.module("beras.layers").Dense(4, 3).w.shape == (4, 3)


def test_the_broken_module_itself_is_never_replaced(reference_files, given):
    loaded = world(reference_files, given, beras__core="x = 1\ndef ???")
    with loaded.importing(), pytest.raises(ModuleNotLoadedError) as caught:
        loaded.module("beras.core")
    assert isinstance(caught.value.__cause__, SyntaxError)
    assert loaded.locate(caught.value.__cause__).line == 2


def test_a_name_that_a_neighbour_lacks_does_not_break_the_importer(reference_files, given):
    loaded = world(reference_files, given, beras__activations="import numpy as np\n")
    with loaded.importing():
        assert loaded.module("assignment").SequentialModel


MODEL = "beras/model.py"


@pytest.mark.parametrize(
    ("own", "stage", "kind"),
    [
        ({MODEL: b"class Model(\n"}, "load", "SyntaxError"),
        ({MODEL: b"import no_such_library\n\nclass Model:\n    pass\n"}, "load", "ModuleNotFoundError"),
        ({MODEL: b"import numpy as np\n"}, "name", "NameMissingError"),
        ({}, "load", "ModuleNotLoadedError"),
        (
            {MODEL: b"class Model:\n    def fit(self):\n        raise NotImplementedError\n"},
            "run",
            "NotImplementedError",
        ),
    ],
    ids=["no Python", "raises", "lacks the class", "not handed in", "to be written"],
)
def test_a_stub_in_a_neighbours_place_is_told_as_what_is_wrong_with_the_neighbour(own, stage, kind):
    stub = b"class Model:\n    def fit(self):\n        raise NotImplementedError\n"
    sources = {**own, "assignment.py": b"from beras.model import Model\n\nclass Sequential(Model):\n    pass\n"}
    loaded = World(sources, {MODEL: stub})
    with loaded.importing():
        model = loaded.module("assignment").Sequential()
        with pytest.raises(NotImplementedError) as caught:
            model.fit()
        told = describe(caught.value, loaded, public=True)
    assert (told["stage"], told["class"], told["file"]) == (stage, kind, MODEL)
    assert told["not_implemented"] == (stage == "run")


@pytest.mark.parametrize(
    "line",
    [
        "from .core import Diffable",
        "from beras.core import Diffable",
        "from Beras.core import Diffable",
        "from core import Diffable",
        "from beras import Diffable",
        "import beras.core; Diffable = beras.core.Diffable",
        "import beras; Diffable = beras.core.Diffable",
        "from beras import core; Diffable = core.Diffable",
    ],
)
def test_every_style_of_import_finds_the_same_class(reference_files, given, line):
    loaded = world(reference_files, given, beras__extra=line)
    with loaded.importing():
        assert loaded.module("beras.extra").Diffable is loaded.module("beras.core").Diffable


def test_a_module_of_the_submission_never_shadows_the_standard_library(reference_files, given):
    loaded = world(reference_files, given, random="raise SystemExit", beras__extra="import random\nx = random.random()")
    with loaded.importing():
        assert 0 <= loaded.module("beras.extra").x < 1


def test_a_helper_in_the_package_takes_no_library_modules_place(reference_files, given):
    names = sorted({*sys.stdlib_module_names, "numpy", "tqdm", "matplotlib"} - {"antigravity", "this", "idlelib"})
    helpers = {f"beras/{name}.py": b"own = 1" for name in names}
    helper = "".join(f"from beras.{name} import own\n" for name in names) + "import numpy, types, tqdm, statistics"
    loaded = World({**reference_files, **helpers, "helper.py": helper.encode()}, given)
    # Of those that no worker has loaded, another test may have.
    before = {name: sys.modules.get(name) for name in names if name not in ("tqdm", "matplotlib")}
    with loaded.importing():
        assert loaded.module("beras.layers").Dense(4, 3).w.shape == (4, 3)
        found = loaded.module("helper")
        assert found.numpy.mean([found.own]) == found.statistics.fmean([1])
        assert found.types.GenericAlias
        assert found.tqdm is not loaded.module("beras.tqdm")
        assert {name: sys.modules.get(name) for name in before if before[name]} == {
            name: module for name, module in before.items() if module
        }


HELPERS = {
    "a package": {
        "utils/__init__.py": "from .a import own",
        "utils/a.py": "own = 1",
        "helper.py": "from utils import own",
    },
    "a folder": {"utils/a.py": "own = 1", "helper.py": "from utils.a import own"},
    "a folder in the package": {"beras/sub/a.py": "own = 1", "helper.py": "from beras.sub.a import own"},
    "a folder in the package, by relative names": {
        "beras/sub/a.py": "from ..core import Diffable\nown = 1",
        "beras/extra.py": "from .sub import a\nown = a.own",
        "helper.py": "from beras.extra import own",
    },
    "folders in folders": {
        "beras/one/__init__.py": "from .two.three import *",
        "beras/one/two/three.py": "own = 1",
        "helper.py": "import beras.one as one; own = one.own",
    },
    "a module that makes its names when they are asked for": {
        "beras/extra.py": "def __getattr__(name):\n    if name == 'own': return 1\n    raise AttributeError(name)",
        "helper.py": "from beras.extra import own",
    },
    "a package that makes its names when they are asked for": {
        "beras/__init__.py": "def __getattr__(name):\n    if name == 'own': return 1\n    raise AttributeError(name)",
        "helper.py": "from beras import Dense, own",
    },
    "the package's own __init__.py": {"beras/__init__.py": "own = 1", "helper.py": "from beras import own"},
    "an __init__.py that imports all there is": {
        "beras/__init__.py": "from .core import *\nfrom .layers import Dense\nfrom .extra import own",
        "beras/extra.py": "own = 1",
        "helper.py": "import beras\nown = beras.own",
    },
    "a star": {"beras/__init__.py": "from .layers import Dense\nown = 1", "helper.py": "from beras import *"},
    "a star and __all__": {
        "beras/__init__.py": "own, _other = 1, 2\n__all__ = ['own', '_other']",
        "helper.py": "from beras import *\nassert _other == 2",
    },
    "importlib": {
        "beras/extra.py": "own = 1",
        "helper.py": "import importlib\nown = importlib.import_module('.extra', package='beras').own",
    },
    "its own source": {"helper.py": "import inspect\ndef own(): 'x'\nown = inspect.getsource(own).count('def')"},
    "within the package's folder": {"beras/sub/a.py": "own = 1", "helper.py": "from sub.a import own"},
}


@pytest.mark.parametrize("files", HELPERS.values(), ids=HELPERS)
def test_helpers_are_found_in_folders_and_in_the_packages_own_init(reference_files, given, files):
    loaded = World({**reference_files, **{name: text.encode() for name, text in files.items()}}, given)
    before = set(sys.modules)
    with loaded.importing():
        assert loaded.module("helper").own == 1
        assert loaded.module("beras.layers").Dense(4, 3).w.shape == (4, 3)
    assert set(sys.modules) <= before | {"inspect"}


@pytest.mark.parametrize(
    "files",
    [
        {"beras/__init__.py": "from beras import core\ncore.Diffable.mark = 1"},
        {"beras/__init__.py": "from . import marks", "beras/marks.py": "from .core import Diffable\nDiffable.mark = 1"},
        {"beras/__init__.py": "import marks", "marks.py": "from beras.core import Diffable\nDiffable.mark = 1"},
    ],
    ids=["itself", "a helper", "a helper beside the package"],
)
def test_an_init_that_changes_other_modules_is_run_before_them(reference_files, given, files):
    loaded = World({**reference_files, **{name: text.encode() for name, text in files.items()}}, given)
    with loaded.importing():
        assert loaded.module("beras.layers").Dense(4, 3).mark == 1


def test_an_init_that_only_imports_or_names_loads_nothing_by_itself(reference_files, given):
    own = {"beras/__init__.py": b"'Beras.'\nfrom .layers import *\n__all__ = ['Dense']\ndef f(): return 1\n"}
    loaded = World({**reference_files, **own}, given)
    with loaded.importing():
        loaded.module("beras.onehot")
        assert "beras/layers.py" not in loaded.loaded


def test_an_init_that_fails_costs_what_it_alone_defines(reference_files, given):
    own = {"beras/__init__.py": b"own = 1\nraise ValueError", "helper.py": b"from beras import Dense"}
    loaded = World({**reference_files, **own}, given)
    with loaded.importing():
        assert loaded.module("helper").Dense is loaded.module("beras.layers").Dense


@pytest.mark.parametrize("init", [b"", b"from .extra import own\n", b"import nowhere\nfrom .extra import own\n"])
def test_only_what_may_have_a_name_is_run_in_the_search_for_it(reference_files, given, init):
    files = {"beras/aside.py": b"import tensorflow\nDense, own = 2, 3\n", "beras/extra.py": b"own = 1"}
    files["helper.py"] = b"from beras import Dense\n" + (b"from beras import own\n" if init else b"")
    loaded = World({**reference_files, **files, "beras/__init__.py": init}, given)
    with loaded.importing():
        found = loaded.module("helper")
        assert found.Dense is loaded.module("beras.layers").Dense
        assert getattr(found, "own", 1) == 1
    assert "beras/aside.py" not in loaded.loaded


def test_a_name_that_the_handout_has_nowhere_is_found_in_a_file_of_ones_own(reference_files, given):
    loaded = World({**reference_files, "beras/extra.py": b"own = 1", "helper.py": b"from beras import own"}, given)
    with loaded.importing():
        assert loaded.module("helper").own == 1


def test_a_folder_takes_no_librarys_place(reference_files, given):
    helper = "import numpy.fft, json.decoder\nown = numpy.fft.fft([1.0])[0], json.loads('1')"
    files = {"numpy/fft.py": b"x = 1", "json/decoder.py": b"x = 1", "helper.py": helper.encode()}
    loaded = World({**reference_files, **files}, given)
    with loaded.importing():
        assert loaded.module("helper").own == (1, 1)


def test_a_helper_of_a_library_modules_name_is_found_where_python_finds_it_at_home(reference_files, given):
    # Nobody but these files asks for colorsys: neither Python's start nor NumPy.
    own = {
        "colorsys": "own = 1",
        "beras__extra": "from colorsys import own",
        "helper": "import chunked\nfrom colorsys import own",
    }
    loaded = world(reference_files, given, chunked="import fractions\nlibrary = fractions", **own)
    sys.modules.pop("colorsys", None)
    with loaded.importing():
        assert loaded.module("beras.extra").own == loaded.module("helper").own == 1
        assert loaded.module("chunked").library.Fraction(1, 2) == 0.5
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0)


@pytest.mark.parametrize(
    "source",
    [
        "import tensorflow as tf\n(a, b), c = tf.keras.datasets.mnist.load_data()",
        "from tensorflow.keras.datasets import mnist\n(a, b), c = mnist.load_data()",
        "import tensorflow.keras.datasets.mnist as mnist\n(a, b), c = mnist.load_data()",
        "from keras.datasets.mnist import load_data\n(a, b), c = load_data()",
    ],
)
def test_the_stand_in_for_tensorflow_loads_images(reference_files, given, source):
    loaded = world(reference_files, given, beras__extra=source)
    with loaded.importing():
        assert loaded.module("beras.extra").a.shape[1:] == (28, 28)


@pytest.mark.parametrize(
    "source",
    [
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(2, 3)\nax.plot([1])\nplt.show()",
        "from tqdm import tqdm\nassert list(tqdm([1, 2])) == [1, 2]",
        "from tqdm.auto import tqdm\nbar = tqdm([1, 2, 3])\nbar.set_postfix(loss=1)\nassert len(list(bar)) == 3",
        "from tqdm import tqdm\nwith tqdm(total=5) as bar:\n    bar.update(2)\nassert bar.n == 2\ntqdm.write('')",
        "from tqdm import trange\nfor i in (bar := trange(4)):\n    bar.set_description(f'{i}')\nassert i == 3",
        "from tqdm.contrib import tenumerate\nassert list(tenumerate('ab')) == [(0, 'a'), (1, 'b')]",
        "import wandb\nwandb.init(project='x')\nwandb.log({'a': 1})",
        "from sklearn.model_selection import train_test_split",
    ],
)
def test_other_libraries_of_the_handout_do_nothing(reference_files, given, source):
    loaded = world(reference_files, given, beras__extra=source)
    with loaded.importing():
        loaded.module("beras.extra")


@pytest.mark.parametrize(
    "source",
    [
        "from rich.progress import track\nassert list(track([1, 2], description='x')) == [1, 2]",
        "import numba\n@numba.njit(cache=True)\ndef f(n):\n    return sum(numba.prange(n))\nassert f(4) == 6",
    ],
)
def test_a_loop_over_what_an_inert_library_wraps_goes_through_it(reference_files, given, source):
    files = {**reference_files, "beras/extra.py": source.encode()}
    loaded = World(files, given, inert=("rich", "numba"))
    with loaded.importing():
        loaded.module("beras.extra")


def test_leaving_a_world_leaves_nothing_behind(reference_files, given):
    before = set(sys.modules), list(sys.meta_path)
    loaded = world(reference_files, given)
    with loaded.importing():
        loaded.module("assignment")
        assert "beras.core" in sys.modules
    assert (set(sys.modules) - before[0], sys.meta_path) == (set(), before[1])


def test_two_worlds_hold_two_classes(reference_files, given):
    worlds = [world(reference_files, given) for _ in range(2)]
    classes = []
    for one in worlds:
        with one.importing():
            classes.append(one.module("beras.layers").Dense)
    assert classes[0] is not classes[1]


TAPE = b"from beras.gradient_tape import GradientTape\n"


def test_files_that_import_each_other_cost_the_one_alone_that_cannot_be_loaded(reference_files, given):
    core = TAPE + reference_files["beras/core.py"]  # as at home, it fails whatever is loaded first
    model = TAPE + reference_files["beras/model.py"]
    loaded = World({**reference_files, "beras/core.py": core, "beras/model.py": model}, given)
    with loaded.importing():
        import beras.core

        assert loaded.module("beras.model").GradientTape is loaded.module("beras.gradient_tape").GradientTape
        assert beras.core.Diffable is loaded.module("beras.layers").Diffable
        with pytest.raises(ModuleNotLoadedError):
            loaded.module("beras.core")


@pytest.mark.parametrize("first", ["beras.gradient_tape", "beras.layers", "beras.core", "assignment"])
def test_files_that_import_each_other_are_loaded_in_the_order_that_works_at_home(reference_files, given, first):
    core = reference_files["beras/core.py"] + TAPE  # by then its classes are there, if it is loaded first
    loaded = World({**reference_files, "beras/core.py": core}, given)
    with loaded.importing():
        loaded.module(first)
        assert loaded.module("beras.core").GradientTape is loaded.module("beras.gradient_tape").GradientTape
