"""Output: texts that could deceive or break whoever reads them, in a browser, a terminal or a spreadsheet."""

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
