# SPDX-License-Identifier: MIT
"""Turns tests that are Python into calls and what they must return, so that no
expected value comes near the program.

The files script.py, setup.py, prompt.py and entry.txt (HumanEval's entry point,
or nothing) lie in the working folder.  The script is run with recorders in
place of the program's functions; its asserts, which were rewritten before, say
what a recorded call must return.  On standard output, as JSON:

    {"mode": "calls", "calls": [{"call": TEXT, "expect": "equal", "value": TEXT,
                                 "near": 1e-6}, ...]}
    {"mode": "checker", "weak" or "bad", "why": "..."}

`call` and `value` are typed text.  "checker": the script must run, on results;
"weak": values pass that no text stands for, or the script could run a result as
code; "bad": it is no script.
"""
import ast
import builtins
import json
import math
import sys

sys.path.insert(0, ".")
from harness import _wraps, encode  # noqa: E402

MAX_CALLS = 4096


class Unsplit(BaseException):
    """Not an Exception: the script must not catch it."""

    mode = "checker"


class Weak(Unsplit):
    mode = "weak"


def text_of(value, name=None):
    """`name` is the function that gets the value.  Results of the same function
    can be given back to it; those of another are mostly objects of a class."""
    text = encode(value)
    if name and '{"o": "Pending %s"}' % name in text:
        raise Unsplit("a result is an argument")
    if '{"o": ' in text:
        raise Weak("a value has no text")
    return text


# ---- recording ----


class Pending:
    """What a call will return; all that the script may do with it is to assert."""

    def __init__(self, call, wraps=()):
        self.call, self.wraps = call, wraps

    def text(self):
        self.call["used"] = True
        wrap = "".join(', "%s"' % w for w in self.wraps)[2:]
        return self.call["text"] % wrap


def _refuse(self, *_args, **_named):
    raise Unsplit("the script works on a result")


for _name in ("eq ne lt le gt ge bool len iter getitem contains add radd sub "
              "rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow "
              "rpow neg abs float int index hash call str repr round format "
              "next enter complex and or xor invert getattr").split():
    setattr(Pending, "__%s__" % _name, _refuse)


calls, expected = [], []


class Recorder:
    """Stands for a function of the program."""

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *args, **named):
        if len(calls) >= MAX_CALLS:
            raise Unsplit("too many calls")
        items = ", ".join(text_of(a, self.__name__) for a in args)
        extra = ', "named": ' + _named(named) if named else ""
        text = '{"name": %s, "prelude": false, "args": [%s]%s, "wrap": [' % (
            json.dumps(self.__name__), items, extra)
        call = {"text": text.replace("%", "%%") + "%s]}", "used": False}
        calls.append(call)
        return type("Pending " + self.__name__, (Pending,), {})(call)


def _named(named):
    return '{"d": [' + ", ".join(
        json.dumps(k) + ", " + text_of(v) for k, v in named.items()) + "]}"


def expect(pending, kind, value, near=0):
    expected.append({"call": pending.text(), "expect": kind,
                     "value": text_of(value), "near": near})


# ---- what asserts become ----


def equal(a, b):
    if isinstance(b, Pending):
        a, b = b, a
    if not isinstance(a, Pending):
        truth(a == b, True)
    elif isinstance(b, Pending):
        raise Unsplit("two results are compared")
    else:
        expect(a, "equal", b)


def near(a, b, eps):
    if isinstance(b, Pending):
        a, b = b, a
    if not isinstance(a, Pending):
        truth(abs(a - b) <= eps, True)
    elif isinstance(b, (int, float)) and 0 < eps < 1:
        expect(a, "equal", float(b), float(eps))
    else:
        raise Unsplit("a distance that is no number")


def is_close(a, b, rel_tol=1e-9, abs_tol=0.0):
    if isinstance(b, Pending):
        a, b = b, a
    near(a, b, max(rel_tol * abs(b), abs_tol, 1e-300))


def truth(a, value):
    if isinstance(a, Pending):
        expect(a, "true" if value else "false", None)
    elif bool(a) != value:
        raise Unsplit("an assert that is false for any program")


def one_of(a, choices):
    if isinstance(a, Pending) and isinstance(choices, (str, bytes, Pending)):
        raise Unsplit("a result in a text")
    if isinstance(a, Pending):
        expect(a, "one_of", list(choices))
    else:
        truth(a in choices, True)


def wrapped(name, function, a):
    if not isinstance(a, Pending):
        return function(a)
    if function is not _wraps.get(name):
        raise Unsplit("a function of the script works on a result")
    return type(a)(a.call, a.wraps + (name,))


class Asserts(ast.NodeTransformer):
    """Rewrites each assert into calls of the functions above."""

    def visit_Assert(self, node):
        new = [ast.Expr(e) for e in self.expectations(node.test)]
        return [ast.fix_missing_locations(ast.copy_location(e, node))
                for e in new]

    def expectations(self, e):
        if isinstance(e, ast.BoolOp) and isinstance(e.op, ast.And):
            return [x for v in e.values for x in self.expectations(v)]
        if isinstance(e, ast.Compare) and len(e.ops) == 1:
            made = self.compared(e.left, e.ops[0], e.comparators[0])
            if made:
                return [made]
        if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Not):
            return [self.call("truth", e.operand, ast.Constant(False))]
        if isinstance(e, ast.Call) and _is_named(e.func, "isclose"):
            return [self.close(e)]
        return [self.call("truth", e, ast.Constant(True))]

    def compared(self, left, op, right):
        if isinstance(op, ast.Eq):
            return self.call("equal", left, right)
        if isinstance(op, ast.Is) and isinstance(right, ast.Constant):
            return self.call("equal", left, right)
        if isinstance(op, ast.In):
            return self.call("one_of", left, right)
        if isinstance(op, (ast.Lt, ast.LtE)) and _is_distance(left):
            gap = left.args[0]
            return self.call("near", gap.left, gap.right, right)
        return None

    def close(self, e):
        made = self.call("is_close", *e.args)
        made.keywords = e.keywords
        return made

    def call(self, name, *args):
        return ast.Call(ast.Name("__%s__" % name, ast.Load()),
                        [Wraps().visit(a) for a in args], [])


class Wraps(ast.NodeTransformer):
    """set(candidate(x)): the program's process does it, by the real set."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if (isinstance(node.func, ast.Name) and node.func.id in _wraps
                and len(node.args) == 1 and not node.keywords
                and not isinstance(node.args[0], ast.Starred)):
            return ast.Call(ast.Name("__wrapped__", ast.Load()),
                            [ast.Constant(node.func.id), node.func,
                             node.args[0]], [])
        return node


def _is_named(f, name):
    return (isinstance(f, ast.Name) and f.id == name
            or isinstance(f, ast.Attribute) and f.attr == name)


def _is_distance(e):
    return (isinstance(e, ast.Call) and _is_named(e.func, "abs")
            and len(e.args) == 1 and isinstance(e.args[0], ast.BinOp)
            and isinstance(e.args[0].op, ast.Sub))


# ---- the script ----


def unknown_names(tree):
    """Names that are read but never made: functions of the program."""
    read, made = set(), set(dir(builtins)) | {"__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            made.add(node.name)
    return read - made


def run_prompt(prompt, space):
    """For the helpers and imports in front of the function."""
    try:
        exec(compile(prompt, "prompt.py", "exec"), space)
    except Exception:
        pass


def prepare(space, files, stand_in):
    """Runs prompt and setup, and puts stand-ins where the program's functions
    are missing.  Returns the script as a tree."""
    run_prompt(files["prompt.py"], space)
    tree = ast.parse(files["script.py"])
    both = ast.parse(files["setup.py"] + "\n" + files["script.py"])
    for name in unknown_names(both) - set(space):
        space[name] = stand_in(name)
    if files["entry.txt"]:
        space[files["entry.txt"]] = stand_in(files["entry.txt"])
    exec(compile(files["setup.py"], "setup.py", "exec"), space)
    return tree


def finish(space, files, stand_in):
    if files["entry.txt"]:
        if "check" not in space:
            raise SyntaxError("there is no function check")
        space["check"](stand_in(files["entry.txt"]))


def read_files():
    """The texts; whole numbers in them may be long."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    files = {}
    for name in ("script.py", "setup.py", "prompt.py", "entry.txt"):
        with open(name, encoding="utf-8", errors="surrogatepass") as f:
            files[name] = f.read()
    return files


def split(files):
    space = {"__name__": "tests", "math": math}
    for f in (equal, near, is_close, truth, one_of, wrapped):
        space["__%s__" % f.__name__] = f
    tree = prepare(space, files, Recorder)
    tree = ast.fix_missing_locations(Asserts().visit(tree))
    exec(compile(tree, "script.py", "exec"), space)
    finish(space, files, Recorder)
    if not expected:
        raise Unsplit("no asserts")
    if not all(call["used"] for call in calls):
        raise Unsplit("a call without an assert")
    return {"mode": "calls", "calls": expected}


def runs_text(files):
    """Whether a result could be run as code by the script."""
    return any(isinstance(node, ast.Name) and
               node.id in ("eval", "exec", "compile", "__import__")
               for name in ("script.py", "setup.py")
               for node in ast.walk(ast.parse(files[name])))


def main():
    files = read_files()
    try:
        answer = split(files)
    except Unsplit as e:
        answer = {"mode": e.mode, "why": str(e)}
    except (SyntaxError, ModuleNotFoundError) as e:
        answer = {"mode": "bad", "why": "%s: %s" % (type(e).__name__, e)}
    except (Exception, SystemExit) as e:
        answer = {"mode": "checker", "why": "%s: %s" % (type(e).__name__, e)}
    if answer["mode"] == "checker" and runs_text(files):
        answer["mode"] = "weak"
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
