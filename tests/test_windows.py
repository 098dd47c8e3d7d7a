"""What does Windows do otherwise, and are we ready for it? Tried with its own rules wherever these can be set."""

import ast
import io
import os
import re
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_parameters import write

from edustats import console, files
from edustats.errors import FileInUseError, ParameterError
from edustats.report.edition import folders
from edustats.report.edition.plan import DEVICES, ReportArea, make_plan
from edustats.words import read_all_texts

PACKAGE = Path(files.__file__).parent
WINDOWS = sys.platform == "win32"


# --- what somebody has open ---


@pytest.fixture
def held(monkeypatch):
    """Files that a program holds open, as Windows treats them: not replaced, not moved, not written to."""
    busy: list[Path] = []
    monkeypatch.setattr(files, "MOVES_OPEN_FILES", False)
    monkeypatch.setattr(folders, "MOVES_OPEN_FILES", False)
    monkeypatch.setattr(files, "PATIENCE", 0.0)

    def refused(path):
        return any(file == path or path in file.parents for file in busy)

    def guard(name):
        plain = getattr(Path, name)

        def move(self, other, *rest):
            if refused(self) or (name == "replace" and refused(Path(other))):
                raise PermissionError(13, "Access denied", str(self), 5, str(other))
            return plain(self, other, *rest)

        monkeypatch.setattr(Path, name, move)

    for name in ("rename", "replace"):
        guard(name)
    opens = Path.open

    def open_file(self, mode="r", *rest, **options):
        if "+" in mode and refused(self):
            raise PermissionError(13, "Sharing violation", str(self))
        return opens(self, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", open_file)
    monkeypatch.setattr(files, "exchange_folders", lambda one, other: False)
    return busy


def test_a_file_open_in_word_is_named_and_stays_as_it_was(tmp_path, held):
    target = tmp_path / "简报.docx"
    target.write_bytes(b"old")
    held.append(target)
    with pytest.raises(FileInUseError) as caught:
        files.write_whole(target, b"new")
    assert caught.value.text("zh") == (
        "简报.docx 正被别的程序打开（Word、WPS、Excel 或资源管理器），不能替换；请关闭后再次运行，原有内容没有变动。"
    )
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["简报.docx"]  # noqa: PTH208


def test_a_set_with_an_open_brief_stays_whole_and_the_new_one_is_shown_once_it_is_closed(tmp_path, held):
    live, ready, old = (tmp_path / name for name in ("2024", ".2024.ready", ".2024.old"))
    for folder, text in ((live, "old"), (ready, "new")):
        (folder / "990121").mkdir(parents=True)
        (folder / "990121" / "简报.docx").write_text(text)
        (folder / "index.html").write_text(text)
    held.append(live / "990121" / "简报.docx")
    with pytest.raises(FileInUseError, match=r"简报\.docx"):
        files.show_folder(ready, live, old)
    assert (live / "index.html").read_text() == (live / "990121" / "简报.docx").read_text() == "old"
    held.clear()
    files.show_folder(ready, live, old)
    assert (live / "index.html").read_text() == (live / "990121" / "简报.docx").read_text() == "new"


def test_where_the_new_set_cannot_be_moved_the_old_one_is_put_back(tmp_path, held):
    live, ready, old = (tmp_path / name for name in ("2024", ".2024.ready", ".2024.old"))
    for folder in (live, ready):
        folder.mkdir()
        (folder / "run.json").write_text(folder.name)
    held.append(ready / "run.json")
    with pytest.raises(FileInUseError, match=r"run\.json"):
        files.show_folder(ready, live, old)
    assert (live / "run.json").read_text() == "2024"
    assert not old.exists()


def test_a_county_that_is_made_again_shares_no_file_that_somebody_may_have_open(tmp_path, held):
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "简报.docx").write_text("old")
    folders.link_previous_files(tmp_path / "live", tmp_path / "next")
    one, other = (tmp_path / name / "简报.docx" for name in ("live", "next"))
    assert one.stat().st_ino != other.stat().st_ino
    held.append(one)
    files.write_whole(other, "new")
    assert (one.read_text(), other.read_text()) == ("old", "new")


@pytest.mark.skipif(not WINDOWS, reason="only Windows keeps an open file from being replaced")
def test_a_file_that_is_really_open_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.0)
    target = tmp_path / "数据.xlsx"
    target.write_bytes(b"old")
    with target.open("rb"), pytest.raises(FileInUseError, match=r"数据\.xlsx"):
        files.write_whole(target, b"new")
    assert target.read_bytes() == b"old"


# --- links, names, paths ---


def test_a_junction_counts_as_a_link(tmp_path, monkeypatch):
    junction = SimpleNamespace(st_mode=stat.S_IFDIR, st_file_attributes=stat.FILE_ATTRIBUTE_REPARSE_POINT)
    assert not files.is_link(tmp_path)
    monkeypatch.setattr(Path, "lstat", lambda self: junction)
    assert files.is_link(tmp_path)


@pytest.mark.parametrize(
    "name", ["CON", "nul", "com1.", "a:b", 'a"b', "a?", "a*", "a|b", "a<b>", "a.", "a ", "县\t区"]
)
def test_no_folder_bears_a_name_that_windows_refuses(tmp_path, name):
    notebook = write(tmp_path / "n.ipynb", 'county: str = "01"  # code')
    laid = make_plan([ReportArea("01", name)], [notebook], {}, tmp_path / "out", f"a {name}")
    for part in (laid.edition, laid.jobs[0].folder, laid.jobs[0].stem):
        assert not set(part) & set('<>:"/\\|?*\t')
        assert part == part.rstrip(". ")
        assert part.upper() not in DEVICES


def test_paths_longer_than_windows_takes_are_refused_before_anything_runs(tmp_path, monkeypatch):
    notebook = write(tmp_path / "10_county_trend.ipynb", 'county: str = "01"  # code')
    area, out = ReportArea("990121", "柏溪县"), tmp_path / "教育统计" / "2024年报告"
    assert make_plan([area], [notebook], {}, out, "2024").jobs
    monkeypatch.setattr("edustats.report.edition.plan.find_path_limit", lambda: len(str(tmp_path)) + 60)
    with pytest.raises(ParameterError) as caught:
        make_plan([area], [notebook], {}, out, "2024")
    assert "请用 --out 换一个较短的文件夹" in caught.value.text("zh")


# --- consoles and pipes ---


def piped(monkeypatch, encoding, text):
    """What arrives at the other end of a pipe in a code page."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    console.prepare_streams()
    print(text, end="", flush=True)
    return raw.getvalue()


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "latin-1", "ascii", "big5", "cp932", "utf-8"])
def test_chinese_leaves_a_western_machine_as_utf8_and_never_as_question_marks(monkeypatch, encoding):
    assert (
        piped(monkeypatch, encoding, "县（市、区）−2.5个百分点").decode("utf-8") == "县（市、区）−2.5个百分点"
    )


@pytest.mark.parametrize("encoding", ["cp936", "gb18030"])
def test_a_chinese_machine_gets_its_own_code_page_and_no_sign_is_lost(monkeypatch, encoding):
    arrived = piped(monkeypatch, encoding, "生均−2.5 m²，“城区”🙂").decode(encoding)
    assert arrived.replace("−", "-").replace("²", "2").startswith("生均-2.5 m2，“城区”")
    assert "?" not in arrived


def test_no_sign_of_ours_is_spelled_as_a_number_code_in_the_chinese_code_page():
    signs = {char for text in read_all_texts().values() for char in text.zh}
    told = "".join(sorted(signs)).encode("cp936", console.HANDLER).decode("cp936")
    assert "\\u" not in told and "?" not in told.replace("?", "", "?" in signs)


def test_programs_are_answered_in_utf8(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp936"))
    console.speak_to_programs()
    print("−1", end="", flush=True)
    assert raw.getvalue().decode("utf-8") == "−1"


# --- what the system of one machine has and another has not ---

LACKING = {
    "os": {
        "fork", "forkpty", "killpg", "setsid", "setpgid", "getpgid", "waitid", "WNOHANG", "pidfd_open", "getuid",
        "sched_getaffinity", "mkfifo", "O_DIRECTORY", "register_at_fork", "uname", "set_blocking", "O_CLOEXEC", "chown",
    },
    "signal": {"SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "alarm", "setitimer", "pause"},
    "socket": {"AF_UNIX", "SOCK_SEQPACKET", "recv_fds", "send_fds"},
}  # fmt: skip
MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "msvcrt", "winreg", "_winapi"}
MACHINES_OWN = re.compile(r"/(proc|dev|tmp|usr|etc|sys)\b\S*$")
GUARDS = ("sys.platform", "except ImportError", "os.name", "hasattr(os", "hasattr(signal")
LISTED = {
    # both run only after forking.can_fork has found Linux
    "report/run/warm_process.py": "the warm process, started on Linux only",
    "report/run/forking.py": "the handle of the warm process; start_lender, take_loan and allow_forking ask can_fork",
}


def uses(node):
    """Names below a node that not every system has."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            if one.attr in LACKING.get(one.value.id, ()):
                yield f"{one.value.id}.{one.attr}"
        elif isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names if alias.name in MODULES)
        elif isinstance(one, ast.ImportFrom) and one.module in MODULES:
            yield one.module
        elif isinstance(one, ast.Constant) and MACHINES_OWN.match(str(one.value)):
            yield str(one.value)


def unguarded(source):
    """Uses that stand in no function that asks first which system it is on."""
    tree = ast.parse(source)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = set(uses(tree))
    for function in functions:
        if any(guard in (ast.get_source_segment(source, function) or "") for guard in GUARDS):
            found -= set(uses(function))
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix()
)
def test_what_one_system_lacks_is_used_only_where_it_is_asked_for(path):
    if path.relative_to(PACKAGE).as_posix() not in LISTED:
        assert not unguarded(path.read_text("utf-8"))


def test_the_listed_places_exist_and_the_guard_sees_what_it_must():
    assert all((PACKAGE / name).is_file() for name in LISTED)
    assert unguarded("import os\ndef f():\n    os.fork()\n") == {"os.fork"}
    assert unguarded("import fcntl\n") == {"fcntl"}
    assert not unguarded("import os\ndef f():\n    if hasattr(os, 'fork'):\n        os.fork()\n")
