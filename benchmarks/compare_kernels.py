"""Do notebooks of strangers give the same in a warm kernel, a cold one and under papermill's own engine?

    python benchmarks/compare_kernels.py

Some fifty small notebooks, each three times; what differs from one run to the next by its nature (addresses of objects,
process numbers, times) is taken out first. Differences are printed; there should be none.
"""

# ruff: noqa: E501 - the notebooks are easier to read a line each
from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import papermill

import edustats.report.run.engine  # noqa: F401 - papermill knows the engine then
from edustats.report.run.kernels import HOUSE

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
PANDAS = (
    "import pandas as pd, numpy as np\ndf = pd.DataFrame({f'c{i}': range(i, i + 80) for i in range(30)})\n"
)
PLOT = "import matplotlib.pyplot as plt\n"
NOTEBOOKS = (
    "1 + 1", "print('a'); print('b', end='')", "import sys; print('x', file=sys.stderr); 2", "raise ValueError('no')",
    "1 / 0", "x = 3\n'text'", "None", "def f():\n    yield 1\nlist(f())", "import os; os.getcwd() == os.path.abspath('.')",
    "import sys; sys.argv[1:] == ['-f'] or len(sys.argv)", "import sys; sys.path[0]", "__name__", "import sys; sys.flags",
    "import os; sorted(k for k in os.environ if k.startswith(('MPL', 'JPY', 'PYDEVD', 'CLICOLOR', 'TERM', 'PAGER')))",
    "import signal; signal.getsignal(signal.SIGINT)", "import threading; threading.active_count() > 0",
    "import random; random.seed(3); random.random()", "import numpy as np; np.random.seed(3); np.random.rand(3)",
    "import numpy as np; np.random.default_rng(3).normal(size=3)", "import numpy as np; np.arange(2000.0)",
    "import numpy as np; np.geterr()", "import numpy as np; np.get_printoptions()", "import numpy as np; np.log(0.0)",
    PANDAS + "df", PANDAS + "print(df)", PANDAS + "df.T", PANDAS + "df.describe()", PANDAS + "df['c1']", PANDAS + "df.info()",
    PANDAS + "pd.describe_option('display', _print_desc=False)",
    PANDAS + "{k: pd.get_option(k) for k in ('display.max_columns', 'display.width', 'display.max_rows', 'mode.copy_on_write')}",
    PANDAS + "df.style.format('{:.1f}').set_uuid('a')", PANDAS + "df.groupby('c1').sum().head(3)",
    PANDAS + "pd.DataFrame({'a': ['x' * 90]})", PANDAS + "df['nope']", PANDAS + "pd.to_datetime(['2024-01-02'])",
    PLOT + "plt.plot([1, 3, 2]); plt.show()", PLOT + "fig, ax = plt.subplots(); ax.bar([1], [2]); fig",
    PLOT + "plt.rcParams['figure.dpi'], plt.get_backend(), plt.isinteractive()", PLOT + "plt.figure(); plt.title('x')",
    PLOT + "dict(plt.rcParams)", PLOT + "%matplotlib inline\nplt.hist([1, 1, 2])", "%matplotlib inline\n" + PLOT + "plt.plot([1])",
    "import matplotlib as m; m.rcParams['font.family'], m.rcParams['text.parse_math']",
    "from IPython.display import HTML, Markdown, display; display(HTML('<b>x</b>'), Markdown('*x*'))",
    "class A:\n    def _repr_html_(self): raise ValueError('broken')\nA()", "class A:\n    def _repr_html_(self): return '<i>a</i>'\nA()",
    "%%time\npass", "%who", "!echo hello", "import IPython; IPython.get_ipython().__class__.__name__", "get_ipython().colors",
    "import warnings; warnings.warn('careful')", "import logging; logging.warning('w'); logging.getLogger().handlers",
    "import decimal; decimal.getcontext()", "import locale; locale.getlocale()", "import gc; gc.isenabled(), gc.get_threshold()",
    "import scipy.stats as s; s.norm.cdf(1.5)", "import statsmodels.api as sm; sm.OLS([1, 2, 4], [[1, 1], [1, 2], [1, 3]]).fit().params",
    "import asyncio; await asyncio.sleep(0); 'waited'", "import sys; sys.exit(0)", "import multiprocessing as m; m.get_start_method()",
    "import json; json.loads('{')", "input('x')", "import pandas; pandas.__version__", "import edustats; edustats.__version__",
)  # fmt: skip
CHANGING = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(rf"ipykernel_\d+|{re.escape(tempfile.gettempdir())}\S+"), ""),
    (re.compile(r"(?:CPU times|Wall time|user|sys|total)[^\n]*"), ""),
)


def run(code: str, folder: Path, engine: str | None) -> list[Any]:
    """Outputs of a notebook of one cell, without what changes from run to run."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=KERNEL)
    nbformat.write(book, folder / "in.ipynb")
    options = {"engine_name": engine, "deadline": 100} if engine else {"execution_timeout": 100}
    try:
        papermill.execute_notebook(folder / "in.ipynb", folder / "out.ipynb", progress_bar=False, **options)
    except Exception as error:
        if not (folder / "out.ipynb").exists():
            return [type(error).__name__]
    cells = nbformat.read(folder / "out.ipynb", as_version=4).cells
    found = [
        cell.get("outputs", [])
        for cell in cells
        if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    return [_steady(json.loads(json.dumps(one, sort_keys=True))) for one in found]


def _steady(given: Any) -> Any:
    """The same without what changes from run to run; a picture counts as one, whatever its bytes."""
    if isinstance(given, dict):
        return {key: "picture" if key == "image/png" else _steady(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_steady(value) for value in given]
    if isinstance(given, str):
        for pattern, instead in CHANGING:
            given = pattern.sub(instead, given)
    return given


def main() -> int:
    """Run all, and print where the three differ."""
    differ = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for code in NOTEBOOKS:
            stock, found = run(code, folder, None), {}
            for name, warm in (("cold", False), ("warm", True)):
                HOUSE.allow_forking(warm)
                found[name] = run(code, folder, "edustats")
            for name, outputs in found.items():
                if outputs != stock:
                    differ += 1
                    print(
                        f"{name} differs for {code!r}:\n  stock {str(stock)[:600]}\n  {name}  {str(outputs)[:600]}"
                    )
        HOUSE.allow_forking(False)
    print(f"{len(NOTEBOOKS)} notebooks, {differ} differences")
    return min(differ, 1)


if __name__ == "__main__":
    sys.exit(main())
