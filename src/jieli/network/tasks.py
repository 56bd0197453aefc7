"""What the worker does for the network: reminding of what ends or was not decided in time."""

from procrastinate.contrib.django import app

from jieli.network.actions.reminding import sweep


@app.periodic(cron="*/5 * * * *")
@app.task(name="network.reminders", queue="nightly")
def reminders(timestamp: int) -> None:
    """Remind of papers, contracts and licences that end, and of appeals that nobody decided."""
    sweep()
