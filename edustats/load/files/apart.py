"""How is a file read so that it can take nothing else down? In a process of its own, with bounds.

The readers of workbooks are native code: a damaged file ends the process that reads it, a far cell asks for the
machine's memory, and neither can be stopped from inside. One process reads all files, one after the other; where a
file is its death, that file is refused in a sentence and the next one gets a new process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from edustats.errors import DataError

SECONDS = 30.0
"""A file may take; the longest return seen takes four."""
MEMORY = 2_000_000_000
"""Bytes the reading process may ask for, with everything it holds."""
START = 60.0
"""Seconds the process itself may take to begin."""
READY = "ready"
LOOKS_EVERY = 0.2
CHILD = "edustats.load.files.reading_process"
_NO_MEMORY = b"memory allocation of"
_ROOT = str(Path(__file__).resolve().parents[3])


class ReadingProcess:
    """The process that reads files for this one."""

    def __init__(self, name: str) -> None:
        """Start it; DataError, with the file that was to be read first, where it does not come up."""
        self.owner = os.getpid()
        # What the native readers say when they die goes to a file: a pipe that nobody empties would stop them.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", CHILD, str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
        )
        self._ended = ""
        try:
            ready = self._hear(name, START) == READY
        except DataError as error:
            raise DataError("load.no_reader", file=name) from error
        if not ready:
            raise DataError("load.no_reader", file=name)

    def ask(self, path: Path, name: str) -> Any:
        """The sheets of a file, or why it cannot be read; the process may be dead afterwards.

        Raises
        ------
        DataError
            The file was the end of the process: too long, too much memory, or a reader that broke.
        """
        with suppress(OSError):  # it is dead, which is noticed when its answer is waited for
            pickle.dump((str(path), name), self._input)
            self._input.flush()
        return self._hear(name, SECONDS)

    def _hear(self, name: str, seconds: float) -> Any:
        """The next thing it says."""
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, seconds), daemon=True)
        watch.start()
        try:
            # What comes back was made by our own module from the cells of the file.
            return pickle.load(self._output)  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._death(name) from error
        finally:
            done.set()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin  # noqa: S101 - a pipe
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout  # noqa: S101 - a pipe
        return self._process.stdout

    def _watch(self, done: threading.Event, left: float) -> None:
        """End the process when a file takes too long, or too much where the system sets no limit itself."""
        while not done.wait(LOOKS_EVERY):
            left -= LOOKS_EVERY
            if left <= 0:
                self._ended = "load.too_long"
            elif _memory(self._process.pid) > MEMORY:
                self._ended = "load.too_much"
            if self._ended:
                self._process.kill()
                return

    def _death(self, name: str) -> DataError:
        self.close()
        self._errors.seek(0)
        said = self._errors.read()[-20_000:]
        key = self._ended or ("load.too_much" if _NO_MEMORY in said else "load.reader_broke")
        return DataError(key, file=name, seconds=f"{SECONDS:g}", memory=f"{MEMORY / 1e9:g}")

    @property
    def alive(self) -> bool:
        """Whether it may be asked again, by the process that made it."""
        return self.owner == os.getpid() and self._process.poll() is None

    def close(self) -> None:
        """End it; a copy of it in a process that forked leaves it alone."""
        if self.owner != os.getpid():
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def _environment() -> dict[str, str]:
    """The package may have come from a folder that only this process looks into."""
    found = [_ROOT, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found)), "RUST_BACKTRACE": "0"}


def _memory(pid: int) -> int:
    """Bytes a process holds; 0 where nobody can say."""
    try:
        import psutil  # type: ignore[import-untyped]

        return int(psutil.Process(pid).memory_info().rss)
    except Exception:  # it has just ended, or the system does not tell: the other bounds hold
        return 0


_lock = threading.Lock()
_reader: ReadingProcess | None = None


def read_apart(path: Path, name: str) -> Any:
    """The sheets of a file, read in the process for reading.

    Raises
    ------
    EdustatsError
        What is wrong with the file, said by its reader; or that reading it was the reader's end.
    """
    global _reader
    with _lock:
        if _reader is None or not _reader.alive:
            _reader = ReadingProcess(name)
            atexit.register(_reader.close)
        try:
            answer = _reader.ask(path.absolute(), name)  # the process may have begun in another folder
        except BaseException:  # the answer of an interrupted question would be taken for that of the next
            _reader.close()
            _reader = None
            raise
    if isinstance(answer, Exception):
        raise answer
    return answer
