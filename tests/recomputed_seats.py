"""Pupils, seats and teachers of the coming years computed a second time, from ``docs/methods.md`` alone.

Nothing of the package is imported. Paths are drawn here anew, with other random numbers: what is compared agrees as
closely as two times two thousand paths can.
"""

from __future__ import annotations

import math

import numpy as np

STAGES = {"preschool": (3, "", 3), "primary": (6, "", 6), "junior": (3, "primary", 12),
          "senior": (3, "junior", 15), "vocational": (3, "junior", 15)}  # fmt: skip
"""Grades, the stage whose last grade feeds the first, and the age of entry."""
FIRST = dict(zip(STAGES, (0, 3, 9, 12, 15), strict=True))
LAST = {name: FIRST[name] + STAGES[name][0] - 1 for name in STAGES}
GRADES = range(18)
STAGE_OF = [name for name in STAGES for _ in range(STAGES[name][0])]
FEEDS = [
    g - 1 if g != FIRST[STAGE_OF[g]] else LAST.get(STAGES[STAGE_OF[g]][1], -1) for g in GRADES
]  # -1: births
AGES = [STAGES[STAGE_OF[g]][2] if g == FIRST[STAGE_OF[g]] else 0 for g in GRADES]
SEATS_A_CLASS = {"preschool": 30, "primary": 45, "junior": 50, "senior": 50, "vocational": 50}
PUPILS_A_TEACHER = {"primary": 19, "junior": 13.5, "senior": 12.5}


def mean(values):
    held = [v for v in values if math.isfinite(v)]
    return sum(held) / len(held) if held else math.nan


def log(value):
    return math.log(value) if value > 0 else math.nan


def over(a, b):
    return a / b if b > 0 else math.nan


def split_stage(pupils, entrants, leavers, grades):
    """Rows of a year, columns of a grade: the first counted, the last from next year's leavers, between them those
    who entered years before, brought to the pupils of the stage."""
    end = len(pupils)
    made = np.full((end, grades), math.nan)
    for t in range(end):
        counted = {0: entrants[t]}
        if t + 1 < end:
            counted[grades - 1] = leavers[t + 1]
        counted = {k: v for k, v in counted.items() if math.isfinite(v)}
        older = {k: entrants[t - k] for k in range(1, grades) if k not in counted and t >= k}
        older = {k: v for k, v in older.items() if math.isfinite(v)}
        gaps = [k for k in range(grades) if k not in counted and k not in older]
        rest = pupils[t] - sum(counted.values())
        if gaps and (t == end - 1 or len(gaps) == 1):
            each, usual = (rest - sum(older.values())) / len(gaps), rest / (len(older) + len(gaps))
            older |= {k: each if each > 0.5 * usual else usual for k in gaps}
            gaps = []
        if not math.isfinite(rest) or rest < 0:
            continue
        for k, v in counted.items():
            made[t, k] = v
        for k, v in () if gaps else older.items():
            made[t, k] = v * rest / sum(older.values())
    return made


class Prefecture:
    """The counties of a prefecture as known at the end of one year.

    ``raw`` holds by county and name, such as ``entrants_primary`` or ``births``, one value a year.
    """

    def __init__(self, raw, years):
        self.raw, self.areas, self.years, self.end = raw, [*raw], [*years], len(years)
        self.grade = {a: np.hstack([self.split(a, s) for s in STAGES]) for a in self.areas}
        self.born = {a: self.recover_births(a) for a in self.areas}
        self.share = {g: self.learn_share(g) for g in GRADES if AGES[g]}

    def row(self, area, name):
        return list(self.raw[area].get(name, [math.nan] * self.end))[: self.end]

    def split(self, area, stage):
        pupils, entrants, leavers = (
            self.row(area, f"{what}_{stage}") for what in ("pupils", "entrants", "leavers")
        )
        return split_stage(pupils, entrants, leavers, STAGES[stage][0])

    def recover_births(self, area):
        """By calendar year: births as held, cohorts before them from the yearly age groups by least squares."""
        held = {y: b for y, b in zip(self.years, self.row(area, "births"), strict=True) if math.isfinite(b)}
        start, last = self.years[0] - 17, self.years[-1]
        span = [*range(start, last + 1)]
        rows, sums = [], []
        for low, high in ((3, 5), (6, 11), (12, 14), (15, 17)):
            for year, counted in zip(self.years, self.row(area, f"population_age_{low}_{high}"), strict=True):
                if math.isfinite(counted):
                    rows.append([float(year - high <= b <= year - low) for b in span])
                    sums.append(counted)
        rows, sums = np.array(rows), np.array(sums)
        births = np.array([held.get(b, math.nan) for b in span])
        known = np.isfinite(births)
        wholly = [k for k, row in enumerate(rows) if not row[~known].any()]
        if wholly:
            sums = sums / np.median([sums[k] / (rows[k][known] @ births[known]) for k in wholly])
        smooth = [
            [{0: 1.0, 1: -2.0, 2: 1.0}.get(b - k, 0.0) for b in range(len(span))]
            for k in range(len(span) - 2)
        ]
        system = np.vstack([rows, 0.2 * np.array(smooth)])
        goal = np.concatenate([sums, np.zeros(len(smooth))]) - system[:, known] @ births[known]
        births[~known] = np.maximum(np.linalg.lstsq(system[:, ~known], goal, rcond=None)[0], 0)
        return dict(zip(span, births, strict=True))

    def children(self, area, year, g, share=None, born=None):
        share = self.share[g] if share is None else share
        born = self.born[area] if born is None else born
        return share * born.get(year - AGES[g], math.nan) + (1 - share) * born.get(
            year - AGES[g] - 1, math.nan
        )

    def learn_share(self, g):
        """The share under which entrants over births change least in their change, drawn towards 8/12."""
        tried, chance = [0, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 5 / 6, 1], []
        for share in tried:
            squares = []
            for a in self.areas:
                line = [
                    log(over(self.grade[a][t, g], self.children(a, y, g, min(max(share, 1e-9), 1 - 1e-9))))
                    for t, y in enumerate(self.years)
                ]
                bends = [line[t] - 2 * line[t + 1] + line[t + 2] for t in range(len(line) - 2)]
                squares += [b * b for b in bends if math.isfinite(b)]
            n = len(squares)
            if n < 4:
                return 2 / 3
            kept = sorted(squares)[: max(3, int(0.95 * n))]
            chance.append(-n / 4 * math.log(max(mean(kept), 1e-8)) - 6 * ((share - 2 / 3) / 0.5) ** 2)
        weights = [math.exp(c - max(chance)) for c in chance]
        return sum(w * s for w, s in zip(weights, tried, strict=True)) / sum(weights)

    # --- ratios ---

    def ratios(self):
        """By county logarithms of the ratio to the grade below, and to the children of the age beside it."""
        main, beside = {}, {}
        for a in self.areas:
            main[a], beside[a] = np.full((self.end, 18), math.nan), np.full((self.end, 18), math.nan)
            for g in GRADES:
                branch = FEEDS[g] >= 0 and FEEDS.count(FEEDS[g]) > 1
                for t, year in enumerate(self.years):
                    to_age = over(self.grade[a][t, g], self.children(a, year, g)) if AGES[g] else math.nan
                    below = (
                        over(self.grade[a][t, g], self.grade[a][t - 1, FEEDS[g]])
                        if FEEDS[g] >= 0 and t
                        else math.nan
                    )
                    ratio = to_age if FEEDS[g] < 0 else below
                    least = 0.01 if branch else 0.2
                    if not math.isfinite(ratio) and g != FIRST[STAGE_OF[g]]:
                        ratio = self.retention(a, STAGE_OF[g], t)
                    if least <= ratio <= 3:
                        main[a][t, g] = log(ratio)
                    if FEEDS[g] >= 0 and least <= to_age <= 3:
                        beside[a][t, g] = log(to_age)
        return (np.stack([held[a] for a in self.areas]) for held in (main, beside))

    def retention(self, area, stage, t):
        """Of those who did not leave with a certificate, how many are there a year later."""
        if not t:
            return math.nan
        pupils, entrants, leavers = (
            self.row(area, f"{what}_{stage}") for what in ("pupils", "entrants", "leavers")
        )
        return over(pupils[t] - entrants[t], pupils[t - 1] - leavers[t])


def steady_mean(lines, n):
    """(a, g) mean of the last n, drawn towards the prefecture's by how much of the difference is chance."""
    areas, _, size = lines.shape
    made = np.full((areas, size), math.nan)
    for g in range(size):
        recent = [[v for v in lines[a, :, g] if math.isfinite(v)][-n:] for a in range(areas)]
        held = {a: mean(r) for a, r in enumerate(recent) if r}
        if not held:
            continue
        squares = sum((v - held[a]) ** 2 for a in held for v in recent[a])
        noise = squares / max(sum(map(len, recent)) - len(held), 1)
        centre, chance = mean(held.values()), {a: noise / len(recent[a]) for a in held}
        between = sum((m - centre) ** 2 for m in held.values()) / max(len(held) - 1, 1) - mean(
            chance.values()
        )
        for a in range(areas):
            if a not in held:
                made[a, g] = centre
            else:
                kept = 1.0 if len(held) < 3 else max(between, 0) / max(max(between, 0) + chance[a], 1e-12)
                made[a, g] = centre + kept * (held[a] - centre)
    return made


def alike(means):
    """Half of what sets a grade apart from the others of its county that are near 1."""
    made = means.copy()
    for row in made:
        near = [g for g, v in enumerate(row) if abs(v) < 0.1]
        if len(near) > 2:
            centre = mean(row[near])
            row[near] = centre + 0.5 * (row[near] - centre)
    return made


def fit_line(values):
    """Years held, mean year before the last, mean, slope, squares about the line, squares of the years."""
    held = [(t - len(values) + 1, v) for t, v in enumerate(values) if math.isfinite(v)]
    x, y = mean(t for t, _ in held), mean(v for _, v in held)
    wide = max(sum((t - x) ** 2 for t, _ in held), 1e-9)
    slope = sum((t - x) * (v - y) for t, v in held) / wide
    return len(held), x, y, slope, sum((v - y - slope * (t - x)) ** 2 for t, v in held), wide


def sloping(lines, leads):
    """(a, h, g): the level now and a slope of eight years that keeps 85 % of itself a year; nan where none."""
    areas, _, size = lines.shape
    made = np.full((areas, leads, size), math.nan)
    steps = [sum(0.85**k for k in range(1, h + 1)) for h in range(1, leads + 1)]
    for g in range(size):
        recent = lines[:, -8:, g]
        fits = {a: fit_line(recent[a]) for a in range(areas) if np.isfinite(recent[a]).any()}
        free = sum(max(f[0] - 2, 0) for f in fits.values())
        noise = sum(f[4] for f in fits.values() if f[0] > 2) / max(free, 1)
        fits = {a: f for a, f in fits.items() if f[0] >= 4}
        if not fits:
            continue
        together = [mean(recent[a, t] - f[2] for a, f in fits.items()) for t in range(recent.shape[1])]
        n, _, _, common, left, wide = fit_line(together)
        doubt = (left / max(n - 2, 1) if n > 2 else 0.0) / wide
        sure = common**2 / (common**2 + doubt + 1e-12)
        between = mean((f[3] - common) ** 2 for f in fits.values()) - mean(
            noise / f[5] for f in fits.values()
        )
        for a, (_, x, y, slope, _, own) in fits.items():
            kept = max(between, 0) / (max(between, 0) + noise / own + 1e-12)
            drawn = sure * common + kept * (slope - common)
            made[a, :, g] = [y - x * drawn + step * drawn for step in steps]
    return made


def carry_each(lines, leads):
    """The three ways: the last five years, all years with grades alike, the slope."""
    short = steady_mean(lines, 5)
    flat = [np.repeat(one[:, None], leads, axis=1) for one in (short, alike(steady_mean(lines, 99)))]
    slope = sloping(lines, leads)
    return np.stack([*flat, np.where(np.isfinite(slope), slope, flat[0])])


def weigh_against(steady, other, areas_needed):
    """How much of another way would have erred least, less what chance would give; a year is one trial. (l, k, a)."""
    gain = steady - other
    known = np.isfinite(gain)
    if known.any(axis=(0, 2)).sum() < 3 or known.any(axis=(0, 1)).sum() < areas_needed:
        return 0.0
    e, d = np.where(known, steady, 0), np.where(known, gain, 0)
    power = (d * d).sum()
    best = (e * d).sum() / power if power > 0 else 0.0
    if best <= 0:
        return 0.0
    error = math.sqrt(((d * (e - best * d)).sum(axis=(0, 2)) ** 2).sum()) / power
    return min(best, 1.0) * max(0.0, 1 - 4 * (error / best) ** 2)


def try_ways(lines, leads):
    """Ratios of the coming years, and how wrong the same mixture was one, two and three years ahead."""
    areas, end, size = lines.shape
    tried = np.full((3, max(end - 3, 1), 3, areas, size), math.nan)
    for k, origin in enumerate(range(3, end)):
        said = carry_each(lines[:, :origin], 3)
        for h in range(min(3, end - origin)):
            tried[h, k] = lines[:, origin + h] - said[:, :, h]
    weights = np.zeros((3, size))
    for g in range(size):
        squares = [[e * e for e in tried[:, :, c, :, g].ravel() if math.isfinite(e)] for c in (0, 1)]
        usual = sum(map(sum, squares)) / max(sum(map(len, squares)), 1) + 1e-8
        steady = np.array([(len(s) + 8) / (sum(s) + 8 * usual) for s in squares])
        steady = steady / steady.sum()
        mixed = np.einsum("c,lkca->lka", steady, tried[:, :, :2, :, g])
        slope = weigh_against(mixed, tried[:, :, 2, :, g], 3)
        weights[:, g] = [*(steady * (1 - slope)), slope]
    ahead = np.einsum("cg,cahg->ahg", weights, carry_each(lines, leads))
    return ahead, np.einsum("cg,lkcag->lkag", weights, tried)


def pair_shares(errors):
    """Shares of errors that all counties, all grades of a county and one grade of all counties have in common."""
    held = np.isfinite(errors)
    if held.sum() < 12:
        return 0.1, 0.2, 0.1
    sums: dict[str, float] = {"county": 0.0, "grade": 0.0, "all": 0.0}
    pairs = dict.fromkeys(sums, 0)
    for year in errors:
        cells = [(a, g, v) for (a, g), v in np.ndenumerate(year) if math.isfinite(v)]
        a, g, v = (np.array(one) for one in zip(*cells, strict=True)) if cells else ([], [], [])
        same_a, same_g, product = np.equal.outer(a, a), np.equal.outer(g, g), np.multiply.outer(v, v)
        for name, where in (
            ("county", same_a & ~same_g),
            ("grade", same_g & ~same_a),
            ("all", ~same_a & ~same_g),
        ):
            sums[name] += product[where].sum()
            pairs[name] += where.sum()
    found = {name: sums[name] / pairs[name] if pairs[name] else 0.0 for name in sums}
    everywhere = max(found["all"], 0.0)
    parts = [everywhere, max(found["county"] - everywhere, 0.0), max(found["grade"] - everywhere, 0.0)]
    return tuple(p / max(1.0, sum(parts) / 0.9) for p in parts)


def size_errors(errors):
    """Variance that comes anew, variance that stays, shares, and years behind them."""
    size = errors.shape[3]
    squares = [
        [[e * e for e in errors[h, :, :, g].ravel() if math.isfinite(e)] for g in range(size)]
        for h in range(3)
    ]
    level = np.zeros((3, size))
    for h in range(3):
        every = [s for one in squares[h] for s in one]
        usual = (sum(every) + 6 * 0.03**2) / (len(every) + 6)
        level[h] = [(sum(one) + 3 * usual) / (len(one) + 3) for one in squares[h]]
    growth = np.array(
        [
            min(max((level[2, g] - level[0, g]) / 2, 0), level[0, g] / 2)
            if len(squares[2][g]) > 3
            else 0.15 * level[0, g]
            for g in range(size)
        ]
    )
    years = sum(np.isfinite(year).any() for year in errors[0])
    return (
        np.maximum(level[0] - growth, 0.004**2),
        growth,
        pair_shares(errors[0] / np.sqrt(level[0])),
        max(years, 1) + 3,
    )


def draw_births(known, end, leads, paths, draw):
    """By county the calendar years to ``end + leads``: the growth of three years, halved each year, with errors."""
    areas = [*known]
    first = min(known[areas[0]])
    lines = np.array([[log(known[a][b]) for b in range(first, end + 1)] for a in areas])
    growth = np.diff(lines, axis=1)
    common = np.array([mean(growth[:, t]) for t in range(growth.shape[1])])
    own = [v for v in (growth - common).ravel() if math.isfinite(v)]
    shared = [v for v in common if math.isfinite(v)]
    turns = np.diff(shared)
    size = math.sqrt(((turns**2).sum() + 6 * 0.08**2) / (max(len(turns), 1) + 6))
    apart = math.sqrt((sum(v * v for v in own) + 4 * 0.02**2) / (len(own) + 4))
    drift, doubt = mean(shared[-3:]), np.var(shared[-3:], ddof=1) / 3
    drift *= drift**2 / (drift**2 + doubt + 1e-9)
    steps = [drift * 0.5**k + 0.75 * size * draw.standard_normal(paths) for k in range(1, leads + 1)]
    together = np.cumsum(steps, axis=0)
    made = {}
    for a in areas:
        lasting = np.cumsum(0.3 * apart * draw.standard_normal((leads, paths)), axis=0)
        anew = math.sqrt(0.5) * apart * draw.standard_normal((leads, paths))
        made[a] = known[a] | {
            end + k + 1: known[a][end] * np.exp(together[k] + lasting[k] + anew[k]) for k in range(leads)
        }
    return made


def project_cohorts(held, leads, paths, seed=1):
    """By county (leads, grades, paths) pupils."""
    draw = np.random.default_rng(seed)
    main, beside = held.ratios()
    ahead, errors = try_ways(main, leads)
    ahead_beside, errors_beside = try_ways(beside, leads)
    mix = np.zeros(18)
    for g in GRADES:
        if np.isfinite(beside[:, :, g]).any():
            mix[g] = weigh_against(errors[..., g], errors_beside[..., g], 1)
            both = (1 - mix[g]) * errors[..., g] + mix[g] * np.where(mix[g] > 0, errors_beside[..., g], 0)
            errors[..., g] = np.where(np.isfinite(both), both, errors[..., g])
    yearly, lasting, parts, freedom = size_errors(errors)
    born = draw_births(held.born, held.years[-1], leads, paths, draw)
    wide = np.sqrt(freedom / draw.chisquare(freedom, paths))
    n, level = len(held.areas), np.zeros((len(held.areas), 18, paths))
    now = np.stack([np.repeat(held.grade[a][-1][:, None], paths, axis=1) for a in held.areas])
    made = np.empty((n, leads, 18, paths))

    def err(variance):
        own = max(1 - sum(parts), 0.0)
        drawn = math.sqrt(own) * draw.standard_normal((n, 18, paths))
        drawn += math.sqrt(parts[0]) * draw.standard_normal((1, 1, paths))
        drawn += math.sqrt(parts[1]) * draw.standard_normal((n, 1, paths))
        drawn += math.sqrt(parts[2]) * draw.standard_normal((1, 18, paths))
        return drawn * np.sqrt(variance)[:, None]

    for h in range(leads):
        level = level + err(lasting)
        error = (level + err(yearly)) * wide
        came = np.empty_like(now)
        for i, a in enumerate(held.areas):
            for g in GRADES:
                if AGES[g]:
                    children = held.children(a, held.years[-1] + h + 1, g, born=born[a])
                if FEEDS[g] < 0:
                    came[i, g] = children * np.exp(ahead[i, h, g] + error[i, g])
                    continue
                came[i, g] = now[i, FEEDS[g]] * np.exp(ahead[i, h, g] + error[i, g])
                if AGES[g] and mix[g] > 0:
                    other = children * np.exp(ahead_beside[i, h, g] + error[i, g])
                    both = came[i, g] ** (1 - mix[g]) * other ** mix[g]
                    came[i, g] = np.where(np.isfinite(both), both, came[i, g])
        made[:, h] = now = came
    return {
        (a, s): made[i, :, FIRST[s] : LAST[s] + 1].sum(axis=1)
        for i, a in enumerate(held.areas)
        for s in STAGES
    }


def survive_cohorts(held, leads):
    """Plain cohort survival: mean ratios of three years, births eight twelfths and four, unknown births as the last."""
    return {
        (a, s): [sum(row[FIRST[s] : LAST[s] + 1]) for row in _survive(held, a, leads)]
        for a in held.areas
        for s in STAGES
    }


def _survive(held, area, leads):
    last = held.years[-1]
    born = held.born[area] | {last + k: held.born[area][last] for k in range(1, leads + 1)}
    rows = [*held.grade[area], *(np.full(18, math.nan) for _ in range(leads))]
    for g in GRADES:
        source = [
            held.children(area, held.years[0] + t, g, 2 / 3, born)
            if FEEDS[g] < 0
            else rows[t - 1][FEEDS[g]]
            if t
            else math.nan
            for t in range(len(rows))
        ]
        ratios = [over(rows[t][g], source[t]) for t in range(held.end)]
        if g != FIRST[STAGE_OF[g]]:
            kept_on = [held.retention(area, STAGE_OF[g], t) for t in range(held.end)]
            ratios = [r if math.isfinite(r) else k for r, k in zip(ratios, kept_on, strict=True)]
        kept = mean([r for r in ratios if math.isfinite(r)][-3:])
        for t in range(
            held.end, len(rows)
        ):  # a grade's source is an earlier grade, which is carried on already
            rows[t][g] = source[t] * kept
    return rows[held.end :]
