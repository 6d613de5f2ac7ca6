# SPDX-License-Identifier: MIT
"""The Python that waits: it loads code-keeper.so, which forks for each job, and
the child runs the program with run() of harness.py, which does not return.

The jail gives it to the interpreter as one text with harness.py behind it and a
last line `serve(warm, run)`; jail/start.c.
"""
import ctypes
import gc
import os
import sys

PAYLOAD = 5
RESULT = 3


def read_payload(length):
    parts = []
    while length > 0:
        part = os.read(PAYLOAD, length)
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def serve(warm, run):
    sys.path[:] = [folder for folder in sys.path if folder]
    # A PyDLL keeps the interpreter's lock, which a child takes over with the
    # rest: there is one thread, so nothing has to be made anew after a fork.
    keeper = ctypes.PyDLL(sys.argv[1])
    keeper.keeper_source_len.restype = ctypes.c_int64
    keeper.keeper_call_len.restype = ctypes.c_int64
    sys.argv[:] = ["program"]
    warm()
    # What is here stays as it is: a collection would touch, and so copy, pages.
    gc.disable()
    gc.collect()
    gc.freeze()
    keeper.keeper_open(6)
    if keeper.keeper_next() != 0:
        os._exit(0)
    try:
        source = read_payload(keeper.keeper_source_len())
        call = read_payload(keeper.keeper_call_len())
        os.close(PAYLOAD)
        run(source, call, RESULT)
    finally:
        os._exit(1)
