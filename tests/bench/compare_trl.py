#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One GRPO step of libgrpo and of TRL's GRPOTrainer, side by side.

usage: compare_trl.py RECIPE.json [--steps N] [--set key=value …]

Runs build/bin/r1_zero with the recipe for N steps without evaluation, then
TRL on the same model folder, the same problems and template, the same rows
and lengths, fp32, the same number of threads; prints both means of the step
times (the first step of each left out: start-up) and their ratio.  Needs
trl, transformers, torch and datasets.
"""
import argparse
import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time


def fail(text):
    sys.exit(f"compare_trl.py: {text}")


def check(recipe, extra):
    """What can be wrong before anything runs."""
    try:
        with open(recipe, encoding="utf-8") as f:
            config = json.load(f)
    except OSError as error:
        fail(f"{recipe}: {error.strerror}")
    except ValueError as error:
        fail(f"{recipe}: not JSON: {error}")
    model = config.get("model")
    for key, _, value in (x.partition("=") for x in extra):
        model = value if key == "model" else model
    if model in (None, "null"):
        fail(f'{recipe}: "model" is null: r1_zero would train a base of its '
             "own first, and TRL would have no model to start from.  Give "
             "both a folder with --set model=FOLDER; r1_zero keeps the bases "
             "that it made in ~/.cache/libgrpo/models/base-*")
    for name in "torch", "transformers", "datasets", "trl":
        if importlib.util.find_spec(name) is None:
            fail(f"Python finds no {name}: python3 -m pip install {name}")
    if not os.path.exists("build/bin/r1_zero"):
        fail("build/bin/r1_zero is not there: run make, and this program, "
             "from the source tree's root")


def ours(recipe, steps, extra, folder):
    sets = [f"max_steps={steps}", "eval_steps=0", "save_steps=0",
            "generate.held_out=4", "pass_k=0", "no_thought=null",
            f"output_dir={folder}"] + extra
    args = ["build/bin/r1_zero", "--config", recipe]
    for s in sets:
        args += ["--set", s]
    if subprocess.run(args, stdout=subprocess.DEVNULL).returncode != 0:
        fail("r1_zero failed")
    with open(os.path.join(folder, "metrics.jsonl")) as f:
        rows = [json.loads(x) for x in f]
    rows = [r for r in rows if "step_time" in r]
    with open(os.path.join(folder, "config.json")) as f:
        config = json.load(f)
    return config, [r["step_time"] for r in rows], rows


def format_reward(completions, **_):
    whole = re.compile(r"\s*[^<>]*\w[^<>]*</think>\s*<answer>"
                       r"[^<>]*</answer>\s*")
    return [1.0 if whole.fullmatch(c) else 0.0 for c in completions]


def accuracy_reward(completions, answer, **_):
    out = []
    for c, a in zip(completions, answer):
        m = re.search(r"<answer>\s*(-?\d+)\s*</answer>", c)
        out.append(1.0 if m and m.group(1) == str(a) else 0.0)
    return out


def theirs(config, folder, steps):
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    cache = os.path.join(os.environ.get("XDG_CACHE_HOME",
                                        os.path.expanduser("~/.cache")),
                         "libgrpo", "models")
    model = config["model"].replace("{cache}", cache)
    prompts, group = config["prompts_per_step"], config["num_generations"]
    with open(os.path.join(folder, "train.jsonl")) as f:
        rows = [json.loads(x) for x in f]
    data = Dataset.from_list([
        {"prompt": config["template"].replace("{prompt}", r["prompt"]),
         "answer": str(r["answer"])} for r in rows[:prompts * steps]])
    tokenizer = AutoTokenizer.from_pretrained(model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    args = GRPOConfig(
        output_dir=os.path.join(folder, "trl"), use_cpu=True, bf16=False,
        per_device_train_batch_size=prompts * group, num_generations=group,
        max_completion_length=config["max_completion_length"],
        max_steps=steps, learning_rate=config["learning_rate"],
        lr_scheduler_type="constant", loss_type=config["loss_type"],
        scale_rewards=config["scale_rewards"], beta=config["beta"],
        temperature=config["temperature"], max_grad_norm=1.0,
        gradient_checkpointing=False, logging_steps=1, save_strategy="no",
        report_to=[], disable_tqdm=True, reward_weights=[0.5, 1.0])
    trainer = GRPOTrainer(
        AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32),
        [format_reward, accuracy_reward], args=args, train_dataset=data,
        processing_class=tokenizer)
    stamps = [time.perf_counter()]

    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        def on_step_end(self, *_, **__):
            stamps.append(time.perf_counter())

    trainer.add_callback(Clock())
    trainer.train()
    times = [b - a for a, b in zip(stamps, stamps[1:])]
    lengths = [x["completions/mean_length"] for x in
               trainer.state.log_history if "completions/mean_length" in x]
    return times, lengths


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--set", action="append", default=[])
    a = parser.parse_args()
    check(a.recipe, a.set)
    with tempfile.TemporaryDirectory() as folder:
        config, mine, rows = ours(a.recipe, a.steps, a.set, folder)
        lengths = [r["completions/mean_length"] for r in rows]
        trl_times, trl_lengths = theirs(config, folder, a.steps)
    mine, trl_times = mine[1:] or mine, trl_times[1:] or trl_times
    print(f"libgrpo {statistics.mean(mine):.2f} s a step "
          f"({min(mine):.2f}-{max(mine):.2f}), "
          f"mean length {statistics.mean(lengths):.1f}")
    print(f"TRL     {statistics.mean(trl_times):.2f} s a step "
          f"({min(trl_times):.2f}-{max(trl_times):.2f}), "
          f"mean length {statistics.mean(trl_lengths):.1f}")
    print(f"ratio   {statistics.mean(trl_times) / statistics.mean(mine):.1f}")


if __name__ == "__main__":
    sys.exit(main())
