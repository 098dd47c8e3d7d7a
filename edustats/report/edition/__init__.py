"""What is in an edition, what is out of date, what is kept? Plans, folders, manifests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "folders": [
            "Edition",
            "begin_edition",
            "complete_edition",
            "lock_edition",
            "read_published_files",
            "recover_edition",
            "link_previous_files",
            "switch_edition",
        ],
        "manifest": [
            "ReportResult",
            "append_result",
            "index_by_report",
            "combine_digests",
            "describe_environment",
            "select_latest",
            "get_timestamp",
            "make_portable_path",
            "read_results",
            "read_run_record",
            "write_run_record",
        ],
        "parameters": [
            "Parameter",
            "parse_arguments",
            "read_parameters",
            "resolve_parameters",
            "read_common_signature",
            "find_scope",
        ],
        "plan": [
            "ReportArea",
            "ReportJob",
            "ReportPlan",
            "make_plan",
            "make_slug",
        ],
        "remote": [
            "RemoteEdition",
            "find_cache_folder",
            "fetch_records",
            "open_remote_edition",
        ],
        "stale": [
            "FileDigests",
            "ReportInputs",
            "StoreDigests",
            "list_changed_parts",
            "find_reasons",
        ],
        "status": [
            "find_editions",
        ],
    },
)
