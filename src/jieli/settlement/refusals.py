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


class ApprovedByYou(Refused):
    """Two different people approve; the person counts, whatever the role or token."""

    code = "approved_by_you"
    message = _("You approved this month already: the second approval must come from another person.")


class MonthApprovedAlready(Refused):
    """Two people approved it."""

    code = "month_approved_already"
    message = _("Two people have approved this month already.")


class StatementNotSealed(Refused):
    """There is nothing to confirm, dispute or print yet."""

    code = "statement_not_sealed"
    message = _("There is no sealed statement yet: two people approve the month first.")


class DisputesOver(Refused):
    """The days for disputes are over."""

    code = "disputes_over"
    message = _("The time for disputes is over: it ended on %(until)s.")

    def __init__(self, until: str) -> None:
        super().__init__(str(self.message) % {"until": until})


class StatementConfirmedAlready(Refused):
    """The outlet agreed with it."""

    code = "statement_confirmed_already"
    message = _("This statement was confirmed; its lines can no longer be disputed.")


class LineDisputedAlready(Refused):
    """One dispute per line."""

    code = "line_disputed_already"
    message = _("This line was disputed already.")


class NoSuchLine(Invalid):
    """The statement has no such line."""

    code = "no_such_line"
    message = _("The statement has no such line.")

    def __init__(self, field: str) -> None:
        super().__init__(fields={field: self.message})


class DisputeDecided(Refused):
    """A dispute is decided once."""

    code = "dispute_decided"
    message = _("This dispute was decided already.")


class OwnDispute(Refused):
    """Nobody decides his own dispute."""

    code = "own_dispute"
    message = _("You opened this dispute: another person decides it.")


class PayNotDecided(Refused):
    """There is nothing to show yet."""

    code = "pay_not_decided"
    message = _("The pay of this month has not been decided.")
