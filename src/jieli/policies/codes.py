"""The frozen codes that policies speak of, with their words; the rows that carry them live in the apps above.

Source: the interfaces' table of codes. Codes are never renamed; words are those of the glossary.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """Kinds of case."""

    ENQUIRY = "enquiry", _("enquiry")
    SERVICE = "service", _("service")
    COMPLAINT = "complaint", _("complaint")
    SUGGESTION = "suggestion", _("suggestion")
    PRAISE = "praise", _("praise")
    INTERNAL_REQUEST = "internal_request", _("internal request")
    INTERNAL_COMPLAINT = "internal_complaint", _("internal complaint")
    IMPROVEMENT = "improvement", _("improvement")


class ServiceType(TextChoices):
    """What a service case asks for."""

    DESIGN = "design", _("design advice")
    GUIDANCE = "guidance", _("guidance")
    INSTALLATION = "installation", _("installation")
    REPAIR = "repair", _("repair")
    MAINTENANCE = "maintenance", _("maintenance")
    CHECK = "check", _("check-up")


class PromiseKind(TextChoices):
    """What is promised."""

    ACCEPT = "accept", pgettext_lazy("promise", "accept")
    FIRST_REPLY = "first_reply", pgettext_lazy("promise", "first reply")
    NEXT_REPLY = "next_reply", pgettext_lazy("promise", "reply")
    ARRIVE = "arrive", pgettext_lazy("promise", "arrive")
    RESOLVE = "resolve", pgettext_lazy("promise", "resolve")
    CALLBACK = "callback", pgettext_lazy("promise", "call-back")
    PASS_ANSWER = "pass_answer", pgettext_lazy("promise", "answer to a pass")
    PART_DELIVERY = "part_delivery", pgettext_lazy("promise", "part delivery")
    INTERNAL_ANSWER = "internal_answer", pgettext_lazy("promise", "internal answer")
    DECISION = "decision", pgettext_lazy("promise", "decision")
    PAYOUT = "payout", pgettext_lazy("promise", "payout")


class Stage(TextChoices):
    """The stations of a route."""

    INTAKE = "intake", _("intake")
    DISPATCH = "dispatch", _("dispatch")
    VISIT = "visit", _("visit")
    QUALITY = "quality", _("quality")
    SETTLEMENT = "settlement", _("settlement")
    HANDLING = "handling", _("handling")
    REPLY = "reply", _("reply")
    CALLBACK = "callback", _("call-back")
    ARCHIVE = "archive", _("archive")
    RECOVERY = "recovery", _("recovery")


class Start(TextChoices):
    """What sets a promise running: an event of the case, or its entry into a stage."""

    OPENED = "opened", _("when the case is opened")
    ACCEPTED = "accepted", _("when it is accepted")
    DISPATCHED = "dispatched", _("when it is dispatched")
    VISIT_NEEDED = "visit_needed", _("when a visit turns out to be needed")
    ANSWERED = "answered", _("after each answer that gives no time of its own")
    BREACHED = "breached", _("when a promise is broken")
    PASS_OFFERED = "pass_offered", _("when a pass is offered")
    PART_ORDERED = "part_ordered", _("when a part is ordered")
    INSIDE_ASKED = "inside_asked", _("when a department is asked")
    DECISION_ASKED = "decision_asked", _("when a decision is asked for")
    PAYOUT_AGREED = "payout_agreed", _("when a payout is agreed")
    RESOLVED = "resolved", _("when the case is resolved")
    STAGE_DISPATCH = "dispatch", _("on entering the stage dispatch")
    STAGE_VISIT = "visit", _("on entering the stage visit")
    STAGE_QUALITY = "quality", _("on entering the stage quality")
    STAGE_SETTLEMENT = "settlement", _("on entering the stage settlement")
    STAGE_HANDLING = "handling", _("on entering the stage handling")
    STAGE_REPLY = "reply", _("on entering the stage reply")
    STAGE_CALLBACK = "callback", _("on entering the stage call-back")
    STAGE_ARCHIVE = "archive", _("on entering the stage archive")
    STAGE_RECOVERY = "recovery", _("on entering the stage recovery")


class Channel(TextChoices):
    """By which door the customer came."""

    PORTAL = "portal", _("portal")
    QR = "qr", _("QR code")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    COUNTER = "counter", _("counter")
    WECHAT = "wechat", _("WeChat")
    CHAT = "chat", _("web chat")
    API = "api", "API"
    WEBHOOK = "webhook", "webhook"
    IMPORT = "import", _("import")


class Tier(TextChoices):
    """How much a customer weighs, lowest first."""

    STANDARD = "standard", _("standard")
    SILVER = "silver", _("silver")
    GOLD = "gold", _("gold")
    VIP = "vip", "VIP"


class Role(TextChoices):
    """Roles, by whom a policy lets something be done or seen."""

    ADMINISTRATOR = "administrator", _("administrator")
    MANAGER = "manager", _("service manager")
    SUPERVISOR = "supervisor", _("supervisor")
    AGENT = "agent", _("agent")
    DISPATCHER = "dispatcher", _("dispatcher")
    ENGINEER = "engineer", _("engineer")
    OUTLET_MANAGER = "outlet_manager", _("outlet manager")
    SPECIALIST = "specialist", _("back-office specialist")
    QUALITY = "quality", _("quality officer")
    MYSTERY_SHOPPER = "mystery_shopper", _("mystery shopper")
    FINANCE = "finance", _("finance")
    EMPLOYEE = "employee", _("employee")
    CUSTOMER = "customer", _("customer")
