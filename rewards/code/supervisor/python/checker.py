# SPDX-License-Identifier: MIT
"""Runs tests that could not be split, in a process without the program.

The program's functions are proxies: each call is a line on descriptor 3,
"call TEXT" for the harness, and its answer a line on descriptor 4,
"value TEXT" or "raised NAME".  Results are plain data, so nothing of the
program runs here.  Whether the tests passed is the last line: "passed NONCE",
"failed WHY", or "weak WHY" where an argument has no text.
"""
import builtins
import json
import os
import sys

sys.path.insert(0, ".")
from split import Weak, finish, prepare, read_files, text_of, _named
from harness import decode, encode

_answers = os.fdopen(4, "r", encoding="utf-8", errors="surrogatepass",
                     newline="\n")


def say(line):
    data = (line.replace("\n", " ") + "\n").encode("utf-8", "surrogatepass")
    while data:
        data = data[os.write(3, data):]


def raised(name):
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = RuntimeError
    return kind("raised by the program")


class Proxy:
    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *args, **named):
        if any('{"o": "_Opaque"}' in encode(a) for a in args):
            # Of the program's making: it must not choose how it is judged.
            raise AssertionError("a result that no text stands for")
        items = ", ".join(text_of(a) for a in args)
        extra = ', "named": ' + _named(named) if named else ""
        say('call {"name": %s, "prelude": false, "args": [%s]%s}' % (
            json.dumps(self.__name__), items, extra))
        kind, _, text = _answers.readline().rstrip("\n").partition(" ")
        if kind == "value":
            return decode(text)
        raise raised(text)


def main():
    files = read_files()
    with open("nonce.txt", encoding="ascii") as f:
        nonce = f.read()
    space = {"__name__": "tests"}
    try:
        tree = prepare(space, files, Proxy)
        exec(compile(tree, "script.py", "exec"), space)
        finish(space, files, Proxy)
        say("passed " + nonce)
    except Weak as e:
        say("weak %s" % e)
    except AssertionError as e:
        say("failed AssertionError: %s" % e)
    except Exception as e:
        say("failed %s: %s" % (type(e).__name__, e))


main()
