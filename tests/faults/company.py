"""Make the people of the fault test on a running Jieli and print their codes and tokens as JSON. Usage: company.py COUNT."""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")

import django

django.setup()

from jieli.config import database, opening
from jieli.events.actor import SYSTEM
from jieli.people.actions import token_for_program

with opening.database():
    token_for_program("head", role="administrator", actor=SYSTEM)
    people = []
    for number in range(int(sys.argv[1])):
        code = f"writer-{number}"
        people.append({"code": code, "token": token_for_program(code, role="agent", actor=SYSTEM)[1]})
    database.close()
print(json.dumps(people))
