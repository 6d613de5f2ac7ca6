# SPDX-License-Identifier: MIT
# Makes safetensors.bin: what the reference writer makes of tensors of every
# dtype that libgrpo writes.  Needs torch and safetensors.
#	python tests/golden/make_safetensors.py tests/golden/safetensors.bin
import sys

import torch
from safetensors.torch import save

tensors = {
    "b.weight": torch.tensor([[1.5, -2.0], [0.25, 3.0]]),
    "a": torch.tensor([1.0, -1.0, 2.0], dtype=torch.bfloat16),
    'é"': torch.tensor(7, dtype=torch.int64),
    "h": torch.tensor([0.5], dtype=torch.float16),
    "u": torch.tensor([1, 2, 3], dtype=torch.uint8),
    "i": torch.tensor([[-1]], dtype=torch.int32),
    "d": torch.tensor([0.1], dtype=torch.float64),
    "empty": torch.zeros(2, 0),
    "a.b": torch.tensor([4.0]),
}
with open(sys.argv[1], "wb") as f:
    f.write(save(tensors, metadata={"format": "pt"}))
