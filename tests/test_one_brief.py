"""Does a brief contradict itself, its chapters or the checker, for any county of the example?"""

import re

import pytest

import edustats as edu
from edustats.briefing import check
from edustats.present.brief.phrasing import format_value, name
from edustats.present.records.items import Finding, Table

COUNTIES = ("990102", "990103", "990104", "990121", "990122", "990124", "990125", "990126", "990181")
PARTS = ("show_judgements", "show_size", "show_main_figures", "show_resources", "show_balance", "show_duties")
BESIDE = ("standards.quality_balance_2017", "targets")


@pytest.fixture(scope="module", params=COUNTIES)
def written(request, example):
    """A county's view, its brief and what the brief shows."""
    _, made = example
    view = edu.open_county(request.param, made.store, lang="zh")
    brief = edu.prepare_brief(view)
    return view, brief, [item for part in PARTS for item in getattr(edu, part)(brief)]


def read_sentences(items, lang="zh"):
    return [i.sentence[lang] for i in items if isinstance(i, Finding) and "masthead" not in i.key]


def test_a_figure_has_one_value_wherever_the_brief_says_it(written):
    _, brief, items = written
    text = "\n".join(read_sentences(items))
    cells = [
        tuple(cell if isinstance(cell, str) else cell.zh for cell in row[:2])
        for item in items if isinstance(item, Table) and item.columns[0].label.zh == "指标" for row in item.rows
    ]  # fmt: skip
    seen = 0
    for fact in brief.book:
        if fact.year != brief.book.year:
            continue
        called, printed = name(fact).zh, format_value(fact).zh
        said = [
            m[1]
            for m in re.finditer(
                rf"(?:^|[，；。：、但]){re.escape(called)}为?(\d[\d.,]*(?:亿|万|%|:1)?\D?)", text
            )
        ]
        said += [value for label, value in cells if label == called]
        seen += len(said) > 1
        assert all(printed.startswith(one.rstrip("，。；、（")) for one in said), (called, printed, said)
    assert seen >= 8


def test_the_brief_counts_items_and_targets_as_the_chapters_do(written):
    view, _, items = written
    text = "\n".join(read_sentences(items))
    judged = next(i.sentence.zh for i in edu.show_assessment(view) if i.key == BESIDE[0])
    for kind in ("达标", "未达标"):
        counts = {int(n) for n in re.findall(rf"(?<!未){kind}(\d+)项", text)}
        counts |= {int(n) for n in re.findall(rf"(\d+)项{kind}", text.split("最接近")[0])}
        assert len(counts) == 1, (kind, counts)
        assert f"{counts.pop()}项" in judged, judged
    targets = next(i.sentence.zh for i in edu.show_targets(view) if i.key == BESIDE[1])
    total, *_ = re.findall(r"提出(\d+)项目标", text)
    assert total in re.findall(r"\d+", targets), targets


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_checker_finds_nothing_that_cannot_be_true(written, lang):
    *_, items = written
    claims = check("\n".join(read_sentences(items, lang)))
    assert not [(c.quote, c.message[lang]) for c in claims if c.verdict == "inconsistent"]


def test_sentences_do_not_all_begin_alike_and_no_word_of_method_stands_in_them(written):
    *_, items = written
    sentences = re.split(r"[。\n]", "\n".join(read_sentences(items)))
    openings = [one[:4] for one in sentences if len(one) > 4]
    assert max(map(openings.count, openings)) < 10
    found = re.findall("置信|泰尔|基尼|洛伦兹|显著|超总体|p值|尚欠|在校生规模|持平", "".join(sentences))
    assert not found
