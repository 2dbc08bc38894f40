"""How long PyTorch takes for the training step and the inference that `cargo bench --bench step` times.

One JSON line each, with the same fields. Needs torch and transformers from PyPI; it downloads nothing. With --export, it
writes the same model for onnxruntime_step.py and times nothing.
"""
import argparse
import json
import re
import statistics
import time

import torch
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

parser = argparse.ArgumentParser(description=__doc__)
for name, default in dict(layers=6, hidden=384, batch=32, length=128, runs=5).items():
    parser.add_argument("--" + name, type=int, default=default)
parser.add_argument("--what", choices=("train", "inference", "both"), default="both")
parser.add_argument("--device", default="cpu")
parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
parser.add_argument("--tf32", action="store_true", help="TF32 matrix products, on CUDA")
parser.add_argument("--masked", action="store_true", help="masked language modelling with 15 %% of the tokens masked")
parser.add_argument(
    "--gather", action="store_true", help="score the vocabulary at the masked tokens alone, which transformers does not"
)
parser.add_argument("--export", metavar="FILE.onnx")
a = parser.parse_args()

torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = a.tf32
config = BertConfig(
    num_hidden_layers=a.layers,
    hidden_size=a.hidden,
    num_attention_heads=a.hidden // (64 if a.hidden >= 768 else 32),
    intermediate_size=4 * a.hidden,
    max_position_embeddings=max(a.length, 512),
)
model = (BertForMaskedLM if a.masked else BertForSequenceClassification)(config).to(a.device)
plain = ("bias", "LayerNorm.weight")
decayed = [p for n, p in model.named_parameters() if not any(k in n for k in plain)]
others = [p for n, p in model.named_parameters() if any(k in n for k in plain)]
optimizer = torch.optim.AdamW(
    [dict(params=decayed, weight_decay=0.01), dict(params=others, weight_decay=0.0)], lr=5e-5, eps=1e-8, fused=True
)
count = a.batch * a.length
ids = torch.tensor([1000 + i * 7919 % 29000 for i in range(count)]).reshape(a.batch, a.length).to(a.device)
mask = torch.ones_like(ids)
labels = torch.tensor([i % 2 for i in range(a.batch)]).to(a.device)
if a.masked:
    masked = torch.tensor([i * 100 // 15 for i in range(count * 15 // 100)]).to(a.device)
    labels = torch.full((count,), -100).to(a.device)
    labels[masked] = ids.flatten()[masked]
    labels = labels.reshape(a.batch, a.length)
autocast = torch.autocast(a.device.split(":")[0], dtype=torch.bfloat16, enabled=a.bf16)


def gathered():
    states = model.bert(ids, attention_mask=mask).last_hidden_state.flatten(0, 1)
    return model.cls(states[masked])


def train():
    with autocast:
        if a.gather:
            loss = torch.nn.functional.cross_entropy(gathered(), labels.flatten()[masked])
        else:
            loss = model(ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def inference():
    with torch.no_grad(), autocast:
        logits = gathered() if a.gather else model(ids, attention_mask=mask).logits
        return logits.float().cpu()


def peak_mib():
    """The most memory that this process has held, where the system tells: getrusage would count the parent's, too."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())
    except OSError:
        found = None
    return found and int(found[1]) // 1024


if a.export:
    # What ONNX Runtime's optimizer knows best: attention written out, the older exporter, sizes left open.
    model.set_attn_implementation("eager")
    names = ["input_ids", "attention_mask"]
    sizes = {name: {0: "batch", 1: "length"} for name in names}
    more = dict(input_names=names, output_names=["logits"], dynamic_axes=sizes, opset_version=17, dynamo=False)
    torch.onnx.export(model.eval(), (ids, mask), a.export, **more)
    raise SystemExit
precision = "bf16" if a.bf16 else "tf32" if a.tf32 else "f32"
for what, work in (("train", train), ("inference", inference)):
    if a.what not in (what, "both"):
        continue
    model.train(what == "train")
    seconds = []
    for _ in range(a.runs + 2):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    seconds = sorted(seconds[2:])
    print(
        json.dumps(
            dict(
                what=what + (" masked" if a.masked else ""),
                program=f"pytorch {torch.__version__} {precision}" + (", masked tokens alone" if a.gather else ""),
                backend=a.device,
                layers=a.layers,
                hidden=a.hidden,
                batch=a.batch,
                length=a.length,
                median=round(statistics.median(seconds), 4),
                fastest=round(seconds[0], 4),
                slowest=round(seconds[-1], 4),
                peak_mib=peak_mib(),
            )
        ),
        flush=True,
    )
