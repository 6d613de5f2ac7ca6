#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libgrpo from Python, with the standard library alone.

    ctypes_grpo.py [build/lib/libgrpo.so]

Makes the calls of numbers.c and prints the same.  Without an argument the
library is looked for below $GRPO_PREFIX, in the source tree around this file,
and where pkg-config says.  The structs are read from the headers, so that they
cannot drift from the library.
"""
import ctypes
import math
import os
import pathlib
import re
import subprocess
import sys

C_TYPES = {
    "size_t": ctypes.c_size_t,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "double": ctypes.c_double,
    "grpo_policy_loss_fn": ctypes.c_void_p,
}
GRPO_REDUCE_ROW_MEAN = 0


def pkg_config(variable):
    try:
        return subprocess.run(["pkg-config", f"--variable={variable}", "grpo"],
                              capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def places(argument):
    """Pairs of a library and the folder of its headers, best first."""
    if argument:
        library = pathlib.Path(argument).resolve()
        return [(library, up / "include" / "grpo")
                for up in list(library.parents)[1:3]]
    found = []
    prefix = os.environ.get("GRPO_PREFIX")
    if prefix:
        found.append((pathlib.Path(prefix, "lib", "libgrpo.so"),
                      pathlib.Path(prefix, "include", "grpo")))
    if len(pathlib.Path(__file__).resolve().parents) > 2:
        root = pathlib.Path(__file__).resolve().parents[2]
        found.append((root / "build" / "lib" / "libgrpo.so",
                      root / "include" / "grpo"))
    libdir = pkg_config("libdir")
    if libdir:
        found.append((pathlib.Path(libdir, "libgrpo.so"),
                      pathlib.Path(pkg_config("includedir"), "grpo")))
    return found


def locate(argument=None):
    """The library and the folder of its headers; ends the program if they are
    not found."""
    tried = places(argument)
    for library, headers in tried:
        if library.is_file() and (headers / "objective.h").is_file():
            return library, headers
    looked = "".join(f"\n    {library} with {headers}"
                     for library, headers in tried)
    sys.exit("ctypes_grpo.py: libgrpo.so and its headers were not found"
             f"{'; looked for' + looked if looked else ''}\n"
             "Build it with make, or install it; then give its path, or set "
             "GRPO_PREFIX to where it\nis installed (GRPO_PREFIX=/usr/local), "
             "or PKG_CONFIG_PATH to the folder of grpo.pc.")


if sys.argv[1:2] in (["--help"], ["-h"]):
    print(__doc__.strip())
    sys.exit()
LIBRARY, HEADERS = locate(sys.argv[1] if len(sys.argv) > 1 else None)


def read_struct(header, name):
    """A ctypes.Structure with the fields of `typedef struct name {...}`."""
    text = re.sub(r"/\*.*?\*/", "", (HEADERS / header).read_text(), flags=re.S)
    body = re.search(r"typedef struct %s \{(.*?)\}" % name, text, re.S)[1]
    fields = []
    for declaration in filter(None, map(str.strip, body.split(";"))):
        kind, names = re.match(r"(?:const )?(\w+)\s+(.*)", declaration,
                               re.S).groups()
        for field in names.split(","):
            pointer = "*" in field
            fields.append((field.strip(" *\n\t"),
                           ctypes.c_void_p if pointer else C_TYPES[kind]))
    return type(name, (ctypes.Structure,), {"_fields_": fields})


AdvantageOptions = read_struct("advantage.h", "grpo_advantage_options")
ObjectiveOptions = read_struct("objective.h", "grpo_objective_options")
Tokens = read_struct("objective.h", "grpo_tokens")
Metrics = read_struct("objective.h", "grpo_metrics")


class Grpo:
    """The functions that are used here; a negative code raises."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(str(path))
        self.lib.grpo_error_message.restype = ctypes.c_char_p

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments) < 0:
            raise RuntimeError(self.lib.grpo_error_message().decode())

    def init(self, name, struct):
        self.call(name, ctypes.byref(struct),
                  ctypes.c_size_t(ctypes.sizeof(struct)))
        return struct

    def advantages(self, rewards, group):
        out = (ctypes.c_double * len(rewards))()
        self.call("grpo_advantages", out, None, doubles(rewards), int64s(group),
                  ctypes.c_int64(len(group) - 1), None)
        return list(out)

    def objective(self, options, step, n_tokens):
        """dloss/dlogp and the metrics of a whole step."""
        plan = ctypes.c_void_p()
        dlogp = (ctypes.c_float * n_tokens)()
        metrics = self.init("grpo_metrics_init_", Metrics())
        self.call("grpo_plan_create", ctypes.byref(plan),
                  ctypes.byref(options), ctypes.byref(step))
        try:
            self.call("grpo_objective", plan, ctypes.byref(step),
                      ctypes.c_int64(0), dlogp, None, ctypes.byref(metrics))
        finally:
            self.lib.grpo_plan_free(plan)
        return list(dlogp), metrics


def doubles(values):
    return (ctypes.c_double * len(values))(*values)


def floats(values):
    return (ctypes.c_float * len(values))(*values)


def int64s(values):
    return (ctypes.c_int64 * len(values))(*values)


def make_step(row, **arrays):
    """A grpo_tokens; what it points to lives as long as it does."""
    step = Tokens(struct_size=ctypes.sizeof(Tokens), n_rows=len(row) - 1)
    step.kept = [int64s(row)] + [floats(values) for values in arrays.values()]
    for name, array in zip(["row", *arrays], step.kept):
        setattr(step, name, ctypes.addressof(array))
    return step


def main():
    grpo = Grpo(LIBRARY)
    row = [0, 2, 5, 6, 8]
    a = grpo.advantages([1, 0, 0.5, math.nan], [0, 2, 4])
    step = make_step(
        row,
        logp=[-0.5, -1.25, -2.0, -0.75, -1.5, -0.25, -3.0, -0.125],
        old_logp=[-0.75, -1.25, -1.0, -1.0, -1.5, -0.5, -2.75, -0.125],
        ref_logp=[-1.0, -1.0, -2.0, -0.5, -1.0, -0.5, -2.5, -0.25],
        advantage=[a[i] for i in range(4) for _ in range(row[i], row[i + 1])])
    options = grpo.init("grpo_objective_options_init_", ObjectiveOptions())
    options.reduction = GRPO_REDUCE_ROW_MEAN
    options.beta = 0.04
    dlogp, metrics = grpo.objective(options, step, row[-1])
    for x in a:
        print("advantage %.9g" % x)
    print("loss %.9g\nkl %.9g" % (metrics.loss, metrics.kl))
    for x in dlogp:
        print("dlogp %.9g" % x)


if __name__ == "__main__":
    main()
