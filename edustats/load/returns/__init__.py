"""What do a bureau's forms and lists say? Sheets recognised, schools and counties read, rules checked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cells": [
            "Cells",
            "collect",
            "widen",
        ],
        "consistency": [
            "Table",
            "check",
            "rules_held",
        ],
        "forms": [
            "read_forms",
        ],
        "history": [
            "History",
            "begun",
            "merged",
            "read_history",
            "without",
            "write_history",
        ],
        "origins": [
            "digest_of",
            "rows_text",
        ],
        "prefecture_profile": [
            "Profile",
        ],
        "reader": [
            "join_up",
            "load_returns",
            "profile_of",
            "read_all",
        ],
        "schools": [
            "stage_of",
            "taught",
        ],
        "records": [
            "Block",
            "Filled",
        ],
        "sheets": [
            "take",
        ],
        "through_schools": [
            "shares",
            "split",
        ],
    },
)
