"""What comes in."""

from jieli.intake.actions.exchange import import_exchange_file
from jieli.intake.actions.histories import import_history
from jieli.intake.actions.imports import import_path
from jieli.intake.actions.reporting import write_by_link
from jieli.intake.actions.uploads import keep_upload, start_upload
from jieli.intake.tests.factories import SMALL_MAPPING, a_file

from ..table import INSIDE, SOFTWARE, Try, Who

MAY = {
    "may_import_files": Who(any="A", also=SOFTWARE),
}

ACTIONS = {
    "import_path": Try(
        "may_import_files", lambda world, actor: import_path(world.file, mapping_text=SMALL_MAPPING, actor=actor)
    ),
    "import_exchange_file": Try(
        "may_import_files", lambda world, actor: import_exchange_file(world.units, kind="units", actor=actor)
    ),
    "take_in_batches": INSIDE,
    "import_history": Try(
        "may_import_files", lambda world, actor: import_history(world.file, mapping_text=SMALL_MAPPING, actor=actor)
    ),
    "start_upload": Try("may_import_files", lambda world, actor: start_upload(world.upload.pk, actor=actor)),
    "keep_upload": Try(
        "may_import_files",
        lambda world, actor: keep_upload([b"code,name\n"], file_name="units.csv", kind="units", mapping="", actor=actor),
    ),
    # who has the customer's link acts as that customer
    "write_by_link": Try(
        "cases.may_see cases.may_write",
        lambda world, actor: write_by_link(world.case_id, body="好了吗", once="1", has_files=False, actor=actor),
    ),
    "keep_files": "(keeps each file by itself and says in a sentence whose keeping was refused)",
}


def rows(world):
    units = world.folder / "units.csv"
    units.write_text("code,name\nU9,新组\n")
    upload = keep_upload(
        [units.read_bytes()], file_name="units.csv", kind="units", mapping="", actor=world.with_role("administrator", "root")
    )
    return {"units": units, "file": a_file(world.folder / "log.csv"), "upload": upload}
