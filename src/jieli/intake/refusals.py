"""Why an import does not begin."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused


class BadMapping(Invalid):
    """The mapping cannot be read, or does not fit the file."""

    code = "bad_mapping"
    message = _("The mapping cannot be used.")


class NotReadable(Invalid):
    """The file is no table that can be read."""

    code = "not_readable"
    message = _("The file cannot be read.")


class AnotherImportRuns(Refused):
    """Two imports of one source at the same time would step on each other."""

    code = "another_import_runs"
    message = _("Another import of this source is running. Wait until it is done.")
