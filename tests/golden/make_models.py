#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tiny random models by transformers, with what they compute.

usage: make_models.py FOLDER     (needs torch, transformers, safetensors)

Writes FOLDER/{qwen2,llama}/ as Hugging Face folders, and in each
golden.safetensors:

  tokens   [3, 24] I64   three sequences
  logits   [3, 24, V]    fp32, full forward pass
  greedy   [3, 16] I64   greedy continuation of the first 8 tokens of each
  loss_weights [3, 24]   w below
  logp     [3, 23]       log-probability of tokens 1..23 at temperature 0.7
  entropy  [3, 23]       of the distribution at that temperature
  grad.*                 gradient of sum(w * logp + 0.1 w * entropy) / 10

Tests compare libgrpo-torch with them.  Seed and versions are in metadata.
"""
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import (LlamaConfig, LlamaForCausalLM, Qwen2Config,
                          Qwen2ForCausalLM)

SEED, TEMPERATURE = 20261123, 0.7

MODELS = {
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(
        vocab_size=101, hidden_size=40, intermediate_size=72,
        num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=128, rms_norm_eps=1e-6,
        tie_word_embeddings=True, rope_parameters={
            "rope_type": "default", "rope_theta": 1000000.0},
        bos_token_id=0, eos_token_id=0)),
    "llama": (LlamaForCausalLM, LlamaConfig(
        vocab_size=96, hidden_size=48, intermediate_size=80,
        num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
        head_dim=16, max_position_embeddings=256, rms_norm_eps=1e-5,
        tie_word_embeddings=False, rope_parameters={
            "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0,
            "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32},
        bos_token_id=0, eos_token_id=0)),
}


def greedy(model, prompt, n):
    ids = prompt
    for _ in range(n):
        ids = torch.cat([ids, model(ids).logits[:, -1].argmax(-1, True)], 1)
    return ids[:, prompt.shape[1]:].contiguous()


def main(out):
    for name, (kind, config) in MODELS.items():
        torch.manual_seed(SEED)
        model = kind(config).float().eval()
        with torch.no_grad():
            for p in model.parameters():  # far from the timid default
                if p.dim() > 1:
                    p.copy_(torch.randn_like(p) * 0.15)
                else:
                    p.add_(torch.randn_like(p) * 0.1)
        folder = Path(out) / name
        model.save_pretrained(folder)
        tokens = torch.randint(1, config.vocab_size, (3, 24))
        weights = torch.randn(3, 24)
        logits = model(tokens).logits
        scaled = torch.log_softmax(logits[:, :-1] / TEMPERATURE, -1)
        logp = scaled.gather(-1, tokens[:, 1:, None])[..., 0]
        entropy = -(scaled.exp() * scaled).sum(-1)
        w = weights[:, 1:]
        ((w * logp + 0.1 * w * entropy).sum() / 10).backward()
        golden = {
            "tokens": tokens, "logits": logits.detach(),
            "loss_weights": weights, "logp": logp.detach(),
            "entropy": entropy.detach(),
        }
        with torch.no_grad():
            golden["greedy"] = greedy(model, tokens[:, :8], 16)
        for key, p in model.named_parameters():
            golden["grad." + key] = p.grad
        save_file({k: v.contiguous() for k, v in golden.items()},
                  folder / "golden.safetensors",
                  {"format": "pt", "seed": str(SEED),
                   "torch": torch.__version__,
                   "transformers": transformers.__version__})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
