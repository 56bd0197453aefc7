"""Housekeeping of what `config` keeps."""

from procrastinate.contrib.django import app

from jieli.config.http.repeats import forget_old


@app.periodic(cron="17 * * * *")
@app.task(name="config.forget_answers", queue="nightly")
def forget_answers(timestamp: int) -> None:
    """Delete the answers kept for repeated requests after a day."""
    forget_old()
