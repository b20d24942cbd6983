#!/usr/bin/env python3
"""Shows that the table which the statistics of sheets are tested against is what scipy says of its scores.

`src/outcomes/statistics/scipy.json` holds random paired scores with dz, its correction by Hedges, signed-rank test and
correlation; unit tests of the service compare each case. Here every case is computed again by scipy, in an environment of
its own, and 400 more are drawn from PAI_SEED to see that scipy has an answer wherever the service claims one. With
`--write` the table is made anew: its seed is fixed, so that it changes only with the programs behind it.
"""

import json
import math
import os
import random
import sys

from with_scipy import HERE, enter

enter()
import numpy
import scipy
from scipy import stats

TABLE = HERE.parent / "src/outcomes/statistics/scipy.json"
CASES = 400
TABLE_SEED = 62
# Two computers may differ in the last digits of a double.
TOLERANCE = 1e-12
# Up to so many pairs scipy goes through all signs where there are ties; without ties it counts up to 50 by itself.
MOST_PERMUTED = 13
MOST_EXACT = 50


def scores(rng, pairs, scale):
    low, high = scale
    return [rng.randint(low, high) for _ in range(pairs)]


def told(number):
    """A number as text with the digits that a double holds; none where it is not defined."""
    return None if number is None or not math.isfinite(number) else repr(float(number))


def effect(differences):
    n = len(differences)
    if n < 2 or len(set(differences)) == 1:
        return None, None
    dz = numpy.mean(differences) / numpy.std(differences, ddof=1)
    # The same number by scipy: the statistic of the paired test by the root of n.
    by_test = stats.ttest_1samp(differences, 0).statistic / math.sqrt(n)
    assert math.isclose(dz, by_test, rel_tol=1e-9, abs_tol=1e-12), (dz, by_test)
    hedges = dz * (1 - 3 / (4 * (n - 1) - 1)) if n > 2 else None
    return dz, hedges


def signed_rank(differences):
    differing = [difference for difference in differences if difference]
    tied = len({abs(difference) for difference in differing}) < len(differing)
    if not differing or len(differing) > (MOST_PERMUTED if tied else MOST_EXACT):
        return None
    method = stats.PermutationMethod(n_resamples=math.inf) if tied else "exact"
    result = stats.wilcoxon(differing, method=method)
    return {"ranked": len(differing), "statistic": told(result.statistic), "pValue": told(result.pvalue)}


def correlation(one, other):
    if len(one) < 5 or len(set(one)) == 1 or len(set(other)) == 1:
        return None
    return stats.pearsonr(one, other).statistic


def drawn(rng):
    """Random scores before and after, on scales of several sizes, some with a constant gain."""
    scale = rng.choice([(1, 3), (1, 5), (0, 10), (-20, 20), (1, 1_000_000)])
    pairs = rng.choice([1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 20, 40, 50])
    before, after = scores(rng, pairs, scale), scores(rng, pairs, scale)
    if rng.random() < 0.15:
        after = [score + 1 for score in before]
    return before, after


def case(before, after):
    differences = [late - early for early, late in zip(before, after)]
    dz, hedges = effect(differences)
    return {
        "before": before,
        "after": after,
        "dz": told(dz),
        "hedges": told(hedges),
        "signedRank": signed_rank(differences),
        "correlation": told(correlation(before, after)),
    }


def alike(one, other):
    """Whether two parts of a case say the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, str) and isinstance(other, str):
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return one == other


def write():
    rng = random.Random(TABLE_SEED)
    lines = ",\n".join(json.dumps(case(*drawn(rng))) for _ in range(CASES))
    TABLE.write_text(f'{{"scipy": "{scipy.__version__}", "cases": [\n{lines}\n]}}\n')


def main():
    if sys.argv[1:] == ["--write"]:
        write()
    table = json.loads(TABLE.read_text())["cases"]
    wrong = [one for one in table if not alike(one, case(one["before"], one["after"]))]
    if wrong:
        sys.exit(f"pairs: scipy {scipy.__version__} says otherwise of {len(wrong)} cases, first {wrong[0]}")
    seed = int(os.environ.get("PAI_SEED") or random.SystemRandom().randrange(2**32))
    rng = random.Random(seed)
    more = [case(*drawn(rng)) for _ in range(CASES)]
    untold = [one for one in more if (one["dz"] is None) != (len(set(gains(one))) < 2)]
    if untold:
        sys.exit(f"pairs: no effect size where there is a spread, seed {seed}: {untold[0]}")
    tested = sum(one["signedRank"] is not None for one in table)
    print(f"pairs: {len(table)} cases as scipy {scipy.__version__} says, {tested} with a signed-rank test; seed {seed}")


def gains(one):
    return [late - early for early, late in zip(one["before"], one["after"])]


if __name__ == "__main__":
    main()
