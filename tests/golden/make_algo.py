# SPDX-License-Identifier: MIT
"""Records tests/golden/algo.json from TRL's own GRPOTrainer, in float64.

    python tests/golden/make_algo.py > tests/golden/algo.json

Needs torch and trl (recorded with the versions that the file names).  TRL's
code runs unchanged: `_compute_loss` is called unbound on a stand-in that
holds the settings and gives prepared log-probabilities; the lines of
`_generate_and_score_completions` that turn rewards into advantages, of
GRPOTrainer and of RLOOTrainer, and those that make importance sampling
ratios, are taken from the source by inspect and executed.

What TRL does not have is made beside it: a standard deviation over n takes
the place of its own, and the KL estimators k1 and k2 go through autograd.
"""

import inspect
import json
import math
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
from trl.trainer.rloo_trainer import RLOOTrainer

METRICS = {
    "kl": "kl",
    "entropy": "entropy",
    "clip_low_mean": "clip_ratio/low_mean",
    "clip_low_min": "clip_ratio/low_min",
    "clip_high_mean": "clip_ratio/high_mean",
    "clip_high_max": "clip_ratio/high_max",
    "clip_region_mean": "clip_ratio/region_mean",
    "correction_mean": "sampling/importance_sampling_ratio/mean",
    "correction_min": "sampling/importance_sampling_ratio/min",
    "correction_max": "sampling/importance_sampling_ratio/max",
}
MAX_COMPLETION_LENGTH = 16


def lines_of(method, first, after):
    """The code of a method from the line that starts so to before another."""
    lines = textwrap.dedent(inspect.getsource(method)).split("\n")
    starts = [x.strip() for x in lines]
    a = next(i for i, x in enumerate(starts) if x.startswith(first))
    b = next(i for i in range(a, len(starts)) if starts[i].startswith(after))
    return compile(textwrap.dedent("\n".join(lines[a:b])),
                   inspect.getsourcefile(method), "exec")


SCORE = GRPOTrainer._generate_and_score_completions
ADVANTAGES = lines_of(SCORE, "unscorable_mask =", "# Slice to keep only")
RLOO = lines_of(RLOOTrainer._generate_and_score_completions,
                "unscorable_mask =", "is_std_zero =")
SAMPLING_RATIO = lines_of(SCORE, "per_token_logps_diff = (old",
                          "# Compute the per-token log probabilities for the")
SAMPLING_METRICS = lines_of(SCORE, "min_importance_sampling_ratio =",
                            "output = {")


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
    # of its own, so that the numbers above stay those of an earlier record
    own = random.Random(n)
    rollout = [grid(o + own.uniform(-0.5, 0.5)) for o in old]
    rollout[n // 2] = float("nan")  # the sampler did not say
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
                rollout_logp=rollout, entropy=entropy, advantage=advantage, mask=mask)


def padded(batch, key, rows, width, fill):
    """[rows, width] with what TRL would have in the padding."""
    out = []
    for i in rows:
        a, b = batch["row"][i], batch["row"][i + 1]
        out.append(batch[key][a:b] + [fill] * (width - (b - a)))
    return torch.tensor(out, dtype=torch.float64)


def stand_in(case, n_micro, logp, entropy):
    metrics = defaultdict(list)
    args = SimpleNamespace(delta=None,
                           use_bias_correction_kl=case["kl_bias_correction"],
                           steps_per_generation=n_micro)
    accelerator = SimpleNamespace(num_processes=1, gather=lambda x: x,
                                  reduce=lambda x, reduction: x,
                                  sync_gradients=True)
    return SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (logp, entropy,
                                                            None),
        _metrics={"train": metrics}, _entropy_bonus_enabled=False,
        accelerator=accelerator, args=args, aux_loss_enabled=False,
        beta=0.0 if case["kl_estimator"] != "k3" else case["beta"],
        current_gradient_accumulation_steps=n_micro,
        epsilon_low=case["epsilon"], epsilon_high=case["epsilon_high"],
        importance_sampling_level="token", loss_type=case["loss_type"],
        max_completion_length=MAX_COMPLETION_LENGTH,
        model=SimpleNamespace(training=True), off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=case["correction"] != "none",
        vllm_importance_sampling_correction=True,
        vllm_importance_sampling_mode=case["correction"],
        vllm_importance_sampling_clip_min=case["clip_min"],
        vllm_importance_sampling_clip_max=case["clip_max"])


def sampling_ratio(self, case, batch, rows, width, logp, mask):
    """TRL's ratio of some rows, and its metrics."""
    old = padded(batch, "old_logp", rows, width, -2.0)
    values = dict(
        torch=torch, math=math, self=self, mask=mask,
        old_per_token_logps=old if case["old_logp"] else logp.detach(),
        sampling_per_token_logps=padded(batch, "rollout_logp", rows, width,
                                        -4.0))
    exec(SAMPLING_RATIO, values)
    ratio = values["vllm_importance_sampling_ratio"]
    # TRL counts rows without a token in the loss as a ratio of 1; we do not
    flat = (ratio[mask.sum(1) > 0].flatten()
            if values["sequence_level_is"] else ratio[mask.bool()])
    exec(SAMPLING_METRICS, dict(
        torch=torch, self=self, mode="train", flat_is_ratio=flat,
        device="cpu", nanmin=grpo_trainer.nanmin, nanmax=grpo_trainer.nanmax))
    return ratio


def reduced(case, batch, x, mask):
    """The reduction of a whole step, for what TRL does not have."""
    n = len(batch["row"]) - 1
    x = x * mask
    if case["loss_type"] == "grpo":
        return (x.sum(1) / mask.sum(1).clamp(min=1.0)).sum() / n
    if case["loss_type"] == "dr_grpo":
        return x.sum() / (n * MAX_COMPLETION_LENGTH)
    return x.sum() / mask.sum()


def other_kl(case, batch, logp, ref, mask):
    """k1 and k2 by their definition: their share of the loss, their mean."""
    x = logp - ref
    k = x if case["kl_estimator"] == "k1" else x ** 2 / 2
    if case["kl_bias_correction"]:
        old = padded(batch, "old_logp", range(len(ref)), ref.shape[1], -2.0)
        old = old if case["old_logp"] else logp.detach()
        k = k * torch.exp(logp - old)
    loss = case["beta"] * reduced(case, batch, k, mask)
    return loss, ((k * mask).sum() / mask.sum()).item()


def micro_batch(case, batch, rows, n_micro):
    """Loss, gradient by row, and metrics of some rows, by TRL."""
    width = max(batch["row"][i + 1] - batch["row"][i] for i in rows)
    row = batch["row"]
    logp = padded(batch, "logp", rows, width, -7.0).requires_grad_()
    mask = padded(batch, "mask", rows, width, 0).long()
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    prompt = torch.zeros(len(rows), 1, dtype=torch.long)
    inputs = dict(
        prompt_ids=prompt, prompt_mask=torch.ones_like(prompt),
        completion_ids=ids,
        completion_mask=padded(dict(row=row, m=[1] * row[-1]), "m", rows,
                               width, 0).long(),
        tool_mask=mask,
        advantages=padded(batch, "advantage", rows, width, 0.0),
        ref_per_token_logps=padded(batch, "ref_logp", rows, width, -5.0),
        num_items_in_batch=torch.tensor(sum(batch["mask"])))
    if case["old_logp"]:
        inputs["old_per_token_logps"] = padded(batch, "old_logp", rows, width,
                                               -2.0)
    self = stand_in(case, n_micro, logp,
                    padded(batch, "entropy", rows, width, 9.0))
    if case["correction"] != "none":
        inputs["importance_sampling_ratio"] = sampling_ratio(
            self, case, batch, rows, width, logp, mask)
    loss = GRPOTrainer._compute_loss(self, None, inputs)
    if case["kl_estimator"] != "k3":
        term, mean = other_kl(case, batch, logp,
                              inputs["ref_per_token_logps"], mask)
        loss = loss + term
        self._metrics["train"]["kl"] = [mean]
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


PLAIN = dict(kl_estimator="k3", kl_bias_correction=False, correction="none",
             clip_min=None, clip_max=None)
LOSS_TYPES = ("grpo", "bnpo", "dr_grpo", "dapo")


def plain_cases(batch):
    for loss_type in LOSS_TYPES:
        for beta in (0.0, 0.04):
            for old in (True, False):
                for high in (0.2, 0.28) if old else (0.2,):
                    for n in (1, 2):
                        # TRL's bnpo divides by the tokens of each
                        # micro-batch, ours by those of the step
                        if n == 2 and (loss_type == "bnpo" or high != 0.28):
                            continue
                        yield dict(batch=batch, loss_type=loss_type,
                                   beta=beta, old_logp=old, epsilon=0.2,
                                   epsilon_high=high, micro_batches=n)


def kl_cases(batch):
    for estimator in ("k1", "k2", "k3"):
        for times_ratio in (False, True):
            if estimator == "k3" and not times_ratio:
                continue  # a plain case
            for loss_type in LOSS_TYPES:
                yield dict(batch=batch, loss_type=loss_type, beta=0.3,
                           old_logp=loss_type != "dapo", epsilon=0.2,
                           epsilon_high=0.28, micro_batches=1,
                           kl_estimator=estimator,
                           kl_bias_correction=times_ratio)


def correction_cases(batch):
    for level in ("token", "sequence"):
        for what in ("truncate", "mask"):
            for low, high in ((None, 1.2), (0.8, 1.3), (0.9, None)):
                for loss_type in ("grpo", "dr_grpo", "dapo"):
                    yield dict(batch=batch, loss_type=loss_type, beta=0.04,
                               old_logp=loss_type != "dr_grpo", epsilon=0.2,
                               epsilon_high=0.28,
                               micro_batches=2 if loss_type == "dapo" else 1,
                               correction=level + "_" + what, clip_min=low,
                               clip_max=high)


def objective_cases(batches):
    cases = []
    for make in (plain_cases, kl_cases, correction_cases):
        for batch in range(len(batches)):
            cases += [dict(PLAIN, **case) for case in make(batch)]
    for case in cases:
        run_case(case, batches[case["batch"]])
    return cases


def std_over_n(x, dim=None, keepdim=False):
    """trl's nanstd, over n."""
    mean = (torch.nanmean(x) if dim is None
            else torch.nanmean(x, dim=dim, keepdim=True))
    square = (x - mean) ** 2
    return (torch.nanmean(square) if dim is None
            else torch.nanmean(square, dim=dim, keepdim=keepdim)).sqrt()


def advantages(rewards, weights, group_size, scale, ddof):
    values = dict(
        rewards_per_func=torch.tensor(rewards, dtype=torch.float64),
        num_generations=group_size, device="cpu", torch=torch,
        nanstd=grpo_trainer.nanstd if ddof else std_over_n,
        self=SimpleNamespace(
            multi_objective_aggregation="sum_then_normalize",
            reward_weights=torch.tensor(weights, dtype=torch.float64),
            scale_rewards=scale))
    exec(ADVANTAGES, values)
    return values["rewards"].tolist(), values["advantages"].tolist()


def rloo(case, batch, rewards):
    """Advantages of RLOOTrainer: KL in the reward, leave one out."""
    row = batch["row"]
    rows = range(len(row) - 1)
    width = max(row[i + 1] - row[i] for i in rows)
    values = dict(
        rewards_per_func=torch.tensor(rewards, dtype=torch.float64),
        num_generations=case["group_size"], device="cpu", torch=torch,
        nanstd=grpo_trainer.nanstd, gather=lambda x: x,
        old_per_token_logps=padded(batch, "old_logp", rows, width, -2.0),
        ref_per_token_logps=padded(batch, "ref_logp", rows, width, -5.0),
        completion_mask=padded(batch, "mask", rows, width, 0),
        self=SimpleNamespace(
            beta=case["beta"], normalize_advantages=False,
            reward_clip_range=None,
            reward_weights=torch.ones(1, dtype=torch.float64)))
    exec(RLOO, values)
    case["total"] = none_for_nan(values["rewards"].tolist())
    case["advantage"] = values["advantages"].tolist()


def rloo_cases(batches):
    rng, cases = random.Random(7), []
    for number, batch in enumerate(batches):
        n = len(batch["row"]) - 1
        for group_size in (2, n):
            for beta in (0.0, 0.05, 1.0):
                rewards = [[rng.choice([0.0, 1.0, 0.1])] for _ in range(n)]
                rewards[-1] = [float("nan")]
                case = dict(batch=number, group_size=group_size, beta=beta,
                            reward=none_for_nan([r[0] for r in rewards]))
                rloo(case, batch, rewards)
                cases.append(case)
    return cases


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
    cases = []
    for group_size, n_groups in ((2, 5), (3, 4), (8, 4)):
        for n_rewards in (1, 3):
            rewards = make_rewards(rng, n_groups, group_size, n_rewards)
            weights = [1.0, 0.3, -0.5][:n_rewards]
            for scale, ddof in (("group", 1), ("batch", 1), ("none", 1),
                                ("group", 0), ("batch", 0)):
                total, adv = advantages(rewards, weights, group_size, scale,
                                        ddof)
                cases.append(dict(
                    group_size=group_size, scale=scale, ddof=ddof,
                    weights=weights, rewards=none_for_nan(rewards),
                    total=none_for_nan(total), advantage=adv))
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
           dump("batches", [{k: none_for_nan(v) for k, v in b.items()}
                            for b in batches], False),
           dump("objective", cases, False),
           dump("rloo", rloo_cases(batches), False),
           dump("advantages", advantage_cases(rng), True) + "}"]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
