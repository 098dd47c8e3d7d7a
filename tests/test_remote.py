"""Do stores and reports in a bucket read and show as on a disk: one county at a time, old or new, no secrets?"""

import json
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from bucket import Bucket

from edustats.errors import DataError, MissingFileError, ParameterError
from edustats.places import RemotePlace, resolve_place
from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import read_results, write_run_record
from edustats.report.edition.remote import RemoteEdition, fetch_records, open_remote_edition
from edustats.report.edition.stale import StoreDigests
from edustats.store.reading import open_store
from edustats.store.writing import write_store

LINKS = re.compile(r'<a href="([^"]+)"')


def make(work: Path, counties: dict[str, str]) -> Edition:
    """A set of reports as a run leaves it: a page for each county, an index, the records."""
    edition = Edition(work / "2023")
    shutil.rmtree(edition.live, ignore_errors=True)
    (edition.live / ".published").mkdir(parents=True)
    links = ""
    for name, text in counties.items():
        (edition.live / name).mkdir()
        (edition.live / name / "10_a.html").write_text(f'<a href="../index.html">{text}</a>', "utf-8")
        (edition.live / ".published" / f"{name}.json").write_text('["10_a.html"]')
        links += f'<a href="{name}/10_a.html">{name}</a>'
    (edition.live / "index.html").write_text(f"<html>\n<head>\n</head>{links}</html>", "utf-8")
    lines = [
        json.dumps({"county": n, "name": n, "folder": n, "notebook": t, "state": "ok"})
        for n, t in counties.items()
    ]
    (edition.live / "results.jsonl").write_text("\n".join([*lines, ""]), "utf-8")
    write_run_record(edition.live, {"sequence": len("".join(counties.values()))})
    return edition


def seen(bucket: Bucket) -> dict[str, str]:
    """What a reader finds who opens the index and follows every link, and each page's link back."""
    index, found = bucket.files.get("b/out/2023/index.html", b"").decode(), {}
    for link in LINKS.findall(index):
        key = posixpath.join("b/out/2023", unquote(link))
        page = bucket.files[key].decode()
        found[unquote(link).partition(".")[0]] = re.sub("<.*?>", "", page)
        back = posixpath.normpath(posixpath.join(posixpath.dirname(key), LINKS.findall(page)[0]))
        assert back == "b/out/2023/index.html"
    return found


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def out(bucket) -> RemotePlace:
    return RemotePlace(bucket, "b/out", "s3://b/out")


OLD = {"01-甲县": "one", "02-乙县": "two", "03-丙县": "three"}
NEW = {**OLD, "02-乙县": "TWO"}
NEWER = {"01-甲县": "ONE", "03-丙县": "three", "04-丁县": "four"}


def show(out: RemotePlace, work: Path, counties: dict[str, str]) -> None:
    with open_remote_edition(out, work, "2023", False):
        make(work, counties)


def test_readers_find_the_set_that_was_made_and_pages_lead_back_to_its_index(out, bucket, tmp_path):
    for counties in (OLD, NEW, NEWER):
        show(out, tmp_path, counties)
        assert seen(bucket) == counties


def test_only_what_changed_is_copied_and_the_set_before_stays_one_set_longer(out, bucket, tmp_path):
    show(out, tmp_path, OLD)
    first = dict(bucket.files)
    show(out, tmp_path, NEW)
    second = dict(bucket.files)
    assert first.keys() <= second.keys()
    pages = {key for key in second.keys() - first.keys() if key.endswith("10_a.html")}
    assert [key.split("/")[3].partition(".")[0] for key in pages] == ["02-乙县"]
    show(out, tmp_path, NEWER)
    assert not any("/02-乙县" in key and bucket.files[key] == first.get(key) for key in bucket.files)


def test_a_set_of_which_nothing_moved_is_not_copied_again(out, bucket, tmp_path):
    show(out, tmp_path, OLD)
    with open_remote_edition(out, tmp_path, "2023", False):
        bucket.left = 0
    assert seen(bucket) == OLD


def test_cut_at_any_change_readers_see_the_old_set_or_the_new_and_the_next_run_shows_the_new(tmp_path):
    moment, cut = 0, True
    while cut:
        bucket, work = Bucket(), tmp_path / str(moment)
        out = RemotePlace(bucket, "b/out", "s3://b/out")
        show(out, work, OLD)
        show(out, work, NEW)
        bucket.left = moment
        try:
            show(out, work, NEWER)
            cut = False
        except DataError as error:
            assert "SECRET" not in str(error)
        assert seen(bucket) in (NEW, NEWER)
        bucket.left = 10**9
        with open_remote_edition(out, work, "2023", False) as shelf:
            if not (shelf.edition.live / "04-丁县").exists():  # cut before there was anything to show
                make(work, NEWER)
        assert seen(bucket) == NEWER
        moment += 1
    assert moment > 5


def test_a_machine_that_begins_has_everything_that_is_shown(out, bucket, tmp_path):
    show(out, tmp_path / "one", NEW)
    with open_remote_edition(out, tmp_path / "two", "2023", False) as shelf:
        one, two = tmp_path / "one" / "2023", shelf.edition.live
        files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
        assert files == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
        assert all((one / file).read_bytes() == (two / file).read_bytes() for file in files)
        bucket.left = 0  # and there is nothing to copy back
    assert seen(bucket) == NEW


def test_a_machine_that_knew_an_older_set_is_brought_up_to_date(out, tmp_path):
    show(out, tmp_path / "one", NEW)
    show(out, tmp_path / "two", NEWER)
    with open_remote_edition(out, tmp_path / "one", "2023", False) as shelf:
        shown = {path.name: (path / "10_a.html").read_text("utf-8") for path in shelf.edition.live.glob("0*")}
    assert {name: re.sub("<.*?>", "", page) for name, page in shown.items() if page} == NEWER


def test_of_two_machines_the_second_to_publish_is_told_to_run_again(out, bucket, tmp_path):
    show(out, tmp_path / "one", OLD)
    with (
        pytest.raises(DataError, match=r"s3://b/out/2023"),
        open_remote_edition(out, tmp_path / "one", "2023", False),
    ):
        make(tmp_path / "one", NEW)
        show(out, tmp_path / "two", NEWER)
    assert seen(bucket) == NEWER


def test_a_run_that_fails_shows_nothing(out, bucket, tmp_path):
    with pytest.raises(RuntimeError), open_remote_edition(out, tmp_path, "2023", False):
        make(tmp_path, OLD)
        raise RuntimeError
    assert not bucket.files


def test_a_set_with_a_file_missing_is_refused_and_named(out, bucket, tmp_path):
    show(out, tmp_path / "one", OLD)
    del bucket.files[next(key for key in bucket.files if "02-" in key)]
    with pytest.raises(DataError, match="10_a"), open_remote_edition(out, tmp_path / "two", "2023", False):
        pass


@pytest.mark.parametrize("name", ["../../escaped", "/escaped", "C:/escaped", "..\\escaped"])
def test_a_set_whose_names_lead_elsewhere_is_refused(out, bucket, tmp_path, name):
    show(out, tmp_path / "one", OLD)
    key = next(key for key in bucket.files if key.endswith("set.json"))
    held = json.loads(bucket.files[key])
    held["folders"][name] = held["folders"].pop("01-甲县")
    bucket.files[key] = json.dumps(held).encode()
    with (
        pytest.raises(DataError, match=r"set\.json"),
        open_remote_edition(out, tmp_path / "two", "2023", False),
    ):
        pass


def test_the_records_of_a_place_can_be_looked_at(out, tmp_path):
    show(out, tmp_path / "work", OLD)
    for where in (out, out / "2023"):
        folder = fetch_records(where, tmp_path / str(len(str(where))))
        assert [result.county for result in read_results(folder / "2023")] == list(OLD)


@pytest.fixture
def far(michigan, bucket) -> RemotePlace:
    bucket.upload(michigan, "b/store")
    return RemotePlace(bucket, "b/store", "s3://b/store")


def test_a_county_of_a_bucket_reads_as_on_the_disk_and_nobody_elses_files_are_touched(far, bucket, michigan):
    here, there = open_store(michigan).county("82"), open_store(far).county("82")
    for part in ("units", "observations", "findings", "compare", "areas"):
        pd.testing.assert_frame_equal(getattr(here, part), getattr(there, part))
    read = {key.partition("=")[2].partition("/")[0] for key in bucket.read if "county=" in key}
    assert read == {"82"}


def test_a_change_in_a_bucket_is_that_countys_own(far, bucket):
    before = {code: StoreDigests(open_store(far))(code) for code in ("82", "63")}
    bucket.files["b/store/county=82/units.parquet"] += b" "
    data = StoreDigests(open_store(far))
    assert data("82")["data"] != before["82"]["data"]
    assert data("63") == before["63"]
    bucket.files["b/store/county=63/units.parquet"] += b" "
    data.forget()
    assert data("63")["data"] != before["63"]["data"]


def test_a_store_is_not_written_to_an_address(far):
    with pytest.raises(ParameterError, match="s3://b/store"):
        write_store(None, far)


def test_what_the_other_side_says_is_not_repeated(far, bucket):
    def refuse(key: str) -> bytes:
        raise PermissionError("key AKIASECRET is not allowed")

    bucket.cat_file = refuse
    with pytest.raises(DataError, match="PermissionError") as caught:
        open_store(far)
    assert "AKIA" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("text", ["sftp://me:SECRET@host/store", "https://host/store?sig=SECRET"])
def test_an_address_with_a_secret_is_refused_without_repeating_it(text):
    with pytest.raises(ParameterError) as caught:
        resolve_place(text)
    assert "SECRET" not in str(caught.value)


def test_an_address_of_which_no_package_knows_is_refused_in_a_sentence():
    with pytest.raises(MissingFileError, match="nowhere://a"):
        resolve_place("nowhere://a")


def test_paths_of_this_machine_need_no_fsspec():
    code = (
        "import sys; from edustats.places import resolve_place; resolve_place('a/b'); "
        "sys.exit('fsspec' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_fsspecs_own_file_systems_do_as_our_bucket_does(scheme, tmp_path, michigan):
    pytest.importorskip("fsspec", reason="fsspec is not installed (extra remote)")
    root = resolve_place(f"memory://{tmp_path}" if scheme == "memory" else f"file://{tmp_path}/far")
    files = [(path, path.relative_to(michigan).as_posix()) for path in michigan.rglob("*") if path.is_file()]
    (root / "store").put(files)
    store = open_store(root / "store")
    pd.testing.assert_frame_equal(store.county("82").units, open_store(michigan).county("82").units)
    data = StoreDigests(store)
    first = data("82")
    data.forget()
    assert data("82") == first
    for number, counties in enumerate((OLD, NEW, NEWER)):
        show(root / "out", tmp_path / "work", counties)
        shelf = RemoteEdition(root / "out" / "2023", Edition(tmp_path / f"fresh{number}" / "2023"))
        shelf.edition.live.parent.mkdir()
        shelf.fetch_set(shelf.shown())
        assert {path.name for path in shelf.edition.live.glob("0*")} == set(counties)
    assert (
        len(
            fetch_records(root / "out", tmp_path / "seen")
            .joinpath("2023", "results.jsonl")
            .read_text()
            .splitlines()
        )
        == 3
    )
