"""What comes in."""

from ..table import SOFTWARE, Who

MAY = {
    "may_import_files": Who(any="A", also=SOFTWARE),
}

ACTIONS = {
    "import_path": "may_import_files",
    "import_exchange_file": "may_import_files",
    "import_history": "may_import_files",
    "start_upload": "may_import_files",
    "keep_upload": "may_import_files",
    "write_by_link": "(the actor is made from the customer's link; writing asks)",
    "keep_files": "(the actor is made from the customer's link; keeping asks)",
}
