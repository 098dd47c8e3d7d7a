"""What can go wrong, in words the user can act on?

Every error is also the built-in that a caller would expect to catch. Its message stands in
``words/``, in both languages, and is written out in the user's own.
"""

from __future__ import annotations

from edustats.words import say, user_language


class EdustatsError(Exception):
    """Anything the suite refuses. ``address`` names the message, ``facts`` fill it.

    Examples
    --------
    >>> "a.csv" in str(DataError("export.format", file="a.csv", known=".xlsx"))
    True
    """

    def __init__(self, address: str, **facts: object) -> None:
        self.address, self.facts = address, facts
        super().__init__(address, facts)

    def __str__(self) -> str:
        return self.text(user_language())

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_error, (type(self), self.address, self.facts)

    def text(self, lang: str) -> str:
        """The message in one language."""
        return say(self.address, **self.facts)[lang]


def _rebuild_error(kind: type[EdustatsError], address: str, facts: dict[str, object]) -> EdustatsError:
    return kind(address, **facts)


class DataError(EdustatsError, ValueError):
    """A value, a table or a file is not what it must be."""


class DamagedFileError(DataError):
    """A file of a store is there and cannot be read."""


class ParameterError(EdustatsError, ValueError):
    """A parameter of a notebook or a command is missing, unknown or out of range."""


class UnknownNameError(EdustatsError, KeyError):
    """A county, an indicator or a column that nobody declared."""

    __str__ = EdustatsError.__str__


class MissingFileError(EdustatsError, FileNotFoundError):
    """A file or folder that should be there is not."""

    __str__ = EdustatsError.__str__


class FileInUseError(EdustatsError, PermissionError):
    """A file or folder cannot be replaced while another program has it open."""

    __str__ = EdustatsError.__str__
