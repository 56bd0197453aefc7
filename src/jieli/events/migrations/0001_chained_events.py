import datetime

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import jieli.events.models
from jieli.events.migrations import _sql_0001 as sql_0001


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(sql_0001.FUNCTIONS, sql_0001.DROP_FUNCTIONS),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("on", models.DateField(unique=True)),
                ("last_event_id", models.BigIntegerField()),
                ("chains", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "made_at",
                    models.DateTimeField(db_default=jieli.events.models.CompanyNow()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CompanyClock",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("real", "real"), ("demo", "demo"), ("test", "test")],
                        default="real",
                        max_length=4,
                    ),
                ),
                ("shift", models.DurationField()),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("stream", models.CharField(max_length=16)),
                ("stream_id", models.BigIntegerField()),
                ("sequence", models.IntegerField()),
                (
                    "at",
                    models.DateTimeField(db_default=jieli.events.models.CompanyNow()),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=jieli.events.models.CompanyNow()),
                ),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=120)),
                ("type", models.CharField(max_length=64)),
                ("data", models.JSONField(default=dict)),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="EventText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                ("key", models.UUIDField(null=True)),
                ("body", models.TextField(blank=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream",
                        "stream_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stream", models.CharField(max_length=16)),
                ("stream_id", models.BigIntegerField()),
                ("sequence", models.IntegerField()),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "xact",
                    models.BigIntegerField(help_text="the transaction that appended last; constraint triggers ask for it"),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="anchor",
            trigger=pgtrigger.compiler.Trigger(
                name="anchor_never_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'an anchor is never changed' using errcode = 'restrict_violation';",
                    hash="a99dedd7a538f2887f532d7d86d8e85aff508ab3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_anchor_never_changed_f70cd",
                    table="events_anchor",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="companyclock",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="events_clock_single"),
        ),
        migrations.AddConstraint(
            model_name="companyclock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "real"), _negated=True),
                    ("shift", datetime.timedelta(0)),
                    _connector="OR",
                ),
                name="events_clock_real_stands",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="companyclock",
            trigger=pgtrigger.compiler.Trigger(
                name="only_forward",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="if new.shift < old.shift then raise exception 'the company clock moves only forward' using errcode = 'check_violation'; end if; return new;",
                    hash="68ff24ae0d795dacf3fd90afc06885bac4a16e4c",
                    operation="UPDATE",
                    pgid="pgtrigger_only_forward_1d7e4",
                    table="events_companyclock",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["type", "id"], name="events_by_type"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                fields=("stream", "stream_id", "sequence"),
                name="events_one_per_sequence",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor_kind__in",
                        ["staff", "customer", "rule", "system", "import"],
                    )
                ),
                name="events_actor_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("actor_id__isnull", False),
                        ("actor_kind__in", ["staff", "customer"]),
                    ),
                    models.Q(
                        ("actor_id__isnull", True),
                        ("actor_kind__in", ["rule", "system", "import"]),
                    ),
                    _connector="OR",
                ),
                name="events_actor_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="never_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'an event is never changed or deleted' using errcode = 'restrict_violation';",
                    hash="9a707120511fd050f252a5868cebb27ab1654f40",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_never_changed_4e19e",
                    table="events_event",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'events are never truncated' using errcode = 'restrict_violation';",
                    hash="7b4a5266d8b4f43a69d0f6010a3185e0847295da",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_6448d",
                    table="events_event",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="eventtext",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="texts", to="events.event", db_index=False
            ),
        ),
        migrations.AddConstraint(
            model_name="eventtext",
            constraint=models.UniqueConstraint(fields=("event", "field"), name="events_text_once"),
        ),
        migrations.AddConstraint(
            model_name="eventtext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erased_at__isnull", True), ("key__isnull", False)),
                    models.Q(
                        ("body", ""),
                        ("erased_at__isnull", False),
                        ("key__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="events_text_erased_whole",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="eventtext",
            trigger=pgtrigger.compiler.Trigger(
                name="only_erased",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="if tg_op = 'DELETE' or old.erased_at is not null or new.erased_at is null or not events_erasure_runs() then raise exception 'a text of an event is only ever erased, by a certified erasure' using errcode = 'restrict_violation'; end if; return new;",
                    hash="16daa83699a6b63136125c39df781fce84d5fd47",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_only_erased_18fd4",
                    table="events_eventtext",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(sql_0001.AFTER, sql_0001.DROP_AFTER),
    ]
