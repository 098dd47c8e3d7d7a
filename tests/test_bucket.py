"""Does the command do in a real bucket (S3 as moto plays it) what it does on a disk?"""

import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pandas as pd
import pytest

s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed (extra remote)")
pytest.importorskip("moto.server", reason="moto[server] is not installed")

pytestmark = pytest.mark.slow
SECRET = "not-to-be-seen-9f3a"  # noqa: S105 - of nothing
CELL = """from edustats.store.reading import open_store
held = open_store(store).county(county)
print(county, len(held.units), len(held.compare))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A bucket called bureau, and the environment that reaches it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    env = {
        "AWS_ACCESS_KEY_ID": f"AKIA{SECRET}", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": address,
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("bureau")
        yield env
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def bucket(server, michigan):
    """The bucket, with the Michigan store in it."""
    fs = s3fs.S3FileSystem(use_listings_cache=False)
    fs.put(f"{michigan}/", "bureau/store/", recursive=True)
    return fs


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    values = 'county: str = "82"\nstore: str = ""\nfirst_year: int = 0\nlast_year: int = 0\nlang: str = "en"'
    cells = [
        nbformat.v4.new_code_cell(values, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "10_far.ipynb")
    return folder


def edustats(cache: Path, *words: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "edustats", *map(str, words)]
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "EDUSTATS_LANG": "en"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def report(cache: Path, notebooks: Path, *words: object) -> list[dict]:
    """Run the command; its events."""
    common = [
        "--store",
        "s3://bureau/store",
        "--out",
        "s3://bureau/reports",
        "--notebooks",
        notebooks,
        "--json",
    ]
    done = edustats(cache, "report", *common, "--county", "82,63,26", "--workers", "1", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def pages(bucket, edition: str) -> dict[str, str]:
    """What the links of the index lead to."""
    index = bucket.cat_file(f"{edition}/index.html").decode()
    links = [unquote(link) for link in re.findall(r'<a href="([^"]+)"', index)]
    return {link: bucket.cat_file(f"{edition}/{link}").decode(errors="replace") for link in links}


def made(events: list[dict]) -> list[str]:
    return sorted(event["county"] for event in events if event.get("state"))


def test_a_store_and_reports_in_a_bucket(bucket, notebooks, tmp_path):
    assert made(report(tmp_path / "one", notebooks)) == ["26", "63", "82"]
    (edition,) = [path for path in bucket.ls("bureau/reports") if not path.endswith(".html")]
    first = pages(bucket, edition)
    assert {code for code in ("26", "63", "82") for link in first if link.startswith(f"{code}-")} == {
        "26",
        "63",
        "82",
    }

    # A machine that has never seen them finds nothing to do,
    assert made(report(tmp_path / "two", notebooks)) == []
    # and when one county's figures change there, makes that county alone.
    key = "bureau/store/county=63/units.parquet"
    changed = io.BytesIO()
    pd.read_parquet(io.BytesIO(bucket.cat_file(key))).iloc[1:].to_parquet(changed, index=False)
    bucket.pipe_file(key, changed.getvalue())
    assert made(report(tmp_path / "two", notebooks)) == ["63"]
    # The first machine learns of it.
    assert made(report(tmp_path / "one", notebooks)) == []

    status = edustats(tmp_path / "three", "status", "s3://bureau/reports")
    assert status.returncode == 0
    assert "3" in status.stdout
    held = [bucket.cat_file(key) for key in bucket.find("bureau/reports")]
    held += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in held)


def test_a_bucket_that_is_not_there_is_told_in_one_sentence(bucket, notebooks, tmp_path):
    common = ["--out", "s3://nobodys/reports", "--notebooks", notebooks, "--county", "82"]
    done = edustats(tmp_path, "report", "--store", "s3://bureau/store", *common)
    assert done.returncode == 2
    assert "s3://nobodys/reports" in done.stderr
    done = edustats(tmp_path, "report", "--store", "s3://nobodys/store", *common)
    assert done.returncode == 2
    done = edustats(tmp_path, "load", "data/mappings/michigan.toml", "--store", "s3://bureau/other")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
