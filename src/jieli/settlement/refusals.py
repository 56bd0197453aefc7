"""Why a month is not settled."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, NotFound, Refused


class BadMonth(Invalid):
    """What was given is no month."""

    code = "bad_month"
    message = _("Give a month as 2026-11.")

    def __init__(self) -> None:
        super().__init__(fields={"month": self.message})


class MonthBeforeCutOff(Refused):
    """The facts of the month are not complete before its cut-off."""

    code = "month_before_cut_off"
    message = _("This month is settled after its cut-off; until then there is a preview.")


class MonthNotBegun(Refused):
    """There is nothing to look at yet."""

    code = "month_not_begun"
    message = _("This month has not begun.")


class MonthAlreadyPassed(Refused):
    """Months go forward."""

    code = "month_already_passed"
    message = _("A later month is decided already, and months go forward: what this month left is looked at in the next one.")


class MonthNotDecided(Refused):
    """There is no decision to show."""

    code = "month_not_decided"
    message = _("This month has not been decided.")


class NoSuchOutlet(NotFound):
    """No outlet has this code, or it is hidden from the actor."""

    code = "no_such_outlet"
    message = _("There is no outlet with this code.")

    def __init__(self) -> None:
        super().__init__(fields={"outlet": self.message})
