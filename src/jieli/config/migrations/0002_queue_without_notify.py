"""Jobs without NOTIFY: two notifications for each insert make all commits of the cluster wait for one lock."""

from django.db import migrations

TRIGGER = "procrastinate_jobs_notify_queue_job_inserted_v1"


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0001_worker_heartbeat"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(
            f"alter table procrastinate_jobs disable trigger {TRIGGER}",
            f"alter table procrastinate_jobs enable trigger {TRIGGER}",
        ),
    ]
