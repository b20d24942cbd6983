#!/usr/bin/env python3
"""Shows that the table which intervals of shares are tested against is what scipy says.

`src/outcomes/statistics/intervals.csv` holds pairs of shares with the interval of Wilson for each (scipy.stats.binomtest) and
that of Newcombe for what they differ by, combined from scipy's bounds; a unit test of the service compares each row. Here every
row is computed again, in an environment of its own. With `--write` the table is made anew from a fixed seed.
"""

import math
import random
import sys

from with_scipy import HERE, VERSION, enter

enter()
from scipy import stats

TABLE = HERE.parent / "src/outcomes/statistics/intervals.csv"
HEAD = "some,all,laterSome,laterAll,low,high,laterLow,laterHigh,difference,changeLow,changeHigh"
CASES = 500
TABLE_SEED = 250
# Half of the last digit that the table holds.
TOLERANCE = 5.1e-11


def wilson(some, everybody):
    bounds = stats.binomtest(some, everybody).proportion_ci(confidence_level=0.95, method="wilson")
    return bounds.low, bounds.high


def row(some, everybody, later_some, later_all):
    (low, high), (later_low, later_high) = wilson(some, everybody), wilson(later_some, later_all)
    then, now = some / everybody, later_some / later_all
    below = math.hypot(now - later_low, high - then)
    above = math.hypot(later_high - now, then - low)
    return [low, high, later_low, later_high, now - then, now - then - below, now - then + above]


def table():
    rng = random.Random(TABLE_SEED)
    for place in range(CASES):
        most = [12, 40, 3000][place % 3]
        numbers = []
        for _ in range(2):
            everybody = rng.randint(1, most)
            # Nobody and everybody come up often: there the common interval fails.
            numbers += [rng.choice([0, everybody, rng.randint(0, everybody), rng.randint(0, everybody)]), everybody]
        yield numbers


def main():
    if "--write" in sys.argv:
        lines = [",".join([*map(str, numbers), *(f"{value:.10f}" for value in row(*numbers))]) for numbers in table()]
        TABLE.write_text("\n".join([HEAD, *lines]) + "\n")
        return
    lines = TABLE.read_text().splitlines()
    assert lines[0] == HEAD
    for line, numbers in zip(lines[1:], table(), strict=True):
        cells = line.split(",")
        assert [int(cell) for cell in cells[:4]] == numbers, line
        for cell, value in zip(cells[4:], row(*numbers), strict=True):
            assert abs(float(cell) - value) <= TOLERANCE, f"{line}: {value}"
    print(f"intervals: {len(lines) - 1} pairs of shares as scipy {VERSION} tells them")


if __name__ == "__main__":
    main()
