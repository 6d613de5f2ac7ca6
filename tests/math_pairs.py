#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""References of MATH that the math reward holds to be the same.

    tests/math_pairs.py DATA/math/train.jsonl [PAIRS [SEED]]

draws PAIRS (200000, or "all") pairs of references that are written differently,
both of problems of one type, scores the one in a box against the other with
build/bin/score, and prints the pairs that were accepted, each once, with the
rule that decided.  Each is either one value written in two ways or a defect.
"""
import itertools
import json
import random
import subprocess
import sys


def references(path):
    by_type = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if row.get("answer"):
                by_type.setdefault(row.get("type"), set()).add(row["answer"])
    return {t: sorted(answers) for t, answers in by_type.items()}


def draw(by_type, n, seed):
    rng = random.Random(seed)
    types = sorted(by_type, key=str)
    weights = [len(by_type[t]) for t in types]
    for kind in rng.choices(types, weights, k=n):
        yield rng.sample(by_type[kind], 2)


def every(by_type):
    for answers in by_type.values():
        yield from itertools.permutations(answers, 2)


def main():
    by_type = references(sys.argv[1])
    n = sys.argv[2] if len(sys.argv) > 2 else "200000"
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    score = subprocess.Popen(
        ["build/bin/score", "--reward", "math", "--explain"], encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pairs = list(every(by_type) if n == "all" else draw(by_type, int(n), seed))
    rows = "".join(json.dumps({"completion": "\\boxed{" + given + "}", "answer": gold}) + "\n"
                   for gold, given in pairs)
    out, _ = score.communicate(rows)
    accepted = {}
    statuses = {}
    for line in out.splitlines():
        row = json.loads(line)
        status = row["status"]["math"]
        statuses[status] = statuses.get(status, 0) + 1
        if row["rewards"]["math"]:
            pair = row["answer"], row["completion"][len("\\boxed{"):-1]
            accepted[pair] = row["explain"]["math"]["rule"]
    for (gold, given), rule in sorted(accepted.items()):
        print(f"{gold}\n    {given}\n    {rule}")
    print(f"{len(pairs)} pairs, {len(accepted)} different ones accepted; {statuses}")


if __name__ == "__main__":
    main()
