"""Staff, their roles in units, and the guard at the login page."""

from typing import ClassVar, Self

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from jieli.lib.text import main_language


class Role(models.TextChoices):
    """The frozen role codes."""

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


ROLE_CODES = [
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
]


def role_choices() -> list[tuple[str, str | Lazy]]:
    """Return the roles, for model fields (a callable keeps labels out of migrations)."""
    return list(Role.choices)


def language_choices() -> list[tuple[str, str]]:
    """Return the languages of the interface, each in its own words."""
    return [("zh-hans", "简体中文"), ("en", "English")]


class StaffQuerySet(models.QuerySet["Staff"]):
    """Staff in the words of the domain."""

    def active(self) -> Self:
        """Keep those who may act."""
        return self.filter(is_active=True)

    def in_units_under(self, path: str) -> Self:
        """Keep those whose unit lies in this subtree."""
        return self.filter(unit__path__startswith=path)

    def lock(self, staff_id: int) -> "Staff":
        """Return one member of staff, locked for this transaction; raises Staff.DoesNotExist."""
        return self.select_for_update(of=("self",)).get(pk=staff_id)


class StaffManager(BaseUserManager["Staff"]):
    """The manager Django's authentication asks for a person by login name."""

    def get_queryset(self) -> StaffQuerySet:
        """Return everybody, with the words of the domain."""
        return StaffQuerySet(self.model, using=self._db)

    def active(self) -> StaffQuerySet:
        """Keep those who may act."""
        return self.get_queryset().active()

    def in_units_under(self, path: str) -> StaffQuerySet:
        """Keep those whose unit lies in this subtree."""
        return self.get_queryset().in_units_under(path)

    def lock(self, staff_id: int) -> "Staff":
        """Return one member of staff, locked for this transaction; raises Staff.DoesNotExist."""
        return self.get_queryset().lock(staff_id)


class Staff(AbstractBaseUser):
    """A person of the company, who logs in by `code`; never deleted, only deactivated.

    `product_lines`, `languages` and `areas` say which cases the person can handle; they are codes. The language of the pages
    and the region of the unit count without being named.
    """

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="staff")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=10, choices=language_choices, default="zh-hans")
    is_active = models.BooleanField(default=True)
    hired_on = models.DateField(null=True, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    areas = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "code"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(name="people_staff_code_given", condition=~Q(code="")),
            models.CheckConstraint(name="people_staff_name_given", condition=~Q(name="")),
            models.CheckConstraint(
                name="people_staff_language_known",
                condition=Q(language__in=["zh-hans", "en"]),
            ),
            models.CheckConstraint(
                name="people_staff_skills_given",
                condition=~Q(product_lines__contains=[""]) & ~Q(languages__contains=[""]) & ~Q(areas__contains=[""]),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_delete", operation=pgtrigger.Delete),
            # The row of the company's duty officer is locked, so that naming a person and deactivating the same person
            # in two transactions cannot both pass (see CompanyDuty).
            pgtrigger.Trigger(
                name="keep_company_duty_active",
                operation=pgtrigger.UpdateOf("is_active"),  # type: ignore[no-untyped-call]
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("OLD.is_active AND NOT NEW.is_active"),
                func="""
                    perform 1 from people_companyduty for share;
                    if exists (
                        select 1 from people_companyduty duty join people_staff person on person.id = duty.staff_id
                        where duty.staff_id = new.id and not person.is_active
                    ) then
                        raise exception 'staff % is the duty officer of the company and must stay active', new.code
                            using errcode = 'check_violation', constraint = 'people_companyduty_active';
                    end if;
                    return null;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def spoken_languages(self) -> frozenset[str]:
        """Return the languages in which the person can answer, such as ``zh``; the one of the pages is among them."""
        return frozenset(main_language(one) for one in (self.language, *self.languages))

    @property
    def served_areas(self) -> frozenset[str]:
        """Return the areas for which the person works; the region of the unit is among them. Reads the unit."""
        return frozenset(one for one in (self.unit.region, *self.areas) if one)

    def get_full_name(self) -> str:
        """Return the name, for Django's own pages and mails."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name; Chinese names have no short form."""
        return self.name


class Grant(models.Model):
    """A role which a person holds in a unit and everything below it."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="grants", db_index=False)
    role = models.CharField(max_length=32, choices=role_choices)
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "role", "unit"], name="people_grant_once"),
            models.CheckConstraint(name="people_grant_role_known", condition=Q(role__in=ROLE_CODES)),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.role} {self.unit_id}"


class SignInAttempts(models.Model):
    """Failures at the login page, counted for each login name and for each network address."""

    key = models.CharField(max_length=160, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.key} {self.failures}"
