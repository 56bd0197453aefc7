import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("worker", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("swept_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
