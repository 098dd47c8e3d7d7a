"""Which consistent sentences do we invent, and which one change should turn each verdict?

Every template is written from a pair or list of unrounded values, so the printed numbers agree by
construction.
A mutation changes one digit, unit or word so that no rounding can explain the result; a rounding prints
the same unrounded result with other decimals, and must change nothing. Places and numbers are invented.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PLACES = ("云岭市", "青石县", "临溪区", "全县", "东港市", "石桥县")
PUPILS = ("小学在校生", "在园幼儿", "普通高中在校生", "专任教师", "初中招生")
MONEY = ("教育经费总投入", "一般公共预算教育经费", "基建投资", "生均公用经费支出总额")
RATES = ("学前三年毛入园率", "普惠性幼儿园覆盖率", "大班额比例", "公办园在园幼儿占比", "学业水平考试合格率")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, how it was made, and what must become of it: ``turned`` says that the verdict must be
    wrong."""

    kind: str
    change: str
    text: str
    turned: bool


def cases(count: int, seed: int) -> Iterator[Case]:
    """Consistent sentences with their mutations, ``count`` of each kind."""
    chance = random.Random(seed)  # noqa: S311 - invented sentences need no secrecy
    for _ in range(count):
        for make in (
            _growth,
            _triple,
            _points,
            _gap,
            _share,
            _sum,
            _multiple,
            _cagr,
            _difference,
            _direction,
            _listing,
            _years,
        ):
            yield from make(chance)


def _digit(shown: str, chance: random.Random) -> str:
    """Another digit in the first or second place of a printed number."""
    places = [i for i, sign in enumerate(shown) if sign.isdigit()][:2]
    i = chance.choice(places[:1] if len(places) < 3 and "." not in shown else places)
    new = chance.choice([d for d in "123456789" if d != shown[i]])
    return shown[:i] + new + shown[i + 1 :]


def _family(
    kind: str,
    text: Callable[[str], str],
    result: float,
    decimals: int,
    chance: random.Random,
    floor: float = 0.0,
) -> Iterator[Case]:
    """The sentence, its result with a digit changed by more than ``floor``, and its result with fewer
    decimals."""
    shown = f"{result:.{decimals}f}"
    yield Case(kind, "none", text(shown), False)
    for _ in range(20):
        wrong = _digit(shown, chance)
        if abs(float(wrong) - result) > max(floor, 1.6 * 10.0**-decimals):
            yield Case(kind, "digit", text(wrong), True)
            break
    if decimals:
        yield Case(kind, "rounding", text(f"{result:.{decimals - 1}f}"), False)


def _growth(chance: random.Random) -> Iterator[Case]:
    v0 = chance.uniform(5, 90)
    v1 = v0 * chance.uniform(1.03, 1.4)
    place, what = chance.choice(PLACES), chance.choice(MONEY)
    a, b = f"{v0:.2f}", f"{v1:.2f}"
    form = chance.choice(
        (
            "{place}{what}为{b}亿元，比上年的{a}亿元增长{r}%。",
            "{what}由{a}亿元增加到{b}亿元，增长{r}%。",
            "2022年，{place}{what}{b}亿元，较上年{a}亿元增长{r}%。",
            "{what}从2021年的{a}亿元提高到2022年的{b}亿元，增幅{r}%。",
        )
    )
    write = lambda r: form.format(place=place, what=what, a=a, b=b, r=r)  # noqa: E731
    rate = 100 * (v1 / v0 - 1)
    yield from _family("growth_rate", write, rate, 1, chance, floor=0.35)
    yield Case(
        "growth_rate",
        "word",
        write(f"{rate:.1f}").replace("增长", "下降").replace("增幅", "降幅").replace("增加", "减少"),
        True,
    )
    yield Case("growth_rate", "unit", write(f"{rate:.1f}").replace("%", "个百分点"), True)


def _triple(chance: random.Random) -> Iterator[Case]:
    v0, place, what = chance.randint(3000, 90000), chance.choice(PLACES), chance.choice(PUPILS)
    up = chance.random() < 0.6
    delta = max(40, int(v0 * chance.uniform(0.02, 0.2)))
    v1, rate = (v0 + delta, 100 * delta / v0) if up else (v0 - delta, 100 * delta / v0)
    words = ("增加", "增长") if up else ("减少", "下降")
    form = chance.choice(
        (
            "{place}{what}{v1}人，比上年{w}{d}人，{g}{r}%。",
            "{place}共有{what}{v1}人，较上年{w}{d}人，{g}{r}%。",
            "{place}{what}达到{v1}人，比2020年{w}{d}人，{g}{r}%。",
        )
    )
    write = lambda r: form.format(place=place, what=what, v1=v1, w=words[0], d=delta, g=words[1], r=r)  # noqa: E731
    yield from _family("growth_triple", write, rate, 2, chance, floor=0.02)


def _points(chance: random.Random) -> Iterator[Case]:
    v0 = chance.uniform(30, 80)
    v1 = v0 + chance.uniform(3, 18)
    what, a, b = chance.choice(RATES), f"{v0:.1f}", f"{v1:.1f}"
    form = chance.choice(
        (
            "{what}由{a}%提高到{b}%，提高{r}个百分点。",
            "{what}为{b}%，比上年的{a}%提高{r}个百分点。",
            "{what}从2018年的{a}%上升到2022年的{b}%，上升了{r}个百分点。",
            "2021年{what}为{a}%，2022年为{b}%，提高{r}个百分点。",
        )
    )
    write = lambda r: form.format(what=what, a=a, b=b, r=r)  # noqa: E731
    yield from _family("pp_change", write, float(b) - float(a), 1, chance, floor=0.15)
    shown = f"{float(b) - float(a):.1f}"
    yield Case("pp_change", "unit", write(shown).replace("个百分点", "%"), True)
    yield Case(
        "pp_change",
        "word",
        write(shown).replace("提高" + shown, "下降" + shown).replace("上升了", "下降了"),
        True,
    )


def _gap(chance: random.Random) -> Iterator[Case]:
    ours, theirs = chance.uniform(60, 98), chance.uniform(40, 58)
    what, a, b = chance.choice(RATES), f"{ours:.1f}", f"{theirs:.1f}"
    form = chance.choice(
        (
            "{what}为{a}%，高于全省平均水平（{b}%）{r}个百分点。",
            "{what}达到{a}%，比全市平均水平{b}%高{r}个百分点。",
            "{what}{a}%，高出省平（{b}%）{r}个百分点。",
        )
    )
    write = lambda r: form.format(what=what, a=a, b=b, r=r)  # noqa: E731
    yield from _family("gap_to_reference", write, float(a) - float(b), 1, chance, floor=0.15)
    shown = f"{float(a) - float(b):.1f}"
    wrong = write(shown).replace("高于", "低于").replace("高出", "低于").replace(f"高{shown}", f"低{shown}")
    yield Case("gap_to_reference", "word", wrong, True)


def _share(chance: random.Random) -> Iterator[Case]:
    whole = chance.randint(800, 9000)
    part = int(whole * chance.uniform(0.1, 0.9))
    form = chance.choice(
        (
            "全县共有幼儿园{w}所，其中普惠性幼儿园{p}所，占幼儿园总数的{r}%。",
            "专任教师{w}人，其中女教师{p}人，占{r}%。",
            "全市共有学校{w}所。其中，民办学校{p}所，占学校总数的{r}%。",
        )
    )
    write = lambda r: form.format(w=whole, p=part, r=r)  # noqa: E731
    yield from _family("ratio_share", write, 100 * part / whole, 2, chance, floor=0.05)


def _sum(chance: random.Random) -> Iterator[Case]:
    a, b = chance.randint(20, 900), chance.randint(20, 900)
    form = chance.choice(
        (
            "义务教育学校{t}所，其中小学{a}所、初中{b}所。".replace("小学", "城区").replace("初中", "农村"),
            "幼儿园{t}所，其中公办{a}所，民办{b}所。",
            "招聘教师{t}人（男{a}人、女{b}人）。",
            "新建学校{a}所、改扩建{b}所，合计{t}所。",
        )
    )
    write = lambda t: form.format(t=t, a=a, b=b)  # noqa: E731
    yield from _family("sum_of_parts", write, float(a + b), 0, chance, floor=0.9)


def _multiple(chance: random.Random) -> Iterator[Case]:
    v0 = chance.uniform(1, 9)
    times = chance.uniform(1.1, 5)
    a, b = f"{v0:.2f}", f"{v0 * (1 + times):.2f}"
    form = chance.choice(
        ("图书由{a}万册增加到{b}万册，增长{r}倍。", "投入从{a}亿元增加到{b}亿元，增长了{r}倍。")
    )
    write = lambda r: form.format(a=a, b=b, r=r)  # noqa: E731
    exact = float(b) / float(a) - 1
    yield from _family("growth_multiple", write, exact, 1, chance, floor=0.15)
    yield Case("growth_multiple", "word", write(f"{exact + 1:.1f}"), True)


def _cagr(chance: random.Random) -> Iterator[Case]:
    v0, years = chance.uniform(2, 40), chance.choice((3, 4, 5))
    g = chance.uniform(4, 20)
    a, b = f"{v0:.2f}", f"{v0 * (1 + g / 100) ** years:.2f}"
    text = "教育支出由{y0}年的{a}亿元增加到{y1}年的{b}亿元，年均增长{r}%。"
    write = lambda r: text.format(y0=2021 - years, y1=2021, a=a, b=b, r=r)  # noqa: E731
    exact = 100 * ((float(b) / float(a)) ** (1 / years) - 1)
    yield from _family("cagr", write, exact, 1, chance, floor=0.2)


def _difference(chance: random.Random) -> Iterator[Case]:
    v0 = chance.randint(30, 400)
    delta = chance.randint(5, 29)
    form = chance.choice(
        ("学校由{a}所减少到{b}所，减少{r}所。", "教学点从原来的{a}个调整为{b}个，减少{r}个。")
    )
    write = lambda r: form.format(a=v0, b=v0 - delta, r=r)  # noqa: E731
    yield from _family("difference", write, float(delta), 0, chance, floor=0.9)


def _direction(chance: random.Random) -> Iterator[Case]:
    a, b = chance.uniform(20, 50), chance.uniform(51, 95)
    what = chance.choice(RATES)
    text = f"{what}由{a:.1f}%提高到{b:.1f}%。"
    yield Case("direction", "none", text, False)
    yield Case("direction", "word", text.replace("提高", "下降"), True)


def _listing(chance: random.Random) -> Iterator[Case]:
    pool = ["作业", "睡眠", "手机", "读物", "体质", "近视", "心理", "劳动"]
    items = chance.sample(pool, chance.choice((3, 4, 5)))
    words = "一二三四五六七八九"
    n = len(items)
    for k, turned in ((n, False), (n + 1, True), (n - 1, True)):
        if k >= 3:
            text = f"统筹抓好{'、'.join(items)}{words[k - 1]}项管理。"
            yield Case("enumeration_count", "word" if turned else "none", text, turned)
    points = "；".join(f"{words[i]}是抓{item}" for i, item in enumerate(items))
    yield Case("enumeration_count", "none", f"重点做好{words[n - 1]}项工作：{points}。", False)
    yield Case("enumeration_count", "word", f"重点做好{words[n]}项工作：{points}。", True)


def _years(chance: random.Random) -> Iterator[Case]:
    first, n = chance.randint(2008, 2019), chance.choice((2, 3, 4, 5))
    words = "一二三四五六"
    for k, turned in ((n, False), (n + 1, True)):
        text = f"{first}—{first + n - 1}年，连续{words[k - 1]}年获评先进单位。"
        yield Case("year_span", "word" if turned else "none", text, turned)
