"""Which PostgreSQL, and as which of the two roles: the owner migrates, the application owns nothing."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

APP_ROLE = "jieli_app"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs of one database: as the application and as the owner. `assume` names a role to SET after the login."""

    app: str
    owner: str
    assume: str = ""


# Django must be importable without a database (lint, types, --help); connecting to this fails at once.
NOWHERE = Addresses("postgresql://nobody@127.0.0.1:1/nothing", "postgresql://nobody@127.0.0.1:1/nothing")


def derived_password(secret_key: str) -> str:
    """Return the password of the application's role when only the owner's URL is known."""
    return hmac.new(secret_key.encode(), b"password of jieli_app", hashlib.sha256).hexdigest()


def with_login(url: str, user: str, password: str) -> str:
    """Return `url` with another user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password)}@{host}"))


def with_name(url: str, name: str) -> str:
    """Return `url` with another database name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def external(url: str, owner_url: str, *, access: str, secret_key: str) -> Addresses:
    """Return the addresses of a database that somebody else runs; see `JIELI_DATABASE_ACCESS` for `access`."""
    if owner_url:
        return Addresses(url, owner_url)
    if access == "assume":
        return Addresses(url, url, APP_ROLE)
    if access == "none":
        return Addresses(url, url)
    return Addresses(with_login(url, APP_ROLE, derived_password(secret_key)), url)


def django_settings(addresses: Addresses, *, role: str, pool: int) -> dict[str, Any]:
    """Return Django's settings for one database as `role` (``app`` or ``owner``); a pool of 0 is none."""
    parts = urlsplit(addresses.owner if role == "owner" else addresses.app)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    prepare = options.pop("prepare_threshold", "5")
    if role == "app":
        options["prepare_threshold"] = int(prepare) if prepare.isdecimal() else None
        if pool:
            options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 20}
        if addresses.assume:
            options["assume_role"] = addresses.assume
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "TIME_ZONE": "UTC",
    }


def point(addresses: Addresses, *, role: str = "app", pool: int = 10) -> None:
    """Point the running Django at another database; the embedded server's port is known only after its start."""
    from django.db import connections  # noqa: PLC0415 - settings import this module before Django can be used

    fresh = django_settings(addresses, role=role, pool=pool)
    close()
    for wrapper in connections.all(initialized_only=True):
        wrapper.settings_dict.update(fresh)
    connections.settings["default"].update(fresh)


def close() -> None:
    """Close this process's connections and its pool: before its end, a fork, or another database."""
    from django.db import connections  # noqa: PLC0415 - as above

    connections.close_all()
    for wrapper in connections.all(initialized_only=True):
        wrapper.close_pool()  # type: ignore[attr-defined]
