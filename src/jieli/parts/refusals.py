"""Why an act with parts is refused, each named as the fact."""

from django.utils.translation import gettext_lazy as _

from jieli.events.refusals import Invalid, NotFound, Refused


class UnknownPart(Invalid):
    """No part in use has this code."""

    code = "unknown_part"

    def __init__(self, part: str) -> None:
        said = _("There is no part with the code “%(part)s”.") % {"part": part[:60]}
        super().__init__(said, fields={"part": said})


class UnknownPlace(Invalid):
    """No place in use of which the actor knows."""

    code = "unknown_place"
    message = _("There is no such place for parts.")

    def __init__(self) -> None:
        super().__init__(fields={"place": self.message})


class BadQuantity(Invalid):
    """Less than one, or more than anybody stocks."""

    code = "bad_quantity"
    message = _("Give a whole number from 1 to 100,000.")

    def __init__(self) -> None:
        super().__init__(fields={"quantity": self.message})


class BadParts(Invalid):
    """Something that was given about parts cannot be; the fields say what."""

    code = "bad_parts"


class PartNotForModel(Refused):
    """The part fits other machines."""

    code = "part_not_for_model"

    def __init__(self, part: str, model: str) -> None:
        said = _("Part %(part)s is not for %(model)s. Choose one of the parts that fit.") % {"part": part, "model": model}
        super().__init__(said, fields={"part": said})


class NotInStock(Refused):
    """The place has none, or not so many."""

    code = "not_in_stock"
    message = _("There are not so many of this part at this place.")

    def __init__(self, part: str = "", place: str = "", there: int = 0) -> None:
        said = None
        if part:
            said = _("%(place)s has %(there)s of part %(part)s, not more.") % {"place": place, "there": there, "part": part}
        super().__init__(said)


class StockReserved(Refused):
    """What is there is kept for other work orders."""

    code = "stock_reserved"
    message = _("What is there of this part is reserved for other work orders.")


class SerialUsedTwice(Refused):
    """The serial number was used with another order already."""

    code = "serial_used_twice"

    def __init__(self, serial: str = "", number: str = "") -> None:
        said = (
            _("Serial number %(serial)s was booked on work order %(number)s already.") % {"serial": serial, "number": number}
            if number
            else _("This serial number was booked already.")
        )
        super().__init__(said)


class PartOrderOver(Refused):
    """The part order is not in the state for this any more."""

    code = "part_order_over"
    message = _("The part order has gone on already. Reload the page.")


class OrderCalledOff(Refused):
    """Nothing is done for a work order that was called off."""

    code = "order_called_off"
    message = _("The work order was called off.")


class NotReturned(Refused):
    """The lab cannot look at what is not there."""

    code = "part_not_returned"
    message = _("The old part has not come back yet: receive it first, then note the finding.")


class AlreadyReturned(Refused):
    """The old part is back already."""

    code = "part_already_returned"
    message = _("This old part has come back already.")


class AlreadyFound(Refused):
    """A finding stands: it decides about money and licence."""

    code = "already_found"
    message = _("The lab has noted its finding already.")


class NothingFound(Refused):
    """There is nothing to correct."""

    code = "nothing_found"
    message = _("The lab has noted no finding yet: there is nothing to correct.")


class MachineNotApproved(Refused):
    """A whole machine is only given when somebody with authority has agreed."""

    code = "machine_not_approved"

    def __init__(self, machine: str) -> None:
        said = _("%(machine)s is a whole machine: ask for it first; it is given once it has been approved.") % {
            "machine": machine
        }
        super().__init__(said, fields={"part": said})


class MachineAskedAlready(Refused):
    """One whole machine per work order."""

    code = "machine_asked_already"
    message = _("A whole machine was asked for or approved on this work order already.")


class MachineDecided(Refused):
    """Somebody has decided."""

    code = "machine_decided"
    message = _("This has been decided or called off already. Reload the page.")


class MachineOwnAsking(Refused):
    """Two people: who asks does not decide."""

    code = "machine_own_asking"
    message = _("Somebody else decides: you asked for it yourself.")


class MachineAboveAuthority(Refused):
    """The machine is worth more than the person may decide about; says who may."""

    code = "machine_above_authority"


class MachineGiven(Refused):
    """The customer has the other machine."""

    code = "machine_given"
    message = _("The machine has been given already. Take that back first.")


class ReturnNotUse(Refused):
    """Nothing was taken out of stock for it."""

    code = "return_not_use"
    message = _("No machine was given for this one: call the return off instead.")


class LabComesFirst(Refused):
    """What is scrapped cannot be looked at any more."""

    code = "lab_comes_first"
    message = _("The lab looks at it first: note the finding, then decide what becomes of the machine.")


class AlreadyDisposed(Refused):
    """It was decided what becomes of the machine."""

    code = "already_disposed"
    message = _("What becomes of this machine has been decided already.")


class UnknownTag(NotFound):
    """No label and no serial reads so."""

    code = "unknown_tag"
    message = _("No old part that you may receive has this label or serial number.")


class SeveralHaveSerial(Refused):
    """The serial alone does not say which part it is."""

    code = "several_have_serial"
    message = _("Several old parts have this serial number. Scan the label instead.")


class SameNameOtherAct(Refused):
    """A phone gave the name of one act to another."""

    code = "same_name_other_act"
    message = _("Another act came under this name before.")


class StockKept(Refused):
    """The database refused a movement that would break the book of stock."""

    code = "stock_kept"
    message = _("The change was refused because the stock would not add up any more.")
