"""Answers kept for repeated requests of the API."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("config", "0002_queue_without_notify")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=64)),
                ("operation", models.CharField(max_length=120)),
                ("key", models.CharField(max_length=255)),
                ("request", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["kept_at"], name="config_answer_age")],
                "constraints": [models.UniqueConstraint(fields=("token", "operation", "key"), name="config_answer_once")],
            },
        ),
    ]
