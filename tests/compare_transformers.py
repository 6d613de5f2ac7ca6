#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares libgrpo with transformers on a Hugging Face folder.

usage: compare_transformers.py FOLDER [build/bin/generate]

Token ids, logits (fp32, largest difference) and 32 tokens of greedy text of a
few prompts.  Needs torch and transformers; exit status 1 on a difference of
ids, of greedy text, or of logits by more than 1e-4.
"""
import json
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "What is 12 + 9?",
    "User: What is 47 + 85?\nAssistant: <think>",
    "The capital of France is",
    "def fibonacci(n):\n    \"\"\"Returns the n-th number.\"\"\"\n",
    "Ünïcödé, 数学 and 🙂 in 2024: 3.14159",
]


def ours(program, folder, prompts):
    with tempfile.NamedTemporaryFile() as f:
        out = subprocess.run(
            [program, "--model", folder, "--greedy", "--max-new-tokens", "32",
             "--template", "plain",
             "--logits", f.name, "--"] + prompts,
            check=True, capture_output=True, text=True).stdout
        data = open(f.name, "rb").read()
    rows, at, logits = {}, 0, []
    for line in out.splitlines():
        x = json.loads(line)
        rows[x["prompt"]] = x
    while at < len(data):
        n, v = struct.unpack_from("<qq", data, at)
        ids = np.frombuffer(data, np.int32, n, at + 16)
        x = np.frombuffer(data, np.float32, n * v, at + 16 + 4 * n)
        logits.append((ids, x.reshape(n, v)))
        at += 16 + 4 * n + 4 * n * v
    return [rows[p] for p in prompts], logits


def main(folder, program="build/bin/generate"):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32).eval()
    texts, logits = ours(program, folder, PROMPTS)
    worst, bad = 0.0, 0
    for prompt, text, (ids, x) in zip(PROMPTS, texts, logits):
        want = tokenizer(prompt, add_special_tokens=False).input_ids
        same_ids = list(ids) == want
        with torch.no_grad():
            t = torch.tensor([want])
            y = model(t).logits[0].numpy()
            g = model.generate(t, max_new_tokens=32, do_sample=False,
                               num_beams=1, pad_token_id=0)
        greedy = g[0, len(want):].tolist()
        diff = float(np.abs(x - y).max()) if same_ids else float("nan")
        worst = max(worst, diff)
        same = greedy == text["tokens"]
        bad += not (same_ids and same and diff <= 1e-4)
        print(f"{prompt[:30]!r:36} ids {'same' if same_ids else 'DIFFER'}  "
              f"greedy {'same' if same else 'DIFFERS'}  logits {diff:.1e}")
    print(f"largest difference of logits {worst:.1e}")
    return bad > 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
