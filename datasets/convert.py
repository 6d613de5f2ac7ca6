#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Converts the datasets that people have into JSON Lines as libgrpo reads them.

    python3 datasets/convert.py gsm8k train.jsonl -o gsm8k.jsonl

Each row becomes {"prompt": ..., "answer": ..., and what else is of use}.  The
README beside this file says where each dataset comes from.
"""
import argparse
import csv
import datetime
import decimal
import hashlib
import json
import math
import os
import pathlib
import re
import signal
import sys


class Bad(Exception):
    """A row that cannot be converted; the text says which key, and why."""


class Unreadable(Exception):
    """An input that cannot be read at all."""


# ---- reading -----------------------------------------------------------------

def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def parse(data, where):
    try:
        value = json.loads(data.decode("utf-8-sig"),
                           parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{where}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{where}: expected an object")
    return value


def read_lines(path):
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                where = f"{path}:{number}"
                yield where, parse(line, where)


def read_tree(folder):
    """One object a file, as MATH was first published."""
    paths = sorted(pathlib.Path(folder).rglob("*.json"))
    others_there = sorted(
        str(path) for kind in ("*.parquet", "*.jsonl", "*.csv")
        for path in pathlib.Path(folder).rglob(kind))
    if not paths and others_there:
        raise Unreadable(f"{folder}: has no .json files; name one of its "
                         f"files, such as {others_there[0]}")
    for path in paths:
        yield str(path), parse(path.read_bytes(), path)


def read_list(path):
    """One JSON list of objects; a file of JSON Lines is read as such."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.lstrip().startswith(b"["):
        yield from read_lines(path)
        return
    try:
        rows = json.loads(data.decode("utf-8-sig"),
                          parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: not JSON: {error}") from None
    for number, row in enumerate(rows, 1):
        where = f"{path}: row {number}"
        if not isinstance(row, dict):
            raise Unreadable(f"{where}: expected an object")
        yield where, row


def read_csv(path):
    """A header with the names of the columns; all cells are text."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(
            file, dialect="excel-tab" if path.endswith(".tsv") else "excel",
            strict=True)
        try:
            for row in reader:
                where = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise Unreadable(
                        f"{where}: expected {len(reader.fieldnames)} cells, "
                        "as the header has")
                yield where, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"{path}:{reader.line_num + 1}: {error}") from None


def read_parquet(path):
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise Unreadable(f"{path}: Parquet needs the package pyarrow: "
                         "python3 -m pip install pyarrow") from None
    number = 0
    try:
        for batch in parquet.ParquetFile(path).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"{path}: row {number}", row
    except (ValueError, OSError) as error:  # pyarrow's own are of these
        raise Unreadable(f"{path}: {error}") from None


def read(path):
    """(where, row) of each row of a file, or of a folder of files."""
    if os.path.isdir(path):
        return read_tree(path)
    if path.endswith(".parquet"):
        return read_parquet(path)
    if path.endswith((".csv", ".tsv")):
        return read_csv(path)
    if path.endswith(".json"):
        return read_list(path)
    return read_lines(path)


# ---- what a row holds --------------------------------------------------------

def get(row, key, kind, expected):
    """row[key], which must be of this kind."""
    if key not in row:
        raise Bad(f'"{key}" is missing')
    value = row[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Bad(f'"{key}": expected {expected}')
    return value


def get_text(row, key):
    text = get(row, key, str, "text")
    if not text.strip():
        raise Bad(f'"{key}": expected text, it is empty')
    return text


def others(row, *used):
    """The columns that were not used, as they stand."""
    return {key: value for key, value in row.items() if key not in used}


# ---- GSM8K -------------------------------------------------------------------

def gsm8k(row):
    """{"question", "answer": "steps #### 1,234"}"""
    solution, mark, answer = get_text(row, "answer").rpartition("####")
    answer = answer.strip().replace(",", "")
    if not mark or not answer:
        raise Bad('"answer": expected "####" and the final answer at its end')
    return {"prompt": get_text(row, "question"), "answer": answer,
            "solution": solution.strip(), **others(row, "question", "answer")}


# ---- MATH --------------------------------------------------------------------

BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])\s*")


def last_boxed(text):
    """What stands in the last \\boxed{...} of a text, or None."""
    boxes = list(BOX.finditer(text))
    if not boxes:
        return None
    start = boxes[-1].end()
    if text[start:start + 1] != "{":  # "\boxed 5" boxes one token
        token = re.match(r"\\[a-zA-Z]+|[^\s$}]", text[start:])
        return token and token.group()
    depth = 0
    for end in range(start, len(text)):
        escaped = text[end - 1] == "\\" and text[end - 2] != "\\"
        if text[end] in "{}" and not escaped:
            depth += 1 if text[end] == "{" else -1
        if depth == 0:
            return text[start + 1:end].strip()
    return None


def math_answer(row):
    """Its own column, as MATH-500 has, or else the box of the solution."""
    if "answer" in row:
        return get_text(row, "answer").strip()
    answer = last_boxed(get_text(row, "solution"))
    if not answer:
        raise Bad('"solution": expected an answer in \\boxed{}')
    return answer


def math_level(row):
    """"Level 5" and 5 are 5; MATH has a few "Level ?"."""
    level = row.get("level")
    if isinstance(level, str):
        digits = re.fullmatch(r"(?:Level )?([0-9]+)", level)
        level = int(digits.group(1)) if digits else None
    return level


def hendrycks_math(row):
    """{"problem", "solution", "level", "type"}, also as MATH-500 has it"""
    out = {"prompt": get_text(row, "problem"), "answer": math_answer(row)}
    if "level" in row:
        out["level"] = math_level(row)
    if "type" in row or "subject" in row:
        out["type"] = row.get("type", row.get("subject"))
    return {**out, **others(row, "problem", "answer", "level", "type",
                            "subject")}


# ---- DAPO-Math and what else verl reads --------------------------------------

DAPO_BEFORE = ("Solve the following math problem step by step. The last line "
               "of your response should be of the form Answer: $Answer "
               "(without quotes) where $Answer is the answer to the problem.")
DAPO_AFTER = 'Remember to put your answer on its own line after "Answer:".'


def check_messages(value, key):
    """A prompt as libgrpo takes it: text, or messages."""
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, list) and value and all(
            isinstance(m, dict) and isinstance(m.get("role"), str) and
            isinstance(m.get("content"), str) for m in value):
        return value
    raise Bad(f'"{key}": expected text or a list of messages with "role" and '
              '"content"')


def ground_truth(row):
    model = get(row, "reward_model", dict, "an object")
    if model.get("ground_truth") in (None, ""):
        raise Bad('"reward_model.ground_truth" is missing')
    return model["ground_truth"]


def verl(row):
    """{"prompt": messages, "reward_model": {"ground_truth"}, ...}"""
    prompt = check_messages(row.get("prompt"), "prompt")
    return {"prompt": prompt, "answer": ground_truth(row),
            **others(row, "prompt", "answer", "reward_model")}


def dapo(row):
    """As verl's, with an instruction around each question"""
    out = verl(row)
    prompt = out["prompt"]
    if isinstance(prompt, list):
        if len(prompt) != 1:
            raise Bad('"prompt": expected one message')
        prompt = prompt[0]["content"]
    prompt = prompt.strip()
    if not prompt.startswith(DAPO_BEFORE) or not prompt.endswith(DAPO_AFTER):
        raise Bad('"prompt": expected DAPO\'s instruction around the question '
                  '(the format "verl" keeps prompts as they stand)')
    question = prompt[len(DAPO_BEFORE):-len(DAPO_AFTER)].strip()
    if not question:
        raise Bad('"prompt": expected a question, it is empty')
    return {**out, "prompt": question}


# ---- Countdown ---------------------------------------------------------------

# The words of countdown.c, so that both are the same task.
COUNTDOWN = ("Using the numbers {nums}, create an equation that equals "
             "{target}. You can use basic arithmetic operations (+, -, *, /) "
             "and each number must be used exactly once.")


def countdown(row):
    """{"nums": [19, 36, 55, 7], "target": 65}"""
    nums = get(row, "nums", list, "a list of whole numbers")
    if not nums or not all(type(n) is int for n in nums):
        raise Bad('"nums": expected a list of whole numbers')
    target = get(row, "target", int, "a whole number")
    return {"prompt": COUNTDOWN.format(nums=nums, target=target),
            "nums": nums, "target": target}


# ---- anything ----------------------------------------------------------------

def as_it_stands(row):
    """Any rows; a column map in the recipe gives them our names"""
    return row


FORMATS = {"gsm8k": gsm8k, "math": hendrycks_math, "dapo": dapo, "verl": verl,
           "countdown": countdown, "parquet": as_it_stands,
           "csv": as_it_stands, "json": as_it_stands}
UNCHANGED = ("parquet", "csv", "json")


# ---- writing -----------------------------------------------------------------

def plain(value):
    """What Parquet has and JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def to_line(row):
    for key, value in row.items():
        try:
            text = json.dumps(plain(value), ensure_ascii=False)
            text.encode("utf-8")
        except TypeError:
            raise Bad(f'"{key}": a value that JSON cannot hold') from None
        except UnicodeEncodeError:
            raise Bad(f'"{key}": a lone surrogate') from None
        if NUL.search(text):
            raise Bad(f'"{key}": text with a NUL in it')
    return json.dumps(plain(row), ensure_ascii=False) + "\n"


class Repeats:
    """Prompts that came already, and whether their answers agreed."""

    def __init__(self):
        self.answers, self.n, self.n_differ = {}, 0, 0

    def has(self, row):
        prompt, answer = (hashlib.blake2b(
            json.dumps(row.get(key), default=str).encode(),
            digest_size=16).digest() for key in ("prompt", "answer"))
        if prompt not in self.answers:
            self.answers[prompt] = answer
            return False
        self.n += 1
        self.n_differ += answer != self.answers[prompt]
        return True


class Counts:
    """What became of the rows, for the last line on standard error."""

    def __init__(self):
        self.repeats, self.n, self.n_bad = Repeats(), 0, 0

    def __str__(self):
        text = f"rows written: {self.n}"
        if self.repeats.n:
            text += (f"; left out because the prompt came before: "
                     f"{self.repeats.n} (with another answer: "
                     f"{self.repeats.n_differ})")
        if self.n_bad:
            text += f"; left out as bad: {self.n_bad}"
        return text


def say(text):
    print(f"convert.py: {text}", file=sys.stderr)


SHOWN = 10  # bad rows that are named


def convert_file(path, out, counts, options):
    drop_repeats = (options.format not in UNCHANGED and
                    not options.keep_repeats)
    for where, row in read(path):
        try:
            row = FORMATS[options.format](row)
            line = to_line(row)
        except Bad as bad:
            if not options.skip_bad:
                raise Unreadable(f"{where}: {bad}") from None
            counts.n_bad += 1
            if counts.n_bad <= SHOWN:
                say(f"left out: {where}: {bad}")
            continue
        if drop_repeats and counts.repeats.has(row):
            continue
        counts.n += 1
        out.write(line)


def convert(out, options):
    counts = Counts()
    for path in options.files:
        convert_file(path, out, counts, options)
    if counts.n == 0:
        raise Unreadable(f"{options.files[-1]}: has no rows")
    out.flush()
    say(counts)


def convert_to_file(options):
    """Beside the final name first, so that no half of a file bears it."""
    new = options.output + ".new"
    try:
        with open(new, "w", encoding="utf-8", newline="\n") as out:
            convert(out, options)
        os.replace(new, options.output)
    finally:
        pathlib.Path(new).unlink(missing_ok=True)


# ---- the command line --------------------------------------------------------

def arguments():
    listed = "\n".join(f"  {name:10} {(f.__doc__ or '').strip()}"
                       for name, f in FORMATS.items())
    parser = argparse.ArgumentParser(
        description="Converts a dataset into JSON Lines as libgrpo reads "
        "them.", epilog=f"formats:\n{listed}\n\nA file is JSON Lines, or by "
        "its name Parquet (.parquet), CSV (.csv, .tsv) or one JSON list "
        "(.json);\na folder is read for its .json files.  Nothing is "
        "downloaded.",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("files", nargs="+", metavar="file")
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="default: standard output")
    parser.add_argument("--skip-bad", action="store_true",
                        help="leave out rows that cannot be converted, "
                        "instead of stopping at the first")
    parser.add_argument("--keep-repeats", action="store_true",
                        help="keep rows whose prompt came before")
    return parser.parse_args()


def remedy(error):
    """For a name on the Hugging Face Hub instead of a file."""
    name = str(error.filename)
    if (not isinstance(error, FileNotFoundError) or
            not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) or
            re.search(r"\.(jsonl?|csv|tsv|parquet)$", name) or
            os.path.exists(name.split("/")[0])):
        return ""
    return (f"; nothing is downloaded: `hf download {name} --repo-type "
            f"dataset --local-dir {name.split('/')[1]}`, then name one of "
            "its files")


def main():
    options = arguments()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # "| head" is no error
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        if options.output:
            convert_to_file(options)
        else:
            convert(sys.stdout, options)
    except Unreadable as error:
        say(error)
        return 1
    except OSError as error:
        say(f"{error.filename}: {error.strerror}{remedy(error)}"
            if error.filename else error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
