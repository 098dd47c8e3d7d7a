"""Do the chapters on money and teachers say what the tables say, each number sourced, and stay silent elsewhere?"""

import json
from pathlib import Path

import numpy as np
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.errors import DataError
from edustats.example.chapter_tables import simulate_staffroom, write_county_table
from edustats.load.reading.years import find_quarter
from edustats.present.finance.case import open_case
from edustats.present.records.items import Figure, Finding, Table
from edustats.report.edition.chapters import drop_unfed_chapters
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.trace.explain import _format_source
from edustats.store.writing import update_store

COUNTY, OTHER = "990121", "990103"
NAMES = {COUNTY: "柏溪县", OTHER: "云麓区"}
YEARS = (2019, 2020, 2021, 2022)
MONEY = ("show_finance_chart", "show_finance_bulletin", "show_finance_rules", "show_finance_equity", "show_pay_parity",
         "show_school_quotas", "show_student_aid")  # fmt: skip
TEACHERS = ("show_teacher_chart", "show_retirement", "show_teacher_structure", "show_rotation", "show_posts",
            "show_recruitment")  # fmt: skip
STAFFING = {
    "posts_compulsory": 1700, "staff_on_posts": 1710, "teachers_part_time": 30, "teachers_substitute": 12,
    "teachers_recruited": 50, "recruited_graduates": 30, "recruited_state_funded": 8, "recruited_special_post": 12,
    "promoted_senior": 30, "promoted_with_rural_service": 27,
}  # fmt: skip
SERVICES = {
    "pupils_in_need": 2000, "pupils_aided": 1990, "aid_funds": 3_200_000, "pupils_left_county": 300,
    "pupils_came_county": 120, "pupils_compulsory_last_year": 20_000, "childcare_places": 1500, "residents": 400_000,
    "employers_asked": 50, "employers_satisfied": 46, "learning_space_users": 25_000, "learning_spaces": 23_200,
    "schools_to_connect": 90, "schools_broadband": 89,
}  # fmt: skip


def senior_money(year):
    """Senior secondary money falls by 3 % in the last year only; pupils stay."""
    return {"budget_education_senior": 2e8 * (0.97 if year == 2022 else 1.0), "average_pupils_senior": 4000}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("money")
    home = prefecture(folder / "in")
    room = simulate_staffroom(1500, 2019, np.random.default_rng(7))
    for year in YEARS:
        at = home / str(year)
        for other in at.glob(
            "*学校建设*"
        ):  # it tells of other teachers recruited: figures that differ are not used
            other.unlink()
        write_county_table(at, "teacher_ages", year, {COUNTY: room.count_bands(year)}, NAMES)
        write_county_table(at, "staffing", year, {COUNTY: STAFFING}, NAMES)
        write_county_table(at, "services", year, {COUNTY: SERVICES}, NAMES)
        write_county_table(at, "finance_stages", year, {COUNTY: senior_money(year)}, NAMES)
    update_store([home], folder / "store")
    return folder / "store", room


@pytest.fixture(scope="module")
def store(places):
    return places[0]


@pytest.fixture(scope="module")
def view(store):
    return edu.open_county(COUNTY, store)


def items(view, *verbs):
    return [item for verb in verbs for item in getattr(edu, verb)(view)]


def found(view, *verbs):
    return {item.key: item for item in items(view, *verbs) if isinstance(item, Finding)}


TOTALS = {2020: 1.0e8, 2021: 1.1e8, 2022: 1.21e8}
BY_STAGE = {2020: (4.0e7, 3.0e7), 2021: (4.4e7, 3.0e7), 2022: (4.84e7, 2.91e7)}


@pytest.fixture(scope="module")
def handmade(tmp_path_factory):
    """Sums worked by hand: the total and primary grow by a tenth a year, junior stands still, then falls by 3 %."""
    folder = tmp_path_factory.mktemp("handmade")
    for year, total in TOTALS.items():
        money = {
            "budget_education": total, "budget_operating": total * 0.95, "fiscal_education": total * 1.1,
            "education_income": total * 1.25, "budget_expenditure": 6e8, "gdp": 3e9,
        }  # fmt: skip
        primary, junior = BY_STAGE[year]
        stages = {
            "budget_education_primary": primary, "average_pupils_primary": 4000, "budget_education_junior": junior,
            "average_pupils_junior": 2000, "fiscal_revenue": 5e8 * 1.05 ** (year - 2020),
        }  # fmt: skip
        write_county_table(folder / "in" / str(year), "finance", year, {COUNTY: money}, NAMES)
        write_county_table(folder / "in" / str(year), "finance_stages", year, {COUNTY: stages}, NAMES)
    (folder / "in" / "returns.toml").write_text(
        '[counties]\n990121 = { zh = "柏溪县", en = "Baixi" }\n', "utf-8"
    )
    update_store([folder / "in"], folder / "store")
    return folder / "store"


def test_a_stage_that_falls_while_the_total_rises_is_named(handmade):
    said = found(edu.open_county(COUNTY, handmade), "show_finance_rules")
    assert said["finance.two_rules"].sentence.zh == (
        "2022年柏溪县总额未减，但“两个只增不减”仍未落实：初中生均一般公共预算教育经费，比上年下降3.00%。"
    )
    assert said["finance.two_rules"].verdict == "not_met"
    kept = found(edu.open_county(COUNTY, handmade, last_year=2021), "show_finance_rules")["finance.two_rules"]
    assert kept.sentence.zh == (
        "2021年柏溪县落实“两个只增不减”：一般公共预算教育经费，以及小学、初中的生均经费，均不低于上年。"
    )


def test_the_bulletin_says_sums_growth_and_the_index(handmade):
    said = found(edu.open_county(COUNTY, handmade), "show_finance_bulletin")
    assert said["finance.totals"].sentence.zh == (
        "2022年，柏溪县教育经费总投入1.51亿元，比上年增长10.00%；国家财政性教育经费1.33亿元，比上年增长10.00%；"
        "一般公共预算教育经费1.21亿元，比上年增长10.00%。"
    )
    assert "实际增长7.84%（全国居民消费价格指数（上年=100））" in said["finance.totals"].note.zh
    assert said["finance.per_pupil_education"].sentence.zh == (
        "2022年生均一般公共预算教育经费：小学12100.00元，比上年增长10.00%；初中14550.00元，比上年下降3.00%。"
    )
    assert said["finance.mean_growth"].sentence.zh == (
        "一般公共预算教育经费由2020年的1.00亿元增加到2022年的1.21亿元，以2020年为基数，2年年均增长10.00%。"
    )


def test_the_frame_holds_the_same_figures_unrounded(handmade):
    frame = edu.finance(edu.open_store(handmade), COUNTY, 2022).set_index(["rule", "stage"])
    assert frame.at[("total", "all"), "real_rate"] == pytest.approx(1.1 / 1.02 - 1)
    assert frame.at[("per_pupil", "junior"), "rate"] == pytest.approx(-0.03)
    assert frame.at[("faster_than_revenue", "all"), "verdict"] == "met"
    assert frame.at[("source_fiscal", "all"), "value"] == pytest.approx(1.1 / 1.25)
    assert frame.at[("share_budget", "all"), "value"] == pytest.approx(1.21e8 / 6e8)


def test_average_pupils_are_of_two_school_years_where_none_are_reported(view, store):
    frame = edu.finance(edu.open_store(store), COUNTY, 2022).set_index(["rule", "stage"])
    assert frame.at[("per_pupil", "senior"), "pupils"] == "reported"
    assert frame.at[("per_pupil", "primary"), "pupils"] == "two_school_years"
    own = view.data.units[view.data.units["unit"] == COUNTY].set_index("year")["budget_education_primary"]
    pupils = view.series("count_pupils_primary").set_index("year")["value"]
    expected = own[2022] / (pupils[2021] * 8 / 12 + pupils[2022] * 4 / 12)
    assert frame.at[("per_pupil", "primary"), "value"] == pytest.approx(expected)


def test_where_a_number_comes_from_says_that_two_school_years_were_weighed(view):
    case = open_case(view)
    made, reported = (case.source(f"per_pupil_budget_education_{stage}") for stage in ("primary", "senior"))
    told = "\n".join(_format_source(made, 1, "zh"))
    assert "8/12 × pupils_primary[school year before] + 4/12 × pupils_primary" in told
    assert "年平均学生数＝上学年初×8/12＋本学年初×4/12" in told
    assert "average_pupils_senior" in reported.formula and "8/12" not in reported.formula


def test_growth_against_a_revenue_that_nobody_sent_is_open(store):
    frame = edu.finance(edu.open_store(store), COUNTY, 2022).set_index("rule")
    assert (frame.at["faster_than_revenue", "verdict"], frame.at["faster_than_revenue", "reason"]) == (
        "cannot_tell", "missing",
    )  # fmt: skip


def test_aid_migration_childcare_and_networks_come_from_their_tables(view):
    values = {key: view.series(key).set_index("year").at[2022, "value"] for key in (
        "share_net_out_migration", "per_thousand_childcare_places", "share_employers_satisfied",
        "share_learning_spaces", "share_schools_broadband", "mean_aid",
    )}  # fmt: skip
    assert values == pytest.approx({
        "share_net_out_migration": 180 / 20_000, "per_thousand_childcare_places": 1500 / 400_000,
        "share_employers_satisfied": 0.92, "share_learning_spaces": 0.928, "share_schools_broadband": 89 / 90,
        "mean_aid": 3_200_000 / 1990,
    })  # fmt: skip
    assert found(view, "show_student_aid")["finance.aid"].sentence.zh == (
        "2022年，柏溪县资助学生1990人，与上年持平，发放资助资金320万元，与上年持平，家庭经济困难学生受助比例99.50%。"
    )


def test_the_wave_in_the_chapter_holds_what_really_happens(view, places, store):
    room = places[1]
    frame = edu.teachers(edu.open_store(store), COUNTY, 2022)
    wave = frame[frame["rule"] == "retired"]
    truth = room.count_retired(2022, wave["ahead"].tolist())
    assert len(wave) == 15
    assert ((wave["lower"] <= truth) & (truth <= wave["upper"])).all()
    said = found(view, "show_retirement")["teachers.retirement"].sentence.zh
    assert (
        f"2022年柏溪县义务教育专任教师{int(wave['den'].iloc[0])}人；按法定退休年龄推算，到2027年底约" in said
    )
    assert "三分之一的教师" in said


def test_the_pay_gap_of_districts_and_counties_is_of_sums_and_stands_year_by_year(view, store):
    held = {item.key: item for item in items(view, "show_finance_equity")}
    table = held["finance.pay_gap.years"]
    opened = edu.open_store(store)
    rows = opened.rows(
        "units", opened.counties, ["county", "unit", "year", "performance_pay", "teachers_paid"]
    )
    own = rows[(rows["unit"] == rows["county"]) & (rows["year"] == 2022)]
    city = own["county"].str[-2:].astype(int) <= 20
    high, low = (
        part["performance_pay"].sum() / part["teachers_paid"].sum() for part in (own[city], own[~city])
    )
    assert table.rows[-1][0].zh == "2022"
    assert table.rows[-1][1:] == pytest.approx((high, low, high - low, high / low))
    assert held["finance.pay_gap"].sentence.zh.startswith("云汀市教师人均绩效工资，市区由2019年的")


def test_a_band_that_is_missing_is_not_nobody(tmp_path):
    home = tmp_path / "in"
    room = simulate_staffroom(300, 2019, np.random.default_rng(1))
    counts = room.count_bands(2022)
    counts.pop("women_age_50_54")
    write_county_table(home, "teacher_ages", 2022, {COUNTY: counts}, NAMES)
    (home / "returns.toml").write_text('[counties]\n990121 = { zh = "柏溪县", en = "Baixi" }\n', "utf-8")
    update_store([home], tmp_path / "store")
    view = edu.open_county(COUNTY, tmp_path / "store")
    said = found(view, "show_retirement")["teachers.retirement"]
    assert said.sentence.zh == (
        "柏溪县的教师年龄结构不全或没有分性别，缺报不当作零，男女退休年龄又不同，不作推算；请补报。"
    )
    assert said.verdict == "cannot_tell"


def test_rules_on_teachers_say_their_denominator(view):
    said = {
        key: one.sentence.zh
        for key, one in found(view, "show_rotation", "show_posts", "show_recruitment").items()
    }
    assert "占符合交流条件教师" in said["teachers.rotation"]
    assert said["teachers.promotion"] == (
        "2022年柏溪县晋升高级职称30人，此前有2年以上农村任教经历的27人，占90.0%，有3人不符合规定。"
    )
    assert (
        said["teachers.posts"]
        == "2022年柏溪县义务教育学校在编教职工1710人，多于核定编制1700名，超编10人；请核对。"
    )
    assert said["teachers.recruited"] == (
        "2022年柏溪县招聘教师50人，其中高校毕业生30人（60.0%）、公费师范生8人（16.0%）、特岗教师12人（24.0%）。"
    )


def test_every_number_of_both_chapters_has_a_source_and_the_picture_comes_first(view):
    for verbs in (MONEY, TEACHERS):
        made = items(view, *verbs)
        assert isinstance(made[0], Figure)
        for item in made:
            if isinstance(item, Finding):
                assert all(n.source.version for n in item.numbers), item.key
            else:
                assert (item if isinstance(item, Table) else item.data).sources, item.key


def test_a_county_without_the_tables_says_less_and_nothing_wrong(store):
    other = edu.open_county(OTHER, store)
    assert not {"teachers.retirement", "teachers.posts", "teachers.promotion", "finance.aid"} & set(
        found(other, *MONEY, *TEACHERS)
    )
    assert found(other, "show_finance_rules")["finance.two_rules"].verdict in (
        "met",
        "not_met",
        "cannot_tell",
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verbs", [MONEY, TEACHERS], ids=["money", "teachers"])
def test_sentences_are_whole_in_both_languages(view, verbs, lang):
    for item in items(view, *verbs):
        if isinstance(item, Finding):
            text = item.sentence[lang]
            assert text.endswith("。" if lang == "zh" else ".")
            assert "nan" not in text
            assert "{" not in text


def test_prices_of_the_bureaus_own_are_named(places, store, tmp_path):
    import shutil

    copied = shutil.copytree(store, tmp_path / "store")
    own = 'zh = "甲省居民消费价格指数"\nen = "index of a province"\n[index]\n2020 = 100.0\n2021 = 100.0\n2022 = 110.0\n'
    (tmp_path / "store.prices.toml").write_text(own, "utf-8")
    frame = edu.finance(edu.open_store(copied), COUNTY, 2022).set_index("rule")
    assert frame.attrs["prices"] == "甲省居民消费价格指数"
    assert frame.at["total", "real_rate"] == pytest.approx((1 + frame.at["total", "rate"]) / 1.1 - 1)


def test_the_notebooks_call_every_verb_of_their_chapter():
    home = Path(__file__).resolve().parent.parent / "notebooks"
    for stem, verbs in (("42_finance", MONEY), ("44_teachers", TEACHERS)):
        code = "".join(json.loads((home / f"{stem}.ipynb").read_text("utf-8")).__repr__())
        assert all(f"edu.{verb}(view)" in code for verb in verbs)


def test_a_chapter_exists_where_its_data_are_and_nowhere_else(store, michigan, tmp_path):
    notebooks = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("[1-4]*_*.ipynb"))
    chapters = {"42_finance", "44_teachers"}
    for held, code, expected in ((store, COUNTY, chapters), (michigan, "01", set())):
        opened = edu.open_store(held)
        plan = make_plan([ReportArea(code, "x")], notebooks, {"store": str(held)}, tmp_path, "2022")
        kept = {job.notebook.stem for job in drop_unfed_chapters(plan, opened).jobs}
        assert kept & chapters == expected
        others = {path.stem for path in notebooks} - chapters - {"40_seats"}  # which has needs of its own
        assert kept - chapters - {"40_seats"} == others


def test_michigan_has_no_such_chapters(michigan):
    other = edu.open_county("01", michigan)
    said = [item.sentence.zh for item in items(other, *MONEY, *TEACHERS) if isinstance(item, Finding)]
    assert said == [said[0], said[1]]
    assert said[0].endswith("没有报送教育经费，本章没有内容。")
    assert said[1].endswith("没有报送教师数据，本章没有内容。")


@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("2024年第一季度教育经费", "第一季度"), ("经费2024Q3", "Q3"), ("2024年四季度", "四季度"), ("2024-Q2", "Q2"),
        ("funds, third quarter of 2024", "third quarter"), ("2024年教育经费", ""), ("四季花城小学2024年", ""),
        ("2024年秋季学期", ""), ("FAQ1", ""),
    ],
)  # fmt: skip
def test_a_quarter_is_told_from_a_year(name, quarter):
    assert find_quarter(name) == quarter


def test_a_table_of_a_quarter_is_refused_and_never_taken_for_its_year(tmp_path):
    home = tmp_path / "in"
    path = write_county_table(home, "finance_stages", 2022, {COUNTY: senior_money(2022)}, NAMES)
    path.rename(home / "2022年第三季度分级经费.xlsx")
    (home / "returns.toml").write_text('[counties]\n990121 = { zh = "柏溪县", en = "Baixi" }\n', "utf-8")
    with pytest.raises(DataError) as raised:
        update_store([home], tmp_path / "store")
    assert "第三季度的数据；库中只存全年数，季度数不当作全年读入；请改报全年数。" in raised.value.text("zh")
