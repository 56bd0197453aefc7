"""Jobs of intake: files that came by the browser, and links that were lost."""

from procrastinate.contrib.django import app

from jieli.intake.actions import lost_links, uploads


@app.task(name="intake.check_upload", queue="imports", retry=3)
def check_upload(upload_id: int) -> None:
    """Check one file."""
    uploads.check_upload(upload_id)


@app.task(name="intake.bring_in_upload", queue="imports", retry=3)
def bring_in_upload(upload_id: int) -> None:
    """Bring in one file."""
    uploads.bring_in_upload(upload_id)


@app.task(name="intake.look_into_lost_link", retry=3)
def look_into_lost_link(case_id: int, mark: str) -> None:
    """See whether number and contact belong together."""
    lost_links.look_into_lost_link(case_id, mark)
