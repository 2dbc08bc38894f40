"""Fine-tunes BERT with PyTorch and transformers, with the recipe of `bert train`: the peer in scripts/bench/finetune,
scripts/bench/startup and scripts/bench/regression, and the PyTorch column of docs/parity.md.

usage: pytorch_finetune.py TASK MODEL DATA [--seed N] ...

It does the same work as `bert train`: texts of similar length share a batch, the model is evaluated on dev after each epoch and
saved. Tags and answers are evaluated once, at the end, by `bert eval` (BERT names another program than target/release/bert),
which counts them as seqeval and SQuAD's script do. The last line on standard output holds the metrics, in JSON.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
import transformers
from transformers.utils import logging

import corpora

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("task", choices=corpora.TASKS)
parser.add_argument("model", help="folder of a pre-trained BERT")
parser.add_argument("data", help="folder of the corpus")
for name, default in {"seed": 1, "epochs": 3, "batch-size": 32, "eval-batch-size": 64, "max-length": 128}.items():
    parser.add_argument("--" + name, type=int, default=default, help="[%(default)s]")
parser.add_argument("--rows", type=int, help="train on the first rows only")
parser.add_argument("--lr", type=float, default=5e-5)
parser.add_argument("--last", action="store_true", help="evaluate and save after the last epoch only")
a = parser.parse_args()
logging.set_verbosity_error()
logging.disable_progress_bar()
torch.manual_seed(a.seed)
order = random.Random(a.seed)
tokenizer = transformers.AutoTokenizer.from_pretrained(a.model)
dev = None
if a.task in ("pos", "wnut17"):
    train = corpora.sentences(a.task, a.data)
    labels = sorted({tag for _, tags in train for tag in tags})
    train = corpora.encode_tags(tokenizer, train, labels, a.max_length)
    model = transformers.BertForTokenClassification.from_pretrained(
        a.model, id2label=dict(enumerate(labels)), label2id={label: number for number, label in enumerate(labels)}
    )
elif a.task == "squad":
    train = corpora.encode_questions(tokenizer, corpora.questions(a.data), a.max_length)
    model = transformers.BertForQuestionAnswering.from_pretrained(a.model)
else:
    train, dev = (corpora.encode_texts(tokenizer, rows, a.max_length) for rows in corpora.texts(a.task, a.data))
    outputs = 2 if a.task in ("cola", "sst2") else 1
    model = transformers.BertForSequenceClassification.from_pretrained(a.model, num_labels=outputs)
train = train[: a.rows]


def inputs(rows):
    length = max(len(row["ids"]) for row in rows)
    pad = lambda values: torch.tensor([value + [0] * (length - len(value)) for value in values])
    return dict(
        input_ids=pad([row["ids"] for row in rows]),
        token_type_ids=pad([row["segments"] for row in rows]),
        attention_mask=pad([[1] * len(row["ids"]) for row in rows]),
    )


def loss_of(rows):
    targets = [row["target"] for row in rows]
    if a.task == "squad":
        starts, ends = torch.tensor(targets).unbind(1)
        return model(**inputs(rows), start_positions=starts, end_positions=ends).loss
    if a.task in ("pos", "wnut17"):
        length = max(map(len, targets))
        targets = [target + [-100] * (length - len(target)) for target in targets]
    return model(**inputs(rows), labels=torch.tensor(targets)).loss


def batches():
    """An epoch: texts are sorted by length within 50 batches at a time, then the batches are shuffled."""
    rows = order.sample(train, len(train))
    stretch = 50 * a.batch_size
    cut = []
    for start in range(0, len(rows), stretch):
        near = sorted(rows[start : start + stretch], key=lambda row: -len(row["ids"]))
        cut += [near[i : i + a.batch_size] for i in range(0, len(near), a.batch_size)]
    order.shuffle(cut)
    return cut


def correlation(a, b):
    return float(numpy.corrcoef(a, b)[0, 1])


def ranks(values):
    _, place, count = numpy.unique(values, return_inverse=True, return_counts=True)
    return (numpy.cumsum(count) - (count - 1) / 2)[place]


@torch.inference_mode()
def evaluate_texts():
    model.eval()
    rows = sorted(range(len(dev)), key=lambda row: -len(dev[row]["ids"]))
    outputs = numpy.zeros((len(dev), model.num_labels))
    for start in range(0, len(rows), a.eval_batch_size):
        chosen = rows[start : start + a.eval_batch_size]
        outputs[chosen] = model(**inputs([dev[row] for row in chosen])).logits.numpy()
    gold = numpy.array([row["target"] for row in dev])
    if model.num_labels == 1:
        said = outputs[:, 0]
        return dict(pearson=correlation(said, gold), spearman=correlation(ranks(said), ranks(gold)))
    said = outputs.argmax(1)
    # Of two yes-or-no variables, Matthews' correlation is Pearson's.
    return dict(accuracy=float((said == gold).mean()), matthews=correlation(said, gold) if 0 < said.mean() < 1 else 0.0)


def evaluate_saved(folder):
    """The metrics of `bert eval`; without any of `bert train`'s options, whose defaults are those of this script."""
    here = os.path.dirname(os.path.abspath(__file__))
    program = os.environ.get("BERT", f"{here}/../../../target/release/bert")
    command = [program, "eval", folder, "--corpus", a.task, "--data", a.data, "--max-length", str(a.max_length), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


plain = [p for name, p in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
known = set(map(id, plain))
groups = [dict(params=plain, weight_decay=0.0), dict(params=[p for p in model.parameters() if id(p) not in known])]
optimizer = torch.optim.AdamW(groups, lr=a.lr, eps=1e-8, weight_decay=0.01, fused=True)
steps = -(-len(train) // a.batch_size) * a.epochs
schedule = transformers.get_linear_schedule_with_warmup(optimizer, round(0.1 * steps), steps)
step = 0
with tempfile.TemporaryDirectory() as folder:
    for epoch in range(1, a.epochs + 1):
        model.train()
        for rows in batches():
            loss = loss_of(rows)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            step += 1
            if step == 1 or step % 50 == 0:
                print(f"epoch {epoch}/{a.epochs}  step {step}/{steps}  loss {loss.item():.4f}", file=sys.stderr, flush=True)
        last = epoch == a.epochs
        if dev and (last or not a.last):
            metrics = evaluate_texts()
            print(metrics, file=sys.stderr, flush=True)
        if last or not a.last:
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
    if not dev:
        metrics = evaluate_saved(folder)
print(json.dumps(dict(task=a.task, seed=a.seed, steps=step) | metrics))
