"""The case itself, who may see it, and the views people keep of many."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.rules.numbers import case_number
from jieli.events.actor import Actor
from jieli.people.models import Unit


class Bigrams(Func):
    """The two-character pieces of a text, which the search indexes hold."""

    function = "bigrams"
    output_field = ArrayField(models.TextField())


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases in the words of the domain."""

    def open(self) -> "CaseQuerySet":
        """Keep the open cases: open, waiting or resolved."""
        return self.filter(status__in=Case.OPEN_STATUSES)

    def owned_by(self, staff_id: int) -> "CaseQuerySet":
        """Keep the cases of one owner."""
        return self.filter(owner_id=staff_id)

    def queue_of(self, unit_path: str) -> "CaseQuerySet":
        """Keep the open cases of a unit and below which nobody took yet."""
        return self.open().filter(is_on_duty=True, unit__in=Unit.objects.filter(path__startswith=unit_path))

    def at_risk(self, before: datetime) -> "CaseQuerySet":
        """Keep the open cases whose next promised time is before an instant."""
        return self.open().filter(next_due_at__lt=before)

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Keep what an actor may see: his units' and below, own, stewarded, mentioned in, and open ones his unit held.

        Internal complaints are seen only by those who have them in hand and by managers over the unit (spec 1,
        Permissions). The software itself sees everything; a customer sees his own. Conditions are subqueries, so rows are
        never doubled.
        """
        ways = ways_to_see(actor, row_by_row=True)
        if not ways:
            return self
        any_way = ways[0]
        for way in ways[1:]:
            any_way |= way
        return self.filter(any_way)

    def lock(self, case_id: int) -> "Case":
        """Return one case, locked for this transaction; raises Case.DoesNotExist (also when it is hidden)."""
        # The row alone: a query that joins would, after waiting, look for the owner whom it joined before, and find nothing.
        list(Case.objects.filter(pk=case_id).select_for_update().values_list("pk"))
        return self.get(pk=case_id)


SEEING_ROLES = (
    "administrator",
    "manager",
    "supervisor",
    "agent",
    "dispatcher",
    "outlet_manager",
    "specialist",
    "quality",
)
ROOT_PATH_DEPTH = 2
FEW_HELD = 2_000


class ExistsForEach(Exists):
    """A subquery asked for each row: OFFSET 0 keeps PostgreSQL from reading all its rows into a hash first."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


def is_seen_at_once(actor: Actor, case: "Case") -> bool:
    """Tell that an actor sees a case by what its row and its unit say; when False, only the database knows (`visible_to`)."""
    if not actor.is_staff:
        return actor.is_internal
    if actor.id in (case.owner_id, case.steward_id):
        return True
    is_discreet = case.kind == Case.Kind.INTERNAL_COMPLAINT
    return not is_discreet and actor.has_role(*SEEING_ROLES, unit_path=case.unit.path)


def ways_to_see(actor: Actor, *, row_by_row: bool = False) -> list[Q]:
    """Return the conditions of which one must hold for an actor to see a case, the cheap ones first; none: he sees all.

    Each has an index of its own, so that a list can read the first rows of each instead of walking past all others' cases;
    `row_by_row` gives the form for conditions that are asked together of each row. Two queries, `row_by_row` none.
    """
    if actor.is_internal:
        return []
    if actor.kind == "customer":
        return [Q(customer_id=actor.id or 0)]
    mine = [
        Q(owner_id=actor.id),
        Q(steward_id=actor.id),
        Q(pk__in=Mention.objects.filter(staff_id=actor.id or 0).values("case_id")),
        Q(pk__in=Case.objects.filter(pass_offers__state="offered", pass_offers__receiver_id=actor.id).values("pk")),
    ]
    paths = actor.unit_paths(*SEEING_ROLES)
    if not paths:
        return mine
    discreet = ~Q(kind=Case.Kind.INTERNAL_COMPLAINT)
    if ROOT_PATH_DEPTH in {path.count("/") for path in paths}:
        return [] if actor.has_role("manager", "administrator") else [discreet, *mine]
    under = Unit.objects.under_paths(paths)
    # Ids instead of a subquery let PostgreSQL know how many cases these units have: a handful or most of all.
    units: Any = under.values("pk") if row_by_row else list(under.values_list("pk", flat=True))
    if managed_paths := actor.unit_paths("manager", "administrator"):
        discreet |= Q(unit__in=Unit.objects.under_paths(managed_paths).values("pk"))
    holding = HeldBy.objects.filter(unit__in=units)
    if row_by_row:
        held = Q(ExistsForEach(holding.filter(case=OuterRef("pk"))))
    else:
        past = holding.filter(is_past=True)
        # Few are looked up one by one; of many the first of a list are found sooner by asking case after case.
        many = past[: FEW_HELD + 1].count() > FEW_HELD
        held = Q(ExistsForEach(past.filter(case=OuterRef("pk")))) if many else Q(pk__in=past.values("case_id"))
    return [
        *mine[:2],
        Q(unit__in=units) & discreet,
        *mine[2:],
        Q(status__in=Case.OPEN_STATUSES) & held & discreet,
    ]


class Case(models.Model):
    """One need of one customer, from the first contact to the archive (spec 1).

    The number people use is computed from the id. `owner_event` is the event that made the present owner: it answers "who has
    it and why". `next_due_at` is the earliest time promised to the customer, kept by the database. `revision` counts edits of
    the fields, so that two people who edit at once lose nothing.
    """

    never_deleted = True

    class Kind(models.TextChoices):
        """What the customer wants."""

        ENQUIRY = "enquiry", _("enquiry")
        SERVICE = "service", _("service")
        COMPLAINT = "complaint", _("complaint")
        SUGGESTION = "suggestion", _("suggestion")
        PRAISE = "praise", _("praise")
        INTERNAL_REQUEST = "internal_request", _("internal request")
        INTERNAL_COMPLAINT = "internal_complaint", _("internal complaint")
        IMPROVEMENT = "improvement", _("improvement")

    class ServiceType(models.TextChoices):
        """What a service case asks for."""

        DESIGN = "design", _("design advice")
        GUIDANCE = "guidance", _("guidance")
        INSTALLATION = "installation", _("installation")
        REPAIR = "repair", _("repair")
        MAINTENANCE = "maintenance", _("maintenance")
        CHECK = "check", _("check-up")

    class Status(models.TextChoices):
        """Where the case is in its life; open, waiting and resolved count as open."""

        OPEN = "open", pgettext_lazy("a case", "open")
        WAITING = "waiting", _("waiting")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", pgettext_lazy("a case", "closed")
        CANCELLED = "cancelled", _("cancelled")

    class Stage(models.TextChoices):
        """The stations of the shipped routes."""

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

    class Channel(models.TextChoices):
        """By which door the customer came."""

        PORTAL = "portal", _("portal")
        QR = "qr", _("QR code")
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        COUNTER = "counter", _("counter")
        WECHAT = "wechat", _("WeChat")
        CHAT = "chat", _("web chat")
        API = "api", "API"
        WEBHOOK = "webhook", _("webhook")
        IMPORT = "import", _("import")

    class Severity(models.IntegerChoices):
        """How bad it is; empty until judged (spec 5, levels)."""

        DANGER = 1, _("1 danger or loss in progress")
        LOSS = 2, _("2 loss")
        FAILURE = 3, _("3 failure without loss")
        DISSATISFACTION = 4, _("4 dissatisfaction")

    OPEN_STATUSES: ClassVar[tuple[str, ...]] = ("open", "waiting", "resolved")
    ENDED_STATUSES: ClassVar[tuple[str, ...]] = ("closed", "cancelled")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=20)
    service_type = models.CharField(_("service type"), max_length=20, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer"), db_index=False
    )
    contact = models.ForeignKey("customers.Contact", models.PROTECT, related_name="+", null=True, blank=True)
    device = models.ForeignKey("customers.Device", models.PROTECT, related_name="+", null=True, blank=True)
    product_line = models.CharField(_("product line"), max_length=60, blank=True)
    fault_code = models.CharField(_("fault code"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    channel = models.CharField(_("channel"), max_length=10)
    language = models.CharField(_("language"), max_length=10, blank=True)
    source = models.CharField(max_length=60, blank=True, help_text="the foreign history or system it came from")
    source_key = models.CharField(max_length=120, blank=True, help_text="its number there")

    status = models.CharField(_("status"), max_length=10, default=Status.OPEN)
    stage = models.CharField(_("stage"), max_length=12, default=Stage.INTAKE)
    route = models.CharField(max_length=60, help_text="the route and its policy version, such as 'service@routes v1'")
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+", verbose_name=_("unit"), db_index=False)
    owner = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", verbose_name=_("owner"))
    owner_event = models.ForeignKey("events.Event", models.PROTECT, related_name="+")
    is_on_duty = models.BooleanField(default=True, help_text="owned by the duty officer: nobody took it yet")
    steward = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", verbose_name=_("steward"))
    is_steward_provisional = models.BooleanField(default=True)
    escort = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", null=True, blank=True)
    landing = models.CharField(max_length=300, blank=True, help_text="why it landed in its first unit")

    opened_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    passes = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    tracking_digest = models.CharField(max_length=64, help_text="SHA-256 of the code in the customer's link")
    erased_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cases_kind_known",
                condition=Q(
                    kind__in=[
                        "enquiry",
                        "service",
                        "complaint",
                        "suggestion",
                        "praise",
                        "internal_request",
                        "internal_complaint",
                        "improvement",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="cases_status_known",
                condition=Q(status__in=["open", "waiting", "resolved", "closed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="cases_stage_known",
                condition=Q(
                    stage__in=[
                        "intake",
                        "dispatch",
                        "visit",
                        "quality",
                        "settlement",
                        "handling",
                        "reply",
                        "callback",
                        "archive",
                        "recovery",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="cases_channel_known",
                condition=Q(
                    channel__in=[
                        "portal",
                        "qr",
                        "email",
                        "phone",
                        "counter",
                        "wechat",
                        "chat",
                        "api",
                        "webhook",
                        "import",
                    ]
                ),
            ),
            models.CheckConstraint(name="cases_severity_known", condition=Q(severity__isnull=True) | Q(severity__range=(1, 4))),
            models.CheckConstraint(
                name="cases_service_type_known",
                condition=Q(service_type="")
                | Q(service_type__in=["design", "guidance", "installation", "repair", "maintenance", "check"]),
            ),
            models.CheckConstraint(
                name="cases_ended_when_closed",
                condition=Q(status__in=["closed", "cancelled"], closed_at__isnull=False)
                | Q(status__in=["open", "waiting", "resolved"], closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="cases_resolved_has_time", condition=~Q(status="resolved") | Q(resolved_at__isnull=False)
            ),
            models.CheckConstraint(name="cases_subject_given", condition=~Q(subject="") | Q(erased_at__isnull=False)),
            models.UniqueConstraint(name="cases_once_per_source", fields=["source", "source_key"], condition=~Q(source="")),
        ]
        indexes: ClassVar = [
            models.Index(
                name="cases_of_owner",
                fields=["owner", "next_due_at", "id"],
                condition=Q(status__in=["open", "waiting", "resolved"]),
            ),
            models.Index(
                name="cases_of_unit",
                fields=["unit", "next_due_at", "id"],
                condition=Q(status__in=["open", "waiting", "resolved"]),
            ),
            models.Index(
                name="cases_due", fields=["next_due_at", "id"], condition=Q(status__in=["open", "waiting", "resolved"])
            ),
            models.Index(name="cases_of_customer", fields=["customer", "-id"]),
            models.Index(name="cases_of_device", fields=["device", "-id"], condition=Q(device__isnull=False)),
            models.Index(
                name="cases_of_steward",
                fields=["steward", "next_due_at", "id"],
                condition=Q(status__in=["open", "waiting", "resolved"]),
            ),
            models.Index(name="cases_by_unit_newest", fields=["unit", "-id"]),
            models.Index(
                name="cases_queue",
                fields=["next_due_at", "id"],
                condition=Q(is_on_duty=True, status__in=["open", "waiting", "resolved"]),
            ),
            GinIndex(Bigrams("subject"), name="cases_words"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return the number as people write and say it, with its check digit."""
        return case_number(self.pk)

    @property
    def is_open(self) -> bool:
        """Tell whether the invariants of an open case hold for it."""
        return self.status in self.OPEN_STATUSES


class HeldBy(models.Model):
    """A unit that had the case in hand; it may read it until it closes.

    `is_past` is kept by the database: the case is open and another unit has it now. Of all that a unit ever had in hand lists
    need only these few.
    """

    append_only = True

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+", db_index=False)
    is_past = models.BooleanField(db_default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="cases_held_once", fields=["unit", "case"])]
        indexes: ClassVar = [models.Index(name="cases_held_past", fields=["unit", "case"], condition=Q(is_past=True))]


class Mention(models.Model):
    """A colleague named with @ in a note; he may see the case from then on."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="mentions")
    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="cases_mention_once", fields=["staff", "case"])]


class Presence(models.Model):
    """Who has the page of a case open now: a sign for colleagues, kept for a minute, no fact."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    is_writing = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="cases_presence_once", fields=["case", "staff"])]


class SavedView(models.Model):
    """A list that somebody keeps: its filters, sort and columns as a query string; private or shared with the unit."""

    staff = models.ForeignKey("people.Staff", models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="cases_view_once", fields=["staff", "name"])]
