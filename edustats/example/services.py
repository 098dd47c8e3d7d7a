"""What does a county of the example do for pupils beside teaching: meals, buses, safety, surveys, letters?

It has its own random numbers, so that whatever is added here leaves every other figure of the example as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from edustats.typing import Floats


def simulate_services(
    plan: dict[str, Any], i: int, span: Any, pupils: Floats, schools: Floats
) -> dict[str, Any]:
    """Columns of one county by year; parts never exceed their whole.

    Parameters
    ----------
    plan : of the world
    i : which county
    span : the years
    pupils, schools : (t,) of compulsory education
    """
    told, rng = plan["services"], np.random.default_rng([plan["seed"], 25, i])
    steps = np.clip((span - told["since"]) / max(span[-1] - told["since"], 1), 0, 1)

    def level(name: str) -> Floats:
        return np.interp(steps, [0, 1], told[name])

    def some(whole: Floats, share: Floats | float) -> Floats:
        """So many of a whole, with chance."""
        return rng.binomial(
            np.nan_to_num(whole).astype(int), np.clip(share, 0, 1) + np.zeros(len(span))
        ).astype(float)

    served = np.floor(pupils * told["meal_schools"])
    letters = rng.poisson(pupils * level("letters")).astype(float)
    due = some(letters, 0.96)
    buses = np.round(pupils * told["bus"] / 38)
    made = {
        "schools_meals": np.round(schools * told["meal_schools"]), "pupils_meal_schools": served,
        "pupils_meals": some(served, level("meals")),
        "buses": buses, "buses_licensed": some(buses, 0.97 + 0.03 * steps),
        "pupils_bus": np.floor(pupils * told["bus"]), "schools_safety_asked": schools,
        "schools_guarded": some(schools, level("guarded")), "schools_closed_campus": schools,
        "schools_alarm": some(schools, level("alarm")), "schools_patrol": some(schools, level("guarded")),
        "school_doctors": np.round(schools * (0.3 + 0.2 * steps)), "petitions": letters, "petitions_due": due,
        "petitions_on_time": some(due, level("on_time")),
    }  # fmt: skip
    for what, part in (("meals", 0.5), ("afterschool", 0.8), ("education", 1.0)):
        asked = np.floor(pupils * told["asked"] * part)
        made |= {f"asked_{what}": asked, f"satisfied_{what}": some(asked, level("satisfied"))}
    return made
