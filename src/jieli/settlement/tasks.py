"""Jobs of the month end: calculations that pages ask for."""

from procrastinate.contrib.django import app

from jieli.settlement.actions import reckoning


@app.task(name="settlement.reckon", queue="reckonings", retry=3)
def reckon(reckoning_id: int) -> None:
    """Do one calculation."""
    reckoning.reckon(reckoning_id)
