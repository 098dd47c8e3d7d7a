"""``python -m edustats`` is the command line."""

from edustats.cli import main

main()
