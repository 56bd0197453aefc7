"""Calculations of months that the pages ask for, and a short way to what is held."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_customers_and_devices"),
        ("people", "0001_people"),
        ("settlement", "0001_month_end"),
        ("orders", "0001_work_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReckonedLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decision", models.CharField(max_length=8)),
                ("gate", models.CharField(max_length=8)),
                ("finished_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ReckonedResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payable", models.PositiveIntegerField()),
                ("held", models.PositiveIntegerField()),
                ("rejected", models.PositiveIntegerField()),
                ("labour_amount", models.DecimalField(decimal_places=2, help_text="L", max_digits=16)),
                ("coefficient", models.DecimalField(decimal_places=2, help_text="T", max_digits=5)),
                (
                    "incentives_amount",
                    models.DecimalField(decimal_places=2, help_text="Q: incentives, charge-backs, carried debt", max_digits=16),
                ),
                ("payout_amount", models.DecimalField(decimal_places=2, help_text="R, not below zero", max_digits=16)),
                (
                    "debt_amount",
                    models.DecimalField(
                        decimal_places=2, help_text="what R lacked of zero, carried to the next month", max_digits=16
                    ),
                ),
                ("finished", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("parts", models.JSONField()),
                ("score", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ("grade", models.CharField(blank=True, max_length=1)),
                ("rank", models.PositiveIntegerField(null=True)),
                ("group_size", models.PositiveIntegerField()),
                ("peers", models.CharField(help_text="the peer group: tier and region at the time", max_length=80)),
                (
                    "difference_amount",
                    models.DecimalField(decimal_places=2, default=0, help_text="more or less to pay", max_digits=16),
                ),
                (
                    "causes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reckoning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("month", models.DateField(verbose_name="month")),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("reason", models.CharField(blank=True, help_text="why it was refused, for people", max_length=400)),
                ("draft_id", models.BigIntegerField(default=0, help_text="the draft that is tried; 0 for none")),
                ("draft_revision", models.PositiveIntegerField(default=0)),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("seen_event", models.BigIntegerField(default=0)),
                ("settlement_policy", models.CharField(blank=True, max_length=60)),
                ("grade_policy", models.CharField(blank=True, max_length=60)),
                (
                    "rates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                ("earlier_orders", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(
                condition=models.Q(("decision", "payable"), _negated=True),
                fields=["run", "decision", "gate", "outlet", "order"],
                name="settlement_line_unpaid",
            ),
        ),
        migrations.AddField(
            model_name="reckonedline",
            name="earlier",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.workorder",
            ),
        ),
        migrations.AddField(
            model_name="reckonedline",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.workorder",
            ),
        ),
        migrations.AddField(
            model_name="reckonedline",
            name="outlet",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.unit",
            ),
        ),
        migrations.AddField(
            model_name="reckonedresult",
            name="outlet",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
            ),
        ),
        migrations.AddField(
            model_name="reckoning",
            name="base",
            field=models.ForeignKey(
                help_text="the preview a trial is held against",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="settlement.reckoning",
            ),
        ),
        migrations.AddField(
            model_name="reckonedresult",
            name="reckoning",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="results", to="settlement.reckoning"
            ),
        ),
        migrations.AddField(
            model_name="reckonedline",
            name="reckoning",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="settlement.reckoning"
            ),
        ),
        migrations.AddIndex(
            model_name="reckoning",
            index=models.Index(fields=["kind", "month", "draft_id", "id"], name="settlement_reckoning_of"),
        ),
        migrations.AddConstraint(
            model_name="reckoning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["preview", "decision", "trial"]), ("state__in", ["waiting", "working", "done", "refused"])
                ),
                name="settlement_reckoning_codes",
            ),
        ),
        migrations.AddConstraint(
            model_name="reckoning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("draft_id__gt", 0), ("kind", "trial")),
                    models.Q(models.Q(("kind", "trial"), _negated=True), ("draft_id", 0)),
                    _connector="OR",
                ),
                name="settlement_trial_of_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="reckoning",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "working"])),
                fields=("kind", "month", "draft_id"),
                name="settlement_reckoned_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="reckonedresult",
            constraint=models.UniqueConstraint(fields=("reckoning", "outlet"), name="settlement_reckoned_result_once"),
        ),
        migrations.AddIndex(
            model_name="reckonedline",
            index=models.Index(fields=["reckoning", "decision", "gate", "outlet", "order"], name="settlement_reckoned_unpaid"),
        ),
    ]
