#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Renders conversations as transformers does, and compares.

usage: render_chat.py CASES.jsonl

A case: {"folder": a model's folder with a chat template, "messages": [...],
"want": text, or null where an exception is right}.  Uses jinja2 as
transformers' apply_chat_template does, and transformers itself where it is
installed and the folder has a tokenizer.  Exit status 1 on a difference, 77
without jinja2.
"""
import json
import os
import sys

try:
    from jinja2.sandbox import ImmutableSandboxedEnvironment
except ImportError:
    sys.exit(77)
try:
    from transformers import PreTrainedTokenizerFast
except ImportError:
    PreTrainedTokenizerFast = None


def raise_exception(message):
    raise ValueError(message)


def config_of(folder):
    path = os.path.join(folder, "tokenizer_config.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def by_jinja(folder, messages):
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    env.globals["raise_exception"] = raise_exception
    with open(os.path.join(folder, "chat_template.jinja"),
              encoding="utf-8", newline="") as f:
        template = env.from_string(f.read())
    bos = config_of(folder).get("bos_token")
    special = {"bos_token": bos} if bos else {}
    return template.render(messages=messages, add_generation_prompt=True,
                           **special)


def by_transformers(folder, messages):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    return tokenizer.apply_chat_template(messages, tokenize=False,
                                         add_generation_prompt=True)


def result(render, case):
    try:
        return render(case["folder"], case["messages"])
    except Exception as error:
        return None if case["want"] is None else repr(error)


def main(path):
    bad = n = 0
    with open(path, encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]
    for case in cases:
        renders = [by_jinja]
        if PreTrainedTokenizerFast and os.path.exists(
                os.path.join(case["folder"], "tokenizer.json")):
            renders.append(by_transformers)
        for render in renders:
            n += 1
            got = result(render, case)
            if got != case["want"]:
                bad += 1
                print(f"{render.__name__}, {case['folder']}: "
                      f"{got!r}, not {case['want']!r}")
    print(f"{n} renderings, {bad} differ")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
