"""Policies."""

from jieli.policies import actions
from jieli.policies.models import PolicyVersion

from ..table import EVERY, SOFTWARE, Try, Who

MAY = {
    "may_see_policies": Who(any=EVERY, also=f"concerned receiver {SOFTWARE}"),
    "may_draft_policy": Who(any="AM", also="system"),
    "may_start_policy": Who(any="AM", also="system"),
    "may_try_policy": Who(any="AM"),
}

ACTIONS = {
    "draft_version": Try(
        "may_draft_policy", lambda world, actor: actions.draft_version("numbers", source=world.source, actor=actor)
    ),
    "change_draft": Try(
        "may_draft_policy",
        lambda world, actor: actions.change_draft(
            world.draft.pk, source=world.source, revision=world.draft.revision, actor=actor
        ),
    ),
    "discard_draft": Try("may_draft_policy", lambda world, actor: actions.discard_draft(world.draft.pk, actor=actor)),
    "start_version": Try("may_start_policy", lambda world, actor: actions.start_version(world.draft.pk, actor=actor)),
}


def rows(world):
    source = PolicyVersion.objects.started().filter(name="numbers").first().source + "\n# neu\n"
    return {"source": source, "draft": actions.draft_version("numbers", source=source, actor=world.actors["system"])}
