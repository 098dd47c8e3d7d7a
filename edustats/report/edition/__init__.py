"""What is in an edition, what is out of date, what is kept? Plans, folders, manifests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "folders": [
            "Edition",
            "begin",
            "complete",
            "locked",
            "recorded",
            "recover",
            "seed",
            "switch",
        ],
        "manifest": [
            "Result",
            "append",
            "by_report",
            "combined",
            "environment",
            "latest",
            "now",
            "portable",
            "read_results",
            "read_run",
            "write_run",
        ],
        "parameters": [
            "Parameter",
            "from_text",
            "read_parameters",
            "resolve",
            "same_signature",
            "scope_of",
        ],
        "plan": [
            "Area",
            "Job",
            "Plan",
            "make_plan",
            "slug",
        ],
        "remote": [
            "Shelf",
            "cache",
            "records",
            "showing",
        ],
        "stale": [
            "FileDigests",
            "Inputs",
            "StoreData",
            "moved",
            "reasons",
        ],
        "status": [
            "editions",
        ],
    },
)
