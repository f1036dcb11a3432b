"""Copies in a made-up class: how many are found, who is suspected wrongly, and what comparing them all costs.

Everybody in it starts from one solution and has words and mistakes of their own; one in forty has copied and given
every local another name. That is harder than a class that wrote its own. `--disguises` hides the copies further, in
one way after another; none of them changes what a program does.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def call_self_this(code: str) -> str:
    """Give every method's first parameter another name."""
    return re.sub(r"\bself\b", "this", code)


def call_numpy_xp(code: str) -> str:
    """Import NumPy under another name."""
    return re.sub(r"\bnp\b", "xp", code)


def end_with_semicolons(code: str) -> str:
    """End one-line assignments with a semicolon."""
    return re.sub(r"^([ \t]+[\w.]+ = [^#\n]*[\w)])$", _end, code, flags=re.MULTILINE)


def _end(found: re.Match[str]) -> str:
    line = found[1]
    return line + ";" * all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}"))


def put_in_parentheses(code: str) -> str:
    """Put what one-line return statements give back in parentheses, and `self`."""
    code = re.sub(r"\bself\.(\w+)", r"(self).\1", code)
    return re.sub(r"^([ \t]+return) ([^#\n]*[\w)])$", _enclose, code, flags=re.MULTILINE)


def _enclose(found: re.Match[str]) -> str:
    line = found[2]
    whole = all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}"))
    return f"{found[1]} ({line})" if whole else found[0]


def call_functions_by_name(code: str) -> str:
    """Import NumPy's functions one by one, each under another name."""
    found = sorted(set(re.findall(r"\bnp\.([a-z_]+)\b(?!\.)", code)))
    code = re.sub(r"\bnp\.([a-z_]+)\b(?!\.)", r"np_\1", code)
    line = "import numpy as np\n"
    return code.replace(line, f"{line}from numpy import {', '.join(f'{name} as np_{name}' for name in found)}\n", 1)


class _Statements(ast.NodeTransformer):
    """Puts into each function what `_around` gives for a statement."""

    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        raise NotImplementedError

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Change the statements of one function."""
        node.body = [made for statement in node.body for made in self._around(statement)]
        return node


class _Passing(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        return [ast.Pass(), statement]


class _Annotating(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            return [ast.AnnAssign(statement.targets[0], ast.Name("object"), statement.value, 1)]
        return [statement]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Annotate parameters and the result, too."""
        for argument in node.args.args:
            argument.annotation = ast.Name("object")
        node.returns = ast.Name("object")
        return super().visit_FunctionDef(node)


class _Naming(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.Return) and statement.value is not None:
            return [ast.Assign([ast.Name("result")], statement.value), ast.Return(ast.Name("result"))]
        return [statement]


class _Noting(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        return [statement] if isinstance(statement, ast.Return) else [statement, ast.Expr(ast.Constant("noted"))]


class _Guarding(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        return [ast.If(ast.Constant(True), [statement], [])]


class _Looping(_Statements):
    def _around(self, statement: ast.stmt) -> list[ast.stmt]:
        return [ast.For(ast.Name("_"), ast.List([ast.Constant(0)], ast.Load()), [statement], [])]


class _Swapping(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Swap the operands of sums and products."""
        self.generic_visit(node)
        if isinstance(node.op, (ast.Add, ast.Mult)):
            node.left, node.right = node.right, node.left
        return node


class _Starring(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Give the arguments in a starred tuple."""
        self.generic_visit(node)
        if len(node.args) > 1 and not any(isinstance(argument, ast.Starred) for argument in node.args):
            node.args = [ast.Starred(ast.Tuple(node.args, ast.Load()), ast.Load())]
        return node


def _by(transformer: type[ast.NodeTransformer], code: str) -> str:
    try:
        return ast.unparse(ast.fix_missing_locations(transformer().visit(ast.parse(code)))) + "\n"
    except SyntaxError:
        return code


def put_pass(code: str) -> str:
    """Put `pass` before each statement of a function."""
    return _by(_Passing, code)


def annotate(code: str) -> str:
    """Annotate parameters, results and locals."""
    return _by(_Annotating, code)


def name_results(code: str) -> str:
    """Give each result a name before it is returned."""
    return _by(_Naming, code)


def put_texts(code: str) -> str:
    """Put a text behind each statement of a function."""
    return _by(_Noting, code)


def put_conditions(code: str) -> str:
    """Put each statement of a function under `if True:`."""
    return _by(_Guarding, code)


def put_loops(code: str) -> str:
    """Put each statement of a function into a loop that runs once."""
    return _by(_Looping, code)


def swap_operands(code: str) -> str:
    """Swap the operands of sums and products."""
    return _by(_Swapping, code)


def star_arguments(code: str) -> str:
    """Give the arguments of calls in a starred tuple."""
    return _by(_Starring, code)


def all_of_it(code: str) -> str:
    """Do most of the others."""
    for disguise in (call_self_this, star_arguments, name_results, annotate, put_pass, swap_operands, call_numpy_xp):
        code = disguise(code)
    return end_with_semicolons(put_in_parentheses(code))


DISGUISES: Final[tuple[Callable[[str], str], ...]] = (
    call_self_this, call_numpy_xp, end_with_semicolons, put_in_parentheses, call_functions_by_name, put_pass, annotate,
    name_results, put_texts, put_conditions, put_loops, swap_operands, star_arguments, all_of_it,
)  # fmt: skip


def compared(count: int, seed: int, disguise: Callable[[str], str] | None = None) -> dict[str, Any]:
    """Return what became of a class of `count`, in which the copies are hidden by `disguise`."""
    from autograder.assignment.files import read_sources
    from autograder.classroom import similarity
    from benchmarks import classroom  # type: ignore[import-not-found]

    made = classroom.submissions(count, seed)
    for entry in made:
        if entry["copied_from"] and disguise is not None:
            entry["files"] = {path: disguise(code.decode()).encode() for path, code in entry["files"].items()}
    copies = {tuple(sorted((entry["id"], entry["copied_from"]))) for entry in made if entry["copied_from"]}
    begun = time.process_time()
    files = {entry["id"]: entry["files"] for entry in made}
    groups = similarity.compare(list(files), files.__getitem__, read_sources(ROOT / "student_template")).groups
    seconds = time.process_time() - begun
    found = {(pair.left, pair.right): pair.share for group in groups for pair in group.pairs}
    return {
        "submissions": count,
        "disguise": disguise.__name__ if disguise is not None else "",
        "copies": len(copies),
        "found": len(copies & found.keys()),
        "suspected wrongly": {" and ".join(pair): share for pair, share in found.items() if pair not in copies},
        "share of the copies": sorted(share for pair, share in found.items() if pair in copies),
        "processor seconds": round(seconds, 2),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=1, help="so many classes")
    parser.add_argument("--disguises", action="store_true", help="hide the copies further")
    options = parser.parse_args()
    ways = (None, *DISGUISES) if options.disguises else (None,)
    print(json.dumps([compared(options.count, seed, way) for seed in range(options.seeds) for way in ways], indent=1))


if __name__ == "__main__":
    main()
