"""Why an entry of a phone, or an act on a visit, was not taken in; each message says what to do."""

from collections.abc import Sequence

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, Refused
from jieli.visits.rules.steps import Missing


class BadEntry(Invalid):
    """What the phone sent cannot be; the fields say why."""

    code = "bad_entry"


class UnknownOrder(Refused):
    """There is no such work order."""

    code = "unknown_order"
    status = 404
    message = _("There is no such work order.")


class Conflict(Refused):
    """The world went on while the phone was offline: nobody is wrong, and a person has to look."""

    code = "conflict"


class NotYourOrder(Conflict):
    """The order is another engineer's by now."""

    code = "not_your_order"
    message = _("This work order is not yours, or not any more. Your entry is kept; your supervisor looks at it.")


class OrderOver(Conflict):
    """The order is called off, or its case has ended."""

    code = "order_over"
    message = _("This work order was called off or has ended. Your entry is kept; your supervisor looks at it.")


class VisitOver(Conflict):
    """The visit was finished before."""

    code = "visit_over"
    message = _("This visit is finished already. Your entry is kept; your supervisor looks at it.")


class IdUsed(Conflict):
    """The same name came with other content."""

    code = "id_used"
    message = _("An entry of this name was received before, with other content. Both are kept.")


class NotArrived(Refused):
    """Nobody finishes who has not arrived."""

    code = "not_arrived"
    message = _("Finished before arriving: first record that you arrived, or say that it was solved remotely.")


class NoOutcome(Refused):
    """How it went must be said first."""

    code = "no_outcome"
    message = _("Say first how it went: fixed, not fixed, solved remotely, or no fault found.")


class StepsMissing(Refused):
    """Mandatory steps lack their evidence; the fields name each."""

    code = "steps_missing"

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = list(missing)
        language = get_language() or "zh-hans"
        parts = [
            gettext("step %(place)s %(label)s (%(why)s)")
            % {"place": one.place, "label": one.step.label.in_language(language), "why": one.why}
            for one in self.missing
        ]
        super().__init__(
            gettext("It cannot be finished yet: %(steps)s. Do them, or skip them for one of the reasons.")
            % {"steps": gettext("; ").join(parts)},
            fields={one.code: str(one.why) for one in self.missing},
        )


class NoSignature(Invalid):
    """Nothing, or next to nothing, was drawn."""

    code = "no_signature"
    message = _("There is no signature: the customer has not drawn anything. Let the customer sign again.")


class ChargedInWarranty(Refused):
    """In warranty nothing is charged."""

    code = "charged_in_warranty"
    message = _("This device is in warranty: nothing is charged.")


class OtherLine(Invalid):
    """The serial number belongs to another kind of product."""

    code = "other_product_line"


class PhotoChanged(Refused):
    """The bytes are not what the phone sent."""

    code = "photo_changed"
    status = 422
    message = _("The photo was damaged on the way. It is sent again.")


class TooManyPhotos(Refused):
    """A visit has a bounded number of photos."""

    code = "too_many_photos"


class BadBundle(Invalid):
    """The bundle as a whole cannot be read."""

    code = "bad_bundle"
    message = _("This bundle cannot be read.")


class AlreadySettled(Refused):
    """A colleague was quicker."""

    code = "already_settled"
    message = _("This was settled already.")


class OfferGone(Conflict):
    """The offer was withdrawn or went to the next one."""

    code = "offer_gone"
    message = _("This offer is not yours any more: it was withdrawn, or it went to somebody else in the meantime.")
