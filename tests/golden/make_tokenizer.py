#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the vectors of golden_tokenizer.c with the `tokenizers` library.

    python3 tests/golden/make_tokenizer.py tests/golden/tokenizer

Writes FOLDER/texts.jsonl (a JSON string a line) and, for each tokenizer that
it trains on the text below, FOLDER/NAME/tokenizer.json and vectors.jsonl:

    {"ids": [...], "all": "...", "skip": "..."}

Line i is of text i: its ids, and what they decode to with the special tokens
and without; "all" and "skip" are left out where they are the text itself.
Lines past the last text are random ids, to be decoded only.
"""
import argparse
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, __version__
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

# The patterns as they stand in the models' files.
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"
    r"|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]
GPT4O = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CORPUS = """\
The quick brown fox jumps over the lazy dog. She said: "it's 12 o'clock, we'll
see what they've done, I'm sure he'd agree; don't worry, you're early."
A conversation between User and Assistant. What is 347 + 585? <think> Let me
see: 300 + 500 = 800, 47 + 85 = 132, so 932. </think> <answer> 932 </answer>
Der Fluss fließt über die Brücke; Äpfel, Öl und Übermut kosten 3,50 €.
L'été dernier, nous avons mangé des crêpes à Besançon. ¿Qué pasó, señor Núñez?
Привет, мир! Как дела? Сегодня 25 градусов, завтра будет холоднее.
Γειά σου Κόσμε, η γρήγορη αλεπού. שלום עולם, مرحبا بالعالم ١٢٣٤٥.
नमस्ते दुनिया १२३, สวัสดีชาวโลก, 안녕하세요 세계, こんにちは世界、カタカナ。
敏捷的棕色狐狸跳过了懒狗,今天是二〇二五年。數學題目:三加五等於八。
🙂🙃👩‍👩‍👧‍👦🏳️‍🌈👍🏽 🇫🇷🇯🇵 ❤️ ½ ² ③ Ⅷ
def f(x):
    if x > 0:
        return [i ** 2 for i in range(x)]  # squares
    raise ValueError("x must be > 0")
int main(void)
{
\tfor (int i = 0; i < 10; i++)
\t\tprintf("%d\\n", i);
\treturn 0;
}
SELECT name, COUNT(*) FROM users WHERE id <> 7 GROUP BY name;
https://example.org/a/b?c=d&e=%20f#g  user@example.com  C:\\\\temp\\\\x.txt
"""

# Fixed texts: what has gone wrong in some tokenizer or other.
TEXTS = [
    "", " ", "  ", "\n", "\r\n", "\t", "a", " a", "a ", "  a  b  ",
    "Hello, world!", "hello\nworld\n\n\nend", "line\r\nline\r\n\r\n x",
    "\n \n  \n\t\n", "trailing   \n", "   leading", "a\u00a0b\u00a0\u00a0c",
    "a\u180eb \u180e c\u180e", "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "a\u2028b\u2029c\u0085d\u3000e\u1680f\u205fg",
    "\x01\x02\x1f\x7f\x80\x9f\x0b\x0c\x1c",
    "I'm you're he'S WE'LL they'Ve 'tis don't o'clock 'd'D'M",
    "i'\u017f it'\u017fs '\u212a", "''''s '' 's's",
    "1 12 123 1234 12345 123456 1234567", "3.14159e-10 0x1F 1,000,000",
    "٠١٢٣٤٥٦٧٨٩ ०१२३४५६ ๐๑๒ ０１２３ ⅠⅡⅢ ½¼ ①② ²³",
    "e\u0301 é é\u0301 o\u0302\u0323 o\u0323\u0302 ộ A\u030a Å \u212b Ω \u2126",
    "\u0301start q\u0307\u0323 \u1100\u1161\u11a8 \uac00\u11a8 각 \u0958",
    "\ufb01 \u1e9b\u0323 \u0344 \u2adc \U0001d15e", "a" + "\u0316\u0301" * 20,
    "👩‍👩‍👧‍👦👍🏽🏳️‍🌈🇫🇷🇯🇵❤️", "🙂🙂🙂 🙂a🙂1", "ﷺ \U0001f600\U00020000x\U000e0001",
    "これはペンです。漢字カタカナひらがな123", "中文English混合123文字", "안녕하세요 세계",
    "สวัสดีชาวโลก नमस्ते दुनिया", "שלום עולם مرحبا بالعالم",
    "def f(x):\n    return x**2 + 1  # ok\n\n\tpass", "for (;;) { i++; }//x",
    "<|endoftext|>", "a<|endoftext|>b", "<|im_start|>user\nhi<|im_end|>\n",
    "<think> x </think> <answer>7</answer>", "<think>\n\n</think>\n\n",
    "<|im_start|><|im_end|><|endoftext|>", "<|im_start", "<<|im_end|>>",
    "<｜User｜>hi<｜Assistant｜><think>\n", "<｜begin▁of▁sentence｜>x",
    "  [L]  x", "x  [R]  y", "x \n [LR] \t y", "[LR] [LR]  [L][R] [R] [L]",
    "word words sword word, (word) word\u0301 word_ 1word -word-", "word",
    "foo foob fooba foobar foobarfoo xfoobary", "cafe\u0301 café caf\u00e9s",
    "Cafe\u0301", "[S]a a[S] [S] .[S]. \u2160[S] \u24b6[S] \u200d[S] _[S]",
    "a--b---c-d--", "-", "--", "a-b", "-a-", "___x_y__", "a   b    c      d",
    "\u00e9\u0301\u0301", "\ufffd\ufffd x\ufffd", "\u0378\u0379 \ue000",
    "x" * 300, " " * 200, "\n" * 100, "ab" * 120, "1" * 100, "!" * 100,
    "日" * 80, "🙂" * 40, " \n" * 50, "a " * 60, "\u0301" * 60,
]


def random_texts(n):
    rng = random.Random(20251123)
    words = CORPUS.split()
    pool = [chr(c) for c in range(1, 128)] + list(
        "éßÀñçøåÿ\u0301\u0300\u0323\u0327\u00a0\u180e\u200d\u2028\u3000"
        "αβγДЖשלمر१२४五六七ひカ한글𝟘𝐀🙂👍🏽½²ⅷⒶ٣"
    ) + ["\r\n", "  ", "'s", "'LL", "<think>", "<|im_end|>", "[L]", "[R]",
         "word", "foobar", "e\u0301", " \n", "123"]
    texts = []
    for i in range(n):
        if i % 3 == 0:
            parts = [rng.choice(words) for _ in range(rng.randint(2, 9))]
            texts.append(rng.choice([" ", " ", "  ", "\n"]).join(parts))
        else:
            parts = [rng.choice(pool) for _ in range(rng.randint(1, 24))]
            texts.append("".join(parts))
    return texts


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def byte_level(prefix=False, regex=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)


def special(*texts):
    return [AddedToken(t, special=True, normalized=False) for t in texts]


def plain(*texts):
    return [AddedToken(t, special=False, normalized=False) for t in texts]


def train(pre, size, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS.split("\n\n"), trainers.BpeTrainer(
        vocab_size=size, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def qwen2():
    pre = pre_tokenizers.Sequence([split(Regex(QWEN2)), byte_level()])
    tokenizer = train(pre, 480, normalizers.NFC())
    tokenizer.add_tokens(special("<|endoftext|>", "<|im_start|>",
                                 "<|im_end|>"))
    tokenizer.add_tokens(plain("<think>", "</think>"))
    return json.loads(tokenizer.to_str())


def llama3():
    """ignore_merges, with tokens that no merge makes."""
    pre = pre_tokenizers.Sequence([split(Regex(LLAMA3)), byte_level()])
    tokenizer = train(pre, 480)
    tokenizer.add_tokens(special("<|endoftext|>", "<|im_start|>",
                                 "<|im_end|>"))
    out = json.loads(tokenizer.to_str())
    vocab, merges = out["model"]["vocab"], out["model"]["merges"]
    out["model"]["ignore_merges"] = True
    out["model"]["merges"] = [m for i, m in enumerate(merges) if i % 5]
    for text in "Ġworld", "123", "ãģĵãĤĮãģ¯ãĥļãĥ³ãģ§ãģĻ":
        if text not in vocab:
            vocab[text] = len(vocab)
    for i, token in enumerate(out["added_tokens"]):
        token["id"] = len(vocab) + i
    return out


def deepseek():
    pre = pre_tokenizers.Sequence(
        [split(Regex(p)) for p in DEEPSEEK] + [byte_level()])
    tokenizer = train(pre, 480, normalizers.Sequence([]))
    tokenizer.add_tokens(special("<｜begin▁of▁sentence｜>",
                                 "<｜end▁of▁sentence｜>"))
    tokenizer.add_tokens(plain("<｜User｜>", "<｜Assistant｜>", "<think>",
                               "</think>"))
    return json.loads(tokenizer.to_str())


def gpt2():
    """Merges written as one text each, as before tokenizers 0.20."""
    tokenizer = train(byte_level(regex=True), 480)
    tokenizer.add_tokens(special("<|endoftext|>"))
    out = json.loads(tokenizer.to_str())
    out["model"]["merges"] = [" ".join(m) for m in out["model"]["merges"]]
    return out


def smollm2():
    pre = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        byte_level(regex=True)])
    tokenizer = train(pre, 480)
    tokenizer.add_tokens(special("<|endoftext|>", "<|im_start|>",
                                 "<|im_end|>"))
    return json.loads(tokenizer.to_str())


def gpt4o():
    pre = pre_tokenizers.Sequence([
        split(Regex(GPT4O), "removed", True), byte_level()])
    tokenizer = train(pre, 400)
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(),
                                           decoders.Fuse()])
    tokenizer.add_tokens(special("<|endoftext|>"))
    return json.loads(tokenizer.to_str())


def added():
    """Every flag of an added token."""
    pre = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=False),
        byte_level(prefix=True, regex=True)])
    tokenizer = train(pre, 320, normalizers.Sequence([normalizers.NFC()]))
    tokenizer.add_tokens([
        AddedToken("[L]", special=True, normalized=False, lstrip=True),
        AddedToken("[R]", special=True, normalized=False, rstrip=True),
        AddedToken("[LR]", special=False, normalized=False, lstrip=True,
                   rstrip=True),
        AddedToken("[S]", special=True, normalized=False, single_word=True),
        AddedToken("word", special=False, normalized=True, single_word=True),
        AddedToken("foo", special=False, normalized=True),
        AddedToken("foobar", special=False, normalized=False),
        AddedToken("cafe\u0301", special=False, normalized=True),
        AddedToken("o\u0302\u0323", special=True, normalized=True),
        AddedToken("  ", special=False, normalized=True, lstrip=True),
        AddedToken("the", special=False, normalized=True),
        AddedToken("<|endoftext|>", special=True, normalized=False),
        AddedToken("Ġé", special=False, normalized=False),
    ])
    return json.loads(tokenizer.to_str())


def splits():
    """Each behaviour of Split, on texts and on expressions."""
    pre = pre_tokenizers.Sequence([
        split("--", "merged_with_previous"),
        split(Regex(r"_+"), "merged_with_next"),
        split(Regex(r"\s{4,}"), "removed"),
        split(Regex(r"[\w&]"), "contiguous"),
        split(Regex(r"\p{Han}+|\p{L}*"), "merged_with_next", True),
        byte_level()])
    tokenizer = train(pre, 300)
    tokenizer.add_tokens(special("<|endoftext|>"))
    return json.loads(tokenizer.to_str())


KINDS = [qwen2, llama3, deepseek, gpt2, smollm2, gpt4o, added, splits]


def random_ids(tokenizer, rng):
    """Never the byte 0: the vectors are JSON, which has no room for it."""
    zero = tokenizer.token_to_id("Ā")
    ids = range(tokenizer.get_vocab_size())
    picked = [rng.choice(ids) for _ in range(rng.randint(1, 20))]
    return [i for i in picked if i != zero]


def vector(tokenizer, ids, text):
    out = {"ids": ids}
    for key, skip in ("all", False), ("skip", True):
        decoded = tokenizer.decode(ids, skip_special_tokens=skip)
        if decoded != text:
            out[key] = decoded
    return out


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(folder, kind, texts):
    folder = folder / kind.__name__
    folder.mkdir(parents=True, exist_ok=True)
    source = dump(kind())
    (folder / "tokenizer.json").write_text(source + "\n", encoding="utf-8")
    tokenizer = Tokenizer.from_str(source)
    rng = random.Random(7)
    lines = [vector(tokenizer,
                    tokenizer.encode(t, add_special_tokens=False).ids, t)
             for t in texts]
    lines += [vector(tokenizer, random_ids(tokenizer, rng), None)
              for _ in range(40)]
    (folder / "vectors.jsonl").write_text(
        "".join(dump(v) + "\n" for v in lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    texts = TEXTS + random_texts(150)
    (folder / "texts.jsonl").write_text(
        "".join(json.dumps(t) + "\n" for t in texts), encoding="utf-8")
    for kind in KINDS:
        write(folder, kind, texts)
    print(f"{len(texts)} texts, {len(KINDS)} tokenizers, "
          f"tokenizers {__version__}")


if __name__ == "__main__":
    main()
