"""Fine-tunes BERT with PyTorch and transformers, with the recipe of `bert train`: the peer in scripts/bench/finetune,
scripts/bench/startup and scripts/bench/regression.

usage: pytorch_finetune.py cola|stsb|regress MODEL DATA [--seed N] ...

DATA has cola/raw/*.tsv and stsb/*.csv; for `regress` it has train.jsonl and dev.jsonl, with sentence1, sentence2 and score in
each line. It does the same work as `bert train`: texts of similar length share a batch, the model is evaluated on dev after
each epoch and saved. The last line on standard output holds the metrics, in JSON.
"""
import argparse
import json
import os
import random
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import torch
from transformers import AutoTokenizer, BertForSequenceClassification, get_linear_schedule_with_warmup
from transformers.utils import logging

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("task", choices=("cola", "stsb", "regress"))
parser.add_argument("model")
parser.add_argument("data")
for name, default in {"seed": 1, "epochs": 3, "batch-size": 32, "eval-batch-size": 64, "max-length": 128}.items():
    parser.add_argument("--" + name, type=int, default=default)
parser.add_argument("--lr", type=float, default=5e-5)
parser.add_argument("--last", action="store_true", help="evaluate and save after the last epoch only")
a = parser.parse_args()
logging.set_verbosity_error()
logging.disable_progress_bar()
torch.manual_seed(a.seed)
order = random.Random(a.seed)


def read(*names):
    """Texts, one or two of each example, and its label or score."""
    examples = []
    for name in names:
        for line in open(os.path.join(a.data, name), encoding="utf-8"):
            cells = line.rstrip("\r\n").split("\t")
            examples.append(([cells[3]], int(cells[1])) if a.task == "cola" else (cells[5:7], float(cells[4])))
    return examples


if a.task == "cola":
    train = read("cola/raw/in_domain_train.tsv")
    dev = read("cola/raw/in_domain_dev.tsv", "cola/raw/out_of_domain_dev.tsv")
elif a.task == "stsb":
    train, dev = read("stsb/sts-train.csv"), read("stsb/sts-dev.csv")
else:
    rows = [[json.loads(line) for line in open(os.path.join(a.data, name + ".jsonl"))] for name in ("train", "dev")]
    train, dev = ([([row["sentence1"], row["sentence2"]], float(row["score"])) for row in part] for part in rows)
tokenizer = AutoTokenizer.from_pretrained(a.model)


def encode(examples):
    texts = [list(column) for column in zip(*(texts for texts, _ in examples))]
    found = tokenizer(*texts, truncation=True, max_length=a.max_length)
    labels = [label for _, label in examples]
    return list(zip(found["input_ids"], found["token_type_ids"], labels))


train, dev = encode(train), encode(dev)


def tensors(rows):
    length = max(len(ids) for ids, _, _ in rows)
    ids, types, mask = (torch.zeros(len(rows), length, dtype=torch.long) for _ in range(3))
    for row, (tokens, segments, _) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        types[row, : len(tokens)] = torch.tensor(segments)
        mask[row, : len(tokens)] = 1
    return dict(input_ids=ids, token_type_ids=types, attention_mask=mask, labels=torch.tensor([row[2] for row in rows]))


def batches():
    """An epoch: texts are sorted by length within 50 batches at a time, then the batches are shuffled."""
    rows = order.sample(train, len(train))
    stretch = 50 * a.batch_size
    cut = []
    for start in range(0, len(rows), stretch):
        near = sorted(rows[start : start + stretch], key=lambda row: -len(row[0]))
        cut += [near[i : i + a.batch_size] for i in range(0, len(near), a.batch_size)]
    order.shuffle(cut)
    return cut


def correlation(a, b):
    return float(numpy.corrcoef(a, b)[0, 1])


def ranks(values):
    _, place, count = numpy.unique(values, return_inverse=True, return_counts=True)
    return (numpy.cumsum(count) - (count - 1) / 2)[place]


@torch.inference_mode()
def evaluate_metrics():
    model.eval()
    rows = sorted(range(len(dev)), key=lambda row: -len(dev[row][0]))
    outputs = numpy.zeros((len(dev), model.num_labels))
    for start in range(0, len(rows), a.eval_batch_size):
        chosen = rows[start : start + a.eval_batch_size]
        outputs[chosen] = model(**tensors([dev[row] for row in chosen])).logits.numpy()
    gold = numpy.array([label for *_, label in dev])
    if a.task != "cola":
        said = outputs[:, 0]
        return dict(pearson=correlation(said, gold), spearman=correlation(ranks(said), ranks(gold)))
    said = outputs.argmax(1)
    # Of two yes-or-no variables, Matthews' correlation is Pearson's.
    return dict(accuracy=float((said == gold).mean()), matthews=correlation(said, gold) if 0 < said.mean() < 1 else 0.0)


model = BertForSequenceClassification.from_pretrained(a.model, num_labels=2 if a.task == "cola" else 1)
plain = [p for name, p in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
known = set(map(id, plain))
groups = [dict(params=plain, weight_decay=0.0), dict(params=[p for p in model.parameters() if id(p) not in known])]
optimizer = torch.optim.AdamW(groups, lr=a.lr, eps=1e-8, weight_decay=0.01, fused=True)
steps = -(-len(train) // a.batch_size) * a.epochs
schedule = get_linear_schedule_with_warmup(optimizer, round(0.1 * steps), steps)
step = 0
with tempfile.TemporaryDirectory() as folder:
    for epoch in range(1, a.epochs + 1):
        model.train()
        for rows in batches():
            loss = model(**tensors(rows)).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            step += 1
            if step == 1 or step % 50 == 0:
                print(f"epoch {epoch}/{a.epochs}  step {step}  loss {loss.item():.4f}", file=sys.stderr, flush=True)
        if a.last and epoch < a.epochs:
            continue
        metrics = evaluate_metrics()
        print(metrics, file=sys.stderr, flush=True)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
print(json.dumps(dict(task=a.task, seed=a.seed, steps=step, **metrics)))
