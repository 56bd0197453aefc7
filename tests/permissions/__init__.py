"""Who may do what: a table per app of its permissions by role and place, and of its actions, each tried for real.

To add an app, write `tables/<app>.py`; a test fails until every `may_…` of its `policy.py` and every public action that takes
an actor are in it:

    MAY = {
        # roles by letter (`table.LETTERS`), held in the target's unit or above, held anywhere, held over the whole company;
        # `also` names who may without any role
        "may_close_outlet": Who(unit="AMO", also="system"),
    }
    ACTIONS = {
        # what is asked, and one call that ends well whenever the permission is there
        "close_outlet": Try("may_close_outlet", lambda world, actor: close_outlet(world.outlet.pk, actor=actor)),
        # two calls where what is asked depends on what is given
        "change_outlet": [
            Try("may_change_outlet", lambda world, actor: change_outlet(world.outlet.pk, name="二店", actor=actor)),
            Try("may_change_outlet may_grade", lambda world, actor: change_outlet(world.outlet.pk, grade=1, actor=actor)),
        ],
        # another app's permission by its full name; what the software may besides (`actor.is_internal or may_…`)
        "note_visit": Try("cases.may_handle", lambda world, actor: …, also=SOFTWARE),
        # an action that asks nobody: why, in brackets
        "end_visit": INSIDE,
    }

    def rows(world):
        # what this app's permissions and tries need besides `world.unit`, `world.case` …: a name per parameter of its may_…
        return {"outlet": an_outlet(unit=world.unit)}

Each try is made by every role, held in the unit of the target, above it and elsewhere, by somebody without a role, and by
everybody in `world.actors`; it is taken back afterwards, so that it cannot disturb the next. Who may must end with `done`,
unless `ends` names another end; who may not must be refused with NotAllowed, NotFound or a row's DoesNotExist.
"""
