"""How long Hugging Face's tokenizer and the usual search for answers take on SQuAD's questions: see scripts/bench/questions.

The search is that of transformers' run_qa: the 20 best starts with the 20 best ends of each window.
"""
import collections
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import numpy
import transformers

tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
started = time.perf_counter()
questions, passages = [], []
for article in json.load(open(sys.argv[2]))["data"]:
    for paragraph in article["paragraphs"]:
        for question in paragraph["qas"]:
            questions.append(question["question"].strip())
            passages.append(paragraph["context"])


def told(what, seconds):
    row = dict(what=what, program=f"transformers {transformers.__version__}", questions=len(questions), rows=rows)
    print(json.dumps(dict(row, seconds=seconds)), flush=True)


rows = None
told("reading", time.perf_counter() - started)
started = time.perf_counter()
encoded = tokenizer(
    questions, passages, truncation="only_second", max_length=384, stride=128,
    return_overflowing_tokens=True, return_offsets_mapping=True,
)
rows = len(encoded["input_ids"])
offsets = []
for row in range(rows):
    texts = encoded.sequence_ids(row)
    offsets.append([place if text == 1 else None for place, text in zip(encoded["offset_mapping"][row], texts)])
told("tokenising and windows", time.perf_counter() - started)
noise = numpy.random.default_rng(1)
logits = [noise.random((2, len(places)), dtype=numpy.float32) * 16 for places in offsets]
started = time.perf_counter()
windows = collections.defaultdict(list)
for row, question in enumerate(encoded["overflow_to_sample_mapping"]):
    windows[question].append(row)
answers = []
for question in range(len(questions)):
    found = []
    for row in windows[question]:
        starts, ends = logits[row]
        places = offsets[row]
        for start in numpy.argsort(starts)[-1:-21:-1].tolist():
            for end in numpy.argsort(ends)[-1:-21:-1].tolist():
                if places[start] is None or places[end] is None or not start <= end < start + 30:
                    continue
                found.append((starts[start] + ends[end], places[start][0], places[end][1]))
    best = sorted(found, reverse=True)[:20]
    scores = numpy.exp([score - best[0][0] for score, *_ in best]) if best else []
    answers.append([(passages[question][a:b], p) for (_, a, b), p in zip(best, scores / sum(scores) if best else [])])
told("answers", time.perf_counter() - started)
