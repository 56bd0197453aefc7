import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("events", "0001_chained_events")]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="policy")),
                ("number", models.PositiveIntegerField(blank=True, null=True, verbose_name="number")),
                ("body", models.JSONField(verbose_name="values")),
                ("source", models.TextField(verbose_name="text")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="what changes and why")),
                ("started", models.BooleanField(default=False)),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="holds from")),
                ("started_by_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "based_on",
                    models.PositiveIntegerField(blank=True, help_text="the number it was drafted from", null=True),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "created_by_id",
                    models.BigIntegerField(blank=True, help_text="id of the staff member; empty for the system", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "number"), name="policies_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__gte", 1), ("started", True), ("starts_at__isnull", False)),
                            models.Q(("number__isnull", True), ("started", False), ("starts_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="policies_started_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("changed_at__gte", models.F("created_at"))), name="policies_changed_later"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyversion",
            trigger=pgtrigger.compiler.Trigger(
                name="started_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    if tg_op <> 'INSERT' and old.started then\n        raise exception 'version % of policy % was started and is never changed', old.number, old.name\n            using errcode = 'restrict_violation', constraint = 'policies_started_stands';\n    end if;\n    if tg_op = 'DELETE' then\n        return old;\n    end if;\n    if tg_op = 'UPDATE' and new.name <> old.name then\n        raise exception 'a draft stays with its policy' using errcode = 'restrict_violation';\n    end if;\n    if not new.started then\n        new.number := null;\n        return new;\n    end if;\n    -- One starter of a name at a time: the number follows the last one, and the start is never before now.\n    perform pg_advisory_xact_lock(hashtext('policies.policyversion'), hashtext(new.name));\n    select coalesce(max(number), 0) + 1 into new.number from policies_policyversion where name = new.name;\n    if new.number > 1 then\n        new.starts_at := greatest(new.starts_at, company_now());\n    end if;\n    return new;\n",
                    hash="0728b09f0d65042fa9b0214fb10eb10596cea6ce",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_started_stands_38735",
                    table="policies_policyversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyversion",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="raise exception 'policies are never truncated' using errcode = 'restrict_violation';",
                    hash="72bafd40dd8443c7efe2676fd4b7d9451b3de71c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_6ea69",
                    table="policies_policyversion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
