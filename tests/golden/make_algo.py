# SPDX-License-Identifier: MIT
"""Records tests/golden/algo.json from TRL's own GRPOTrainer, in float64.

    python tests/golden/make_algo.py > tests/golden/algo.json

Needs torch and trl (recorded with the versions that the file names).  TRL's
code runs unchanged: `_compute_loss` is called unbound on a stand-in that
holds the settings and gives prepared log-probabilities; the lines of
`_generate_and_score_completions` that turn rewards into advantages are taken
from its source by inspect and executed.
"""

import inspect
import json
import random
import sys
import textwrap
from collections import defaultdict
from types import SimpleNamespace

import torch
import transformers
import trl
from trl.trainer import grpo_trainer
from trl.trainer.grpo_trainer import GRPOTrainer

METRICS = {
    "kl": "kl",
    "entropy": "entropy",
    "clip_low_mean": "clip_ratio/low_mean",
    "clip_low_min": "clip_ratio/low_min",
    "clip_high_mean": "clip_ratio/high_mean",
    "clip_high_max": "clip_ratio/high_max",
    "clip_region_mean": "clip_ratio/region_mean",
}
MAX_COMPLETION_LENGTH = 16


def grid(x):
    """A multiple of 2^-10: the same number in float32 and in float64."""
    return round(x * 1024) / 1024


def make_batch(rng, lengths, with_mask, drift=0.0):
    """Ragged rows; ratios on both sides of both clips, for both signs.

    With a drift every ratio moves that way, all advantages the other: so
    every row is clipped somewhere, and the least row's share is not 0.
    """
    n = sum(lengths)
    old = [grid(-3 * rng.random() - 1.3) for _ in range(n)]
    logp = [grid(o + drift + rng.uniform(-0.6, 0.6)) for o in old]
    ref = [grid(p + rng.uniform(-0.6, 0.6)) for p in logp]
    entropy = [grid(2 * rng.random()) for _ in range(n)]
    row, advantage, mask = [0], [], []
    for i, length in enumerate(lengths):
        a = grid(rng.uniform(-2, 2))
        if drift:
            a = -abs(a)
        elif i == 2:
            a = 0.0
        advantage += [a] * length
        # row 1 is out of the loss altogether; the others lose some tokens
        out = with_mask and i == 1
        mask += [int(not with_mask or (not out and rng.random() < 0.8))
                 for _ in range(length)]
        row.append(row[-1] + length)
    return dict(row=row, logp=logp, old_logp=old, ref_logp=ref,
                entropy=entropy, advantage=advantage, mask=mask)


def padded(batch, key, rows, width, fill):
    """[rows, width] with what TRL would have in the padding."""
    out = []
    for i in rows:
        a, b = batch["row"][i], batch["row"][i + 1]
        out.append(batch[key][a:b] + [fill] * (width - (b - a)))
    return torch.tensor(out, dtype=torch.float64)


def stand_in(case, n_micro, logp, entropy):
    metrics = defaultdict(list)
    args = SimpleNamespace(delta=None, use_bias_correction_kl=False,
                           steps_per_generation=n_micro)
    accelerator = SimpleNamespace(num_processes=1, gather=lambda x: x,
                                  reduce=lambda x, reduction: x,
                                  sync_gradients=True)
    return SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (logp, entropy,
                                                            None),
        _metrics={"train": metrics}, _entropy_bonus_enabled=False,
        accelerator=accelerator, args=args, aux_loss_enabled=False,
        beta=case["beta"], current_gradient_accumulation_steps=n_micro,
        epsilon_low=case["epsilon"], epsilon_high=case["epsilon_high"],
        importance_sampling_level="token", loss_type=case["loss_type"],
        max_completion_length=MAX_COMPLETION_LENGTH,
        model=SimpleNamespace(training=True), off_policy_mask_threshold=None,
        top_entropy_quantile=1.0, use_vllm=False)


def micro_batch(case, batch, rows, n_micro):
    """Loss, gradient by row, and metrics of some rows, by TRL."""
    width = max(batch["row"][i + 1] - batch["row"][i] for i in rows)
    row = batch["row"]
    logp = padded(batch, "logp", rows, width, -7.0).requires_grad_()
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    prompt = torch.zeros(len(rows), 1, dtype=torch.long)
    inputs = dict(
        prompt_ids=prompt, prompt_mask=torch.ones_like(prompt),
        completion_ids=ids,
        completion_mask=padded(dict(row=row, m=[1] * row[-1]), "m", rows,
                               width, 0).long(),
        tool_mask=padded(batch, "mask", rows, width, 0).long(),
        advantages=padded(batch, "advantage", rows, width, 0.0),
        ref_per_token_logps=padded(batch, "ref_logp", rows, width, -5.0),
        num_items_in_batch=torch.tensor(sum(batch["mask"])))
    if case["old_logp"]:
        inputs["old_per_token_logps"] = padded(batch, "old_logp", rows, width,
                                               -2.0)
    self = stand_in(case, n_micro, logp,
                    padded(batch, "entropy", rows, width, 9.0))
    loss = GRPOTrainer._compute_loss(self, None, inputs)
    loss.backward()
    grad = [g[: row[i + 1] - row[i]].tolist()
            for g, i in zip(logp.grad, rows)]
    return loss.item(), sum(grad, []), self._metrics["train"]


def run_case(case, batch):
    n_rows, n_micro = len(batch["row"]) - 1, case["micro_batches"]
    size = n_rows // n_micro
    assert size * n_micro == n_rows
    loss, grad = 0.0, []
    for m in range(n_micro):
        part, part_grad, metrics = micro_batch(
            case, batch, range(m * size, (m + 1) * size), n_micro)
        loss += part
        grad += part_grad
    case["loss"] = loss
    case["dlogp"] = grad
    if n_micro == 1:  # TRL's metrics are those of one micro-batch
        case["metrics"] = {k: metrics[v][0] for k, v in METRICS.items()
                           if v in metrics}


def objective_cases(batches):
    cases = []
    for batch in range(len(batches)):
        for loss_type in ("grpo", "bnpo", "dr_grpo", "dapo"):
            for beta in (0.0, 0.04):
                for old in (True, False):
                    for high in (0.2, 0.28) if old else (0.2,):
                        for n in (1, 2):
                            # TRL's bnpo divides by the tokens of each
                            # micro-batch, ours by those of the step
                            if n == 2 and (loss_type == "bnpo" or
                                           high != 0.28):
                                continue
                            cases.append(dict(
                                batch=batch, loss_type=loss_type, beta=beta,
                                old_logp=old, epsilon=0.2, epsilon_high=high,
                                micro_batches=n))
    for case in cases:
        run_case(case, batches[case["batch"]])
    return cases


def advantage_code():
    source = textwrap.dedent(
        inspect.getsource(GRPOTrainer._generate_and_score_completions))
    lines = source.split("\n")
    first = next(i for i, s in enumerate(lines)
                 if s.strip().startswith("unscorable_mask ="))
    last = next(i for i, s in enumerate(lines)
                if s.strip().startswith("advantages = torch.nan_to_num"))
    return compile(textwrap.dedent("\n".join(lines[first:last + 1])),
                   grpo_trainer.__file__, "exec")


def advantages(code, rewards, weights, group_size, scale):
    values = dict(
        rewards_per_func=torch.tensor(rewards, dtype=torch.float64),
        num_generations=group_size, device="cpu", torch=torch,
        nanstd=grpo_trainer.nanstd,
        self=SimpleNamespace(
            multi_objective_aggregation="sum_then_normalize",
            reward_weights=torch.tensor(weights, dtype=torch.float64),
            scale_rewards=scale))
    exec(code, values)
    return values["rewards"].tolist(), values["advantages"].tolist()


def make_rewards(rng, n_groups, group_size, n_rewards):
    nan = float("nan")
    rows = [[rng.choice([0.0, 1.0, 0.1, rng.uniform(-2, 2), nan])
             for _ in range(n_rewards)] for _ in range(n_groups * group_size)]
    for i in range(group_size):  # all equal; then a group with one reward
        rows[i] = [0.1] * n_rewards
        rows[group_size + i] = [nan if i else 0.7] * n_rewards
    return rows


def none_for_nan(x):
    if isinstance(x, list):
        return [none_for_nan(y) for y in x]
    return None if x != x else x


def advantage_cases(rng):
    cases, code = [], advantage_code()
    for group_size, n_groups in ((2, 5), (3, 4), (8, 4)):
        for n_rewards in (1, 3):
            rewards = make_rewards(rng, n_groups, group_size, n_rewards)
            weights = [1.0, 0.3, -0.5][:n_rewards]
            for scale in ("group", "batch", "none"):
                total, adv = advantages(code, rewards, weights, group_size,
                                        scale)
                cases.append(dict(
                    group_size=group_size, scale=scale, weights=weights,
                    rewards=none_for_nan(rewards), total=none_for_nan(total),
                    advantage=adv))
    return cases


def dump(name, items, last):
    lines = [json.dumps(x, separators=(",", ":"), allow_nan=False)
             for x in items]
    return '"%s": [\n%s\n]%s' % (name, ",\n".join(lines), "" if last else ",")


def main():
    # else count / (count - 1) in nanstd is float32 and advantages have 6e-8
    torch.set_default_dtype(torch.float64)
    rng = random.Random(20240103)
    batches = [make_batch(rng, [5, 3, 4, 7, 0, 6], True),
               make_batch(rng, [4, 6, 2, 5], False),
               make_batch(rng, [6, 4, 5, 3], True, drift=-0.4)]
    cases = objective_cases(batches)
    out = ['{"torch": "%s", "transformers": "%s", "trl": "%s",'
           % (torch.__version__, transformers.__version__, trl.__version__),
           '"max_completion_length": %d,' % MAX_COMPLETION_LENGTH,
           dump("batches", batches, False), dump("objective", cases, False),
           dump("advantages", advantage_cases(rng), True) + "}"]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
