"""Why a file was not kept; each message says what to do."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Refused


class FileRefused(Refused):
    """A file cannot be kept; the field is ``file``."""

    code = "file_refused"
    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"file": message})


class FileTooLarge(FileRefused):
    """The file is larger than the policy allows."""

    code = "file_too_large"
    status = 413


class FileEmpty(FileRefused):
    """The file has no content."""

    code = "file_empty"


class NotThatKind(FileRefused):
    """The content is not what the name says, or not of a kind that is kept."""

    code = "file_kind"


class PictureBroken(FileRefused):
    """The picture cannot be read to its end."""

    code = "picture_broken"


class TooManyFiles(FileRefused):
    """The case has as many files as the policy allows."""

    code = "too_many_files"
    status = 409


class FileGone(Refused):
    """The bytes were erased, or are missing."""

    code = "file_gone"
    status = 404
    message = _("The content of this file was erased.")
