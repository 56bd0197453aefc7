"""What the worker does for dispatch: customers are reminded of their visits."""

import structlog
from procrastinate.contrib.django import app

from jieli.dispatch.actions.customer import remind_customer
from jieli.dispatch.queries.reminders import appointments_to_remind
from jieli.events.actor import rule_actor
from jieli.events.refusals import Refused

log = structlog.get_logger("jieli.dispatch")


@app.periodic(cron="*/5 * * * *")
@app.task(name="dispatch.remind", queue="nightly")
def remind(timestamp: int) -> None:
    """Remind the customers whose visit is near; one that cannot be reminded does not hold up the others."""
    for appointment_id in appointments_to_remind():
        try:
            remind_customer(appointment_id, actor=rule_actor("dispatch"))
        except Refused as refused:
            log.warning("dispatch.not_reminded", appointment=appointment_id, code=refused.code)
