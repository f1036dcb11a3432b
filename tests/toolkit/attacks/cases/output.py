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

# Exceptions and prints of kinds that only somebody who tries makes.
RAISED = {
    "whose class has a name that raises": "class M(type):\n    __name__ = property(lambda cls: os._exit(3))\nclass E(Exception, metaclass=M): pass\ndef call(self, x): raise E\n",
    "in a group of a hundred thousand": "def call(self, x): raise ExceptionGroup('g', [ValueError(n) for n in range(10**5)]) if sys.version_info >= (3, 11) else ValueError\n",
    "with a hundred thousand notes": "def call(self, x):\n    error = ValueError('x')\n    error.__notes__ = ['<script>'] * 10**5\n    raise error\n",
    "of a syntax error with odd fields": "def call(self, x):\n    error = SyntaxError('m')\n    error.filename, error.lineno, error.text, error.msg = b'x', 10**400, 5, ['<script>']\n    raise error\n",
    "with a forged traceback": "import types\ndef call(self, x):\n    last, frame = None, sys._getframe()\n    for _ in range(10**4): last = types.TracebackType(last, frame, 0, 2**31 - 1)\n    raise ValueError('x').with_traceback(last)\n",
    "from code without lines": "def call(self, x): exec(compile('raise ValueError', '<script>alert(1)</script>.py', 'exec').replace(co_linetable=b''))\n",
    "with a text that lies about its length": "class S(str):\n    def __len__(self): return 5\n    def __getitem__(self, key): return '<script>' * 10**5\n    def encode(self, *a): return b'<script>' * 10**5\nclass E(Exception):\n    def __str__(self): return S('x')\ndef call(self, x): raise E\n",
    "about a library with markup for its name": "def call(self, x): raise ModuleNotFoundError(\"No module named '](http://127.0.0.1/)<script>'\", name='<script>')\n",
    "about an attribute with markup for its name": "def call(self, x): raise AttributeError(\"module 'numpy' has no attribute '](http://127.0.0.1/)<script>'\")\n",
}  # fmt: skip
PRINTED = {
    "fences": "'```\\n</code></pre><script>alert(1)</script>\\n```\\n# 100 / 100'",
    "returns and separators": "'lost\\r100 / 100' + chr(11) + chr(12) + chr(0x85) + chr(0x2028) + chr(0x2029) + 'end'",
    "a terminal's markup": "'[link=http://127.0.0.1/][bold]x[/bold][/link][/][/nothing]'",
    "a definition of a link": "'[x]: http://127.0.0.1/\\n![x]'",
}
CASES += [
    *(Case("output", f"raises an exception {name}", f"{code}replace('call', call)\n") for name, code in RAISED.items()),
    *(Case("output", f"prints {name}, and fails", f"def call(self, x):\n    print({text})\n    raise ValueError({text})\nreplace('call', call)\n") for name, text in PRINTED.items()),
]  # fmt: skip
