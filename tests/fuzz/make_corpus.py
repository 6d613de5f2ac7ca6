#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Seeds of the fuzzers from what the tests hold already.

    tests/fuzz/make_corpus.py FOLDER

writes FOLDER/TARGET/NAME for every target; run it from the repository's root.
The committed corpus is what libFuzzer's -merge=1 keeps of these and of what it
found itself: docs/fuzzing.md says how.
"""
import glob
import hashlib
import json
import os
import random
import re
import sys

SEPARATOR = b"\x1e"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def put(target, *parts):
    parts = [p.encode() if isinstance(p, str) else p for p in parts]
    data = SEPARATOR.join(parts)
    folder = os.path.join(sys.argv[1], target)
    os.makedirs(folder, exist_ok=True)
    name = hashlib.sha1(data).hexdigest()
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def lines(path):
    return [json.loads(line) for line in read(path).decode().splitlines() if line]


def c_strings(path):
    """The string literals of a C file, those that stand side by side as one."""
    text = read(path).decode()
    for group in re.findall(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*', text):
        body = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', group))
        try:
            yield body.encode().decode("unicode_escape").encode("latin-1")
        except (UnicodeDecodeError, UnicodeEncodeError):
            pass


def json_seeds():
    for text in c_strings("tests/test_json.c"):
        if text[:1] in b'{["-0123456789tfn ':
            put("json", text)
    for path in glob.glob("tests/golden/models/*/*config.json"):
        put("json", read(path))
    for path in glob.glob("rewards/*/cases.jsonl"):
        for line in read(path).splitlines()[::10]:
            put("json", line)


def config_seeds():
    for path in glob.glob("examples/*/recipes/*.json"):
        put("config", read(path))
    for text in c_strings("tests/test_config.c"):
        if text[:1] == b"{":
            put("config", text)
        elif b"=" in text[1:]:
            put("config", b"", text)
    put("config", '{"count": 4, "part": {"share": 0.25, "list": [1, {"a": null}]}}',
        "beta=0.04", "loss_type=dapo", "part.name=a b", "list=[1.5e3]", "flag=false")
    put("config", "", "learning_rate=1e-4", "output_dir=runs/x", 'name="quoted"')
    put("config", "", "share=0.12345678901234567", "part.share=1e-300", "part.count=-5")
    put("config", "", "choice=three", "num_generations=16", "seed=9007199254740992")


def template_seeds():
    question = "What is 12 + 9?"
    for name in ("r1-zero", "chatml", "plain", "Q: {prompt}\nA:",
                 "{system}\n{prompt}<think>\n", "{{prompt}} {prompt}", "{question}"):
        put("template", name, "", question)
        put("template", name, "You add.", question, "system", "Be short.", "user", question)
        put("template", name, "", question, "user", "1 + 1?", "assistant", "2", "user", question)


def dataset_seeds():
    for path in glob.glob("rewards/*/cases.jsonl"):
        rows = lines(path)
        text = "\n".join(json.dumps({"prompt": "Q", **row}) for row in rows[:3])
        put("dataset", "", text)
    for text in c_strings("tests/test_dataset.c"):
        if text[:1] == b"{":
            put("dataset", b"", text)
    put("dataset", "question", '\xef\xbb\xbf{"question": "1 + 1?", "answer": 2}\r\n\r\n'
        '{"answer": 1e999, "question": "\\ud83d\\ude00"}\n'.encode("latin-1"))
    put("dataset", "", '{"prompt": [{"role": "user", "content": "1 + 1?"}], "n": 12345678901234567890}')


def safetensors_file(header, data):
    return len(header).to_bytes(8, "little") + header + data


def safetensors_seeds():
    put("safetensors", read("tests/golden/safetensors.bin"))
    for text in c_strings("tests/test_safetensors.c"):
        if text[:1] == b"{":
            put("safetensors", safetensors_file(text, bytes(16)))
    put("safetensors", safetensors_file(
        b'{"__metadata__": {"format": "pt"}, "a": {"dtype": "BF16", "shape": [2, 2], '
        b'"data_offsets": [0, 8]}, "b": {"dtype": "F4", "shape": [4], "data_offsets": [8, 10]}}',
        bytes(10)))
    put("shards", '{"metadata": {"total_size": 18}, "weight_map": {"embed": "a", "x": "a", '
        '"head": "b", "y": "b"}}')
    put("shards", '{"weight_map": {"embed": "b"}}')
    put("shards", '{"weight_map": {"head": "../b"}}')
    put("shards", '{"weight_map": {}}')


def tokenizer_seeds():
    texts = [json.loads(x) for x in read("tests/golden/tokenizer/texts.jsonl").splitlines()]
    kinds = ["qwen2", "llama3", "deepseek", "gpt2", "smollm2", "gpt4o", "added", "splits"]
    for i, kind in enumerate(kinds):
        file = json.loads(read(f"tests/golden/tokenizer/{kind}/tokenizer.json"))
        for text in texts[i::len(kinds)] + texts[:40]:
            put("encode", bytes([i]) + text.encode())
        file = json.dumps(small(file), ensure_ascii=False, separators=(",", ":"))
        put("tokenizer", file, "Hello  world's 123\n")
        put("tokenizer", file, "caf\u00e9 <s>",
            '{"eos_token": "<|endoftext|>", "bos_token": {"content": "<s>"}}',
            '{"eos_token_id": [1, 2], "bos_token_id": 0}', '{"eos_token_id": 2}')


def pattern_seeds():
    text = "He'll  say 12345\n\n\u4e2d\u6587 caf\u00e9!?\t x\n"
    patterns = ["(?:a+|b)+c", "(?:a|b)+c", "", "a{2,3}?b*+", "^x$", "\\A\\h+\\z", "(?<=a)b(?<!c)",
                "(?>a|b)(?=c)(?!d)", "[^\\s\\]\\d-]", "\\u00e9|\\x{4e2d}", "\\p{^Han}\\P{Lu}", "(a)\\1",
                "[a[b]]", "a{", "\\v\\t\\n\\r\\f\\a\\e\\W\\D\\S\\H", "\\."]
    for path in glob.glob("tests/golden/tokenizer/*/tokenizer.json"):
        patterns += re.findall(r'"Regex": ?("(?:[^"\\]|\\.)*")', read(path).decode())
    for i, pattern in enumerate(patterns):
        if pattern[:1] == '"':
            pattern = json.loads(pattern)
        for how in ("ABCDE"[i % 5], "ABCDE"[(i + 1) % 5] + "!", "L"):
            put("pattern", how, pattern, text)


def small(file):
    """A vocabulary of 300 at most, so that the other parts weigh more."""
    model = file["model"]
    vocab = {k: v for k, v in model["vocab"].items() if v < 280}
    merges = []
    for m in model["merges"]:
        a, b = m.split(" ") if isinstance(m, str) else m
        if a in vocab and b in vocab and a + b in vocab:
            merges.append(m)
    top = len(vocab)
    added = []
    for token in file.get("added_tokens", []):
        if token["content"] not in vocab:
            token = {**token, "id": top}
            top += 1
        else:
            token = {**token, "id": vocab[token["content"]]}
        added.append(token)
    return {**file, "model": {**model, "vocab": vocab, "merges": merges}, "added_tokens": added}


# What a case says beside the row's columns.
CASE_KEYS = ("case", "prompt", "completion", "params", "finish", "reward", "status",
             "times", "tokens", "group", "within", "says")


def completion_of(case):
    """The text; where tokens are given, bytes that make as many of them."""
    tokens = case.get("tokens")
    if isinstance(tokens, list):
        return "".join(chr(32 + t % 90) for t in tokens)
    if tokens is not None:
        return "a b c d e " * (tokens // 10) + "a" * (tokens % 10)
    return case["completion"] * min(case.get("times", 1), 100)


def reward_seeds():
    for path in glob.glob("rewards/*/cases.jsonl"):
        target = "reward_" + path.split("/")[1]
        inputs = {}
        for i, case in enumerate(lines(path)):
            params = json.dumps(case["params"]) if "params" in case else ""
            row = {k: v for k, v in case.items() if k not in CASE_KEYS}
            head = (params, case.get("prompt", "Q"), json.dumps(row, ensure_ascii=False))
            group = (params, case["group"]) if "group" in case else i
            inputs.setdefault(group, list(head)).append(completion_of(case))
        for parts in inputs.values():
            if sum(map(len, parts)) < 6000:
                put(target, *parts)


def mutated(rng, text):
    """The text with a few of its pieces dropped, doubled, exchanged or enclosed."""
    pieces = re.findall(r"\\[A-Za-z]+|\d+|.", text, re.S)
    for _ in range(rng.randint(1, 3)):
        i, j = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        pieces[i:i + 1] = rng.choice([
            [], [pieces[i]] * 2, [pieces[j]], ["{", pieces[i], "}"], ["^", pieces[i]],
            ["\\frac{", pieces[i], "}{", pieces[j], "}"], ["-", pieces[i]], ["(", pieces[i], ", "]])
        pieces = pieces or ["1"]
    return "".join(pieces)


# What a reader of mathematics may choke on.
MONSTERS = [
    "5^{5^{5^{5^5}}}", r"\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}", "2^{10^9}", "2^{10^9+1}", "9^{9^{9^9}}",
    "(10^9)!", "1000!/998!", "1/2004!", r"\Gamma(10^9)", r"\binom{10^9}{5\cdot 10^8}", "((9!)!)!",
    "1e1000", "1e-1000", "1e999999999", r"\sum_{k=1}^{10^9} \frac1k", r"\prod_{k=1}^{10^6} k",
    r"\sqrt{2+\sqrt{2+\sqrt{2+\sqrt{2+\sqrt2}}}}", r"(\sqrt2+\sqrt3+\sqrt5+\sqrt7+\sqrt{11})^{64}",
    r"e^{\pi\sqrt{163}}", r"\sin(10^{1000})", r"\tan(\frac{\pi}{2})", "(x+y+z+1)^{100}", "x^{10^9}-1",
    r"\pm1\pm2\pm3\pm4\pm5", "((" * 150, "{" * 300, r"\frac{" * 100, "|" * 100, "1,2," * 200, "x<" * 100,
    r"(0,1)\cup" * 50, r"\begin{pmatrix}" + "1&2\\\\" * 90 + r"\end{pmatrix}", "0.\\overline{" + "7" * 60 + "}",
    "9" * 1200, "1." + "3" * 990, r"\log_{1}{5}", "0^0", "1/0", r"\frac{0}{0}", r"\infty-\infty",
]


def math_seeds():
    """References of the cases against what is nearly the answer, and monsters."""
    rng = random.Random(1)
    for case in lines("rewards/math/cases.jsonl"):
        gold = case.get("answer")
        if not isinstance(gold, str) or not gold or len(gold) > 300 or rng.random() > 0.4:
            continue
        row = json.dumps({"answer": gold}, ensure_ascii=False)
        put("reward_math", "", "Q", row, "\\boxed{" + mutated(rng, gold) + "}",
            "\\boxed{" + gold + "}", mutated(rng, case["completion"])[:1000])
    for i, gold in enumerate(MONSTERS):
        row = json.dumps({"answer": gold})
        put("reward_math", "", "Q", row, "\\boxed{" + gold + "+1}", "\\boxed{" + MONSTERS[i - 1] + "}")
        put("reward_math", '{"tolerance": 0.01, "names": false}', "Q", row,
            "\\boxed{1-(1-(" + gold + "))}", "\\boxed{x=" + gold + "}")


for make in (json_seeds, config_seeds, template_seeds, dataset_seeds, safetensors_seeds,
             tokenizer_seeds, pattern_seeds, reward_seeds, math_seeds):
    make()
