"""Jobs of the evidence: sweeping up what no row names."""

import time

from procrastinate.contrib.django import app

from jieli.files.actions import sweep

# Files on the disk have the system's time, not the company's.
_A_DAY = 24 * 60 * 60


@app.periodic(cron="23 3 * * *")
@app.task(name="files.sweep", queue="nightly", retry=3)
def sweep_unnamed_files(timestamp: int) -> None:
    """Remove files that no row has named for a day."""
    sweep(older_than=time.time() - _A_DAY)
