# SPDX-License-Identifier: MIT
"""The objective of one step beside the same in PyTorch, one thread each.

    make build/bench/bench_objective
    python tests/bench/compare_objective.py

PyTorch gets the log-probabilities as a [rows, tokens] tensor of float32 and
does what TRL's _compute_loss does with them, forward and backward; for the
loss to be compared it is computed in float64 once more.  Times are CPU time,
the best of five runs, both in the same minute.
"""

import subprocess
import sys
import time

import numpy
import torch

ROWS, LENGTH, RUNS = 1024, 2048, 5
PROGRAM = "build/bench/bench_objective"


def noise(k, stream):
    """As in bench_objective.c."""
    x = (k * 2654435761 + stream * 40503) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 2246822519) & 0xFFFFFFFF
    return (x >> 16).astype(numpy.float32) / numpy.float32(65536)


def make_step():
    k = numpy.arange(ROWS * LENGTH, dtype=numpy.uint64)
    f = numpy.float32
    logp = f(-3) * noise(k, 1)
    old = logp + noise(k, 2) / f(2) - f(0.25)
    ref = logp + noise(k, 3) - f(0.5)
    rollout = old + noise(k, 4) / f(8)
    advantage = f(4) * noise(k // LENGTH, 5) - f(2)
    return [torch.from_numpy(x.reshape(ROWS, LENGTH))
            for x in (logp, old, ref, rollout, advantage)]


def loss_of(name, logp, old, ref, rollout, advantage):
    weight = 1
    if name == "correction":
        weight = torch.clamp(torch.exp(old - rollout), 0, 3)
    if name == "on-policy":
        old = logp.detach()
    ratio = torch.exp(logp - old)
    clipped = torch.clamp(ratio, 0.8, 1.2)
    loss = -torch.min(ratio * advantage, clipped * advantage) * weight
    if name in ("kl", "correction"):
        d = ref - logp
        loss = loss + 0.04 * (torch.exp(d) - d - 1)
    return loss.sum() / loss.numel()


def run(name, step, dtype):
    step = [x.to(dtype) for x in step]
    step[0].requires_grad_()
    best = float("inf")
    for _ in range(RUNS):
        step[0].grad = None
        began = time.process_time()
        loss = loss_of(name, *step)
        loss.backward()
        best = min(best, time.process_time() - began)
    return best, loss.item()


def main():
    torch.set_num_threads(1)
    step = make_step()
    print("%d rows of %d tokens, CPU ms, torch %s" %
          (ROWS, LENGTH, torch.__version__))
    bad = 0
    lines = subprocess.run([PROGRAM], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    for line in lines:
        name, ms, loss = line.split()[0], *(
            float(line.split()[i]) for i in (1, 6))
        theirs = 1e3 * run(name, step, torch.float32)[0]
        exact = run(name, step, torch.float64)[1]
        off = abs(loss - exact) / abs(exact)
        bad += off > 1e-9
        print("%-12s libgrpo %7.1f  torch %7.1f  ratio %.2f  "
              "loss differs by %.1e" % (name, ms, theirs, theirs / ms, off))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
