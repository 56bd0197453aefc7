import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import jieli.cases.models.case
from jieli.cases.migrations import _sql_0001 as sql_0001


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_customers_and_devices"),
        ("events", "0001_chained_events"),
        ("people", "0001_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("service_type", models.CharField(blank=True, max_length=20, verbose_name="service type")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("product_line", models.CharField(blank=True, max_length=60, verbose_name="product line")),
                ("fault_code", models.CharField(blank=True, max_length=60, verbose_name="fault code")),
                ("address", models.CharField(blank=True, max_length=500, verbose_name="address")),
                ("latitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ("longitude", models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ("severity", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="severity")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("custom", models.JSONField(blank=True, default=dict)),
                ("channel", models.CharField(max_length=10, verbose_name="channel")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("source", models.CharField(blank=True, help_text="the foreign history or system it came from", max_length=60)),
                ("source_key", models.CharField(blank=True, help_text="its number there", max_length=120)),
                ("status", models.CharField(default="open", max_length=10, verbose_name="status")),
                ("stage", models.CharField(default="intake", max_length=12, verbose_name="stage")),
                (
                    "route",
                    models.CharField(help_text="the route and its policy version, such as 'service@routes v1'", max_length=60),
                ),
                ("is_on_duty", models.BooleanField(default=True, help_text="owned by the duty officer: nobody took it yet")),
                ("is_steward_provisional", models.BooleanField(default=True)),
                ("landing", models.CharField(blank=True, help_text="why it landed in its first unit", max_length=300)),
                ("opened_at", models.DateTimeField()),
                ("next_due_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("reopened", models.PositiveSmallIntegerField(default=0)),
                ("passes", models.PositiveSmallIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("tracking_digest", models.CharField(help_text="SHA-256 of the code in the customer's link", max_length=64)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                        verbose_name="customer",
                        db_index=False,
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.device",
                    ),
                ),
                (
                    "escort",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "owner_event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="events.event"),
                ),
                (
                    "steward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="steward",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                        verbose_name="unit",
                        db_index=False,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HeldBy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_past", models.BooleanField(db_default=False)),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit", db_index=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="mentions", to="cases.case"),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        db_index=False,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("direction", models.CharField(max_length=4)),
                ("author_kind", models.CharField(max_length=10)),
                ("author_id", models.BigIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                ("key", models.UUIDField(default=uuid.uuid4, null=True)),
                ("channel", models.CharField(blank=True, max_length=10)),
                (
                    "source_id",
                    models.CharField(blank=True, help_text="the id in the channel, such as a Message-ID", max_length=300),
                ),
                (
                    "phrases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        default=list,
                        help_text="forbidden phrases sent in spite of the warning",
                        size=None,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="cases.case", db_index=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("way", models.CharField(default="pass", max_length=8)),
                ("done", models.TextField(blank=True, help_text="what has been done")),
                ("next", models.TextField(blank=True, help_text="what is to be done next")),
                (
                    "promised",
                    models.CharField(blank=True, help_text="what was promised to the customer, until when", max_length=300),
                ),
                ("proposal", models.JSONField(help_text="options and the one recommended", null=True)),
                (
                    "candidates",
                    models.JSONField(default=list, help_text="staff ids who are asked next when an assignment lapses"),
                ),
                ("explanation", models.CharField(blank=True, max_length=300)),
                (
                    "reasons",
                    models.JSONField(help_text="why a rule chose the receiver; empty for offers of people", null=True),
                ),
                ("state", models.CharField(default="offered", max_length=10)),
                ("offered_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("restatement", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("decision", models.CharField(blank=True, max_length=10)),
                ("decision_text", models.TextField(blank=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pass_offers", to="cases.case", db_index=False
                    ),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "settled_event",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="events.event"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("is_writing", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case", db_index=False
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("started_at", models.DateTimeField()),
                ("mode", models.CharField(max_length=8)),
                ("target", models.DecimalField(decimal_places=2, help_text="minutes or days", max_digits=9, null=True)),
                ("given_due_at", models.DateTimeField(help_text="the time a person gave (mode instant)", null=True)),
                ("calendar", models.CharField(max_length=40)),
                ("segments", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("holds_until", models.DateTimeField()),
                ("paused_until", models.DateTimeField(null=True)),
                ("policy", models.CharField(help_text="policy and version, such as 'promises v7'", max_length=60)),
                ("rule", models.CharField(max_length=80)),
                ("facts", models.JSONField(default=dict, help_text="what the rule matched on: it explains the time")),
                ("told_at", models.DateTimeField(null=True)),
                ("told_how", models.CharField(blank=True, max_length=20)),
                ("by_import", models.BooleanField(default=False)),
                ("breached_at", models.DateTimeField(null=True)),
                ("next_alarm_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=10)),
                ("late_minutes", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "calendar_unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="cases.case", db_index=False
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="cases.pass"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("share", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField()),
                ("noticed_at", models.DateTimeField()),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="alarms", to="cases.promise", db_index=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("snapshot", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="relations", to="cases.case"),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relations_in", to="cases.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=1000)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        db_index=False,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("consent", models.BooleanField(default=False)),
                ("mode", models.CharField(blank=True, max_length=8)),
                ("target", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("given_due_at", models.DateTimeField(null=True)),
                ("calendar", models.CharField(blank=True, max_length=40)),
                ("policy", models.CharField(blank=True, max_length=60)),
                ("rule", models.CharField(blank=True, max_length=80)),
                ("facts", models.JSONField(default=dict)),
                ("event", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="events.event")),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="history", to="cases.promise", db_index=False
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "waiting", "resolved"])),
                fields=["owner", "next_due_at", "id"],
                name="cases_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "waiting", "resolved"])),
                fields=["unit", "next_due_at", "id"],
                name="cases_of_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "waiting", "resolved"])),
                fields=["next_due_at", "id"],
                name="cases_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["customer", "-id"], name="cases_of_customer"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("device__isnull", False)), fields=["device", "-id"], name="cases_of_device"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "waiting", "resolved"])),
                fields=["steward", "next_due_at", "id"],
                name="cases_of_steward",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "-id"], name="cases_by_unit_newest"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_on_duty", True), ("status__in", ["open", "waiting", "resolved"])),
                fields=["next_due_at", "id"],
                name="cases_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                jieli.cases.models.case.Bigrams("subject"),
                name="cases_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "enquiry",
                            "service",
                            "complaint",
                            "suggestion",
                            "praise",
                            "internal_request",
                            "internal_complaint",
                            "improvement",
                        ],
                    )
                ),
                name="cases_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "waiting", "resolved", "closed", "cancelled"])),
                name="cases_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        [
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
                        ],
                    )
                ),
                name="cases_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel__in", ["portal", "qr", "email", "phone", "counter", "wechat", "chat", "api", "webhook", "import"])
                ),
                name="cases_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__isnull", True), ("severity__range", (1, 4)), _connector="OR"),
                name="cases_severity_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service_type", ""),
                    ("service_type__in", ["design", "guidance", "installation", "repair", "maintenance", "check"]),
                    _connector="OR",
                ),
                name="cases_service_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("status__in", ["closed", "cancelled"])),
                    models.Q(("closed_at__isnull", True), ("status__in", ["open", "waiting", "resolved"])),
                    _connector="OR",
                ),
                name="cases_ended_when_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "resolved"), _negated=True), ("resolved_at__isnull", False), _connector="OR"
                ),
                name="cases_resolved_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("subject", ""), _negated=True), ("erased_at__isnull", False), _connector="OR"),
                name="cases_subject_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True), fields=("source", "source_key"), name="cases_once_per_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="heldby",
            constraint=models.UniqueConstraint(fields=("unit", "case"), name="cases_held_once"),
        ),
        migrations.AddIndex(
            model_name="heldby",
            index=models.Index(condition=models.Q(("is_past", True)), fields=["unit", "case"], name="cases_held_past"),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("staff", "case"), name="cases_mention_once"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["case", "id"], name="cases_message_of_case"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(jieli.cases.models.case.Bigrams("body"), name="cases_message_words"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["in", "out", "note"])), name="cases_message_direction"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("body", ""), _negated=True), ("erased_at__isnull", False), _connector="OR"),
                name="cases_message_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erased_at__isnull", True), ("key__isnull", False)),
                    models.Q(("body", ""), ("erased_at__isnull", False), ("key__isnull", True)),
                    _connector="OR",
                ),
                name="cases_message_erased_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_id", ""), _negated=True), fields=("channel", "source_id"), name="cases_message_once"
            ),
        ),
        migrations.AddIndex(
            model_name="pass",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["receiver", "offered_at"], name="cases_pass_to"
            ),
        ),
        migrations.AddIndex(
            model_name="pass",
            index=models.Index(fields=["case", "id"], name="cases_pass_of_case"),
        ),
        migrations.AddIndex(
            model_name="pass",
            index=models.Index(
                condition=models.Q(("reasons__isnull", False), ("way", "assign")),
                fields=["receiver", "-offered_at"],
                name="cases_pass_turns",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reasons__isnull", True),
                    models.Q(("asked_by__isnull", True), ("way", "assign")),
                    _connector="OR",
                ),
                name="cases_pass_reasons_of_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("case",), name="cases_one_pending_pass"
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["offered", "accepted", "declined", "withdrawn", "lapsed", "decided"])),
                name="cases_pass_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["pass", "assign", "upward", "dispatch"])), name="cases_pass_way_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(("giver", models.F("receiver")), _negated=True), name="cases_pass_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("settled_event__isnull", True), ("state", "offered")),
                    models.Q(
                        models.Q(("state", "offered"), _negated=True),
                        ("settled_at__isnull", False),
                        ("settled_event__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="cases_pass_settled_has_event",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    models.Q(("restatement", ""), _negated=True),
                    _connector="OR",
                ),
                name="cases_pass_accepted_restates",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="cases_pass_declined_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("way", "upward"), _negated=True), ("proposal__isnull", False), _connector="OR"),
                name="cases_pass_upward_proposes",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("way", "upward"), models.Q(("state", "accepted"), _negated=True)),
                    models.Q(models.Q(("way", "upward"), _negated=True), models.Q(("state", "decided"), _negated=True)),
                    _connector="OR",
                ),
                name="cases_pass_upward_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="pass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision__in", ["approved", "changed", "refused"]), ("state", "decided")),
                    models.Q(models.Q(("state", "decided"), _negated=True), ("decision", "")),
                    _connector="OR",
                ),
                name="cases_pass_decision_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("case", "staff"), name="cases_presence_once"),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["case", "id"], name="cases_promise_of_case"),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["next_alarm_at", "id"], name="cases_promise_alarm"
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "accept",
                            "first_reply",
                            "next_reply",
                            "arrive",
                            "resolve",
                            "callback",
                            "pass_answer",
                            "part_delivery",
                            "internal_answer",
                            "decision",
                            "payout",
                        ],
                    )
                ),
                name="cases_promise_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("given_due_at__isnull", True),
                        ("mode__in", ["minutes", "days"]),
                        ("target__gt", 0),
                        ("target__isnull", False),
                    ),
                    models.Q(("given_due_at__isnull", False), ("mode", "instant"), ("target__isnull", True)),
                    _connector="OR",
                ),
                name="cases_promise_target_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("outcome", "")),
                    models.Q(("ended_at__isnull", False), ("ended_at__lte", models.F("due_at")), ("outcome", "kept")),
                    models.Q(
                        ("ended_at__gt", models.F("due_at")),
                        ("ended_at__isnull", False),
                        ("late_minutes__isnull", False),
                        ("outcome", "late"),
                    ),
                    models.Q(("ended_at__isnull", False), ("outcome", "cancelled"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="cases_promise_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(("holds_until__gte", models.F("due_at"))), name="cases_promise_grace"
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paused_until__isnull", True),
                    models.Q(("due_at__gte", models.F("paused_until")), ("ended_at__isnull", True)),
                    _connector="OR",
                ),
                name="cases_promise_pause_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", False),
                    ("breached_at__isnull", False),
                    models.Q(("next_alarm_at__isnull", False), ("next_alarm_at__lte", models.F("due_at"))),
                    _connector="OR",
                ),
                name="cases_promise_watched",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    models.Q(("kind__in", ["next_reply", "internal_answer", "part_delivery"]), _negated=True),
                ),
                fields=("case", "kind"),
                name="cases_one_running_of_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(fields=("promise", "share"), name="cases_alarm_once"),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["child_of", "duplicate_of", "follow_up_of", "member_of", "improvement_of", "split_from"])
                ),
                name="cases_relation_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("case", models.F("other")), _negated=True), name="cases_relation_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("case", "other", "kind"), name="cases_relation_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("kind", "duplicate_of")),
                fields=("case",),
                name="cases_merged_into_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("staff", "name"), name="cases_view_once"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(fields=("promise", "sequence"), name="cases_segment_once"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pause", "resume", "retarget"])), name="cases_segment_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "pause"), _negated=True),
                    models.Q(
                        ("consent", True),
                        ("until__gt", models.F("at")),
                        ("until__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="cases_pause_agreed",
            ),
        ),
        migrations.RunSQL(sql_0001.INVARIANTS, sql_0001.DROP_INVARIANTS),
    ]
