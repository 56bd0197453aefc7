"""Make units, staff, duty and tokens."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import jieli.people.models.duty
import jieli.people.models.staff
import jieli.people.models.units


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Staff",
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
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("code", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, default="", max_length=254)),
                ("phone", models.CharField(blank=True, default="", max_length=40)),
                (
                    "language",
                    models.CharField(
                        choices=jieli.people.models.staff.language_choices,
                        default="zh-hans",
                        max_length=10,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("hired_on", models.DateField(blank=True, null=True)),
                (
                    "product_lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), blank=True, default=list, size=None
                    ),
                ),
                (
                    "areas",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("custom", models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="SignInAttempts",
            fields=[
                (
                    "key",
                    models.CharField(max_length=160, primary_key=True, serialize=False),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("window_started_at", models.DateTimeField()),
                ("locked_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Deputy",
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
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("order", models.PositiveSmallIntegerField(default=1)),
                (
                    "deputy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deputy_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deputies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Unit",
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
                ("code", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=jieli.people.models.units.unit_kind_choices,
                        default="department",
                        max_length=32,
                    ),
                ),
                ("path", models.TextField(default="", editable=False)),
                ("region", models.CharField(blank=True, default="", max_length=120)),
                ("calendar", models.CharField(default="desk", max_length=64)),
                ("is_active", models.BooleanField(default=True)),
                ("custom", models.JSONField(blank=True, default=dict)),
                (
                    "leader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Token",
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
                ("name", models.CharField(max_length=120)),
                (
                    "role",
                    models.CharField(choices=jieli.people.models.staff.role_choices, max_length=32),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Grant",
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
                (
                    "role",
                    models.CharField(choices=jieli.people.models.staff.role_choices, max_length=32),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                        db_index=False,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DutyShift",
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
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duty_shifts",
                        to=settings.AUTH_USER_MODEL,
                        db_index=False,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duty_shifts",
                        to="people.unit",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="staff",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="staff",
                to="people.unit",
            ),
        ),
        migrations.CreateModel(
            name="UnitClosure",
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
                ("on", models.DateField()),
                ("intervals", models.JSONField(blank=True, default=list)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closures", to="people.unit", db_index=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Absence",
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
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                        db_index=False,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["staff", "ends_at"], name="people_absence_staff")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="people_absence_ends_later",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CompanyDuty",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="people_companyduty_single")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="companyduty",
            trigger=pgtrigger.compiler.Trigger(
                name="never_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d17d6ec46e93c98d249032b2cb66e0061268afd8",
                    operation="DELETE",
                    pgid="pgtrigger_never_delete_bf98b",
                    table="people_companyduty",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="companyduty",
            trigger=pgtrigger.compiler.Trigger(
                name="name_active_staff",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n                    perform 1 from people_staff where id = new.staff_id for share;\n                    if exists (\n                        select 1 from people_companyduty duty join people_staff person on person.id = duty.staff_id\n                        where not person.is_active\n                    ) then\n                        raise exception 'the duty officer of the company must be active'\n                            using errcode = 'check_violation', constraint = 'people_companyduty_active';\n                    end if;\n                    return null;\n                ",
                    hash="196490921d9a6c7ed818e215d3b0d518514385e0",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_name_active_staff_05f90",
                    table="people_companyduty",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="deputy",
            constraint=models.CheckConstraint(
                condition=models.Q(("staff", models.F("deputy")), _negated=True),
                name="people_deputy_not_self",
            ),
        ),
        migrations.AddConstraint(
            model_name="deputy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="people_deputy_ends_later",
            ),
        ),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass("path", "text_pattern_ops"),
                name="people_unit_path",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True),
                name="people_unit_code_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "headquarters",
                            "department",
                            "regional_centre",
                            "training_centre",
                            "star_centre",
                            "outlet",
                        ],
                    )
                ),
                name="people_unit_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True),
                name="people_unit_not_own_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(("parent__isnull", True)),
                name="people_unit_one_root",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unit",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_path",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE above text;",
                    func="\n                    perform pg_advisory_xact_lock(hashtext('people_unit.path'));\n                    if new.parent_id is null then\n                        new.path := '/' || new.id || '/';\n                        return new;\n                    end if;\n                    select path into above from people_unit where id = new.parent_id;\n                    if above is null then\n                        raise exception 'unit % has no parent %', new.code, new.parent_id\n                            using errcode = 'foreign_key_violation';\n                    end if;\n                    if strpos(above, '/' || new.id || '/') > 0 then\n                        raise exception 'unit % cannot lie below itself', new.code\n                            using errcode = 'check_violation', constraint = 'people_unit_no_cycle';\n                    end if;\n                    new.path := above || new.id || '/';\n                    return new;\n                ",
                    hash="dc60cb45cc2c838e074242da6ee0ed0e02bfcec7",
                    operation='INSERT OR UPDATE OF "parent_id", "path", "id"',
                    pgid="pgtrigger_keep_path_57202",
                    table="people_unit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unit",
            trigger=pgtrigger.compiler.Trigger(
                name="move_children",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.path is distinct from NEW.path)",
                    func="\n                    update people_unit set parent_id = parent_id where parent_id = new.id;\n                    return null;\n                ",
                    hash="b335a8de80bd41cf13856e5785f643599babf456",
                    operation="UPDATE",
                    pgid="pgtrigger_move_children_f1b5e",
                    table="people_unit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "administrator",
                            "manager",
                            "supervisor",
                            "agent",
                            "dispatcher",
                            "engineer",
                            "outlet_manager",
                            "specialist",
                            "quality",
                            "mystery_shopper",
                            "finance",
                            "employee",
                            "customer",
                        ],
                    )
                ),
                name="people_token_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__contained_by", ["read", "write", "settle"])),
                name="people_token_scopes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                name="people_token_digest_is_sha256",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(fields=("staff", "role", "unit"), name="people_grant_once"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "administrator",
                            "manager",
                            "supervisor",
                            "agent",
                            "dispatcher",
                            "engineer",
                            "outlet_manager",
                            "specialist",
                            "quality",
                            "mystery_shopper",
                            "finance",
                            "employee",
                            "customer",
                        ],
                    )
                ),
                name="people_grant_role_known",
            ),
        ),
        migrations.AddIndex(
            model_name="dutyshift",
            index=models.Index(fields=["staff", "ends_at"], name="people_dutyshift_staff"),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="people_dutyshift_ends_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("unit", "="),
                    (
                        jieli.people.models.duty.InstantRange(models.F("starts_at"), models.F("ends_at")),
                        "&&",
                    ),
                ],
                name="people_dutyshift_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True),
                name="people_staff_code_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="people_staff_name_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["zh-hans", "en"])),
                name="people_staff_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("product_lines__contains", [""]), _negated=True),
                    models.Q(("languages__contains", [""]), _negated=True),
                    models.Q(("areas__contains", [""]), _negated=True),
                ),
                name="people_staff_skills_given",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staff",
            trigger=pgtrigger.compiler.Trigger(
                name="never_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="9c1b1321c92d069eea3544655068f5a0db7a09f1",
                    operation="DELETE",
                    pgid="pgtrigger_never_delete_e9ca0",
                    table="people_staff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staff",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_company_duty_active",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.is_active AND NOT NEW.is_active)",
                    constraint="CONSTRAINT",
                    func="\n                    perform 1 from people_companyduty for share;\n                    if exists (\n                        select 1 from people_companyduty duty join people_staff person on person.id = duty.staff_id\n                        where duty.staff_id = new.id and not person.is_active\n                    ) then\n                        raise exception 'staff % is the duty officer of the company and must stay active', new.code\n                            using errcode = 'check_violation', constraint = 'people_companyduty_active';\n                    end if;\n                    return null;\n                ",
                    hash="d4e6915ffde21acae3ba1f57cef4d97d1e02d870",
                    operation='UPDATE OF "is_active"',
                    pgid="pgtrigger_keep_company_duty_active_af927",
                    table="people_staff",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="unitclosure",
            constraint=models.UniqueConstraint(fields=("unit", "on"), name="people_unitclosure_once_a_day"),
        ),
    ]
