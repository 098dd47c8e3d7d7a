"""A small table of one's own with its mapping, and where the real ones are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAPPINGS = ROOT / "data" / "mappings"
CENSUS = ROOT.parent / "shared" / "data" / "china_census_county_2020.csv"

OWN_TABLE = """学校代码,县代码,县名,学年,在校生,专任教师
1001,990101,甲县,2021,100,5
1002,990101,甲县,2021,300,
1003,990102,乙县,2021,200,10
1001,990101,甲县,2022,110,5
1002,990101,甲县,2022,310,20
1003,990102,乙县,2022,190,10
"""
OWN_MAPPING = """
title = { zh = "自备表", en = "a table of one's own" }

[[tables]]
file = "schools.csv"

[area]
code = "县代码"
width = 6
unit = "学校代码"
name = "县名"

[year]
from = "学年"

[missing]
not_collected = [""]
suppressed = ["*"]

[columns]
pupils = { from = "在校生", unit = "人" }
teachers = { from = "专任教师", unit = "人" }
"""
