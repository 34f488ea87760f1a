"""Draws the numbers of several runs as one SVG, with Python's standard library alone.

    python docs/bench/curves.py train/rmse rmse.svg runs/r2-baseline runs/r2-t250
    python docs/bench/curves.py rmse_by_level rmse-by-level.svg runs/r2-baseline runs/r2-t250

A metric is drawn over images seen; a group of metrics, named without the bin, by noise level, as the mean over the last
quarter of a run. The vertical axis is logarithmic.
"""

import json
import math
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 70, 20, 190, 50
COLOURS = ["#1b6ca8", "#d1495b", "#3c8d5a", "#e09f3e", "#7d5ba6", "#4d4d4d", "#00a6a6", "#b56576", "#8a9a5b", "#9c6644"]


def rows(run):
    return [json.loads(line) for line in (Path(run) / "metrics.jsonl").read_text().splitlines()]


def over_images(run, key):
    return [(row["images"], row[key]) for row in rows(run) if key in row]


def by_level(run, group):
    """Bins by their place from little to much noise, in [0, 1]: runs may count their levels differently."""
    late = rows(run)
    late = late[-max(1, len(late) // 4):]
    bins = sorted({key for row in late for key in row if key.startswith(group + "/")}, key=lower)
    means = [[row[key] for row in late if key in row] for key in bins]
    return [((i + 0.5) / len(bins), sum(values) / len(values)) for i, values in enumerate(means)]


def lower(key):
    return float(key.split("/")[1].split("-")[0])


def ticks(low, high):
    """Round numbers within a logarithmic range."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10**d for d in decades for m in (1, 2, 3, 5, 7) if low <= m * 10**d <= high]


def draw(curves, title, across, right):
    points = [point for curve in curves.values() for point in curve]
    right = right or max(x for x, _ in points)
    low, high = min(y for _, y in points) / 1.1, max(y for _, y in points) * 1.1
    span = math.log(high / low)
    px = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * x / right
    py = lambda y: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(y / low) / span
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for y in ticks(low, high):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{py(y):.1f}" y2="{py(y):.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{py(y) + 4:.1f}" text-anchor="end">{y:g}</text>')
    for i in range(5):
        x = right * i / 4
        out.append(f'<text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x:,g}</text>')
    out.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">{title}, over {across}</text>')
    for i, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in curve)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 10}" y="{TOP + 16 + 18 * i}" fill="{colour}">{name}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def main(key, out, *runs):
    levels = key.endswith("_by_level")
    curves = {Path(run).name: by_level(run, key) if levels else over_images(run, key) for run in runs}
    empty = [name for name, curve in curves.items() if not curve]
    if empty:
        sys.exit(f"no {key} in {', '.join(empty)}")
    across = "noise levels, from little to much" if levels else "images seen"
    Path(out).write_text(draw(curves, key, across, 1 if levels else None))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
