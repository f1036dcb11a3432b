"""What a source hides by computing it is seen, and what ordinary programs do is not taken for it."""

import pytest

from autograder.guest import executed, source

HIDDEN = [
    "import pydoc\npydoc.locate('builtins.ex' + 'ec')(text)",
    "import pkgutil\npkgutil.resolve_name('builtins:ex' + 'ec')(text)",
    "import pkgutil\nrun = pkgutil.resolve_name('builtins:exec')\nrun(text)",
    "import logging.config\nlogging.config.BaseConfigurator({}).resolve('builtins.exec')(text)",
    "import logging.config\nlogging.config.dictConfig({'version': 1, 'formatters': {'a': {'()': 'builtins.exec'}}})",
    "import dataclasses\ndataclasses._create_fn('f', (), [text])()",
    "import unittest.mock\nunittest.mock._importer('builtins.exec')(text)",
    "from importlib.metadata import EntryPoint\nEntryPoint('a', 'builtins:exec', 'b').load()(text)",
    "exec(base64.b64decode('eA=='))",
    "run = exec\nrun(decoded())",
    "from builtins import exec as run\nrun(decoded())",
    "list(map(exec, [decoded()]))",
    "import builtins\ngetattr(builtins, decoded())('x')",
    "import builtins\nvars(builtins)[decoded()]('x')",
    "import builtins as b\nb.__dict__[decoded()]('x')",
    "__builtins__['ex' + 'ec'](decoded())",
    "globals()['__builtins__']['exec']",
    "import sys\nfinder = sys.meta_path[0]",
    "from sys import meta_path\nfinder = meta_path[0]",
    "import inspect\ninspect.getclosurevars(f).globals['x']",
    "def f(): pass\nf.__closure__[0].cell_contents",
    "print.__self__.__dict__\nlen.__globals__['x']",
    "import marshal, types\ntypes.FunctionType(marshal.loads(data), {})()",
    "def f(): pass\nf.__code__ = other",
    "def f(): pass\nf.__code__ = f.__code__.replace(co_code=data)",
    "import pickle, io\npickle.load(io.BytesIO(data))",
    "import pickle\npickle.loads(data)",
    "x = 'harmless = 1'\nx = decoded()\nexec(x)",
    "x = 'harmless = 1'\ndef f(x):\n    exec(x)",
    "x = decoded()\nclass A:\n    x = 'a = 1'\n    def f(self):\n        exec(x)",
    "if False:\n    from numpy import exec\nexec(decoded())",
    "if False:\n    def exec(code): pass\nexec(decoded())",
    "class A:\n    def eval(self): pass\neval(decoded())",
    "def eval(x): pass\ndel eval\neval(decoded())",
    "__import__(decoded())",
    "import importlib\nimportlib.import_module(decoded())",
    "import importlib.util as u\ns = u.find_spec('a')\ns.loader.exec_module(u.module_from_spec(s))",
    "import runpy\nrunpy.run_path('data.txt')",
    "import sys\nsys.modules[decoded()].GradientTape",
    "@exec\ndef f(): pass",
    "compile(decoded(), 'x', 'exec')",
    "exec(compile(decoded(), 'x', 'exec'))",
    "run = print\nrun = exec\nmap(run, codes)",
    "x = 'a = 1'\ndef f():\n    global x\n    x = decoded()\nexec(x)",
]
ORDINARY = [
    "import pkgutil\npkgutil.resolve_name('math:exp')(1)",
    "import logging.config\nlogging.config.dictConfig({'version': 1, 'root': {'level': 'INFO'}})",
    "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: list = field(default_factory=list)",
    "import re\nPATTERN = re.compile(pattern)",
    "model.compile(optimizer, loss)\nself.model.eval()",
    "class Model:\n    def compile(self, optimizer): pass\n    def fit(self):\n        self.compile(self.optimizer)",
    "def eval(model, inputs):\n    return model(inputs)\neval(model, inputs)",
    "from beras.core import Tensor\nself.forward = getattr(self, name)",
    "import numpy as np\nf = getattr(np, name)",
    "import builtins\nbuiltins.print('x')\nisinstance(x, builtins.int)",
    "import importlib\nimportlib.import_module('numpy.linalg')",
    "import importlib.util\nfor name in names:\n    importlib.util.find_spec(name)",
    "import importlib, beras\nimportlib.reload(beras)",
    "import types\nisinstance(x, types.FunctionType)\ntypes.SimpleNamespace(x=1)",
    "import sys\ngetattr(sys.modules[__name__], name)",
    "import pickle\nwith open('weights.pkl', 'rb') as file:\n    pickle.load(file)",
    "import base64, codecs, gzip\nbase64.b64decode(x)\ncodecs.open('x')\ngzip.open(x)",
    "globals()[name]()\nlocals()['x']\nvars(self)[name]",
    "print(self.call.__code__.co_argcount)\nf.__code__.co_varnames",
    "from operator import attrgetter, itemgetter\nsorted(layers, key=attrgetter('name'))\nattrgetter(name)(layer)",
    "exec('x = 1')",
    "exec(compile('x = 1', 'x', 'exec'))",
    "name = 'numpy'\n__import__(name)\ndef f(name):\n    return name",
    "eval('1 + 1')",
    "text.replace('a', 'b')",
]


@pytest.mark.parametrize("code", HIDDEN)
def test_what_is_computed_and_run_is_seen(code):
    assert source.inspect(code.encode(), "beras").opaque


@pytest.mark.parametrize("code", ORDINARY)
def test_what_ordinary_programs_do_is_not_taken_for_it(code):
    assert not source.inspect(code.encode(), "beras").opaque


ENGINE = """
if __name__ == "__main__":
    class Value:
        def __add__(self, other): self._backward = other
        def __mul__(self, other): self._backward = other
"""
AS_MAIN = [
    '__name__ = "__main__"',
    'globals()["__name__"] = "__main__"',
    'globals().update(__name__="__main__")',
    'globals().update({"__name__": "__main__"})',
    'import sys\nsetattr(sys.modules["beras.layers"], "__name__", "__main__")',
    'import sys\nsys.modules[f"beras.layers"].__name__ = "__main__"',
    'for __name__ in ["__main__"]: pass',
    "from names import main as __name__",
    "def f():\n    global __name__",
]


@pytest.mark.parametrize("before", AS_MAIN)
def test_a_main_block_is_read_where_its_module_may_set_its_own_name(before):
    assert source.AUTODIFF in source.inspect((before + ENGINE).encode(), "beras").marks


@pytest.mark.parametrize(
    "before",
    [
        "",
        "print(__name__)",
        "import logging\nlog = logging.getLogger(__name__)",
        "def decorate(function):\n    def wrapper(): pass\n    wrapper.__name__ = function.__name__",
        'print(getattr(layer, "__name__", ""))',
    ],
)
def test_a_main_block_is_passed_over_in_ordinary_modules(before):
    assert not source.inspect((before + ENGINE).encode(), "beras").marks


def test_words_in_comments_and_prose_hide_no_code():
    code = (
        b"# Value\ndef run(data):\n    'Gradient of it.'\n    note = 'backward it is'\n    return exec('made = data')\n"
    )
    assert set(executed._words_in(code)) >= {"run", "data", "note", "exec", "made"}
    assert {"Value", "Gradient", "backward"}.isdisjoint(executed._words_in(code))
