"""Corpora as rows of token ids, segments and targets: what scripts/bench/peers/pytorch_finetune.py trains on.

Texts are cut to the maximum length, as transformers' examples do. Each reader gets the folder that `bert train` gets, for `regress`
a folder with train.jsonl and dev.jsonl: sentence1, sentence2 and score in each line.
"""
import json
import os

TASKS = ("cola", "sst2", "stsb", "regress", "pos", "wnut17", "squad")


def lines(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return [line.rstrip("\r\n") for line in file]


def texts(task, folder):
    """Training and dev examples: texts, one or two of each example, and its label or score."""
    if task == "cola":
        read = lambda *names: [([c[3]], int(c[1])) for name in names for c in (row.split("\t") for row in lines(folder, name))]
        return read("in_domain_train.tsv"), read("in_domain_dev.tsv", "out_of_domain_dev.tsv")
    if task == "sst2":
        read = lambda name: [([c[0]], int(c[1])) for c in (row.split("\t") for row in lines(folder, name)[1:])]
        return read("train.tsv"), read("dev.tsv")
    if task == "stsb":
        read = lambda name: [(c[5:7], float(c[4])) for c in (row.split("\t") for row in lines(folder, name))]
        return read("sts-train.csv"), read("sts-dev.csv")
    read = lambda name: [([r["sentence1"], r["sentence2"]], float(r["score"])) for r in map(json.loads, lines(folder, name))]
    return read("train.jsonl"), read("dev.jsonl")


def encode_texts(tokenizer, examples, max_length):
    found = tokenizer(*map(list, zip(*(texts for texts, _ in examples))), truncation=True, max_length=max_length)
    return [
        dict(ids=ids, segments=segments, target=target)
        for ids, segments, (_, target) in zip(found["input_ids"], found["token_type_ids"], examples)
    ]


def sentences(task, folder):
    """The words and tags of each training sentence."""
    if task == "pos":
        name, word, tag = next(name for name in os.listdir(folder) if name.endswith("-ud-train.conllu")), 1, 3
    else:
        name, word, tag = "wnut17train.conll", 0, 1
    found, sentence = [], []
    for line in lines(folder, name) + [""]:
        cells = line.split("\t")
        if not line.strip():
            found += [sentence] if sentence else []
            sentence = []
        elif task == "wnut17" or cells[0].isdigit():
            sentence.append((cells[word], cells[tag]))
    return [tuple(zip(*sentence)) for sentence in found]


def encode_tags(tokenizer, examples, labels, max_length):
    """The first piece of each word has the word's tag as its target; -100 elsewhere."""
    rows = []
    for words, tags in examples:
        found = tokenizer(list(words), is_split_into_words=True, truncation=True, max_length=max_length)
        places = found.word_ids()
        first = lambda at: places[at] is not None and places[at] != places[at - 1]
        target = [labels.index(tags[places[at]]) if first(at) else -100 for at in range(len(places))]
        rows.append(dict(ids=found["input_ids"], segments=found["token_type_ids"], target=target))
    return rows


def questions(folder):
    """Training questions: question, passage, and the first answer with its place."""
    name = next(name for name in sorted(os.listdir(folder)) if name.startswith("train"))
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        articles = json.load(file)["data"]
    return [
        (question["question"].strip(), paragraph["context"], question["answers"][0])
        for article in articles
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def encode_questions(tokenizer, examples, max_length, stride=128):
    """Windows of the passages. A window that lacks a part of the answer has [CLS] as its target."""
    rows = []
    for question, passage, answer in examples:
        found = tokenizer(
            question, passage, truncation="only_second", max_length=max_length, stride=stride,
            return_overflowing_tokens=True, return_offsets_mapping=True,
        )
        start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        for window, offsets in enumerate(found["offset_mapping"]):
            of_passage = [at for at, text in enumerate(found.sequence_ids(window)) if text == 1]
            target = [0, 0]
            if offsets[of_passage[0]][0] <= start and end <= offsets[of_passage[-1]][1]:
                target = [
                    max(at for at in of_passage if offsets[at][0] <= start),
                    min(at for at in of_passage if offsets[at][1] >= end),
                ]
            rows.append(dict(ids=found["input_ids"][window], segments=found["token_type_ids"][window], target=target))
    return rows
