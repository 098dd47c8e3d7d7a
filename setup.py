"""What goes into a wheel besides the package itself? Everything else is said in pyproject.toml.

Notebooks, mappings and published figures stand at the top of the repository, where people look for them;
a wheel carries copies, which ``edustats/shipped.py`` finds.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = (
    "notebooks/*.ipynb", "notebooks/template/*.ipynb", "data/mappings/*", "data/reference/*.csv", "data/reference/*.md",
)  # fmt: skip


class BuildWithShipped(build_py):
    """Builds the package and lays the shipped files beside it; an editable install reads them where they are."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for pattern in SHIPPED:
            for path in sorted(ROOT.glob(pattern)):
                target = Path(self.build_lib, "edustats", "shipped_files", path.relative_to(ROOT))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


setup(cmdclass={"build_py": BuildWithShipped})
