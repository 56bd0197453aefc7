"""Every environment variable Jieli reads: one row each. ``docs/configuration.md`` is tested against this table."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class WrongEnvironment(Exception):
    """A variable holds a value that cannot be read; the message names the variable and what it may hold."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting from outside: its name, how to read it, what holds when it is absent, and help for people."""

    name: str
    type: str
    default: str
    help: str
    secret: bool = False


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "path": str,
    "integer": int,
    "boolean": _boolean,
    "list": lambda text: [part.strip() for part in text.split(",") if part.strip()],
}

VARIABLES: tuple[Variable, ...] = (
    Variable("JIELI_DATA", "path", "./var", "Folder for the embedded database, evidence files and the secret key."),
    Variable(
        "DATABASE_URL",
        "text",
        "",
        "PostgreSQL (15 or newer) for the running application, as `postgresql://user:password@host:port/name`. "
        "Empty: the embedded PostgreSQL in the data folder. Behind a pooler that cannot keep prepared statements add "
        "`?prepare_threshold=off`.",
        secret=True,
    ),
    Variable(
        "DATABASE_OWNER_URL",
        "text",
        "",
        "The same database as the role that owns the tables; only migrations use it. Empty: `DATABASE_URL` is the owner, "
        "and the application uses a role `jieli_app` that migrations make.",
        secret=True,
    ),
    Variable(
        "JIELI_DATABASE_ROLE",
        "text",
        "app",
        "Which of the two roles this process uses: `app` or `owner`. Set by `jieli migrate` itself.",
    ),
    Variable(
        "JIELI_DATABASE_ACCESS",
        "text",
        "login",
        "How the application becomes `jieli_app` when only `DATABASE_URL` is given: `login` (a role with a derived password), "
        "`assume` (SET ROLE after the login; weaker) or `none` (no separation; not for production).",
    ),
    Variable("JIELI_DATABASE_POOL", "integer", "10", "Most database connections of one web or worker process."),
    Variable(
        "JIELI_SECRET_KEY",
        "text",
        "",
        "Key for signatures and digests. Empty: made once and kept in the data folder. The same for all machines.",
        secret=True,
    ),
    Variable("JIELI_DEMO", "boolean", "false", "Demo mode: demo logins are shown, the company clock can be moved."),
    Variable("JIELI_DEBUG", "boolean", "false", "Error pages with details for developers. Never in production."),
    Variable(
        "JIELI_HOSTS",
        "list",
        "localhost,127.0.0.1,[::1]",
        "Host names under which people reach Jieli, with commas. `*` for any.",
    ),
    Variable(
        "JIELI_PUBLIC_URL",
        "text",
        "",
        "Address for links in mails and messages, such as `https://service.example`. Empty: the host of the request, or "
        "`http://localhost:PORT`.",
    ),
    Variable(
        "JIELI_HTTPS",
        "boolean",
        "false",
        "Jieli is reached by HTTPS (usually behind a proxy that sets `X-Forwarded-Proto`): secure cookies and HSTS.",
    ),
    Variable("JIELI_HOST", "text", "127.0.0.1", "Address on which the web server listens."),
    Variable("PORT", "integer", "8000", "Port of the web server."),
    Variable("JIELI_WEB_WORKERS", "integer", "2", "Web server processes."),
    Variable("JIELI_WEB_THREADS", "integer", "4", "Threads of each web server process; keep it below `JIELI_DATABASE_POOL`."),
    Variable(
        "JIELI_API_REQUESTS_PER_MINUTE",
        "integer",
        "60000",
        "How often one API token may ask in a minute, over all web processes; the room for a burst is ten seconds' worth.",
    ),
    Variable("JIELI_WORKER_CONCURRENCY", "integer", "4", "Jobs that one worker process runs at the same time."),
    Variable(
        "JIELI_POSTGRES_USER",
        "text",
        "",
        "Account for the embedded PostgreSQL when Jieli is started as root. Empty: `jieli`, `postgres` or `nobody`, the first "
        "that exists.",
    ),
    Variable("JIELI_LANGUAGE", "text", "zh-hans", "Language where nobody chose one: `zh-hans` or `en`."),
    Variable("JIELI_TIME_ZONE", "text", "Asia/Shanghai", "Time zone in which pages show times; the database holds UTC."),
    Variable("JIELI_LOG_LEVEL", "text", "INFO", "Least severe log line that is written: DEBUG, INFO, WARNING or ERROR."),
    Variable("JIELI_LOG_FORMAT", "text", "json", "`json` (one object a line) or `console`."),
    Variable("JIELI_UPLOAD_LIMIT_MB", "integer", "20", "Largest single file somebody may upload, in MiB."),
    Variable(
        "JIELI_EMAIL_URL",
        "text",
        "",
        "Outgoing mail: `smtp://user:password@host:port`, `smtp+tls://…` (STARTTLS) or `smtps://…`. Empty: mails become files "
        "in the data folder's `mail`.",
        secret=True,
    ),
    Variable(
        "JIELI_WEBHOOK_PRIVATE",
        "boolean",
        "false",
        "Webhooks may call addresses inside the own network. Off, so that nobody can reach inner machines through Jieli.",
    ),
    Variable("JIELI_EMAIL_FROM", "text", "Jieli <jieli@localhost>", "Sender of outgoing mail."),
)

_BY_NAME = {variable.name: variable for variable in VARIABLES}


def read(name: str) -> Any:
    """Return the value of the variable `name`, or its default; raises WrongEnvironment when it cannot be read."""
    variable = _BY_NAME[name]
    text = os.environ.get(name) or variable.default
    try:
        return _READERS[variable.type](text)
    except ValueError as error:
        shown = "its value" if variable.secret else repr(text)
        raise WrongEnvironment(f"{name}: {shown} is not a valid {variable.type}. {variable.help}") from error


def as_markdown() -> str:
    """Return the table of ``docs/configuration.md``."""
    lines = ["| variable | type | default | what it is |", "|---|---|---|---|"]
    lines += [f"| `{v.name}` | {v.type} | {f'`{v.default}`' if v.default else 'empty'} | {v.help} |" for v in VARIABLES]
    return "\n".join(lines)
