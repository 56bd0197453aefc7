"""Notices, mail and webhooks."""

from jieli.notify import actions
from jieli.notify.models import Mail, Notice, WebhookDelivery
from jieli.people.tests.factories import MONDAY

from ..table import EVERY, OWN, SOFTWARE, Try, Who

MAY = {
    "may_tell": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_read": Who(also="concerned"),
    "may_send_mail": Who(any=EVERY, also=f"concerned receiver client other_client {SOFTWARE}", everybody=True),
    "may_see_outgoing": Who(any="AMS"),
    "may_resend": Who(any="AMS"),
    "may_subscribe": Who(any="A"),
}

ACTIONS = {
    "tell": Try("may_tell", lambda world, actor: actions.tell(world.staff.pk, kind="cases.broken", actor=actor)),
    "tell_all": Try(
        "may_tell", lambda world, actor: actions.tell_all([actions.Telling(world.staff.pk, "cases.broken")], actor=actor)
    ),
    "announce": Try("may_tell", lambda world, actor: actions.announce("cases.broken", payload={}, actor=actor)),
    "send_mail": Try(
        "may_send_mail",
        lambda world, actor: actions.send_mail(to_address="a@example.com", subject="x", text="x", actor=actor),
    ),
    "mark_read": Try("may_read", lambda world, actor: actions.mark_read(world.unread.pk, actor=actor)),
    "mark_all_read": OWN,
    "mark_case_read": OWN,
    "choose_mail": OWN,
    "resend_mail": Try("may_resend", lambda world, actor: actions.resend_mail(world.failed.pk, actor=actor)),
    "resend_call": Try("may_resend", lambda world, actor: actions.resend_call(world.dead.pk, actor=actor)),
    "subscribe": Try(
        "may_subscribe", lambda world, actor: actions.subscribe(name="erp", url="https://example.com", actor=actor)
    ),
    "switch_subscription": Try(
        "may_subscribe",
        lambda world, actor: actions.switch_subscription(world.subscription.pk, is_active=False, actor=actor),
    ),
    "renew_secret": Try("may_subscribe", lambda world, actor: actions.renew_secret(world.subscription.pk, actor=actor)),
    "erase_of_cases": Try(
        "customers.may_erase_customer", lambda world, actor: actions.erase_of_cases([world.case_id], actor=actor), also=SOFTWARE
    ),
}


def rows(world):
    system, admin = world.actors["system"], world.with_role("administrator", "root")
    failed = actions.send_mail(to_address="a@example.com", subject="x", text="x", actor=system)
    Mail.objects.filter(pk=failed.pk).update(status=Mail.Status.FAILED, reason="?")
    subscription = actions.subscribe(name="erp", url="https://example.com", actor=admin)
    dead = WebhookDelivery.objects.create(
        subscription=subscription, kind="x", payload={}, status=WebhookDelivery.Status.DEAD, reason="?", created_at=MONDAY
    )
    return {
        "failed": failed,
        "subscription": subscription,
        "dead": dead,
        "unread": Notice.objects.create(staff=world.staff, kind="cases.broken", params={}, created_at=MONDAY),
    }
