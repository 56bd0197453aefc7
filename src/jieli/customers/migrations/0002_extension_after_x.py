"""Telephone numbers kept with an extension: written after ``x``, as `normalise_phone` writes it; a hyphen also groups digits."""

from django.db import migrations

_ANEW = "update {table} set phone_digits = replace(phone_digits, '{old}', '{new}') where phone_digits like '%{old}%'"
_TABLES = ("customers_customer", "customers_contact")


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_customers_and_devices")]

    operations = [
        migrations.RunSQL(
            [_ANEW.format(table=table, old="-", new="x") for table in _TABLES],
            [_ANEW.format(table=table, old="x", new="-") for table in _TABLES],
        ),
    ]
