"""Evidence."""

from django.core.files.base import ContentFile

from jieli.files import actions

from ..table import DESK, SOFTWARE, Try, Who

MAY = {
    "may_see": Who(unit=DESK, also=f"concerned receiver {SOFTWARE}"),
    "may_keep": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "may_seal": Who(unit=DESK, also=f"concerned receiver client {SOFTWARE}"),
    "may_erase": Who(any="AM", also=SOFTWARE),
}

ACTIONS = {
    "keep": Try(
        "may_keep",
        lambda world, actor: actions.keep(ContentFile(b"%PDF-1.4 E30", name="note.pdf"), case_id=world.case_id, actor=actor),
    ),
    # A customer does not decide what the customer sees.
    "show_to_customer": Try(
        "may_see may_keep", lambda world, actor: actions.show_to_customer(world.kept.pk, shown=True, actor=actor)
    ),
    "seal_case_evidence": Try("may_seal", lambda world, actor: actions.seal_case_evidence(world.case_id, actor=actor)),
    # Outside the transaction of a certified erasure the database refuses to erase anything: there is nothing of this case.
    "erase_evidence_of_cases": Try(
        "may_erase", lambda world, actor: actions.erase_evidence_of_cases([0], certificate_id=1, actor=actor)
    ),
}


def rows(world):
    kept = actions.keep(ContentFile(b"%PDF-1.4 E30", name="note.pdf"), case_id=world.case_id, actor=world.actors["system"])
    return {"kept": kept}
