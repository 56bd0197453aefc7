"""Call-backs, the attempts to reach a customer, links for answers in writing, recoveries and what they cost."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jieli.cases.models.case import Case, ways_to_see
from jieli.events.actor import Actor
from jieli.people.models import Staff


class CallBackQuerySet(models.QuerySet["CallBack"]):
    """Call-backs in the words of the domain."""

    def visible_to(self, actor: Actor) -> "CallBackQuerySet":
        """Keep the call-backs of the cases that an actor may see."""
        return self.filter(case__in=Case.objects.visible_to(actor).values("pk")) if ways_to_see(actor) else self

    def open(self) -> "CallBackQuerySet":
        """Keep those which somebody still has to make."""
        return self.filter(state=CallBack.State.OPEN)


class CallBack(models.Model):
    """The task to ask a customer, after a result was told, whether the need is met (spec 4, Call-back).

    One for each time a case was resolved: `number` counts them, `sequence` is that of the event ``cases.resolved``. `due_at` is
    until when the next attempt is due. `order_ids` are the work orders that got this result: the first result of an order stays
    for grade and gate, also when a recovery follows. The result is written once; only an erasure blanks the words beside it.
    """

    never_deleted = True

    class About(models.TextChoices):
        """What the customer is asked about."""

        VISIT = "visit", pgettext_lazy("a call-back", "visit")
        COMPLAINT = "complaint", _("complaint")
        RECOVERY = "recovery", _("recovery")

    class State(models.TextChoices):
        """Where the task is; dropped means that the case went on before the call, not sampled that nobody was to call."""

        OPEN = "open", pgettext_lazy("a call-back", "open")
        DONE = "done", pgettext_lazy("a call-back", "done")
        UNREACHED = "unreached", _("unreached")
        DROPPED = "dropped", pgettext_lazy("a call-back", "dropped")
        NOT_SAMPLED = "not_sampled", _("not sampled")

    class Result(models.TextChoices):
        """What the customer said."""

        SATISFIED = "satisfied", _("satisfied")
        DISSATISFIED = "dissatisfied", _("dissatisfied")
        UNREACHED = "unreached", _("unreached")

    class Moved(models.TextChoices):
        """How much the customer was moved, in four degrees."""

        THANKS = "thanks", _("words of thanks")
        HANDSHAKE = "handshake", _("a warm handshake")
        TEARS = "tears", _("moved to tears")
        RETURNS = "returns", _("comes again")

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"), db_index=False)
    number = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(help_text="of the event that told the result, on the chain of the case")
    about = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default=State.OPEN)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    caller = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("caller"))
    taken_at = models.DateTimeField(null=True)

    result = models.CharField(max_length=12, blank=True)
    result_at = models.DateTimeField(null=True)
    is_by_link = models.BooleanField(default=False)
    solved = models.BooleanField(null=True)
    on_time = models.BooleanField(null=True)
    charged_as_shown = models.BooleanField(null=True)
    manners = models.BooleanField(null=True)
    moved = models.CharField(max_length=10, blank=True)
    story = models.TextField(blank=True, help_text="what moved the customer, in his words")
    what = models.TextField(blank=True, help_text="what was not right")
    how_bad = models.PositiveSmallIntegerField(null=True, help_text="1 to 4, the levels of severity")
    wish = models.TextField(blank=True, help_text="what would put it right")
    order_ids = ArrayField(models.BigIntegerField(), default=list, help_text="work orders that got this result")

    delight_at = models.DateTimeField(null=True, help_text="when the moving story was confirmed")
    delight_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    excused_at = models.DateTimeField(null=True, help_text="when it was marked as not about the visit")
    excused_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    excuse = models.TextField(blank=True, help_text="why it is not about the visit")

    objects = CallBackQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="quality_callback_number", fields=["case", "number"]),
            models.UniqueConstraint(name="quality_callback_per_result", fields=["case", "sequence"]),
            models.UniqueConstraint(name="quality_one_open_callback", fields=["case"], condition=Q(state="open")),
            models.CheckConstraint(
                name="quality_callback_codes",
                condition=Q(about__in=["visit", "complaint", "recovery"])
                & Q(moved__in=["", "thanks", "handshake", "tears", "returns"]),
            ),
            models.CheckConstraint(
                name="quality_callback_result",
                condition=Q(state__in=["open", "dropped", "not_sampled"], result="", result_at__isnull=True)
                | Q(state="done", result__in=["satisfied", "dissatisfied"], result_at__isnull=False)
                | Q(state="unreached", result="unreached", result_at__isnull=False),
            ),
            models.CheckConstraint(
                name="quality_callback_taken",
                condition=Q(caller__isnull=True, taken_at__isnull=True) | Q(caller__isnull=False, taken_at__isnull=False),
            ),
            models.CheckConstraint(
                name="quality_how_bad", condition=Q(how_bad__isnull=True) | Q(how_bad__range=(1, 4), result="dissatisfied")
            ),
            models.CheckConstraint(
                name="quality_excused",
                condition=Q(excused_at__isnull=True, excused_by__isnull=True)
                | Q(excused_at__isnull=False, excused_by__isnull=False, result="dissatisfied"),
            ),
            models.CheckConstraint(
                name="quality_delight",
                condition=Q(delight_at__isnull=True, delight_by__isnull=True)
                | Q(delight_at__isnull=False, delight_by__isnull=False) & ~Q(moved=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="quality_due", fields=["due_at", "id"], condition=Q(state="open")),
            models.Index(name="quality_of_caller", fields=["caller", "due_at"], condition=Q(state="open")),
            models.Index(name="quality_ended", fields=["-result_at", "-id"], condition=Q(result_at__isnull=False)),
            models.Index(name="quality_of_case", fields=["case", "number"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="result_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__result_at__isnull=False),
                func=(
                    "if (old.result, old.result_at, old.state, old.caller_id, old.is_by_link, old.solved, old.on_time, "
                    "old.charged_as_shown, old.manners, old.order_ids) is distinct from (new.result, new.result_at, new.state, "
                    "new.caller_id, new.is_by_link, new.solved, new.on_time, new.charged_as_shown, new.manners, new.order_ids) "
                    "then raise exception 'the result of a call-back is never changed' "
                    "using errcode = 'integrity_constraint_violation', constraint = 'quality_result_stays'; "
                    "end if; return new;"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.number} {self.state}"


class Attempt(models.Model):
    """One attempt to reach a customer; `half_day` such as ``2026-11-23 am`` is the company's, and each counts once."""

    never_deleted = True
    app_columns = ("note",)

    class Outcome(models.TextChoices):
        """How it went."""

        NO_ANSWER = "no_answer", _("no answer")
        BUSY = "busy", _("busy")
        REFUSED = "refused", _("did not want to talk")
        TALKED = "talked", _("talked")
        CALLED_US = "called_us", _("the customer called us")
        TEXT_LINK = "text_link", _("link sent")

    SPOKE: ClassVar[tuple[str, ...]] = ("talked", "called_us")

    callback = models.ForeignKey(CallBack, models.PROTECT, related_name="attempts", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    half_day = models.CharField(max_length=13)
    outcome = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="quality_attempt_number", fields=["callback", "number"]),
            models.CheckConstraint(
                name="quality_attempt_outcome",
                condition=Q(outcome__in=["no_answer", "busy", "refused", "talked", "called_us", "text_link"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.callback_id}/{self.number} {self.outcome}"


class TextLink(models.Model):
    """A link by which the customer answers in writing, once; only the SHA-256 of its code is kept."""

    never_deleted = True

    callback = models.ForeignKey(CallBack, models.PROTECT, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    is_by_mail = models.BooleanField(default=False)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="quality_one_answer", fields=["callback"], condition=Q(used_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.callback_id} until {self.expires_at:%Y-%m-%d}"


class Recovery(models.Model):
    """What is done for a dissatisfied customer: what was missing is restored, and something personal beside (spec 4).

    Its own result, of the call-back that follows it, stands beside the first one and replaces it nowhere.
    """

    never_deleted = True

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    callback = models.OneToOneField(CallBack, models.PROTECT, related_name="recovery")
    opened_at = models.DateTimeField()
    restored = models.TextField(blank=True, help_text="how what was missing was restored")
    personal = models.TextField(blank=True, help_text="what was done personally")
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    after = models.OneToOneField(CallBack, models.PROTECT, related_name="asks_about", null=True)
    result = models.CharField(max_length=12, blank=True)
    result_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="quality_one_recovery_runs", fields=["case"], condition=Q(after__isnull=True)),
            models.CheckConstraint(
                name="quality_recovery_result",
                condition=Q(result="", result_at__isnull=True)
                | Q(result__in=["satisfied", "dissatisfied", "unreached"], result_at__isnull=False, after__isnull=False),
            ),
            models.CheckConstraint(
                name="quality_recovery_recorded",
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True)
                | Q(recorded_at__isnull=False, recorded_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} recovery of #{self.callback_id}"


class Spending(models.Model):
    """An amount spent on a recovery: on the spot within one's authority, above all authority agreed by two people."""

    never_deleted = True
    app_columns = ("purpose", "state", "second_by", "second_at")

    class State(models.TextChoices):
        """Whether the amount is spent."""

        SPENT = "spent", _("spent")
        ASKED = "asked", _("waits for a second person")
        REFUSED = "refused", pgettext_lazy("an amount", "refused")

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="spendings")
    amount = models.DecimalField(pgettext_lazy("money", "amount"), max_digits=12, decimal_places=2)
    purpose = models.TextField(_("for what"))
    role = models.CharField(max_length=20, help_text="the role by whose authority it was spent")
    limit_amount = models.DecimalField(max_digits=12, decimal_places=2)
    policy = models.CharField(max_length=60)
    state = models.CharField(max_length=8, default=State.SPENT)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    second_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="quality_spending_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="quality_spending_state", condition=Q(state__in=["spent", "asked", "refused"])),
            models.CheckConstraint(
                name="quality_spending_two_people",
                condition=Q(second_by__isnull=True, second_at__isnull=True)
                | Q(second_at__isnull=False) & ~Q(second_by=F("by")) & ~Q(state="asked"),
            ),
            models.CheckConstraint(
                name="quality_spending_within",
                condition=~Q(state="spent") | Q(amount__lte=F("limit_amount")) | Q(second_by__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="quality_spending_asked", fields=["at"], condition=Q(state="asked")),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.amount} {self.state}"
