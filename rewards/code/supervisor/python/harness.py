# SPDX-License-Identifier: MIT
"""Runs a model's program, or one call of it, in a process of its own.

Nothing here is secret or trusted: the program shares the process and may change
all of it.  What it writes is only compared, elsewhere, with what was expected.

run(source, call, result_fd): `source` is the program, `call` says what to
evaluate, as JSON, or is empty: then the program runs as __main__.

    {"name": "f", "args": [...], "prelude": true, "wrap": ["set"]}

A name of null runs the program too; `prelude` puts LiveCodeBench's imports
before it.  Arguments and the result are typed text (supervisor/value.h).
"""
import atexit
import builtins
import gc
import io
import json
import os
import sys
import threading
import traceback

BAD_SYNTAX = 65  # the exit status of a program that is no Python

_PRELUDE = """
from string import *
from re import *
from datetime import *
from collections import *
from heapq import *
from bisect import *
from copy import *
from math import *
from random import *
from statistics import *
from itertools import *
from functools import *
from operator import *
from io import *
from sys import *
from json import *
from builtins import *
from typing import *
import string, re, datetime, collections, heapq, bisect, copy, math, random
import statistics, itertools, functools, operator, io, sys, json
"""

_prelude = {}
if __name__ != "harness":  # the tools import only what is typed text
    exec(_PRELUDE, _prelude)
    _prelude = {k: v for k, v in _prelude.items() if not k.startswith("__")}
_wraps = {f.__name__: f for f in (set, frozenset, list, tuple, sorted, dict,
                                  len, abs, round, str, int, float, sum, bool,
                                  type)}

# ---- typed text ----


class _Opaque:
    """A value that no text stands for."""


def _tagged(pairs):
    if len(pairs) != 1:
        return dict(pairs)
    tag, value = pairs[0]
    if tag == "t":
        return tuple(value)
    if tag == "s":
        return set(value)
    if tag == "d":
        return dict(zip(value[::2], value[1::2]))
    if tag == "b":
        return bytes.fromhex(value)
    if tag == "o":
        return _Opaque()
    return {tag: value}


def decode(text):
    return json.loads(text, object_pairs_hook=_tagged)


def _float(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def _joined(items):
    return "[" + ", ".join(items) + "]"


def encode(value, depth=0):
    """The typed text; {"o": ...} for what has none."""
    if depth > 150:
        return '{"o": "deep"}'
    depth += 1
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, str):
        return json.dumps(str.__str__(value))
    if isinstance(value, list):
        return _joined([encode(v, depth) for v in list.__iter__(value)])
    if isinstance(value, tuple):
        items = [encode(v, depth) for v in tuple.__iter__(value)]
        return '{"t": ' + _joined(items) + "}"
    if isinstance(value, (set, frozenset)):
        return '{"s": ' + _joined(sorted(encode(v, depth) for v in value)) + "}"
    if isinstance(value, dict):
        # In its own order, which some programs depend on.
        items = [encode(x, depth) for pair in dict.items(value) for x in pair]
        return '{"d": ' + _joined(items) + "}"
    if isinstance(value, (bytes, bytearray)):
        return '{"b": "' + value.hex() + '"}'
    return '{"o": ' + json.dumps(type(value).__name__) + "}"


# ---- running ----


def _stream(fd, mode):
    raw = io.FileIO(fd, mode, closefd=False)
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding="utf-8",
                            errors="surrogateescape",
                            line_buffering=fd == 2, write_through=fd == 2)


_is_warm = False


def warm():
    """What every program needs, made once in the process that waits: streams,
    on descriptors that each child gets anew, and what a first compile makes.
    The streams must not find files that seek."""
    global _is_warm
    ends = os.pipe()
    for fd in (1, 2):
        os.dup2(ends[1], fd)
    _prepare()
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (1, 2):
        os.dup2(null, fd)
    for fd in (*ends, null):
        os.close(fd)
    compile(b"0", "solution.py", "exec", dont_inherit=True)
    _is_warm = True


def _prepare():
    sys.stdin = sys.__stdin__ = _stream(0, "r")
    sys.stdout = sys.__stdout__ = _stream(1, "w")
    sys.stderr = sys.__stderr__ = _stream(2, "w")
    sys.argv = ["solution.py"]
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)


def _module(name, prelude):
    module = type(sys)(name)
    space = module.__dict__
    if prelude:
        space.update(_prelude)
    space["__builtins__"] = builtins
    sys.modules[name] = module
    return space


def _leave(status):
    """As the interpreter does: threads, atexit, then what is buffered."""
    if len(threading._active) > 1:
        threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except (AttributeError, ValueError):
        pass
    return status


def _exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 255
    print(code, file=sys.stderr)
    return 1


def _guarded(work):
    """Does the work; the exit status."""
    try:
        try:
            work()
            status = 0
        except SystemExit as e:
            status = _exit_status(e.code)
        return _leave(status)
    except BaseException:
        traceback.print_exc()
        try:
            sys.stdout.flush()
        except BaseException:
            pass
        return 1


def _find(space, name):
    solution = space.get("Solution")
    if isinstance(solution, type) and hasattr(solution, name):
        return getattr(solution(), name)
    return space[name] if name in space else getattr(builtins, name)


def _answer(space, call):
    value = _find(space, call["name"])(*call["args"], **call.get("named", {}))
    for wrap in call.get("wrap", ()):
        value = _wraps[wrap](value)
    return encode(value)


def _write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def _compiled(source):
    try:
        return compile(source, "solution.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        traceback.print_exc(limit=0)
        raise SystemExit(BAD_SYNTAX) from None


def _text(data):
    return data if isinstance(data, str) else bytes(data).decode(
        "utf-8", "surrogatepass")


def run(source, call, result_fd):
    """Never returns.  An exit status of 0 says that the program ended well, not
    that it is right."""
    if not _is_warm:
        _prepare()
    gc.enable()
    call = decode(_text(call)) if call else {"name": None}

    def program():
        code = _compiled(source)
        name = "solution" if call["name"] else "__main__"
        space = _module(name, call.get("prelude"))
        exec(code, space)
        if call["name"]:
            answer = _answer(space, call)
            _write_all(result_fd, answer.encode("utf-8", "surrogatepass"))

    os._exit(_guarded(program))
