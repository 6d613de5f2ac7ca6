#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws a run's curve: rewards and mean length by step, as an SVG picture.

usage: plot.py runs/r1_zero/metrics.jsonl [more.jsonl …] > curve.svg

Several files (seeds) are drawn over each other.  Python's standard library
is all it needs.
"""
import json
import sys

WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 240, 56, 34, 64
PANEL = HEIGHT - TOP - 40
COLORS = {"format": "#2a7ab0", "accuracy": "#c0392b", "length": "#555555"}


def read(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if "reward" in row:
                rows.append(row)
    return rows


def series(rows):
    """(step, format, accuracy, length) of every training step."""
    out = []
    for i, r in enumerate(rows):
        names = [k for k in r if k.startswith("rewards/")
                 and k.endswith("/mean")]
        accuracy = [k for k in names if "format" not in k]
        out.append((r.get("step", i), r.get("rewards/format/mean"),
                    r[accuracy[0]] if accuracy else None,
                    r.get("completions/mean_length")))
    return out


def smooth(points, n=5):
    out = []
    for i in range(len(points)):
        window = [p for p in points[max(0, i - n + 1):i + 1]]
        out.append((points[i][0], sum(p[1] for p in window) / len(window)))
    return out


def path(points, x, y, color):
    d = " ".join(f"{'M' if i == 0 else 'L'}{x(a):.1f},{y(b):.1f}"
                 for i, (a, b) in enumerate(points))
    return (f'<path d="{d}" fill="none" stroke="{color}" '
            f'stroke-width="1.6" stroke-opacity="0.75"/>')


def panel(out, left, width, runs, columns, top_value, label):
    last = max(p[0] for run in runs for p in run) or 1
    x = lambda v: left + width * v / last
    y = lambda v: TOP + PANEL * (1 - v / top_value)
    for k in range(5):
        v = top_value * k / 4
        text = f"{v:.0%}" if top_value == 1 else f"{v:.0f}"
        out.append(f'<line x1="{left}" x2="{left + width}" y1="{y(v):.1f}" '
                   f'y2="{y(v):.1f}" stroke="#dddddd"/>')
        out.append(f'<text x="{left - 6}" y="{y(v) + 4:.1f}" '
                   f'text-anchor="end">{text}</text>')
    for k in range(0, 5):
        v = last * k / 4
        out.append(f'<text x="{x(v):.1f}" y="{TOP + PANEL + 16}" '
                   f'text-anchor="middle">{v:.0f}</text>')
    out.append(f'<text x="{left + width / 2}" y="{TOP + PANEL + 32}" '
               f'text-anchor="middle">step</text>')
    at = left
    for name, index in columns:
        out.append(f'<text x="{at}" y="{TOP - 12}" fill="{COLORS[name]}">'
                   f'{label if name == "length" else name}</text>')
        at += 70
        for run in runs:
            points = [(p[0], p[index]) for p in run if p[index] is not None]
            out.append(path(smooth(points), x, y, COLORS[name]))


def main(paths):
    runs = [series(read(p)) for p in paths]
    runs = [r for r in runs if r]
    if not runs:
        sys.exit("plot.py: no steps in " + ", ".join(paths))
    width = (WIDTH - LEFT - GAP - 16) / 2
    longest = max(p[3] or 0 for r in runs for p in r)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
           f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    panel(out, LEFT, width, runs, [("format", 1), ("accuracy", 2)], 1, "")
    panel(out, LEFT + width + GAP, width, runs, [("length", 3)],
          (int(longest / 20) + 1) * 20, "mean length, tokens")
    out.append("</svg>")
    print("\n".join(out))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
