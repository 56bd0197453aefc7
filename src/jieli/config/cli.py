"""The command `jieli`: one table of commands, each a module that is imported only when it is asked for.

A command's module has `add_arguments(parser)` and `run(args) -> int`. `args` carries `data`, `json` where declared, `after`
(what follows ``--``) and `progress(done, total, what)`, which shows long work on a terminal and is silent elsewhere. Exit
codes: 0 well, 1 a finding or refusal (explained on standard error), 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

from jieli import __version__
from jieli.config.environment import WrongEnvironment
from jieli.config.progress import Progress
from jieli.embedded.refusals import EmbeddedError

Needs = Literal["nothing", "django", "database"]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table. `needs` is what must be ready before `run`; `json` adds ``--json``."""

    module: str
    help: str
    needs: Needs = "database"
    json: bool = False
    role: str = "app"


COMMANDS: dict[str, Command] = {
    "run": Command("jieli.config.commands.run", "everything in the foreground: database, web, worker", "nothing"),
    "serve": Command("jieli.config.commands.serve", "the web server, for production"),
    "work": Command("jieli.config.commands.work", "one worker, for production"),
    "migrate": Command("jieli.config.commands.migrate", "bring the database to this version", "database", role="owner"),
    "demo": Command("jieli.config.commands.demo", "fill an empty database with a believable company"),
    "import": Command("jieli.config.commands.import_", "exchange files, or a foreign history by a mapping", json=True),
    "history": Command("jieli.insight.commands.history", "figures of an imported history, from its events", json=True),
    "grade": Command("jieli.settlement.commands.grade", "the monthly grades", json=True),
    "settle": Command("jieli.settlement.commands.settle", "the settlement of a month", json=True),
    "kpi": Command("jieli.insight.commands.kpi", "the six indicators", json=True),
    "verify": Command("jieli.cases.commands.verify", "prove the event chains and the invariants", json=True),
    "token": Command("jieli.people.commands.token", "make an API token and print it once"),
    "password": Command("jieli.people.commands.password", "set a person's password"),
    "db": Command("jieli.config.commands.db", "the embedded PostgreSQL by itself", "nothing"),
    "backup": Command("jieli.config.commands.backup", "write everything to one verified file", "database"),
    "restore": Command("jieli.config.commands.restore", "bring a backup back", "nothing"),
    "doctor": Command("jieli.config.commands.doctor", "what is wrong here, and how to mend it", "django", json=True),
    "messages": Command("jieli.config.commands.messages", "translations: compile, update, check", "nothing"),
    "openapi": Command("jieli.config.commands.openapi", "the API's description: print, write, check", "django"),
    "demo-state": Command("jieli.config.commands.demo_state", ""),
    "bench": Command("jieli.config.commands.bench", "one of the measurements", "nothing"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jieli.config.settings")
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(__version__)
        return 0
    command = COMMANDS.get(arguments[0])
    if command is None or not _exists(command.module):
        print(f"jieli: there is no command {arguments[0]!r}\n\n{overview()}", file=sys.stderr)
        return 2
    try:
        return _run(arguments[0], command, arguments[1:])
    except (EmbeddedError, WrongEnvironment) as error:
        print(f"jieli: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def overview() -> str:
    """Return the list of commands for people."""
    have = {name: command for name, command in COMMANDS.items() if command.help and _exists(command.module)}
    width = max(map(len, have))
    lines = [f"  {name:{width}}  {command.help}" for name, command in have.items()]
    return "usage: jieli COMMAND [--data DIR] …\n\n" + "\n".join(lines) + "\n\n`jieli COMMAND --help` tells more."


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _run(name: str, command: Command, rest: list[str]) -> int:
    # The data folder decides which settings Django reads, so it is looked for before the command's own arguments.
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--data", default=None)
    data = early.parse_known_args(rest)[0].data
    if data:
        os.environ["JIELI_DATA"] = os.path.abspath(data)
    if command.role == "owner":
        os.environ["JIELI_DATABASE_ROLE"] = "owner"
    if command.needs != "nothing":
        _set_up_django()
    module = import_module(command.module)
    args = _parse(name, command, module, rest)
    if command.needs != "database":
        return int(module.run(args) or 0)
    return _with_database(command, module, args)


def _parse(name: str, command: Command, module: Any, rest: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"jieli {name}", description=getattr(module, "HELP", command.help), conflict_handler="resolve", allow_abbrev=False
    )
    parser.add_argument("--data", metavar="DIR", help="data folder of the embedded database (default: JIELI_DATA or ./var)")
    if command.json:
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output, nothing else there")
    module.add_arguments(parser)
    cut = rest.index("--") if "--" in rest else len(rest)
    args = parser.parse_args(rest[:cut])
    args.after = rest[cut + 1 :]
    args.progress = Progress()
    return args


def _set_up_django() -> None:
    import django
    from django.utils import translation

    django.setup()
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    translation.activate("zh-hans" if locale.startswith("zh") else "en")


def _with_database(command: Command, module: Any, args: argparse.Namespace) -> int:
    from jieli.config import opening
    from jieli.config.database import close
    from jieli.events.refusals import Refused

    try:
        with opening.database(role=command.role):
            if command.role == "app":
                opening.ensure_migrated()
            return int(module.run(args) or 0)
    except Refused as refused:
        print(f"jieli: {refused}", file=sys.stderr)
        for field, text in refused.fields.items():
            print(f"  {field}: {text}", file=sys.stderr)
        return 1
    finally:
        args.progress.end()
        close()
