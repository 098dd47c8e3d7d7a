"""Does every statement of the documents have an answer? Writes docs/seeds.md from docs/seeds.toml and the example.

Run it with the Python of the checkout: ``python docs/make_seeds.py``; it builds the example in a folder of its own.
Each sentence is what the suite writes for the example today, and the checker has read it against the same store.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

import edustats as edu
from edustats.briefing import check
from edustats.briefing.masks import masks
from edustats.briefing.reference import reference
from edustats.example.returns import write_example
from edustats.example.world import make_world
from edustats.load.returns.reader import load_returns
from edustats.present.records.items import Finding
from edustats.store.writing import write_store

HERE = Path(__file__).resolve().parent
COUNTY, PREFECTURE, YEAR = "990121", "990100", 2024
HEAD = """# 文件里的每一句，都有答案吗 / Does every statement have an answer?

由 `docs/make_seeds.py` 生成：左边是几份讲话、要点、规则中的指标、目标与分析（用我们自己的短语），
右边是本套件今天为虚构示例写出的句子，以及核对器拿同一数据库读这句话的结论。没有答案的写明原因。

Printed by `docs/make_seeds.py`: what the documents ask for in our own short words, the sentence the suite writes
for the invented example today, and what the checker says of it against the same store. What has no answer says why.

"""
VERDICTS = {"consistent": "相符", "uncheckable": "无从核对", "please_check": "请核对", "inconsistent": "不符"}


@dataclass(frozen=True)
class Example:
    """The store of the example, its areas opened, and what its chapters said so far."""

    store: Path
    joined: pd.DataFrame
    """Schools of the example's groups and their first year: ``unit``, ``first``."""

    @cached_property
    def opened(self) -> dict[str, Any]:
        """The county and the prefecture that the sentences are about."""
        return {
            "county": edu.open_county(COUNTY, self.store),
            "prefecture": edu.open_prefecture(PREFECTURE, self.store),
        }

    @cached_property
    def known(self) -> dict[str, pd.DataFrame]:
        """What sentences about the county and about the prefecture are held against: read once for all."""
        store = self.opened["county"].store
        named = "全市" + "、".join(map(str, store.areas["zh"]))
        return {area: reference(named, store, area=area) for area in (COUNTY, PREFECTURE)}

    @cached_property
    def said(self) -> dict[tuple[str, str, tuple[str, ...]], dict[str, Finding]]:
        """Findings by verb, area and indicators chosen."""
        return {}

    def find(self, row: dict[str, Any], chosen: tuple[str, ...]) -> Finding:
        """The sentence that a row picks of its verb's."""
        called = (row["verb"], row["at"], chosen)
        if called not in self.said:
            view = self.opened[row["at"]]
            verb = getattr(edu, row["verb"])
            if row["verb"] == "show_effect":
                items = verb(view, self.joined, "share_junior_excellent")
            elif row["verb"] == "show_size":
                items = verb(edu.prepare_brief(view))
            else:
                items = verb(view, indicator=chosen) if chosen else verb(view)
            self.said[called] = {one.key: one for one in items if isinstance(one, Finding)}
        found = self.said[called]
        named = [one for key, one in found.items() if key == row["pick"]] or [
            one for key, one in found.items() if key.startswith(row["pick"]) and row["pick"].endswith(".")
        ]
        if not named:
            raise LookupError(f"{row['verb']} says nothing under {row['pick']}; it has {', '.join(found)}")
        return named[0]


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as home:
        (HERE / "seeds.md").write_text(page(tell_rows(build_example(Path(home)))), "utf-8")


def build_example(home: Path) -> Example:
    """The invented prefecture, written, loaded and stored."""
    world = make_world()
    write_example(home, world)
    write_store(load_returns([home / "returns"]), home / "store")
    members = world.schools.loc[world.schools["group"] > 0, ["code", "group"]]
    joined = pd.DataFrame({"unit": members["code"], "first": members["group"]})
    return Example(home / "store", joined)


def page(rows: list[list[str]]) -> str:
    """The page as it ought to be today, of the rows told."""
    lines = [
        "| 行 / row | 问的是 / asked | 指标 / indicators | 章节与函数 / chapter, function "
        "| 示例的句子 / sentence | 核对 / checked |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    answered = sum(not row[5].startswith("—") for row in rows)
    told = f"{len(rows)} 行，{answered} 行有答案，{len(rows) - answered} 行写明原因。"
    return HEAD + told + "\n\n" + "\n".join(lines) + "\n"


def tell_rows(example: Example) -> list[list[str]]:
    """The cells of every row."""
    rows = read_rows()
    chosen = choose_indicators(rows)
    return [list(_tell(key, row, example, chosen)) for key, row in rows.items()]


def read_rows() -> dict[str, dict[str, Any]]:
    """What was asked, by key."""
    found: dict[str, dict[str, Any]] = tomllib.loads((HERE / "seeds.toml").read_text("utf-8"))["rows"]
    return found


def choose_indicators(rows: dict[str, dict[str, Any]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """What the verbs that go through indicators are asked to show, all rows at once."""
    asked: dict[tuple[str, str], list[str]] = {}
    for row in rows.values():
        if row.get("verb") in ("show_trends", "show_profile"):
            asked.setdefault((row["verb"], row["at"]), []).append(row["pick"].split(".", 1)[1])
    return {called: tuple(dict.fromkeys(keys)) for called, keys in asked.items()}


def _tell(
    key: str, row: dict[str, Any], example: Example, chosen: dict[Any, tuple[str, ...]]
) -> Iterator[str]:
    yield key
    yield f"{row['zh']}<br>{row['en']}"
    yield "<br>".join(f"`{one}`" for one in row["indicators"]) or "—"
    if "reason" in row:
        yield "—"
        yield f"{row['reason']['zh']}<br>{row['reason']['en']}"
        yield "—"
        return
    verb = row.get("verb") or row.get("call") or ("fill" if "template" in row else "check")
    yield f"{row.get('notebook', 'edustats')}<br>`{verb}`"
    if "draft" in row:
        yield row["draft"]
        yield _judge(row["draft"], example, "")
        return
    area = COUNTY if row.get("at") == "county" or "柏溪县" in row.get("template", "") else PREFECTURE
    said = _fill(row["template"], example, area) if "template" in row else _say(row, example, chosen)
    yield said
    yield _judge(said, example, area)


def _say(row: dict[str, Any], example: Example, chosen: dict[Any, tuple[str, ...]]) -> str:
    if "call" in row:
        return str(getattr(edu, row["call"])(float(row["pick"]) / 100).zh)
    return example.find(row, chosen.get((row["verb"], row["at"]), ())).sentence.zh


def _fill(template: str, example: Example, area: str) -> str:
    """The template with its masks filled; one that stays is a row without its answer."""
    parts, done = [], 0
    for mask in masks(template, example.known[area], YEAR):
        if not mask.text:
            raise LookupError(f"{template}: {mask.why.zh}")
        parts += [template[done : mask.start], mask.text]
        done = mask.end
    return "".join([*parts, template[done:]])


def _judge(said: str, example: Example, area: str) -> str:
    """What the checker finds in a sentence, counted."""
    found = check(said, example.known[area] if area else None)
    counts = pd.Series([claim.verdict for claim in found], dtype=str).value_counts()
    return (
        "、".join(f"{VERDICTS[name]}{counts[name]}处" for name in VERDICTS if name in counts) or "无数字可核"
    )


if __name__ == "__main__":
    main()
