"""What does the process do that reads files for another? It answers until nobody asks any more."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import IO, Any

from edustats.errors import DataError, EdustatsError
from edustats.load.files.apart import READY
from edustats.load.files.workbook import sheets_of


def main() -> None:
    """Read the paths of files from standard input, and write their sheets, or what is wrong with them."""
    limit_memory(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a reader prints is not an answer
    serve(sys.stdin.buffer, answers)


def limit_memory(most: int) -> None:
    """Bound what this process may ask for, where the system can; elsewhere the asker looks on."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ValueError, OSError):  # a system that knows the limit and does not keep it
        return


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Say that it may be asked, and answer question after question."""
    _say(READY, answers)
    while True:
        try:
            path, name = pickle.load(questions)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        _say(_answer(Path(path), name), answers)


def _say(answer: Any, answers: IO[bytes]) -> None:
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _answer(path: Path, name: str) -> Any:
    try:
        return sheets_of(path, name)
    except (EdustatsError, OSError) as error:
        error.__cause__ = error.__context__ = None  # a cause of native code may not travel
        return error
    except MemoryError:
        return DataError("load.too_much", file=name, memory=f"{int(sys.argv[1]) / 1e9:g}")
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a native reader's panic is no Exception
        return DataError("load.reader_broke", file=name, detail=type(error).__name__)


if __name__ == "__main__":
    main()
