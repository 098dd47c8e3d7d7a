"""Do letters in a chart cover each other, stand on a bar's edge or leave the frame, whatever is drawn?

Each kind of chart at its extremes: one, three and forty units; a constant; missing values; long
names in both languages.
"""

import itertools

import numpy as np
import pandas as pd
import pytest

from edustats.present.drawing import figures, funnel, lines, panels, ranks, seats, small_multiples
from edustats.present.explore import frame_chart
from edustats.present.explore.frame_chart import plot
from edustats.words import Text

LONG = {"zh": "云汀市高新技术产业开发区第一实验学校", "en": "Kalamazoo Regional Educational Service District"}
SHORT = {"zh": "柏溪县", "en": "Wayne"}
YEARS = np.arange(2015.0, 2025.0)
NOISE = np.random.default_rng(7)


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Fewer pixels to an inch, so that drawing is quick: where letters stand is the same."""
    monkeypatch.setattr(figures, "DPI", 72)
    monkeypatch.setattr(frame_chart, "DPI", 72)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn, kept before they become pixels."""
    kept = []
    for room in (figures, funnel, lines, panels, ranks, seats, small_multiples):
        monkeypatch.setattr(room, "encode_png", lambda figure: kept.append(figure) or b"")
    return kept


def name_all(n, lang, *, long):
    return [f"{(LONG if long else SHORT)[lang]}{k}" for k in range(n)]


def make_values(kind, n):
    if kind == "constant":
        return np.full(n, 87.9)
    values = NOISE.normal(60, 20, n)
    return np.where(np.arange(n) % 4 == 1, np.nan, values) if kind == "missing" and n > 1 else values


def list_boxes(figure):
    """Visible texts with their boxes in pixels; tick labels beyond the frame's ends are not drawn."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text as Drawn

    figure.canvas.draw()
    hidden = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        pad = 1e-6 * (high - low)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not (low - pad <= tick.get_loc() <= high + pad) or not axis.axes.get_visible():
                hidden |= {id(tick.label1), id(tick.label2)}
    found = []
    for one in figure.findobj(Drawn):
        if one.get_text().strip() and one.get_visible() and id(one) not in hidden and (
            one.axes is None or one.axes.get_visible()
        ):  # fmt: skip
            found.append((one.get_text(), Drawn.get_window_extent(one)))  # without an arrow to its point
    return found


def check_letters(figure):
    boxes = list_boxes(figure)
    assert boxes
    frame = figure.bbox
    for text, box in boxes:
        assert box.x0 > -2 and box.y0 > -2 and box.x1 < frame.x1 + 2 and box.y1 < frame.y1 + 2, (
            f"leaves: {text}"
        )
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide < 1.5 or high < 1.5, f"{one!r} on {other!r}"


EXTREMES = [
    pytest.param(n, kind, lang, long, id=f"{n}-{kind}-{lang}-{'long' if long else 'short'}")
    for n, kind, lang, long in (
        (1, "plain", "zh", True), (1, "constant", "en", True), (3, "missing", "zh", True), (3, "plain", "en", True),
        (3, "constant", "zh", False), (40, "plain", "zh", False), (40, "missing", "en", True),
        (40, "constant", "zh", True),
    )
]  # fmt: skip


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_schools_from_low_to_high(drawn, n, kind, lang, long):
    values = np.abs(np.nan_to_num(make_values(kind, n), nan=30.0))
    bars = figures.ParadeBars(values=values, widths=NOISE.uniform(20, 900, n), names=name_all(n, lang, long=long),
                              own=0, mean=float(values.mean()))  # fmt: skip
    figures.draw_pen_parade(bars, LONG[lang], LONG[lang], "87.9%")
    check_letters(drawn[0])
    frame = drawn[0].axes[0]
    mean = frame.transData.transform((0, bars.mean))[1]
    for one in frame.texts[:-1]:  # a name is no wider than its bar, and crosses neither bar nor mean
        box = one.get_window_extent()
        hit = [p.get_window_extent() for p in frame.patches]
        assert any(p.x0 - 2 <= box.x0 and box.x1 <= p.x1 + 2 for p in hit), one.get_text()
        over = [p for p in hit if p.x0 < box.x1 - 2 and box.x0 + 2 < p.x1]
        assert box.y0 > max([mean, *(p.y1 for p in over)]), one.get_text()


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_lines_named_at_their_ends(drawn, n, kind, lang, long):
    count = min(n, 5)
    many = [
        lines.Line(Text(label, label), tuple(int(y) for y in YEARS[: 1 if n == 1 else 10]),
                   tuple(np.nan_to_num(make_values(kind, 1 if n == 1 else 10), nan=50.0)))
        for label in name_all(count, lang, long=long)
    ]  # fmt: skip
    lines.draw_labelled_lines(many, LONG[lang], lang, decimals=1)
    check_letters(drawn[0])


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_counties_in_panels_and_tiles(drawn, n, kind, lang, long):
    names = name_all(n, lang, long=long)
    panels = [
        small_multiples.ChartPanel(name=name, years=YEARS, values=make_values(kind, 10)) for name in names
    ]
    whole = small_multiples.ChartPanel(name="", years=YEARS, values=make_values("plain", 10))
    small_multiples.draw_county_panels(panels, whole, (LONG[lang], SHORT[lang]), lambda v: f"{v:.1f}%")
    tiles = [
        small_multiples.CountyTile(
            name=name, value=value, printed="—" if np.isnan(value) else f"{value:.1f}%"
        )
        for name, value in zip(names, make_values(kind, n), strict=True)
    ]
    small_multiples.draw_county_tiles(tiles, LONG[lang])
    for figure in drawn:
        check_letters(figure)


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_panels_of_two_parts_and_coefficients_against_limits(drawn, n, kind, lang, long):
    count = min(n, 5)
    stacked = [
        small_multiples.StackedPanel(title=name, years=YEARS, lower=np.abs(make_values(kind, 10)),
                                     upper=np.abs(make_values(kind, 10)))
        for name in name_all(count, lang, long=long)
    ]  # fmt: skip
    small_multiples.draw_stacked_panels(stacked, (LONG[lang], SHORT[lang]))
    names = name_all(count, lang, long=long)
    stages = [
        (SHORT[lang], 0.5, NOISE.uniform(0, 1, count)),
        (f"{SHORT[lang]}2", 0.45, NOISE.uniform(0, 1, count)),
    ]
    figures.draw_against_limits(names, stages, LONG[lang])
    for figure in drawn:
        check_letters(figure)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_waves_risks_gaps_and_lorenz_curves(drawn, lang):
    stage = {"zh": "普通高中", "en": "senior secondary"}[lang]
    wave = [
        seats.Wave(name=stage, years=YEARS, pupils=np.full(10, 900.0), lower=np.full(10, 800.0),
                   upper=np.full(10, 1000.0), seats=np.full(10, 950.0), peak=peak, printed=f"{peak:.0f} 104,217")
        for peak in (2015.0, 2024.0)
    ]  # fmt: skip
    seats.draw_waves(wave, 2020.0, ("a", "b", "c", "d"))
    chances = np.where(YEARS > 2022, np.nan, 0.5)
    seats.draw_risk_strip(
        [seats.RiskRow(name=stage, chances=chances, printed=["100%"] * 10)], [int(y) for y in YEARS], stage
    )
    figures.draw_gap_over_time(YEARS, np.zeros(10), np.full(10, -1.0), np.full(10, np.nan), LONG[lang])
    curve = (np.array([0.0, 50, 100]), np.array([0.0, 30, 100]))
    figures.draw_lorenz_curves([curve, curve], [SHORT[lang], LONG[lang]], LONG[lang], LONG[lang], stage)
    for figure in drawn:
        check_letters(figure)


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_frames_of_the_researcher(n, kind, lang, long):
    names = name_all(n, lang, long=long)
    years = [int(y) for y in YEARS]
    frame = pd.DataFrame(
        [
            {
                "area": f"{k:02}",
                "area_name": name,
                "year": year,
                "value": value,
                "indicator": "share_bachelor_primary",
            }
            for k, name in enumerate(names)
            for year, value in zip(years, make_values(kind, 10) / 100, strict=True)
        ]
    )
    check_letters(plot(frame, "00", lang=lang, quiet=True).figure)
    ranks = frame[frame["year"] == 2024].assign(rank=range(1, n + 1), best=1, worst=n)
    check_letters(plot(ranks, "00", lang=lang, quiet=True).figure)


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_panels_of_lines_with_verdicts_forecasts_and_targets(drawn, monkeypatch, n, kind, lang, long):
    monkeypatch.setattr(figures, "DPI", 200)  # at 72 an inch letters of 7.5 points are drawn 8 wide
    count, names = min(n, 6), name_all(6, lang, long=long)
    made = []
    for k in range(count):
        one = panels.PanelLine(x=YEARS, y=make_values(kind, 10), style={"marker": "o"}, label=names[0])
        other = panels.PanelLine(x=[2026], y=[90.0], style={"marker": "^", "ls": "none"}, label=names[1])
        band = panels.PanelBand(
            x=YEARS[-3:], low=np.full(3, 80.0), high=np.full(3, 95.0), shade="#e8e8e8", label=names[2]
        )
        title = panels.wrap_panel_title(Text(names[k] * 2, names[k] * 2), Text("%", "%"), lang)
        limits = panels.fit_limits([one, other], [band], above=0.22)
        made.append(
            panels.LinePanel(
                title=title, lines=(one, other), bands=(band,), note="▲", limits=limits, most=100.0
            )
        )
    panels.draw_line_panels(made)
    check_letters(drawn[0])


@pytest.mark.parametrize("values", [np.full(10, 87.9), np.array([87.8, 87.9] * 5), np.full(3, 0.0)])
def test_what_hardly_moves_does_not_fill_its_panel(values):
    line = panels.PanelLine(x=np.arange(len(values)), y=values, style={})
    low, high = panels.fit_limits([line], [], above=0.0)
    assert low < values.min() <= values.max() < high
    assert np.ptp(values) <= 0.15 * (high - low)


def test_no_figure_beside_a_share_is_above_a_hundred():
    line = panels.PanelLine(x=[2023, 2024], y=[96.0, 100.0], style={})
    panel = panels.LinePanel(
        title="", lines=(line,), limits=panels.fit_limits([line], [], above=0.3), most=100.0
    )
    assert max(panels._find_ticks(panel)) <= 100


@pytest.mark.parametrize(("n", "kind", "lang", "long"), EXTREMES)
def test_funnels_and_grids_of_places(drawn, n, kind, lang, long):
    count = min(n, 12)
    names = [figures.shorten_name(name, 14.0) for name in name_all(count, lang, long=long)]
    funnel.draw_funnel(
        [
            funnel.FunnelBar(name, 900.0 / (k * k + 1), f"{900 / (k * k + 1):.0f}", "72.8%")
            for k, name in enumerate(names)
        ],
        LONG[lang],
    )
    ranks.draw_rank_grid(
        names, np.full((count, count), 1 / count), [str(k + 1) for k in range(count)], LONG[lang]
    )
    for figure in drawn:
        check_letters(figure)


@pytest.mark.parametrize("colours", [1, 5, 64, 900])
def test_a_picture_keeps_the_colours_that_all_its_pixels_would_choose(colours):
    from PIL import Image

    draw = np.random.default_rng(colours)
    palette = draw.integers(0, 256, (colours, 4), dtype=np.uint8)
    palette[:, 3] = 255
    drawn = palette[np.sort(draw.integers(0, colours, 6000))].reshape(60, 100, 4)
    whole = Image.fromarray(drawn).convert("RGB").quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=0)
    few = figures.reduce_colours(drawn)
    assert few.convert("RGB").tobytes() == whole.convert("RGB").tobytes()
    assert len(few.getcolors()) == min(colours, 64)
