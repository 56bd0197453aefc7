"""Jobs of intake: checking and bringing in the files that came by the browser."""

from procrastinate.contrib.django import app

from jieli.intake.actions import uploads


@app.task(name="intake.check_upload", queue="imports", retry=3)
def check_upload(upload_id: int) -> None:
    """Check one file."""
    uploads.check_upload(upload_id)


@app.task(name="intake.bring_in_upload", queue="imports", retry=3)
def bring_in_upload(upload_id: int) -> None:
    """Bring in one file."""
    uploads.bring_in_upload(upload_id)
