"""Complaints."""

from jieli.complaints.actions.importing import import_complaints

from ..table import Try, Who

MAY = {
    "may_import_complaints": Who(also="import"),
}

ACTIONS = {
    "import_complaints": Try(
        "may_import_complaints", lambda world, actor: import_complaints([(2, {"number": "X1"})], actor=actor)
    ),
}
