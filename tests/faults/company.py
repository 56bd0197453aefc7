"""Make the people of the fault test on a running Jieli and print their codes and tokens as JSON. Usage: company.py COUNT."""

import json
import os
import sys

import django


def main(count):
    from jieli.config import database, opening
    from jieli.events.actor import SYSTEM
    from jieli.people.actions import token_for_program

    with opening.database():
        token_for_program("head", role="administrator", actor=SYSTEM)
        for number in range(count):
            code = f"writer-{number}"
            yield {"code": code, "token": token_for_program(code, role="agent", actor=SYSTEM)[1]}
        database.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")
    django.setup()
    print(json.dumps(list(main(int(sys.argv[1])))))
