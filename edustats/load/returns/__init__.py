"""What do a bureau's forms and lists say? Sheets recognised, schools and counties read, rules checked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cells": [
            "Cells",
            "collect_cells",
            "widen_cells",
        ],
        "consistency": [
            "Table",
            "check_rules",
            "rules_held",
        ],
        "forms": [
            "read_forms",
        ],
        "history": [
            "History",
            "begin_history",
            "merge_history",
            "read_history",
            "drop_files",
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
            "take_sheet",
        ],
        "through_schools": [
            "compute_shares",
            "split_resource",
        ],
    },
)
