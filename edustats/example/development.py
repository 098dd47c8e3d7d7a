"""What does a county of the example report on building, training and provision?

It has its own random numbers, so that whatever is added here leaves every other figure of the example as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from edustats.typing import Floats

QUOTA, SUBSIDY = (6000.0, 7000.0), (200.0, 300.0)
"""Yuan per pupil before and from the year in which the prefecture raised them."""
RAISED = 2021


def simulate_development(
    plan: Mapping[str, Any], i: int, span: Any, sums: Mapping[str, Floats]
) -> dict[str, Any]:
    """Columns of one county by year; money in 万元, as the table is sent.

    Parameters
    ----------
    plan : of the world
    i : which county
    span : the years
    sums : pupils, teachers and schools of compulsory education and pupils of special schools by year
    """
    rng, steps = np.random.default_rng([plan["seed"], 4, i]), np.linspace(0, 1, len(span))
    pupils, teachers, schools = sums["pupils"], sums["teachers"], sums["schools"]

    def some(mean: Floats | float) -> Floats:
        return rng.poisson(np.maximum(np.nan_to_num(mean), 0.2) + np.zeros(len(span))).astype(float)

    opened = some(schools * 0.03)
    special = np.maximum(sums["special"], 30.0)
    served = np.floor(pupils * 0.88)
    towns = np.round(schools[0] * 0.32) + 0 * steps
    children, users = np.round(pupils * 0.004), pupils + teachers
    return {
        "schools_opened": opened, "schools_built": opened + some(schools * 0.02),
        "improvement_floor_area": np.round(schools * rng.uniform(90, 160, len(span))),
        "improvement_sports_area": np.round(schools * rng.uniform(120, 240, len(span))),
        "improvement_funds": np.round(schools * rng.uniform(18, 30, len(span)), 2),
        "teachers_recruited": some(teachers * 0.06), "teachers_sent_out": some(3.0),
        "training_courses": some(4.0), "training_visits": some(teachers * 1.6),
        "quota_funds_special": special * np.where(span < RAISED, *QUOTA) / 10_000, "quota_pupils_special": special,
        "resource_rooms": np.round(schools * (0.12 + 0.1 * steps)), "majors_high_level": some(0.8),
        "practice_bases": some(1.0), "security_guards": np.round(schools * 2.1), "ai_rooms": np.round(schools * 0.06),
        "schools_sports_open": np.round(schools * (0.2 + 0.3 * steps)),
        "afterschool_subsidy": served * np.where(span < RAISED, *SUBSIDY) / 10_000,
        "pupils_afterschool_subsidised": served, "afterschool_courses": some(20.0),
        "townships": towns, "townships_public_kindergarten": np.floor(towns * (0.78 + 0.2 * steps)),
        "community_schools": np.round(towns * (0.8 + 0.3 * steps)), "private_institutions": np.round(120 - 40 * steps),
        "community_learning_centres": np.round(towns * (3.2 + 0.6 * steps)),
        "private_fixed_assets": np.round(22_000 * (1 + 0.09 * np.arange(len(span)))), "disabled_children": children,
        "disabled_enrolled": np.floor(children * (0.9 + 0.06 * steps)), "learning_space_users": users,
        "learning_spaces": np.floor(users * (0.8 + 0.12 * steps)), "schools_to_connect": schools,
        "schools_broadband": np.floor(schools * (0.95 + 0.04 * steps)),
    }  # fmt: skip
