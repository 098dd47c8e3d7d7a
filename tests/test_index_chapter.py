"""Is the declared index read as declared, told with its limits, and nothing said of growth that nobody declared?"""

import json
from pathlib import Path

import numpy as np
import pytest
from invented import loaded

import edustats as edu
from edustats.analysis.declared_index import read_declared_index
from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.metrics.composite.index import draw_weights, rank_acceptability
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import Figure, Finding, Table
from edustats.report.edition.chapters import drop_unfed_chapters
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.store.writing import write_store

A, B = "per_pupil_teaching_area_primary", "per_pupil_equipment_primary"
DECLARED = f"""name = "试行指数"
source = "市政府试行办法"
[[indicators]]
indicator = "{A}"
weight = 0.75
goal = 8
[[indicators]]
indicator = "小学生均教学仪器设备值"
weight = 0.25
goal = 3600
"""
GROWTH = """[growth]
claim = 25
schooling = [9.0, 9.6]
output = [100.0, 115.76]
years = [2021, 2024]
labour = [0.5, 0.6, 0.7]
returns = [0.05, 0.08, 0.11]
schooling_part = [0.6, 0.6, 0.6]
[growth.sources]
labour = "省投入产出表"
returns = "某项调查"
schooling_part = "某项研究"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("index") / "store"
    write_store(loaded(), path)
    return path


@pytest.fixture
def view(folder):
    """Open the prefecture with something declared beside its store; nothing stays for the next."""
    file = folder.with_name("store.index.toml")

    def declare(text=""):
        file.write_text(text, "utf-8") if text else file.unlink(missing_ok=True)
        return edu.open_prefecture("991100", folder)

    yield declare
    file.unlink(missing_ok=True)


def sentences(items):
    return {i.key: i.sentence.zh for i in items if isinstance(i, Finding)}


def test_without_a_declaration_the_index_is_for_trial_and_says_so(view):
    told = sentences(edu.show_index(view()))
    # the invented counties lack teachers with degrees: no area has all, and nothing is filled in
    assert told == {"index.roll_out": "2023年没有一个地区齐备所列指标，不能合成指数。"}
    declared = read_declared_index(view().store, catalogue())
    assert not declared.own
    assert sum(declared.weights.values()) == 1
    assert all(catalogue().indicator(key).better == "higher" for key in declared.weights)


def test_a_declared_index_by_hand(view):
    held = view('scores = "goal"\nphases = [1]\n' + DECLARED)
    items = list(edu.show_index(held))
    table = next(i for i in items if isinstance(i, Table) and i.key == "index.areas")
    rows = held.by_county[held.by_county["year"] == 2023].set_index(["area", "indicator"])["value"]
    for row in table.rows:
        code = next(c for c in ("991101", "991102", "991103") if held.store.name(c) == row[0])
        by_hand = 0.75 * min(rows[code, A] / 8, 1) + 0.25 * min(rows[code, B] / 3600, 1)
        assert row[1] == pytest.approx(by_hand)
    values = [row[1] for row in table.rows]
    assert values == sorted(values, reverse=True)
    said = items[0]
    assert said.sentence.zh.startswith(
        f"2023年，虚构市3个县（市、区）按2项指标合成（算术平均），第1批{table.rows[0][0].zh}；第2批"
    )
    assert said.note.zh.startswith("市政府试行办法。不缺不补")
    figure = next(i for i in items if isinstance(i, Figure))
    assert figure.png.startswith(b"\x89PNG")
    weights = next(i for i in items if isinstance(i, Table) and i.key == "index.declared")
    assert [row[1] for row in weights.rows] == [0.75, 0.25]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DECLARED.replace("0.25", "0.35"), "权重之和为 1.1，应为 1；请调整，系统不代为折算。"),
        (DECLARED.replace("weight = 0.25\n", ""), "“小学生均教学仪器设备值”没有 weight；各项权重之和应为 1，请补上。"),
        (DECLARED.replace("goal = 3600\n", "") .replace("name", 'scores = "goal"\nname', 1), "须有大于 0 的 goal"),
        (DECLARED.replace("小学生均教学仪器设备值", "无此指标"), "无此指标"),
        (DECLARED.replace("小学生均教学仪器设备值", A), "同一指标列了两次"),
        ('how = "harmonic"\n' + DECLARED, "how = harmonic不在可选之列；可选：arithmetic, geometric"),
        ("weigths = 1\n" + DECLARED, "“weigths”不是可用的设置"),
        ("phases = [0]\n" + DECLARED, "每一阶段至少 1 个地区"),
        ('spread = "wide"\n' + DECLARED, "spread 应为数，现为 wide"),
        ("name = ", "不是有效的 TOML"),
        (DECLARED + GROWTH.replace('returns = "某项调查"\n', ""), "returns 没有出处"),
        (DECLARED + GROWTH.replace("[0.5, 0.6, 0.7]", "[0.7, 0.6, 0.5]"), "labour 应为由低到高的三个正数"),
        (DECLARED + GROWTH.replace("[9.0, 9.6]", "9.6"), "schooling 应为数"),
    ],
)  # fmt: skip
def test_what_is_no_index_is_named_in_one_sentence(view, text, said):
    held = view(text)
    with pytest.raises(EdustatsError) as error:
        read_declared_index(held.store, catalogue())
    if "TOML" not in said:
        assert said in error.value.text("zh")
    for verb in ("show_index", "show_growth"):
        (told,) = getattr(edu, verb)(held)
        assert told.verdict == "cannot_tell"
        assert "nan" not in told.sentence.en


def test_a_geometric_mean_between_lowest_and_highest_says_that_nothing_ranks_the_zeros(view):
    said = sentences(edu.show_index(view('how = "geometric"\n' + DECLARED)))
    # three counties, two indicators: each of two is lowest in one of them, or one is in both
    zeros = [row[1] for i in edu.show_index(view('how = "geometric"\n' + DECLARED)) if isinstance(i, Table)
             and i.key == "index.areas" for row in i.rows].count(0.0)  # fmt: skip
    assert ("index.zeros" in said) == (zeros > 1)


def test_growth_is_open_until_figures_parameters_and_sources_are_declared(view):
    assert sentences(edu.show_growth(view())) == {
        "growth": "教育对经济增长的贡献率没有测算：未申报数据和参数（store.index.toml的 growth）；"
        "文稿中的这类数字口径待核。"
    }
    claimed = sentences(edu.show_growth(view(), claim=19.2))["growth.claim"]
    assert claimed.startswith("教育对经济增长的贡献率19.2%：口径待核。缺可比价产出、从业人员受教育年限")
    held = view('output_claims = ["320亿元"]\n' + DECLARED + GROWTH)
    said = sentences(edu.show_growth(held))
    assert said["growth.claim"].startswith(
        "教育对经济增长的贡献率25.0%：含教育存量的柯布—道格拉斯模型测算为26.5%（22.0%—30.9%），与该模型相容"
    )
    assert said["growth.models"] == (
        "2021—2024年教育对经济增长的贡献率，丹尼森模型测算为11.8%（6.1%—18.9%）；"
        "含教育存量的柯布—道格拉斯模型测算为26.5%（22.0%—30.9%）；两个模型假设不同，数据不能取舍，引用须注明模型和参数出处。"
    )
    assert said["growth.output.0"].startswith("产业年产值320亿元：口径待核")
    table = next(i for i in edu.show_growth(held) if isinstance(i, Table))
    assert table.rows[0][2:] == pytest.approx((6.1497, 9.8395, 13.5293), abs=1e-4)
    assert format_table_rows(table, "zh")[0][2:] == ["6.1", "9.8", "13.5"]
    assert "省投入产出表" in table.note.zh


def test_no_number_about_growth_is_held_in_the_code():
    source = (Path(edu.__file__).parent / "metrics" / "composite" / "growth.py").read_text("utf-8")
    body = source[: source.index("def growth_shares")]
    assert not [line for line in body.splitlines() if "0." in line and not line.strip().startswith('"""')]


@pytest.mark.parametrize("how", ["arithmetic", "geometric"])
def test_many_areas_at_once_rank_as_one_weight_at_a_time(how):
    rng = np.random.default_rng(11)
    scores = np.clip(rng.normal(0.5, 0.4, (30, 4)), 0, 1).round(2)
    tried = draw_weights([0.25] * 4, 300)
    tried[0] = (1, 0, 0, 0)
    made = np.zeros((30, 30))
    for w in tried:
        parts = np.array(
            [[s**x if how == "geometric" else s * x for s, x in zip(row, w, strict=True)] for row in scores]
        )
        value = (parts.prod(axis=1) if how == "geometric" else parts.sum(axis=1)).round(12)
        for a in range(30):
            first, ties = int((value > value[a]).sum()), int((value == value[a]).sum())
            made[a, first : first + ties] += 1 / ties
    assert np.allclose(rank_acceptability(scores, tried, how), made / len(tried))


def test_the_chapter_exists_where_its_indicators_are(folder, michigan, tmp_path):
    notebook = Path(__file__).resolve().parent.parent / "notebooks" / "84_index.ipynb"
    code = "".join("".join(cell["source"]) for cell in json.loads(notebook.read_text("utf-8"))["cells"])
    assert all(f"edu.{verb}(view)" in code for verb in ("show_index", "show_growth"))
    for held, area, made in ((folder, "991100", 1), (michigan, "MI", 0)):
        opened = edu.open_store(held)
        plan = make_plan([ReportArea(area, "x", "prefecture")], [notebook], {}, tmp_path, "2023")
        assert len(drop_unfed_chapters(plan, opened).jobs) == made


def test_an_index_of_ones_own_makes_the_chapter_whatever_its_indicators(view, tmp_path):
    from types import SimpleNamespace

    notebook = Path(__file__).resolve().parent.parent / "notebooks" / "84_index.ipynb"
    plan = make_plan([ReportArea("991100", "x", "prefecture")], [notebook], {}, tmp_path, "2023")
    for text, made in ((DECLARED, 1), ("", 0)):
        store = SimpleNamespace(
            path=view(text).store.path, register=lambda name: [], list_fed=lambda keys: []
        )
        assert len(drop_unfed_chapters(plan, store).jobs) == made
