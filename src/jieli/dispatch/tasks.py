"""What the worker does for dispatch: customers are reminded of their visits."""

from procrastinate.contrib.django import app

from jieli.dispatch.actions.customer import remind_customer
from jieli.dispatch.queries.reminders import appointments_to_remind
from jieli.events.actor import rule_actor


@app.periodic(cron="*/5 * * * *")
@app.task(name="dispatch.remind", queue="nightly")
def remind(timestamp: int) -> None:
    """Remind the customers whose visit is near."""
    for appointment_id in appointments_to_remind():
        remind_customer(appointment_id, actor=rule_actor("dispatch"))
