#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the tokenizer of the small R1-Zero base from generated text.

    build/bin/make_dataset corpus --n 4000 --seed 100 |
        python3 datasets/make_tokenizer.py examples/r1_zero/base

Reads JSON Lines ({"text": ...}) on standard input and writes
FOLDER/tokenizer.json: byte-level BPE with Qwen2's pre-tokenizer, so a digit
is a token. Needs the `tokenizers` package.
"""
import argparse
import json
import pathlib
import sys

try:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from tokenizers import trainers
except ImportError:
    Tokenizer = None  # so that --help works without it

# As in the tokenizer.json of Qwen2 and Qwen2.5.
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END = "<|endoftext|>"


def make(texts, vocab_size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ))
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--vocab-size", type=int, default=512)
    args = parser.parse_args()
    if Tokenizer is None:
        sys.exit("make_tokenizer.py: Python finds no tokenizers: "
                 "python3 -m pip install tokenizers")
    texts = [json.loads(line)["text"] for line in sys.stdin]
    if not texts:
        sys.exit("make_tokenizer: no text on standard input")
    tokenizer = make(texts, args.vocab_size)
    if tokenizer.get_vocab_size() != args.vocab_size:
        sys.exit("make_tokenizer: the text gave "
                 f"{tokenizer.get_vocab_size()} tokens, "
                 f"{args.vocab_size} were asked for")
    tokenizer.save(str(args.folder / "tokenizer.json"))


if __name__ == "__main__":
    main()
