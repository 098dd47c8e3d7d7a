"""How much processor time do the chapters on money and teachers take for a county, once warm?

    python benchmarks/money_chapters.py STORE [COUNTY...]

The first county warms imports and fonts and is not counted.
"""

from __future__ import annotations

import sys
import time
from statistics import median

import edustats as edu

CHAPTERS = {
    "42_finance": ("show_finance_chart", "show_finance_bulletin", "show_finance_rules", "show_finance_equity",
                   "show_pay_parity", "show_school_quotas", "show_student_aid"),
    "44_teachers": ("show_teacher_chart", "show_retirement", "show_teacher_structure", "show_rotation", "show_posts",
                    "show_recruitment"),
}  # fmt: skip


def main() -> None:
    """Print the median and the most of every chapter over the counties."""
    store = edu.open_store(sys.argv[1])
    counties = sys.argv[2:] or store.counties
    for name, verbs in CHAPTERS.items():
        spent = []
        for code in [counties[0], *counties]:
            view = edu.open_county(code, sys.argv[1])
            start = time.process_time()
            for verb in verbs:
                list(getattr(edu, verb)(view))
            spent.append(time.process_time() - start)
        warm = spent[1:]
        print(f"{name}: {len(warm)} counties, median {median(warm):.2f} s, most {max(warm):.2f} s")


if __name__ == "__main__":
    main()
