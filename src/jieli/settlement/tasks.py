"""Jobs of the month end: calculations that pages ask for."""

from procrastinate.contrib.django import app

from jieli.events.actor import SYSTEM
from jieli.settlement.actions import reckoning, sealing


@app.task(name="settlement.reckon", queue="reckonings", retry=3)
def reckon(reckoning_id: int) -> None:
    """Do one calculation."""
    reckoning.reckon(reckoning_id)


@app.task(name="settlement.seal", queue="reckonings", retry=3)
def seal(run_id: int) -> None:
    """Seal the statements of a month that two people approved."""
    sealing.seal_statements(run_id, actor=SYSTEM)
