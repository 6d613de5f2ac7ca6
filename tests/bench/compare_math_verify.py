#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The math reward and Math-Verify on the same rows, each on one core.

usage: compare_math_verify.py FILE.jsonl… [--rows N]

A row has "answer", and "completion" or else its answer: in a box, unless it is
a whole solution with its answer behind ####, as in GSM8K, of which Math-Verify
is given that answer alone as the reference.  N (500) rows of each file, spread
evenly, are scored by build/bench/bench_math and by Math-Verify (parse of the
completion and of the reference, verify); prints both speeds in processor time,
how often Math-Verify accepts, and the ratio.  Needs math-verify.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

from math_verify import parse, verify


def read(path, n):
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    rows = [r for r in rows if r.get("answer") is not None]
    rows = rows[:: max(1, len(rows) // n)][:n]
    for row in rows:
        row["answer"] = str(row["answer"])
        whole = "####" in row["answer"]
        row.setdefault("completion", row["answer"] if whole else "\\boxed{" + row["answer"] + "}")
        row["gold"] = "\\boxed{" + row["answer"].split("####")[-1].strip() + "}"
    return rows


def ours(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            for row in rows:
                f.write(json.dumps({k: row[k] for k in ("completion", "answer")}) + "\n")
        out = subprocess.run(["build/bench/bench_math", path], check=True,
                             stdout=subprocess.PIPE, encoding="utf-8").stdout
    said = out.split(": ", 1)[1].strip()
    return float(said.split(" rows/s")[0].split()[-1]), said


def theirs(rows):
    right = 0
    for row in rows[:5]:  # the first calls load what it needs
        verify(parse(row["gold"]), parse(row["completion"]))
    start = time.process_time()
    for row in rows:
        right += verify(parse(row["gold"]), parse(row["completion"]))
    return len(rows) / (time.process_time() - start), right


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rows", type=int, default=500)
    a = parser.parse_args()
    for path in a.files:
        rows = read(path, a.rows)
        mine, said = ours(rows)
        other, right = theirs(rows)
        print(f"{path}\n  libgrpo     {said}\n  Math-Verify {len(rows)} rows, {other:.0f} rows/s, "
              f"accepts {right}\n  ratio       {mine / other:.0f}")


if __name__ == "__main__":
    main()
