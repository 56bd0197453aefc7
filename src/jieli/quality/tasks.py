"""What the worker does for quality: call-backs whose attempts are all used."""

from procrastinate.contrib.django import app

from jieli.quality.actions.calling import sweep


@app.periodic(cron="*/5 * * * *")
@app.task(name="quality.unreached", queue="nightly")
def unreached(timestamp: int) -> None:
    """Say unreached of customers whom nobody reached in all attempts."""
    sweep()
