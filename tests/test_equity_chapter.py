"""Does the equity chapter say what changed, who pushes, and when it cannot tell?"""

import re

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.metrics.inequality.change import decompose_cv_change
from edustats.present.equity.inequality import find_most_unequal
from edustats.present.records.items import Finding, Table
from edustats.present.view.schools import get_unit_values, list_measured_years


def findings(view, verb):
    return {item.key: item for item in getattr(edu, verb)(view) if isinstance(item, Finding)}


@pytest.fixture(scope="module")
def oakland(michigan):
    return edu.open_county("63", michigan)


@pytest.fixture(scope="module")
def wayne(michigan):
    return edu.open_county("82", michigan, lang="zh")


def test_a_change_is_called_wider_or_narrower_only_where_its_interval_excludes_nought(michigan):
    seen = set()
    for code in ("63", "82", "41", "50", "25", "13"):
        for finding in findings(edu.open_county(code, michigan), "show_inequality_change").values():
            if finding.verdict == "cannot_tell":
                assert "变化本身是事实" in finding.sentence.zh
                assert "chance cannot be ruled out" in finding.sentence.en
            elif finding.verdict in ("wider", "narrower"):
                assert "变化幅度的95%区间" in finding.sentence.zh
                first, last = (number.value for number in finding.numbers)
                assert (last > first) == (finding.verdict == "wider")
            seen.add(finding.verdict)
    assert "cannot_tell" in seen


def test_the_effects_of_the_sentence_are_those_of_the_split(oakland):
    indicator = next(i for i in oakland.indicators if i.compare and i.unit != "share" and i.den == "pupils")
    years = list_measured_years(oakland, indicator)
    then, now = (get_unit_values(oakland, indicator, year) for year in (years[0], years[-1]))
    table = pd.DataFrame(
        {f"{name}{k}": pd.Series(values, index=u.rows["unit"])
         for k, u in enumerate((then, now))
         for name, values in (("r", u.values * u.weights), ("p", u.weights))}
    )  # fmt: skip
    found = decompose_cv_change((table["r0"], table["r1"]), (table["p0"], table["p1"]))
    rows = next(item for item in edu.show_inequality_change(oakland) if isinstance(item, Table)).rows
    row = next(row for row in rows if row[0] == indicator.name)
    shown = [float(cell.zh.replace("−", "-")) for cell in row[4:]]
    parts = [found.pupils.change, found.resources.change, found.network.change]
    assert shown == pytest.approx(parts, abs=5.1e-4)
    assert sum(parts) == pytest.approx(found.last - found.first)


def test_the_three_units_named_are_those_farthest_from_the_mean_by_weight(oakland):
    u = find_most_unequal(oakland)
    parts = u.weights * (u.values / u.mean - 1) ** 2
    top = [str(u.rows["unit"].iloc[i]) for i in np.argsort(-parts)[:3]]
    said = findings(oakland, "show_contributors")[f"pushed.{u.indicator.key}"].sentence
    assert re.findall(r"\b\d{5}\b", said.en) == top
    share = re.search(r"([\d.]+)% of the squared", said.en)[1]
    assert float(share) == pytest.approx(100 * np.sort(parts)[-3:].sum() / parts.sum(), abs=0.06)


def test_a_part_between_that_may_be_nought_is_not_called_real(michigan):
    for code in ("63", "82", "41", "50"):
        for finding in findings(edu.open_county(code, michigan), "show_decomposition").values():
            sure = "尚难排除只是偶然" not in finding.sentence.zh
            assert sure == (finding.verdict == "gap_real")


def test_poor_pupils_of_wayne_go_to_other_districts_than_chance_would_send_them(wayne):
    (finding,) = findings(wayne, "show_segregation").values()
    assert finding.verdict == "gap_real"
    assert "高于随机范围，确有集聚" in finding.sentence.zh
    assert "没有抽样误差，不给置信区间" in finding.note.zh


def test_a_county_of_one_unit_has_no_segregation_and_no_change(michigan):
    view = edu.open_county("01", michigan)
    assert "不计算分布差异" in findings(view, "show_segregation")["segregation"].sentence.zh
    assert not list(edu.show_inequality_change(view))
    assert not list(edu.show_contributors(view))
    assert not list(edu.show_lorenz_curves(view))


def test_lorenz_data_rise_from_nought_to_all_and_lie_below_the_diagonal(wayne):
    (figure,) = edu.show_lorenz_curves(wayne)
    last = [row for row in figure.data.rows if row[0] == figure.data.rows[-1][0]]
    x, y = (np.array([row[k].value for row in last]) for k in (1, 2))
    assert np.allclose((x[0], y[0], x[-1], y[-1]), (0, 0, 1, 1))
    assert (np.diff(x) >= 0).all()
    assert (y <= x + 1e-9).all()


def test_long_tables_stay_on_the_page(wayne):
    tables = [
        i
        for verb in ("show_inequality", "show_inequality_change", "show_contributors")
        for i in getattr(edu, verb)(wayne)
    ]
    for table in tables:
        assert not isinstance(table, Table) or len(table.rows) <= 12 or not table.brief


def test_a_census_county_compares_its_neighbours_between_the_two_censuses(zhuzhou):
    told = findings(edu.open_county("430211", zhuzhou), "show_inequality_change")
    assert told
    assert all("尚难排除只是偶然" in f.sentence.zh for f in told.values() if f.verdict == "cannot_tell")
