"""How do a Word file and a workbook look? Every kind of paragraph, run, cell, chart and sheet, and how often."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

LOOKS = {
    r"word/(document|header\d*|footer\d*)\.xml": ("pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "extent"),
    r"word/styles\.xml": ("style",),
    r"word/charts/chart\d+\.xml": None,
    r"xl/styles\.xml": ("font", "fill", "border", "xf"),
    r"xl/worksheets/sheet\d+\.xml": ("col", "sheetView", "pageSetup", "pageMargins", "mergeCell", "sheetPr",
                                     "hyperlink", "printOptions", "conditionalFormatting", "dataValidation",
                                     "oddFooter"),
}  # fmt: skip
"""Parts of a file, and their elements that say how something looks; all without anything within, if none is named."""
MADE_ANEW = re.compile(r"^(rsid\w*|id|embed|uid|uri)$")


def describe_looks(path: Path) -> Iterator[str]:
    """One line for each look, with how often it is there; what a program numbers by itself is left out."""
    with zipfile.ZipFile(path) as packed:
        for pattern, tags in LOOKS.items():
            found: Counter[str] = Counter()
            for name in sorted(one for one in packed.namelist() if re.fullmatch(pattern, one)):
                for node in etree.fromstring(packed.read(name)).iter("{*}*"):
                    local = etree.QName(node).localname
                    foreign = (
                        "table" in node.attrib.values()
                    )  # styles of tables that come with every Word file
                    if (local in tags if tags else not len(node)) and not foreign:
                        found[_tell_element(node)] += 1
            yield from (f"{count} × {told}" for told, count in found.items())


def _tell_element(node: etree._Element) -> str:
    names = {etree.QName(key).localname: value for key, value in node.attrib.items()}
    told = " ".join(f"{key}={value}" for key, value in names.items() if not MADE_ANEW.match(key))
    within = ", ".join(_tell_element(one) for one in node if isinstance(one.tag, str))
    parts = (etree.QName(node).localname, told, (node.text or "").strip(), f"[{within}]" if within else "")
    return " ".join(part for part in parts if part)
