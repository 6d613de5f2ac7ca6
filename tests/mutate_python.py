# SPDX-License-Identifier: MIT
"""HumanEval's solutions, and what must not pass in their place.

mutate_python.py humaneval.jsonl writes JSON Lines: the task's "tests", and
"programs", a list of [name, text]; the first is the right one.
"""
import ast
import json
import sys

EXITS = ["import sys; sys.exit(0)", "raise SystemExit", "import os; os._exit(0)",
         "import posix; posix._exit(0)", "exit()", "quit()",
         "import os; os.execv('/bin/true', ['true'])",
         "import ctypes; ctypes.CDLL(None)._exit(0)",
         "import atexit, os; atexit.register(os._exit, 0); raise SystemExit"]


def function_of(tree, name):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise KeyError(name)


def without_last(source, entry):
    tree = ast.parse(source)
    body = function_of(tree, entry).body
    body[-1:] = [] if len(body) > 1 else [ast.Pass()]
    return ast.unparse(tree)


class NoResult(ast.NodeTransformer):
    def visit_Return(self, _node):
        return ast.Return(ast.Constant(None))


def returning_none(source, entry):
    tree = ast.parse(source)
    NoResult().visit(function_of(tree, entry))
    return ast.unparse(ast.fix_missing_locations(tree))


def with_first(source, entry, statements):
    tree = ast.parse(source)
    function_of(tree, entry).body[:0] = ast.parse(statements).body
    return ast.unparse(tree)


def main():
    for line in open(sys.argv[1], encoding="utf-8"):
        row = json.loads(line)
        entry = row["entry_point"]
        right = row["prompt"] + row["canonical_solution"]
        programs = [["solution", right],
                    ["body", row["canonical_solution"]],
                    ["last", without_last(right, entry)],
                    ["none", returning_none(right, entry)]]
        for statements in EXITS:
            programs.append([statements, with_first(right, entry, statements)])
            programs.append([statements, statements + "\n" + right])
        tests = {k: row[k] for k in ("test", "entry_point", "prompt")}
        print(json.dumps({"tests": json.dumps(tests), "programs": programs}))


main()
