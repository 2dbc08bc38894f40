"""How long ONNX Runtime takes for the inference that pytorch_step.py times, on the model that its `--export` wrote.

One JSON line with the same fields. The session has its defaults, all of its optimisations; with --fused the model goes
through ONNX Runtime's own `transformers` optimizer first. OMP_NUM_THREADS, where it is set, is the number of threads.
"""
import argparse
import json
import os
import re
import statistics
import sys
import time

import numpy
import onnxruntime

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model", metavar="FILE.onnx")
for name, default in dict(layers=6, hidden=384, batch=32, length=128, runs=5).items():
    parser.add_argument("--" + name, type=int, default=default)
parser.add_argument("--fused", action="store_true")
a = parser.parse_args()

path = a.model
if a.fused:
    path = a.model + ".fused.onnx"
    if not os.path.exists(path):
        from onnxruntime.transformers import optimizer

        heads = a.hidden // (64 if a.hidden >= 768 else 32)
        # Level 0: the optimizer does not recognise what the session fuses by itself at higher levels.
        fused = optimizer.optimize_model(a.model, "bert", num_heads=heads, hidden_size=a.hidden, opt_level=0)
        done = fused.get_fused_operator_statistics()
        if done["Attention"] != a.layers:
            print(f"the optimizer does not know this export; it fused {done}", file=sys.stderr)
        fused.save_model_to_file(path)
        # Otherwise the optimizer's memory would count as the session's.
        os.execv(sys.executable, [sys.executable, *sys.argv])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
types = {"tensor(int64)": numpy.int64, "tensor(int32)": numpy.int32}
ids = 1000 + numpy.arange(a.batch * a.length).reshape(a.batch, a.length) * 7919 % 29000
given = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
inputs = {entry.name: given[entry.name].astype(types[entry.type]) for entry in session.get_inputs()}

seconds = []
for _ in range(a.runs + 2):
    start = time.perf_counter()
    (logits,) = session.run(None, inputs)
    seconds.append(time.perf_counter() - start)
assert numpy.isfinite(logits).all()
seconds = sorted(seconds[2:])
try:
    peak = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())
except OSError:
    peak = None
print(
    json.dumps(
        dict(
            what="inference",
            program=f"onnxruntime {onnxruntime.__version__}" + (" fused" if a.fused else ""),
            backend="cpu",
            layers=a.layers,
            hidden=a.hidden,
            batch=a.batch,
            length=a.length,
            median=round(statistics.median(seconds), 4),
            fastest=round(seconds[0], 4),
            slowest=round(seconds[-1], 4),
            peak_mib=peak and int(peak[1]) // 1024,
        )
    )
)
