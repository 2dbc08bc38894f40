"""Table and picture of the measurements of scripts/bench/growth. usage: growth_plot.py LINES.jsonl PICTURE.svg"""
import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 8})
import matplotlib.pyplot as pyplot

rows = [json.loads(line) for line in open(sys.argv[1])]
for row in rows:
    row["program"] = row["program"].split()[0]
    row["token"] = row["median"] / (row["batch"] * row["length"]) * 1e6
programs = {"bert": "tab:blue", "pytorch": "tab:orange"}
threads = sorted({row["threads"] for row in rows})


def points(what, grows, threads, program):
    """By size: microseconds a token, and MiB."""
    wanted = dict(what=what, grows=grows, threads=threads, program=program)
    return {row[grows]: (row["token"], row["peak_mib"]) for row in rows if all(row[k] == v for k, v in wanted.items())}


for what in ("train", "inference"):
    for grows in ("length", "batch"):
        for count in threads:
            ours, theirs = (points(what, grows, count, program) for program in programs)
            print(f"\n| {what}, {count} thread{'s'[: count > 1]}: {grows}", *ours, sep=" | ", end=" |\n")
            print("|---|" + "---|" * len(ours))
            print("| bert, µs a token |", " | ".join(f"{t:.1f}" for t, _ in ours.values()), "|")
            print("| PyTorch, µs a token |", " | ".join(f"{t:.1f}" for t, _ in theirs.values()), "|")
            print("| PyTorch's / bert's |", " | ".join(f"{theirs[n][0] / ours[n][0]:.2f}" for n in ours), "|")
            if what == "train" and count == threads[-1] and all(m for _, m in [*ours.values(), *theirs.values()]):
                print("| bert, MiB |", " | ".join(str(m) for _, m in ours.values()), "|")
                print("| PyTorch, MiB |", " | ".join(str(m) for _, m in theirs.values()), "|")

figure, axes = pyplot.subplots(1, 5, figsize=(13, 2.8), layout="constrained")
panels = [(what, grows) for grows in ("length", "batch") for what in ("train", "inference")]
for axis, (what, grows) in zip(axes, panels):
    for program, colour in programs.items():
        for count, style in zip(threads, ("--", "-", ":", "-.")):
            found = points(what, grows, count, program)
            label = f"{program}, {count} thread{'s'[: count > 1]}"
            axis.plot(list(found), [t for t, _ in found.values()], style, marker=".", color=colour, label=label)
    axis.set(title=f"{what}, µs a token", xlabel=grows, xscale="log", ylim=(0, None))
for program, colour in programs.items():
    found = points("train", "length", threads[-1], program)
    axes[4].plot(list(found), [m for _, m in found.values()], marker=".", color=colour)
axes[4].set(title="training process, MiB", xlabel="length", ylim=(0, None))
for axis in axes:
    ticks = sorted({x for line in axis.lines for x in line.get_xdata()})
    axis.set_xticks(ticks, [str(x) for x in ticks])
    axis.minorticks_off()
axes[0].legend(fontsize=7)
figure.savefig(sys.argv[2], metadata={"Date": None})
