"""What the worker does for cases: the sweep each second, and the cases of absent owners."""

from procrastinate.contrib.django import app

from jieli.cases.actions.absences import sweep_absences
from jieli.cases.actions.sweeping import BATCH
from jieli.cases.actions.sweeping import sweep as sweep_batch


def sweep() -> int:
    """Notice everything that has fallen due; the worker calls it about twice a second."""
    handled = 0
    while (count := sweep_batch()) > 0:
        handled += count
        if count < BATCH:
            break
    return handled


@app.periodic(cron="*/5 * * * *")
@app.task(name="cases.absences", queue="nightly")
def absences(timestamp: int) -> None:
    """Move cases of absent owners to their deputies."""
    sweep_absences()
