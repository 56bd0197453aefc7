"""Outlets."""

from jieli.network.actions.importing import import_outlets

from ..table import Try, Who

MAY = {
    "may_import_outlets": Who(also="import"),
}

ACTIONS = {
    "import_outlets": Try(
        "may_import_outlets", lambda world, actor: import_outlets([(2, {"code": world.unit.code})], actor=actor)
    ),
}
