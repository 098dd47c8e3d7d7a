"""How often is the checker right, and how fast is it?

Six measurements in one run: the published development claims and the cases of the issue (where the shared folder is
present), the invented drafts of tests/drafts, the kinds of tests/drafts (each a true sentence and one change), any sets
given, and the time for long texts. A set is a .jsonl file of ``{"category", "text", "expect"}`` (precision and recall
by kind) or a .txt file of running prose (condemnations per 100 checkable claims, each printed to be judged by hand).

    python benchmarks/checker.py [--held-back] [--seed 7] [--details] [SET ...]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "drafts")]

import docx  # noqa: E402
from mutations import cases  # noqa: E402

from edustats.briefing import Claim, check  # noqa: E402
from edustats.briefing.annotate import annotate  # noqa: E402
from edustats.briefing.documents import parse  # noqa: E402
from edustats.briefing.report import needs_a_person  # noqa: E402

SHARED = Path(os.environ.get("EDUSTATS_SHARED", ROOT.parent / "shared"))
DRAFTS = ROOT / "tests" / "drafts"


class Score:
    """What was found, missed and wrongly condemned."""

    def __init__(self) -> None:
        self.checkable, self.found, self.condemned, self.right = Counter(), Counter(), 0, 0
        self.missed: list[str] = []
        self.false: list[str] = []

    def add(self, label: str, text: str, claims: list[Claim], wanted: list[dict]) -> None:
        """Compare the claims found in a text with those wanted."""
        used: set[int] = set()
        for want in wanted:
            start = text.index(want["quote"])
            hits = [c for c in claims if c.start < start + len(want["quote"]) and c.end > start]
            agree = [c for c in hits if c.verdict == want["verdict"]]
            if want["verdict"] == "inconsistent":
                used |= {id(c) for c in agree}
            if want["verdict"] != "uncheckable":
                self.checkable[want["kind"]] += 1
                self.found[want["kind"]] += bool(agree)
                if not agree:
                    self.missed.append(
                        f"{want.get('id', label)} {want['kind']} {want['verdict']}: {want['quote'][:40]}"
                    )
        for claim in claims:
            if claim.verdict == "inconsistent":
                self.condemned += 1
                self.right += id(claim) in used
                if id(claim) not in used:
                    self.false.append(f"{label} {claim.quote[:40]}: {claim.message.zh}")

    def show(self, title: str, details: bool) -> None:
        """Print recall of checkable claims, and the share of condemnations that are right."""
        total, found = self.checkable.total(), self.found.total()
        print(
            f"{title}: {found} of {total} checkable claims found ({found / total:.1%}); "
            f"{self.right} of {self.condemned} called inconsistent rightly"
        )
        for kind in sorted(self.checkable):
            if details:
                print(f"    {kind:20s} {self.found[kind]:3d} of {self.checkable[kind]:3d}")
        for line in self.missed:
            print("    missed", line)
        for line in self.false:
            print("    false ", line)


def gold(details: bool) -> None:
    """The development claims, against the documents they come from."""
    source = SHARED / "gold" / "claims.jsonl"
    if not source.exists():
        print("development claims: skipped, the shared folder is not here")
        return
    by_file = defaultdict(list)
    for line in source.read_text("utf-8").splitlines():
        claim = json.loads(line)
        by_file[claim["file"]].append(claim)
    score = Score()
    for name, wanted in sorted(by_file.items()):
        text = (SHARED / "seeds" / name).read_text("utf-8")
        score.add(name[:3], text, check(text), wanted)
    score.show("development claims", details)


def drafts(name: str, details: bool) -> None:
    """The invented drafts of one half."""
    score = Score()
    for line in (DRAFTS / f"{name}.jsonl").read_text("utf-8").splitlines():
        draft = json.loads(line)
        score.add(draft["id"], draft["text"], check(draft["text"]), draft["claims"])
    score.show(f"invented drafts, {name}", details)


def kinds(name: str, cases_of_set: list[dict], details: bool) -> None:
    """Precision and recall of "inconsistent" on single sentences, by kind."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases_of_set:
        verdicts = {claim.verdict for claim in check(case["text"])}
        false, condemned = case["expect"] == "inconsistent", "inconsistent" in verdicts
        outcome = ("caught" if condemned else "missed") if false else "false alarm" if condemned else "kept"
        tally[case["category"]][outcome] += 1
        tally[case["category"]]["please check"] += "please_check" in verdicts and not condemned
        if outcome in ("missed", "false alarm"):
            print(f"    {outcome}: {case['text'][:90]!r}")
    total = sum(tally.values(), Counter())
    false = total["caught"] + total["missed"]
    said = total["caught"] + total["false alarm"]
    print(
        f"{name}: {false} false sentences, {total['caught']} caught (recall {total['caught'] / max(1, false):.1%}); "
        f"{total['kept'] + total['false alarm']} true ones, {total['false alarm']} condemned "
        f"(precision {total['caught'] / max(1, said):.1%}); please check {total['please check']}"
    )
    for kind, counts in sorted(tally.items()) if details else ():
        print(f"    {kind:44s} {dict(counts)}")


def prose(path: Path) -> None:
    """Running prose: every condemnation is printed, for a person to judge."""
    text = path.read_text("utf-8")
    claims = check(text)
    counts = Counter(claim.verdict for claim in claims)
    checkable = counts["consistent"] + counts["inconsistent"]
    print(
        f"{path.name}: {len(text):,d} characters, {checkable} checkable claims, {counts['inconsistent']} condemned "
        f"({100 * counts['inconsistent'] / max(1, checkable):.2f} per 100), {counts['please_check']} please check "
        f"({1000 * counts['please_check'] / max(1, len(text)):.3f} per 1,000 characters)"
    )
    for claim in claims:
        if claim.verdict == "inconsistent":
            print(f"    {claim.kind}: {claim.quote!r}: {claim.message.zh}")


def given(path: Path, details: bool) -> None:
    """One set given on the command line."""
    if path.suffix == ".jsonl":
        lines = path.read_text("utf-8").splitlines()
        kinds(path.name, [json.loads(line) for line in lines if line.strip()], details)
    else:
        prose(path)


def own_kinds(details: bool) -> None:
    """The sentences of tests/drafts, each true as it stands and false with its change."""
    found = [json.loads(line) for line in (DRAFTS / "kinds.jsonl").read_text("utf-8").splitlines()]
    found_true = [json.loads(line) for line in (DRAFTS / "true.jsonl").read_text("utf-8").splitlines()]
    sentences = [{"category": case["kind"], "text": case["text"], "expect": ""} for case in found]
    sentences += [
        {
            "category": case["kind"],
            "text": case["text"].replace(case["old"], case["new"], 1),
            "expect": "inconsistent",
        }
        for case in found
    ]
    sentences += [{"category": "true", "text": text, "expect": ""} for text in found_true]
    kinds("kinds of tests/drafts", sentences, details)


def mutations(count: int, seed: int, details: bool) -> None:
    """Share of changed sentences whose verdict turns, and of unchanged or rounded ones whose does not."""
    tally: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for case in cases(count, seed):
        verdicts = [claim.verdict for claim in check(case.text)]
        wrong = "inconsistent" in verdicts
        tally[case.kind, case.change]["right" if wrong == case.turned else "not"] += 1
        tally[case.kind, case.change]["all"] += 1
        if details and wrong != case.turned and tally[case.kind, case.change]["not"] <= 2:
            print("    ", case.kind, case.change, case.text)
    print(f"one change in a sentence, {count} of each kind (share whose verdict is as it must be):")
    for (kind, change), counts in sorted(tally.items()):
        print(f"    {kind:20s} {change:10s} {counts['right'] / counts['all']:7.1%}  of {counts['all']}")


def long_text(length: int) -> str:
    """Dense statistical prose of a given length."""
    sentences = "".join(case.text for case in cases(20, 1))
    return (sentences * (length // len(sentences) + 1))[:length]


def timing() -> None:
    """Seconds for long texts and a Word file; twice the length should cost twice the time."""
    check(long_text(1000))
    for length in (25_000, 50_000, 100_000, 200_000):
        text = long_text(length)
        start = time.perf_counter()
        claims = check(text)
        print(f"    {length:7,d} characters: {time.perf_counter() - start:.2f} s, {len(claims)} claims")
    document = docx.Document()
    for paragraph in long_text(50 * 28 * 22).split("。"):
        document.add_paragraph(paragraph + "。")
    buffer = BytesIO()
    document.save(buffer)
    start = time.perf_counter()
    read = parse(buffer.getvalue(), "fifty pages.docx")
    claims = check(read.text, markup=read.markup)
    middle = time.perf_counter()
    annotate(read, [claim for claim in claims if needs_a_person(claim)])
    comments = sum(map(needs_a_person, claims))
    print(f"    Word file of 50 pages: read and checked {middle - start:.2f} s")
    print(f"    {comments} comments written {time.perf_counter() - middle:.2f} s")


def main() -> None:
    """Run every measurement."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--held-back", action="store_true", help="also the half of the drafts kept back")
    words.add_argument("--seed", type=int, default=7)
    words.add_argument("--count", type=int, default=60)
    words.add_argument("--details", action="store_true")
    words.add_argument("sets", nargs="*", type=Path, help=".jsonl of single sentences, .txt of running prose")
    chosen = words.parse_args()
    gold(chosen.details)
    for name in ("development", "held_back") if chosen.held_back else ("development",):
        drafts(name, chosen.details)
    own_kinds(chosen.details)
    shared = SHARED / "cases" / "checker" / "cases.jsonl"
    for path in [*([shared] if shared.exists() else []), *chosen.sets]:
        given(path, chosen.details)
    mutations(chosen.count, chosen.seed, chosen.details)
    print("time:")
    timing()


if __name__ == "__main__":
    main()
