"""Output: texts that could deceive or break whoever reads them, in a browser, a terminal or a spreadsheet."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case

TEXTS = {
    "HTML": "'<script>alert(1)</script><img src=x onerror=alert(1)>'",
    "HTML behind a closing backtick": "'` <script>alert(1)</script> `'",
    "a Markdown link": "'` [full marks](http://127.0.0.1/) ` **100 / 100**'",
    "ANSI": "chr(27) + '[2J' + chr(27) + ']0;title' + chr(7)",
    "marks of direction": "chr(0x202e) + 'skram lluf' + chr(0x2066) + chr(0x200b)",
    "NUL and controls": "''.join(map(chr, range(32)))",
    "C1 controls": "''.join(map(chr, range(128, 160)))",
    "lone surrogates": "chr(0xd800) + 'x' + chr(0xdfff)",
    "a spreadsheet formula": "'=cmd|calc!A1'",
    "ten megabytes": "'x' * 10**7",
    "a hundred thousand lines": "'line\\n' * 10**5",
}

CASES = [Case("output", f"fails at import with {name}", f"raise ValueError({text})\n") for name, text in TEXTS.items()]
CASES += [
    Case(
        "output",
        f"fails when called with {name}",
        f"def call(self, x):\n    raise ValueError({text})\nreplace('call', call)\n",
    )
    for name, text in TEXTS.items()
    if name in ("HTML", "ANSI", "lone surrogates", "ten megabytes")
]
CASES += [
    Case("output", f"answers with {name}", f"replace('call', lambda self, x: {text})\n")
    for name, text in TEXTS.items()
    if name in ("HTML", "ANSI", "marks of direction", "lone surrogates")
]
CASES += [
    Case(
        "output",
        "raises an exception whose text raises",
        "class E(Exception):\n    def __str__(self): raise self\nraise E\n",
    ),
    Case("output", "raises a class with markup for its name", "raise type('<script>', (Exception,), {})('x')\n"),
]
# Classes that the toolkit has of its own, and whose texts it could trust: a submission defines them too.
CASES += [
    Case(
        "output",
        f"fails at import with {name}, in a class called {kind}",
        f"class {kind}(Exception): pass\nraise {kind}({text})\n",
    )
    for kind in ("ModuleNotLoadedError", "NameMissingError", "NotImplementedError", "MemoryError")
    for name, text in TEXTS.items()
    if name in ("HTML", "a Markdown link")
]
CASES += [
    Case(
        "output",
        f"fails when called with {name}, in a class called {kind}",
        f"class {kind}(Exception): pass\ndef call(self, x):\n    raise {kind}({text})\nreplace('call', call)\n",
    )
    for kind in ("ModuleNotLoadedError", "NameMissingError")
    for name, text in TEXTS.items()
    if name in ("HTML", "a Markdown link", "HTML behind a closing backtick")
]
CASES += [
    Case("output", "raises a class with a name of five thousand letters",
         f"class E{'x' * 5000}(Exception): pass\ndef call(self, x):\n    raise E{'x' * 5000}\nreplace('call', call)\n"),
    Case("output", "is called by a function with markup for its name",
         "def call(self, x):\n    raise NotImplementedError\n"
         "name = '<script>alert(1)</script>[x](http://127.0.0.1/)'\ncall.__code__ = call.__code__.replace(co_name=name)\nreplace('call', call)\n"),
]  # fmt: skip
# Losses that `fit` reports: whatever they are, the grader draws them.
LOSSES = {
    "the largest numbers": "[1e308, -1e308]", "the smallest number": "[5e-324, 0.0]", "infinities": "[float('inf'), 1.0, float('-inf')]",
    "no numbers": "[float('nan'), 1.0]", "a huge integer": "[10**400, 1]", "texts": "['<script>', 'x']", "lists": "[[1.0], [[2.0]]]",
}  # fmt: skip
FIT = """
class M:
    losses = {}
    def fit(self, *a, **k):
        self.losses = self.losses[1:] + self.losses[:1]
        return {{'loss': [self.losses[0]]}}
    def __call__(self, x): return np.eye(10)[np.arange(len(x)) % 10]
import types
get_simple_model_components = lambda: types.SimpleNamespace(model=M(), epochs={}, batch_size=100)
"""
CASES += [
    Case(
        "output",
        f"reports losses that are {name}",
        FIT.format(losses, 2),
        file="assignment.py",
        base="template",
        only="9.1",
    )
    for name, losses in LOSSES.items()
]
CASES += [
    Case(
        "output",
        f"asks for {epochs} epochs",
        FIT.format("[1.0, 2.0]", epochs),
        file="assignment.py",
        base="template",
        only="9.1",
    )
    for epochs in ("-1", "10**300", "float('inf')")
]
