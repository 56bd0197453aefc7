"""Logging in, passwords, and the language a person reads."""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from jieli.events.actions import record
from jieli.events.actor import SYSTEM, Actor
from jieli.events.refusals import Invalid, NotFound, Refused, require
from jieli.lib import clock
from jieli.people import policy, rules
from jieli.people.actions.staff import checked_password, visible_staff
from jieli.people.events import PasswordChanged, SignedIn, SignInLocked
from jieli.people.models import SignInAttempts, Staff
from jieli.people.queries import actor_for


class SignInRefused(Refused):
    """The name and the password do not belong together; which of them is wrong is not said."""

    code = "sign_in_refused"
    status = 401
    message = _("The login name or the password is wrong.")


class SignInLockedOut(Refused):
    """Too many wrong passwords for this name or from this address; `until` says when to try again."""

    code = "sign_in_locked"
    status = 429
    message = _("Too many attempts. Try again in 15 minutes.")

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__()


_COUNT_ATTEMPT = """
insert into people_signinattempts as kept (key, failures, window_started_at) values (%(key)s, 1, %(now)s)
on conflict (key) do update set
    failures = case when kept.window_started_at < %(window)s then 1 else kept.failures + 1 end,
    window_started_at = case when kept.window_started_at < %(window)s then %(now)s else kept.window_started_at end,
    locked_until = case
        when kept.locked_until > %(now)s then kept.locked_until
        when kept.window_started_at >= %(window)s and kept.failures >= %(allowed)s then %(locked_until)s
    end
returning failures, locked_until
"""


def _count_attempt(key: str, *, allowed: int, now: datetime) -> tuple[int, datetime | None]:
    """Count an attempt before its password is looked at, so that many at once cannot slip past the limit."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_ATTEMPT,
            {
                "key": key,
                "now": now,
                "window": now - rules.SIGN_IN_WINDOW,
                "allowed": allowed,
                "locked_until": now + rules.SIGN_IN_LOCK,
            },
        )
        failures, locked_until = cursor.fetchone()
    return failures, locked_until


def sign_in(code: str, *, password: str, address: str) -> Staff:
    """Check a login name and a password and return the person; the caller opens the session.

    After five wrong passwords in 15 minutes the name is locked for 15 minutes, and likewise an address after fifty: rows
    in the database, so every process keeps to them. Raises SignInRefused, SignInLockedOut. Not to be called in a
    transaction, which would forget the failures.
    """
    now = clock.now()
    staff = Staff.objects.filter(code=code.strip()).first()
    address_key = f"address:{address[:80]}"
    _failures, locked_until = _count_attempt(address_key, allowed=rules.SIGN_IN_FAILURES_ALLOWED_PER_ADDRESS, now=now)
    if locked_until is not None:
        raise SignInLockedOut(locked_until)
    if staff is None:
        # Unknown names take as long as known ones, so that nobody can learn them by the clock.
        make_password(password)
        raise SignInRefused
    staff_key = f"staff:{staff.pk}"
    failures, locked_until = _count_attempt(staff_key, allowed=rules.SIGN_IN_FAILURES_ALLOWED, now=now)
    if locked_until is not None:
        if failures == rules.SIGN_IN_FAILURES_ALLOWED + 1:
            with transaction.atomic():
                record(SignInLocked(staff_id=staff.pk, failures=failures - 1, until=locked_until), actor=SYSTEM)
        raise SignInLockedOut(locked_until)
    if not staff.check_password(password) or not staff.is_active:
        raise SignInRefused
    with transaction.atomic():
        SignInAttempts.objects.filter(key=staff_key).delete()
        _forgive(address_key)
        record(SignedIn(staff_id=staff.pk, address=address), actor=actor_for(staff))
    return staff


def _forgive(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update people_signinattempts set failures = greatest(failures - 1, 0) where key = %s", [key])


@transaction.atomic
def change_own_password(staff_id: int, *, old: str, new: str, actor: Actor) -> Staff:
    """Change one's own password; all other sessions end. Raises NotFound, NotAllowed, Invalid (fields old, password)."""
    staff = visible_staff(staff_id, actor=actor)
    require(policy.may_change_own_profile(actor, staff))
    if not check_password(old, staff.password):
        raise Invalid(fields={"old": _("This is not your present password.")})
    return _store_password(staff, new, actor=actor)


@transaction.atomic
def set_password(staff_id: int, *, password: str, actor: Actor) -> Staff:
    """Set another person's password; all sessions of the person end, a lock is lifted.

    The system passes without a role. Raises NotFound, NotAllowed, Invalid (field password).
    """
    staff = visible_staff(staff_id, actor=actor)
    require(actor.is_internal or policy.may_set_password(actor, staff))
    return _store_password(staff, password, actor=actor)


def _store_password(staff: Staff, password: str, *, actor: Actor) -> Staff:
    staff.set_password(checked_password(password, staff))
    staff.save(update_fields=["password"])
    SignInAttempts.objects.filter(key=f"staff:{staff.pk}").delete()
    record(PasswordChanged(staff_id=staff.pk), actor=actor)
    return staff


@transaction.atomic
def choose_language(staff_id: int, *, language: str, actor: Actor) -> Staff:
    """Choose the language in which one reads the pages; no event, it concerns nobody else.

    Raises NotFound, NotAllowed, Invalid (field language).
    """
    staff = Staff.objects.filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    require(policy.may_change_own_profile(actor, staff))
    if language not in ("zh-hans", "en"):
        raise Invalid(fields={"language": _("Choose one of the languages.")})
    Staff.objects.filter(pk=staff_id).update(language=language)
    staff.language = language
    return staff
