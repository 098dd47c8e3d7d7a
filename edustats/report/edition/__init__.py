"""What is in an edition, what is out of date, what is kept? Plans, folders, manifests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "folders": [
            "Edition",
            "begin_edition",
            "complete_edition",
            "link_previous_files",
            "lock_edition",
            "read_published_files",
            "recover_edition",
            "switch_edition",
        ],
        "manifest": [
            "ReportResult",
            "append_result",
            "combine_digests",
            "describe_environment",
            "get_timestamp",
            "index_by_report",
            "make_portable_path",
            "read_results",
            "read_run_record",
            "select_latest",
            "write_run_record",
        ],
        "parameters": [
            "Parameter",
            "find_scope",
            "parse_arguments",
            "read_common_signature",
            "read_parameters",
            "resolve_parameters",
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
            "fetch_records",
            "find_cache_folder",
            "open_remote_edition",
        ],
        "stale": [
            "FileDigests",
            "ReportInputs",
            "StoreDigests",
            "find_reasons",
            "list_changed_parts",
        ],
        "status": [
            "find_editions",
            "read_status",
        ],
    },
)
