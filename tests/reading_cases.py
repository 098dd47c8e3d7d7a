"""What is every word of a stranger's table read as? Tables of cases for ``printing.py``, one line a case.

Each is a question to one step of reading, asked at the limits where a neighbour is read otherwise; the answers are kept
in ``files/printed`` as somebody has read them.
"""

# ruff: noqa: E501  (a table of cases is read across)

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from own_tables import OWN_MAPPING, OWN_TABLE
from test_checks import GOOD, block

from edustats.catalogue import STAGES, catalogue
from edustats.errors import EdustatsError
from edustats.load.files import values
from edustats.load.files.workbook import Sheet
from edustats.load.reading import (
    areas,
    blocks,
    column_roles,
    evidence,
    headers,
    magnitude,
    matching,
    totals,
    units,
    years,
)
from edustats.load.reading.column_roles import Column
from edustats.load.reading.stages import CATEGORIES, TOGETHER, WORDS, stage_of, stages_of_type, stages_said
from edustats.load.returns.cells import collect_cells, widen_cells
from edustats.load.returns.consistency import Table, check_rules
from edustats.load.returns.grids import _Grid
from edustats.load.returns.located import add_proposals, list_slips, name_slip, usual_figures
from edustats.load.tables import columns_read
from edustats.load.tables import rows as rows_read
from edustats.load.tables.reader import load_tables

KNOWN = catalogue()


def show_each(read: Callable[..., Any], cases: str | list[Any]) -> Iterator[str]:
    """What a function makes of each of some cases; words are parted by two spaces."""
    yield f"# {read.__name__}"
    for case in re.split(r"  |\n", cases.strip()) if isinstance(cases, str) else cases:
        yield f"{case} → {_brief(read(*case) if isinstance(case, tuple) else read(case))}"


def _brief(found: Any) -> str:
    """An answer in few letters: units by kind and size, years by what they are."""
    if isinstance(found, units.Unit):
        return f"{found.kind}×{found.size:.10g} “{found.words}”"
    if isinstance(found, years.Label):
        return f"{found.year} {found.kind} “{found.words}”"
    if isinstance(found, areas.Listed):
        return f"{found.code} {found.name}"
    if isinstance(found, matching.Match):
        return f"{found.column} {found.likeness:.2f}"
    if isinstance(found, areas.Resolved):
        return f"{_brief(found.codes)} ? {_brief(found.ambiguous)} ! {_brief(found.unknown)}"
    if isinstance(found, dict):
        return " ".join(f"{key}={_brief(value)}" for key, value in found.items()) or "—"
    if isinstance(found, list | tuple):
        return ", ".join(map(_brief, found)) or "—"
    return "—" if found in (None, "") else str(found)


# --- words ---

LINES = """单位：千元  计量单位：人、万元  单位 : 元/人  填报单位：某局  金额单位:万元 人数单位:人  币种：人民币 单位：千元  金额：百万元
以万元为单位  以人计  Unit: RMB '000  figures are in thousands  Amounts in US$ million  2023年经费（千元）  小学（班）情况
单位：人/元/所  单位：平方米、册  單 位：仟元  经费单位为万元。  单位：千  unit of measure = persons  （单位：%）  本表数据均为快报数
单位：元 人 所  数据单位：亿元；其余为人"""
HEADINGS = """资产值(万元)  骨干教师（小学）  千元教育经费  教育经费万元  在校生数人  在校生数(人)  （人）在校生数  入园（班）人数  小学 班
教育经费 千元  教育经费,万元  教育经费/万元  经费_亿元  pupils_total  primary_teachers  spend_usd  毛入园率%  辍学率‰  %  占比（%）
每万元  百万元以上项目  图书【册】  校舍面积[㎡]  学校数所  班数个  床位-张  Expenditure (thousand yuan)  Area (sq m)
教育经费(千元)(含附加)  计算机：台  Pupils, thousands"""
SPELLINGS = """人  万人  十万人  元  仟元  萬元  百万元  千万元  亿元  万亿元  人民币元  人民币万元  单位：元  美元  万美元  $  US$ million
$m  RMB '000  thousand yuan  yuan thousand  million of yuan  in thousands  mio.  k  K人  亩  万亩  公顷  %  ％  ‰  册  万册  台套
小学  元/人  班  个  港元  thousands of pupils  10,000 persons  bn  €  万  亿  千千元  m2"""


def read_units() -> Iterator[str]:
    yield from show_each(units.unit_of, SPELLINGS)
    yield from show_each(
        units.unit_of, [*units.BASES, *units.ENGLISH, *(f"{m} yuan" for m in units.TIMES_ENGLISH)]
    )
    yield from show_each(units.unit_of, [*units._BARE, *(f"{many}元" for many in units.MANY)])
    yield from show_each(units.units_in, LINES)
    yield from show_each(units.is_line, LINES)
    yield from show_each(units.unit_beside, HEADINGS)
    yield from show_each(
        units.is_heading_of_units, "单位  计量单位  单位名称  Unit  units  Unit of measure  UoM  人"
    )
    known = [units.unit_of(word) for word in ("元", "千元", "美元", "人", "万人", "%", "千", "个", "亩")]
    yield "# contradicts, fits"
    for one in known:
        against = [other.words for other in known if one.contradicts(other)]
        yield f"{one.words} ≠ {' '.join(against) or '—'} ∈ {' '.join(u for u in KNOWN.units if units.fits(one, u)) or '—'}"
    amounts = "17500人  3000千元  1,200.5 万元  12%  3个  -5元  300  2.5亿元  7册  1 200元"
    for unit in ("人", "万元", "%", "个"):
        yield from show_each(lambda shown, unit=unit: units.amount_in(shown, units.unit_of(unit)), amounts)


LABELS = """2021-2022学年  2020/21  202122  2021年  2021/2022学年初  2020-12  202013  202000  1999-00  1999/2000  2019-2021  2021.0  2021.00
2021.5  ’2021  20210901  20211301  20210932  2021-09-01 00:00:00  2021年9月1日  2021年度  2021学年第一学期  2021年秋季  二〇二一年
二○二三—二○二四学年  1949  1899  2101  2021级  约2021年  2021年末  FY2021  SY 2020-21  截至2021年底  21-22  2021上半年  2021 秋
2022—2021  2098-99  2099-00  2099-2100"""
TITLES = """2023年小学情况  制表时间：2024年3月10日  2023/2024学年初一览表  2015—2023年各县区教育经费  2022—2023年经费  2022-23年经费
2022—2023学年教育经费  教督〔2017〕6号  2023年3月情况  《统计年鉴2023》  2023年鉴  表1 2020年、2021年对比  二〇二三年情况  2023-2024 school year
截至2023年9月1日  数据截止 2023-09-01  打印日期 2024/1/5  2024年第一季度教育经费  2023/24  公元2023  12023  20231"""
THIS_YEAR = "本年  本年度  今年  当年  上年  上年度实际  去年同期  上年同期数  前年  前年末  上学年人数  比上年增长  本期数  2023年  上期完成"


def read_years() -> Iterator[str]:
    yield from show_each(years.label, LABELS)
    yield from show_each(
        years.label, [(one, "second") for one in ("2020-21", "2021年", "199900", "2021/2022学年")]
    )
    yield from show_each(years.label, [(2021.0,), (2021.5,), (2021,), (pd.Timestamp("2021-09-01"),)])
    yield from show_each(years.years_said, TITLES)
    yield from show_each(years.years_said, [("2023/2024学年初", "second"), ("2023年", "second")])
    yield from show_each(years.school_year_in, TITLES)
    yield from show_each(years.find_quarter, TITLES + "  2024Q3  2024年一季度  四季度末  2024年上半年  季度")
    yield from show_each(years.years_from_this, THIS_YEAR)
    yield from show_each(
        years.is_heading,
        "年份  年度  学年  Year  school_year  AC_YEAR  统计年份  年级  (年份)  年 度  时间  建校年份",
    )
    yield from show_each(lambda words: years.date_of([words]), TITLES)
    yield from show_each(
        years.plausible, [(1948, 2026), (1949, 2026), (2026, 2026), (2027, 2026), (2028, 2026)]
    )


PATHS: list[tuple[str, ...]] = [
    ("小学", "在校学生数"), ("小学", "在校生数", "其中：女"), ("初中", "教职工", "#专任教师"), ("在校生数", "合计"), ("在校生数", "男"),
    ("教育经费", "一般公共预算教育经费"), ("普通中学", "在校生"), ("中小学", "学校数"), ("普通高中", "招生"), ("在园幼儿",), ("幼儿园",),
    ("幼儿园", "专任教师"), ("天气",), ("在校生数①",), ("在校生数(1)",), ("2023年小学在校生数",), ("学校数 Number of Schools",),
    ("小学 Primary", "招生数 Entrants"), ("Total Enrolments",), ("num_pupils",), ("Pupil roll(1)",), ("PrimarySchoolStudents",),
    ("Middle school", "Students"), ("High schools", "Teachers"), ("girls",), ("NOR",), ("Rural", "pupils"), ("pupil change",),
    ("生均教育经费",), ("教育经费总计",), ("小学辍学学生",), ("小学生师比",), ("每百名学生拥有计算机",), ("特殊教育学校",), ("小学农村在校生",),
    ("小学", "比上年增长"), ("小学计划招生",), ("births",), ("Population",), ("小学", "寄宿生"), ("小学", "在校女生"), ("初中", "学位"),
    ("小学", "班级数"), ("小学大班额班数",), ("高中阶段", "毛入学率"), ("学前三年毛入园率",), ("小学", "图书"), ("小学图书册数",),
    ("初中运动场地面积",), ("职业高中", "在校生数"), ("职业高中在校生数",), ("中职", "专任教师"), ("普通高中（含职业高中）在校生",), ("职高学校数",),
    ("幼儿园", "Teachers"), ("学校数", "Schools"), ("Vocational high school", "Students"), ("专任教师本科以上",), ("preschool", "pupils"), ("Kindergarten", "teachers"),
]  # fmt: skip


def read_headings() -> Iterator[str]:
    yield from show_each(lambda *path: matching.matched(path, KNOWN), PATHS)
    for stage in (one for one in STAGES if one in WORDS):
        cores = [*matching._STAGED, "pupils", "teachers", "schools", "girls"]
        yield from show_each(
            lambda core, stage=stage: matching.matched((stage_zh(stage), core), KNOWN), cores
        )
    own = [(column.zh, column.en) for column in list(KNOWN.columns.values())]
    missed = [
        pair for pair in own if len({getattr(matching.matched((n,), KNOWN), "column", "") for n in pair}) > 1
    ]
    yield f"# names of which one language is read otherwise: {missed}"
    yield from show_each(lambda title: matching.find_named_in(title, KNOWN), "各县区小学在校生数（万人）  各县区教育情况  "
                         "2015—2023年各县区初中专任教师统计表  Pupils by county  小学、初中在校生数  2023年教育经费 单位：万元")  # fmt: skip
    yield from show_each(stages_said, [*TOGETHER, *(word for words in WORDS.values() for word in words)])
    yield from show_each(stages_said, "小学、初中  中小学  义务教育阶段初中  2015/2016学年初中职一览表  高中路街道初级中学  小 学  高中阶段  "
                         "初等教育  普通高中和中职  幼儿园、小学  Lower secondary  primary and junior  天气")  # fmt: skip
    yield from show_each(
        stages_of_type, [*CATEGORIES, *(f"{code}1" for code in CATEGORIES), "312", "342", "345", "31", "x11"]
    )
    yield from show_each(
        stage_of,
        "classes_primary_le_25  junior_exam_takers  books  children  kindergartens  academic_x  exam",
    )


def stage_zh(stage: str) -> str:
    return WORDS[stage][0]


WORDS_OF_TOTALS = """合计  总 计  小计：  全市  全县合计  汀阳区小计  合计路小学  Total  Grand total  All districts  平均  Max  中位数  城区小学合计
合计(3所)  本页合计  县小计  各县市  甲县  全部  总数  Totals  Totalville  sum  Std. dev.  市  计  全校总计  公办小计  标准差  各县（市、区）"""


def read_totals() -> Iterator[str]:
    for asked in (totals.is_total_word, totals.is_statistic, totals.is_total_name):
        yield from show_each(asked, WORDS_OF_TOTALS)
    yield from show_each(totals.is_total_code, "0  00  000000  99  999  9999  990101  ００  0000a")
    three, four = [9100.0, 2300, 4000, 15400], [310.0, 95, 120, 525]
    tables: dict[str, list[list[float]]] = {
        "two columns": [three, four], "off by half": [three, [*four[:3], 525.5]], "off by one": [three, [*four[:3], 526]],
        "with a gap": [three, [310, np.nan, 120, 525]], "one column": [three], "in the middle": [[9100, 15400, 2300, 4000]],
        "small and last": [[7.0, 12, 5, 24]], "small within": [[7.0, 24, 12, 5]], "round": [[10.0, 20, 30, 60]],
        "two rows": [[5.0, 5]], "three rows": [[9100.0, 2300, 11400], [310, 95, 405]], "alike": [[5.0, 5, 5, 15]],
        "three of one ratio": [[10.0, 20, 30], [20, 40, 60]], "with nought": [[9100.0, 0, 4000, 13100]],
        "all nought": [[0.0, 0, 0, 0], three], "negative": [[-5.0, 2300, 4000, 6295]], "half of it": [[1.0, 2, 3, 3]],
    }  # fmt: skip
    yield "# sums_of_the_others, sums_of_runs"
    for name, columns in tables.items():
        table = np.array(columns).T
        yield f"{name} → {totals.sums_of_the_others(table)} {totals.sums_of_runs(table)}"
    runs = np.array(
        [[90217.0, 4310], [40111, 2003], [50106, 2307], [60020, 3111], [26007, 1300], [34013, 1811]]
    )
    for name, rows in {"two groups": runs, "subtotals beneath": runs[::-1], "one column": runs[:, :1],
                       "off by half": np.add(runs, [[0.5, 0]]), "off by less": np.add(runs, [[0.1, 0]])}.items():  # fmt: skip
        yield f"{name} → {totals.sums_of_runs(np.asarray(rows, float))}"


# --- cells, heads and places ---

CELLS = """12  1,234  1,23  12.50  １２．５％  12%  -5  −5  (5)  +7  1 234  1 234.5  1.234,5  12人  12 人  1.2万  450①  —  -  …  *  #N/A  NA  .  0
0.0  1e3  1E+05  ½  三十  12-13  ￥12  $1,200  12.  .5  <5  ≥10  无  /  ×  12* 12a  nan  inf  00012  1,234,567.8  12‰"""


def read_cells() -> Iterator[str]:
    yield from show_each(values.plain, CELLS)
    yield from show_each(values.number, CELLS)
    marks = {"": "not_collected", "—": "not_applicable", "*": "suppressed", "…": "not_collected"}
    cells: list[object] = [*re.split(r"  |\n", CELLS), 12, 12.5, None, True]
    for unit in ("", "人", "%", "万元"):
        found, kinds, raw = values.cells(cells, marks, unit)
        yield f"# cells {unit}"
        yield from (f"{c} → {v:.10g} {k}" for c, v, k in zip(cells, found, kinds, strict=True))
        yield f"raw {raw}"
    yield from show_each(lambda *cells: column_roles.missing_marks(cells), [("12", "x", "NA", "", "<10", "*", "..", "n/a", "无",
                         "c", "≤5", "不适用", "z", "未开设", "12%", "abcdefghi", "abcdefgh", "-", "#", "a=b")])  # fmt: skip


CODES: list[tuple[Any, ...]] = [
    ("1010.0", 2, 1000), ("990101000000", 6), ("990101000001", 6), ("990101000", 6), ("E06000001",), ("4.3E+09",), ("甲县",),
    ("330282123204", 6, 1, "gbt2260"), ("330282123204", 6), ("330282", 0, 1, "gbt2260"), ("1243020044567890XA",), ("990101甲县",),
    ("甲县(990101)",), ("'990101",), ("99 01 01",), ("99 01",), ("99 1 01",), ("9.90101E+11", 6), ("9.90101E+11",), ("12", 6), ("12",),
    ("1234567", 6), ("0", 2), ("99010", 6), ("990101.00",), ("990101.5",), ("-1",), ("A",), ("A1",), ("",), ("43022", 0, 1, "gbt2260"),
]  # fmt: skip
NAMES = """1. 攸 县  （三）炎陵县：  攸县教育局  Miami 60.  2、茶陵县  十一、甲县  攸县*  株洲市攸县  醴陵市教育体育局  攸县①  3 甲县  三县  教育局
荷塘区  鼓楼  鼓 楼  郊区  长阳土家族自治县  长阳县  五峰县  市本级  云汀市高新区  浦东新区  经开区  株洲市区  市区  雄安新区  南京市鼓楼区
江北县  江北区  盐区  长沙  长沙市  长沙县  市辖区  邯郸市  株洲县  渌口区  甲县  ../x  =1+1  Miami/Yoder 60  a..b  'x  直属学校  430223攸县"""


def read_areas() -> Iterator[str]:
    yield from show_each(areas.area_code, CODES)
    for asked in (
        areas.bare_name,
        areas.stem,
        areas.own_unit,
        areas.safe_name,
        areas.without_city,
        areas.candidates,
    ):
        yield from show_each(asked, NAMES)
    yield from show_each(areas.candidates, [("鼓楼", 2015, "32"), ("鼓楼区", 2010, "3203"), ("株洲县", 2015), ("株洲县", 2023),
                         ("渌口区", 2015), ("五峰县", 2021), ("市中区", 2005, "37"), ("荷塘", 0, "4302"), ("荷塘", 0, "4303")])  # fmt: skip
    yield from show_each(
        areas.code_and_name, "990102汀阳区_小学  汀阳区2023年  Sheet1  12990102  攸县430223  0430223  小学"
    )
    yield from show_each(areas.named_in, "2023年株洲市荷塘区小学情况  株洲市各县市区小学情况  攸县历年情况  攸县、茶陵县情况  "
                         "数据库：年度数据 地区:湖南省 时间:最近  2023年汀阳区小学  全县小学情况  我县2023年  430223 攸县  鼓楼区小学  株洲市小学情况  2023年情况")  # fmt: skip
    yield from show_each(areas.is_district, "430201  430202  430220  430221  430281  43020  4302021")
    yield from show_each(lambda *names: areas.resolve(names), [
        ("鼓楼区", "玄武区"), ("鼓楼区",), ("长沙", "株洲"), ("长沙",), ("长沙", "望城", "浏阳"), ("荷塘区", "芦淞区", "盐区"), ("南京市鼓楼区", "玄武区"),
        ("城区", "攸县"), ("邯郸市",), ("攸县", "市辖区"), ("湖南省", "株洲市"), ("市中区", "历下区"), ("甲县",), ("南京市鼓楼区", "徐州市鼓楼区"),
    ])  # fmt: skip
    yield from show_each(areas.resolve, [
        (("甲县", "乙"), {"甲县": "990101", "乙县": "990102"}), (("市辖区",), {}, 2020, "4302"), (("市辖区",), {}, 2020, "43"),
        (("株洲县", "攸县"), {}, 2023), (("株洲县", "攸县"), {}, 2015), (("鼓楼区",), {}, 2020, "3201"), (("株洲县",), {}, 2019), (("株洲县",), {}, 2020),
    ])  # fmt: skip


def _columns(**cells: str) -> list[Column]:
    return [Column(k, head, tuple(told.split("|"))) for k, (head, told) in enumerate(cells.items())]


TABLES = [
    _columns(STATNAME="A|A|B", DISTCD="0101|0102|0201", DISTNAME="C|D|E", pupils="12|13|14"),
    _columns(region="N|S|S", la_code="201|202|203", la_name="Ax|Bx|Cx", school_name="s1|s2|s3", URN="1001|1002|1003"),
    _columns(县区="甲县|乙县|合计", 年份="2021|2022|2023", 学段="小学|初中|小学", 在校生="12|13|25"),
    _columns(地区代码="430223|430224|430225", 县域="攸县|茶陵县|炎陵县", 日期="2023-09-01|2023年9月1日|2023/10/05"),
    _columns(市州="株洲市|株洲市|衡阳市", 县市区="攸县|小计|衡阳县", 填报日期="2023-09-01|2023-09-01|2023-09-01"),
    _columns(学校名称="甲小学|乙小学|丙小学", 学校代码="1|2|3", 所属="攸县|攸县|茶陵县", 学期="2023秋|2023秋|2023秋"),
    _columns(name="A|B|C", code="1|2|3", count="7|8|9", year="2020|2021|2020"),
    _columns(State="A|A|B", County="C|D|E", District="x1|x2|x3", Schools="3|4|5", AC_YEAR="2015-16|2015-16|2015-16"),
    _columns(项目="小学学校数|初中专任教师|小学教师", 单位="所|人|人", 数值="3|4|5"),
    _columns(time_period="201819|201920|202021", entity="A|B|C", 类别="小学|初中|专门学校"),
]  # fmt: skip


def read_roles() -> Iterator[str]:
    yield from show_each(column_roles.words_of, "STATNAME  new_la_code  LANumber  Name of Regions  districtid  Counties  bus  gas  "
                         "SchoolName  分类 Class2  statecd  cityno  agencies  class")  # fmt: skip
    for table in TABLES:
        taken: set[str] = set()
        roles = {}
        for column in table:
            if role := column_roles.find_role(column, taken):
                roles[column.heading] = role
                taken.add(role)
        by_place = {k: role for k, role in enumerate(roles.get(c.heading, "") for c in table) if role}
        yield f"{' '.join(c.heading for c in table)} → {column_roles.find_places(table)} {roles}"
        yield f"  city {column_roles.find_city(table, by_place)} names {column_roles.find_names_of_codes(table, by_place)}"
    apart = _columns(Area="A|A|B|B", Sex="All|Girls|All|Girls", Age="5|6|5|6", Kind="x|x|x|x", Type="p|q|q|p")
    for keys, able in product(([0], [0, 1]), ([1], [1, 2], [3, 4], [4, 1])):
        found = column_roles.find_dimensions(apart, keys, able)
        yield f"{keys} {able} → {[(one.heading, word, others) for one, word, others in found]}"


ROWS: list[list[object]] = [
    ["", "人", "万元"], ["", "千元", ""], ["千元", "", ""], ["", "人", ""], ["", "%", None], ["人", "小学"], ["甲", "乙", "1", "2", "3"],
    ["甲", "1", "2"], ["A", "B", 1, 2], [1, 2, 4], ["甲", "1"], ["1", "2", "3"], ["(1)", "(2)", "(3)"], ["县", "1", "2"], [], [None, ""],
    ["甲", "乙", "9", "10"], [2021, 2022, 2023],
]  # fmt: skip
PATHS_OF = [("县名",), ("小学", "在校生(人)"), ("初中", "在校生(人)"), ("在校生数", "合计"), ("在校生数", "其中：女"), ("经费/万元",), ("毕业 率(%)",),
            ("初中", "专任教师", "女"), ("学校数 Schools",), ()]  # fmt: skip


def read_heads() -> Iterator[str]:
    yield from show_each(headers.label, "总　 计_x000D_  其中：女  26—30人  #女  （小学）  其中女  1至2")
    yield from show_each(headers.bare_label, HEADINGS)
    for row in ROWS:
        yield f"{row} → units {headers.is_unit_row(row)} numbers {headers.is_numbering(row)} empty {headers.is_empty(row)}"
    yield from show_each(lambda path: headers.column_of(PATHS_OF, path), "县名  初中/在校生  在校生  小学/在校生(人)  在校生数/女  在校生数/合计  经费  "
                         "经费/万元  毕业率(%)  毕业率  初中/女  女  学校数  Schools  教师  初中/专任教师/女|县名")  # fmt: skip
    cleaned = [tuple(headers.label(word) for word in path) for path in PATHS_OF]
    yield from show_each(
        lambda path: headers.find(cleaned, path),
        "县名  在校生数/女  女  教师|县名  初中/女  在校生数/合计|县名  小学/女",
    )
    words = [
        ["", "小学", "", "初中", "", ""],
        ["县名", "学校", "", "学校", "教师", ""],
        ["", "数", "女", "数", "", "率"],
    ]
    headers.spread_blank(words)
    yield f"{words} {headers.paths_of(words)}"


# --- evidence ---


def _sheet(rows: list[list[object]], name: str = "表", file: str = "t.xlsx", merged: Any = ()) -> Sheet:
    return Sheet(file=file, digest="", name=name, rows=[tuple(row) for row in rows], merged=list(merged))


SHEETS: dict[str, tuple[Sheet, dict[str, Any]]] = {
    "on a line": (_sheet([["2023年情况", "", "单位：千元"], ["县名", "教育经费", "经费（万元）"], ["甲", 1, 2]]), {"header": (1, 1)}),
    "beneath": (_sheet([["县名", "经费"], ["甲", 1], ["注：金额单位：千元"]]), {"header": (0, 1), "notes": [2]}),
    "units' row": (_sheet([["县名", "经费"], ["", "千元"], ["甲", 1]]), {"header": (0, 2), "unit_row": 1}),
    "over it": (_sheet([["县名", "经费（万元）", ""], ["", "小学", "初中"], ["甲", 1, 2]]), {"header": (0, 2)}),
    "sheet and file": (_sheet([["县名", "经费"], ["甲", 1]], "千元", "经费（万元）.xlsx"), {"header": (0, 1)}),
    "asked": (_sheet([["单位：", "千元", ""], ["县名", "经费", "人数"]]), {"header": (1, 1)}),
    "over some": (_sheet([["", "经费（千元）", "", "人数（人）"], ["县名", "小学", "初中", "小学"]]), {"header": (1, 1)}),
    "far over it": (_sheet([["县名", "经费（万元）", "", "", "人数（人）", ""], ["", "小学", "初中", "高中", "小学", "初中"]]), {"header": (0, 2)}),
    "short row": (_sheet([["县名", "经费（万元）"], ["", "小学", "初中", "高中"]]), {"header": (0, 2)}),
    "merged down": (_sheet([["县名", "经费（千元）"], ["", ""], ["甲", 1]], merged=[((0, 1), (1, 1))]), {"header": (0, 2)}),
    "merged": (_sheet([["", "经费（千元）", "", ""], ["县名", "小学", "初中", "人"]], merged=[((0, 1), (0, 2))]), {"header": (1, 1)}),
}  # fmt: skip


def read_evidence() -> Iterator[str]:
    for name, (sheet, terms) in SHEETS.items():
        for column in range(1, max(map(len, sheet.rows))):
            said = evidence.unit_evidence(sheet, column=column, **terms)
            yield f"{name} {column}: {'; '.join(f'{one.near} {_brief(one.unit)} {one.told().zh} {one.told().en}' for one in said)}"
            for kind in ("yuan", "person", "dollar"):
                chosen, others, conflict = evidence.settled_unit(said, kind)
                yield f"  {kind} {chosen and chosen.words} {[one.words for one in others]} {conflict}"
    for folder, words, name in product(
        ("", "2022年/", "甲/2022/乙/"),
        ("2023年情况", "情况", "2022、2023年", "截至2021年9月1日"),
        ("表", "2023"),
    ):
        sheet = _sheet([[words, ""], ["县名", "经费"]], name, f"{folder}2022经费.xlsx")
        said = evidence.year_evidence(sheet, [0])
        chosen, others, conflict = evidence.settled_year(said)
        yield (f"{sheet.file} {name} {words} → {evidence.joined(one.told() for one in said).zh} : "
               f"{chosen and chosen.year} {[one.year for one in others]} {conflict}")  # fmt: skip


# --- figures out of scale ---


def _grow(counties: int, years_: int, columns: int) -> pd.DataFrame:
    """Uneven counties that grow by a few per cent a year."""
    names = ["pupils_primary", "teachers_primary", "classes_primary", "schools_primary", "budget_education"][
        :columns
    ]
    sizes = [51000.0, 3100, 1210, 83, 91000]
    rows = []
    for k, year in product(range(counties), range(years_)):
        own = {
            name: round(size * (1 + 0.37 * k) * 1.03**year) for name, size in zip(names, sizes, strict=False)
        }
        rows.append({"county": f"99010{k + 1}", "unit": f"99010{k + 1}", "year": 2020 + year, "file": "t.csv",
                     "row": len(rows) + 2, **own})  # fmt: skip
    return pd.DataFrame(rows)


def _tell_watched(tidy: pd.DataFrame, besides: tuple[str, ...] = ()) -> Iterator[str]:
    columns = [name for name in tidy if name in KNOWN.columns]
    sources = tidy.melt(["county", "unit", "year", "file", "row"], columns, "column").assign(
        sheet="表", letter="C"
    )
    found = magnitude.watch(tidy, sources, KNOWN, besides)
    for one in found.to_dict("records"):
        yield f"  {one['rule']} {one['county']} {one['year']} {one['cell']} {one['column']} {one['value']} {one['expected']}"
    if len(found):
        yield f"  {found['zh'].iloc[0]} {found['en'].iloc[0]}"


def read_scales() -> Iterator[str]:
    shapes = [(3, 4, 5), (3, 4, 1), (6, 1, 5), (5, 1, 2), (5, 1, 1), (4, 1, 1), (4, 1, 3), (3, 1, 3)]
    for shape, factor in product(shapes, (1.8, 3.75, 3.9, 5.1, 7.6, 100.0, 0.1)):
        for at in (1, -1):
            tidy = _grow(*shape)
            tidy.iloc[at, 5] = round(tidy.iloc[at, 5] * factor)
            if told := list(_tell_watched(tidy)):
                yield f"{shape} row {at} ×{factor}"
                yield from told
    for factor, rows in product((3.0, 10.0), ([1, 5, 9], [1, 5], [0, 4, 8])):
        tidy = _grow(3, 4, 3).astype({"pupils_primary": float})
        tidy.iloc[rows, 5] *= factor
        yield f"rows {rows} ×{factor}"
        yield from _tell_watched(tidy)
    for factor in (4.5, 8.0):
        tidy = _grow(3, 3, 5)
        tidy.iloc[4, 5:] = [round(value * factor) for value in tidy.iloc[4, 5:]]
        yield f"a whole row ×{factor}"
        yield from _tell_watched(tidy)
    for first, second in ((9, 49), (9, 51), (60, 12), (49, 8), (51, 8), (300, 0), (40, 400)):
        tidy = pd.concat([_grow(1, 2, 1)])
        tidy["pupils_primary"] = [first, second]
        yield f"{first} and {second}"
        yield from _tell_watched(tidy)
    for gap in (12, 13):
        tidy = _grow(1, 2, 1)
        tidy["year"], tidy["pupils_primary"] = [2001, 2001 + gap], [5000, 51000]
        yield f"{gap} years apart"
        yield from _tell_watched(tidy)
    tidy = _grow(3, 4, 2)
    tidy.iloc[1, 5] *= 10
    yield "watched besides"
    yield from _tell_watched(tidy, ("pupils_primary",))


# --- rules of returns ---

FULL = GOOD | {"fact_pupils_primary": 300.0, "fact_teachers_primary": 18.0, "fact_entrants_primary": 60.0}
JUNIOR = {name.replace("primary", "junior"): value for name, value in FULL.items() if "primary" in name}


def _one_year(year: int, pupils: float) -> Any:
    return block({"pupils_primary": pupils, "teachers_primary": 18.0}, year=year, file=f"{year}.xlsx")


def _hold(figures: dict[str, float], earlier: dict[str, float] | None = None, **more: Any) -> Table:
    before = FULL | {"pupils_primary": 290.0, "fact_pupils_primary": 290.0, "pupils_last_year_primary": 280.0}
    return _table_of([block(before | (earlier or {}), year=2020, file="b.xlsx"), block(figures, **more)])


def _table_of(blocks: list[Any]) -> Table:
    found = collect_cells(blocks, {one.file: one.file for one in blocks})
    wide = widen_cells(found)
    kinds = np.where(np.isnan(wide.values), 1, 0).astype(np.uint8)
    return Table(wide=wide, kinds=kinds, found=found, known=KNOWN)


ASKED = ("pupils_primary", "pupils_last_year_primary", "transfers_out_primary", "fact_bachelor_primary",
         "classes_primary_36_40", "teachers_primary", "fact_checkups")  # fmt: skip
"""Figures that it is asked of what was meant instead: which takes a while."""


def read_rules() -> Iterator[str]:
    """One figure of a school wrong at a time: what the rules say of it, and what they think was meant."""
    tried = [
        name
        for name in FULL
        if not name.startswith("classes_primary_") or name.endswith(("le_25", "36_40", "ge_66"))
    ]
    for column, wrong in product(tried, ("ten times", "4 more", "none")):
        value = FULL[column]
        seen = {"ten times": value * 10, "4 more": value + 4, "none": np.nan}[wrong]
        if seen == value:
            continue
        held = _hold(FULL | {column: seen})
        found = check_rules(held, ("pupils_primary", "teachers_primary"))
        if column in ASKED and wrong == "ten times":
            found = add_proposals(found, held)
        yield f"{column} {wrong}: {value:g} → {seen:g}"
        for k, one in enumerate(found.to_dict("records")):
            yield f"  {one['rule']} {one['severity']} {one['year']} {one['cell']} {one['column']} {one['tolerance']} {one['zh']}"
            if not k and wrong == "ten times":
                yield f"  {one['en']}"
    before = _hold(FULL, earlier={"pupils_primary": 2900.0})
    yield from add_proposals(check_rules(before), before)["zh"]
    yield from show_each(lambda seen: [f"{one:g}" for one in list_slips(seen)], [7.0, 40.0, 105.0, -30.0])
    yield from show_each(name_slip, [(12.0, 120.0), (412.0, 4312.0), (0.0, 5.0), (5.0, 0.0), (7.5, 75.0), (12.0, 21.0),
                         (123.0, 321.0), (-12.0, 21.0), (15.0, 150.5), (99.0, 9.0), (1.0, 10.0), (10.0, 1000.0), (10.0, 15.0)])  # fmt: skip
    long = [_one_year(year, 300.0 + 10 * (year - 2018)) for year in range(2018, 2024)]
    found = _table_of(long)
    asked = [(year, "pupils_primary") for year in (2018, 2020, 2021, 2023)]
    yield f"usual {usual_figures(found, '9901022199000001', asked) or usual_figures(found, str(found.keys['unit'].iloc[0]), asked)}"
    for length in ("六年", "五年", "4年", "三年"):
        yield f"{length} {check_rules(_hold(FULL, length=length))['zh'].tolist()}"
    both = FULL | JUNIOR | {"fact_bachelor_junior": 11.0, "longitude": 113.1, "latitude": 27.2}
    yield from check_rules(_hold(both))["zh"]


# --- tables ---

YOU, CHALING = ["攸县", 80, 50988], ["茶陵县", 77, 42876]
HEAD = ["县市区", "学校数", "在校生数"]
SIDES: dict[str, list[list[object]]] = {
    "beside": [["2023年情况", "", "", "", "单位：人"], ["县市区", "在校生", "", "县市区", "在校生"], ["甲县", 5, "", "丙县", 7], ["乙县", 6, "", "丁县", 8]],
    "beside under stages": [["小学", "", "初中", ""], ["县市区", "在校生", "县市区", "在校生"], ["甲县", 5, "甲县", 7], ["乙县", 6, "乙县", 8]],
    "a title and a unit": [["情况", "", "", "单位：人"], ["县市区", "在校生", "县市区", "在校生"], ["甲县", 5, "丙县", 7], ["乙县", 6, "丁县", 8]],
    "a note at a side": [["小学", "", "", ""], ["县市区", "在校生", "县市区", "在校生"], ["甲县", 5, "丙县", 7], ["乙县", 6, "丁县", 8]],
    "one row a block": [["县市区", "在校生", "县市区", "在校生"], ["甲县", 5, "丙县", 7]],
    "stages beneath": [["2023年小学情况"], HEAD, YOU, CHALING, ["2023年初中情况"], HEAD, ["攸县", 30, 24890], ["茶陵县", 28, 20456]],
    "further beneath": [["2023年情况"], HEAD, YOU, CHALING, [], ["续表"], ["县市区", "教师数", "班数"], ["攸县", 30, 24], ["茶陵县", 28, 20]],
    "one stage beneath": [["2023年小学情况"], HEAD, YOU, ["续表"], HEAD, CHALING],
    "a head without rows": [["2023年小学情况"], HEAD, YOU, CHALING, ["2023年初中情况"], HEAD],
    "two years": [["2022年情况"], HEAD, YOU, CHALING, ["2023年情况"], HEAD, YOU, CHALING],
    "numbers as heads": [[2021, 2022], HEAD, YOU, CHALING],
}  # fmt: skip
RETURN: list[list[object]] = [
    ["小学学校基本情况"], ["指标名称", "代码", "计量单位", "合计", "其中：女"], ["甲", "乙", "丙", "1", "2"], ["在校生数", "01", "人", 300.0, 140.0],
    ["专任教师", "02", "人", 18.0, "—"], ["专任教师", "03", "人", 19.0, 10.0], ["校舍面积", "4", "万平方米", 1.25, ""], ["备注", "", "", "", ""],
]  # fmt: skip


def read_tables() -> Iterator[str]:
    for name, rows in list(SIDES.items()):
        yield f"# {name}"
        width = max(map(len, rows))
        rows = [row + [""] * (width - len(row)) for row in rows]
        yield from (
            f"  {part.row(0)} {part.letter(0)} {part.rows}" for part in blocks.part_tables([_sheet(rows)])
        )
    grid = _Grid(SimpleNamespace(sheet=_sheet(RETURN), known=KNOWN))
    asked = "在校生数@合计  01 在校生数@其中:女  专任教师@合计  03 专任教师@女  4 校舍面积@合计  校舍面积@男|校舍面积@合计  备注@合计"
    yield from show_each(grid.at, asked)
    yield f"{grid.first} {grid.body} {grid.left} {grid.items} {[grid.unit(i) for i in range(len(RETURN))]} {sorted(grid.used)}"
    shares = ([0.5, 0.7, 0.9, 0.8, 0.6], [98.5, 97.2, 99, 101.25, 96.1], [98.5, 97.2, 99, 200, 96.1], [98.5, 97.2, 99, 201, 96.1],
              [98.5, 97.2, 99, 96], [98, 97, 99, 95, 96.5], [1200, 300, 50, 71, 82], [98.5, 97.2, 99, 95, 96])  # fmt: skip
    yield from show_each(
        lambda *cells: columns_read._look_like_shares(cells, "person", "pupils_primary"),
        [tuple(map(float, one)) for one in shares],
    )
    for code in ("", "430200", "430000", "43020", "430201", "4302AB00", "x30200", "990100"):
        area = SimpleNamespace(parent={"code": code} if code else {})
        for held in (("430202", "430223"), ("430202", "430304"), ("990101",), ()):
            part = SimpleNamespace(keys=pd.DataFrame({"county": list(held), "reason": [""] * len(held)}))
            yield f"{code} {held} → {rows_read._describe_within(area, [part])}"
    for codes, unknown, inside in product(
        ({"a": "430202"}, {"a": "430202", "b": "430304"}, {"a": "430200"}, {}),
        ((), ("市本级",), ("天元",)),
        ("", "4302"),
    ):
        part = SimpleNamespace(
            keys=pd.DataFrame({"county": list(codes.values()), "reason": [""] * len(codes)})
        )
        told = areas.Resolved(codes=codes, ambiguous={}, unknown=unknown)
        yield f"{codes} {unknown} {inside} → {rows_read._is_national([part], told, inside)}"


LINES_OF_MAPPINGS = [
    ('width = 6', 'width = "6"'), ('width = 6', 'width = 0'), ('width = 6', 'width = 6\nscheme = "gb"'), ('from = "学年"', 'form = "学年"'),
    ('from = "学年"', 'from = "学年"\nvalue = 2021'), ('from = "学年"', ''), ('from = "学年"', 'value = 1850'), ('from = "学年"', 'value = "x"'),
    ('suppressed = ["*"]', 'hidden = ["*"]'), ('suppressed = ["*"]', 'suppressed = "*"'), ('suppressed = ["*"]', 'suppressed = ["*", ""]'),
    ('pupils = ', 'pupil = '), ('unit = "人" }\nteachers', 'unit = "元" }\nteachers'), ('unit = "人" }\nteachers', 'unit = "人", scale = "2" }\nteachers'),
    ('unit = "人" }\nteachers', 'unit = "人", of = "xx" }\nteachers'), ('unit = "人" }\nteachers', 'unit = "%", of = "teachers" }\nteachers'),
    *(('unit = "人" }\nteachers', f'unit = "人", range = {limits} }}\nteachers') for limits in ("[1, 0]", "[0, 1, 2]", "[5, 5]", "[0]", "[0, 10000]")),
    ('from = "在校生"', 'from = ""'), ('from = "在校生"', 'from = "在校学生"'), ('from = "在校生"', 'from = ["在校生", "专任教师"]'), ('file = "schools.csv"', 'file = "school.csv"'),
    ('file = "schools.csv"', ''), ('file = "schools.csv"', 'file = "schools.csv"\nsheet = "x"'), ('file = "schools.csv"', 'file = "schools.csv"\ncolour = 1'),
    ('title = {', 'tittle = {'), ('en = "a table of one\'s own"', ''), ('code = "县代码"', 'code = "县名"'), ('code = "县代码"', 'code = "县"'), ('name = "县名"', 'nam = "县名"'),
    ('unit = "学校代码"', 'unit = "学校码"'), ('[area]', '[areas]'), ('[columns]', '[column]'), ('[[tables]]', '[tables]'),
]  # fmt: skip


def read_mappings() -> Iterator[str]:
    """A mapping with one line wrong at a time: what is said of it, or what is loaded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "own")
        folder.mkdir()
        (folder / "schools.csv").write_text(OWN_TABLE, "utf-8")
        for right, wrong in LINES_OF_MAPPINGS:
            (folder / "own.toml").write_text(OWN_MAPPING.replace(right, wrong), "utf-8")
            yield f"{right} → {wrong}".replace("\n", " ⏎ ")
            try:
                loaded = load_tables(folder / "own.toml")
                yield f"  {loaded.tidy.iloc[0].to_dict()} {loaded.findings['zh'].tolist()}"
            except EdustatsError as error:
                yield from (f"  {line}" for line in (error.text("zh"), error.text("en")))


READINGS: dict[str, Callable[[], Iterator[str]]] = {
    "units": read_units, "years": read_years, "headings": read_headings, "totals": read_totals, "cells": read_cells,
    "areas": read_areas, "roles": read_roles, "heads": read_heads, "evidence": read_evidence, "scales": read_scales,
    "rules": read_rules, "tables": read_tables, "mappings": read_mappings,
}  # fmt: skip
