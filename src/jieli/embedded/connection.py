"""How to reach the embedded server: its port, its three logins and their passwords, kept in the data folder for us alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ADMIN, OWNER, APP = "jieli_admin", "jieli_owner", "jieli_app"
DATABASE = "jieli"
FILE = "postgres.json"


@dataclass(frozen=True, slots=True)
class Connection:
    """The contents of ``postgres.json``. `folder` is the cluster, usually in the data folder."""

    port: int
    folder: str
    admin_password: str
    owner_password: str
    app_password: str
    kept: bool = False

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the URL for one of the three roles; on this machine nothing is encrypted, so nobody asks for it."""
        password = {ADMIN: self.admin_password, OWNER: self.owner_password, APP: self.app_password}[role]
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}?sslmode=disable&gssencmode=disable"

    @property
    def app(self) -> str:
        """Return the URL of the running application."""
        return self.url(APP)

    @property
    def owner(self) -> str:
        """Return the URL of the owner of the tables."""
        return self.url(OWNER)

    @property
    def admin(self) -> str:
        """Return the URL of the server's superuser."""
        return self.url(ADMIN)


def new_connection(folder: Path, port: int) -> Connection:
    """Return a connection with fresh passwords."""
    return Connection(port, str(folder), secrets.token_hex(24), secrets.token_hex(24), secrets.token_hex(24))


def known_addresses(data: Path) -> Connection | None:
    """Return how the server of `data` was reached last, or None when there is none yet; it may not be running."""
    try:
        return Connection(**json.loads((data / FILE).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None


def remember(data: Path, connection: Connection) -> None:
    """Write ``postgres.json`` whole or not at all, readable by us alone."""
    fresh = data / f"{FILE}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(asdict(connection), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(data / FILE)


def changed(data: Path, connection: Connection, *, port: int | None = None, kept: bool | None = None) -> Connection:
    """Remember another port, or that the server is to stay after its last user, and return the result."""
    new = replace(
        connection,
        port=connection.port if port is None else port,
        kept=connection.kept if kept is None else kept,
    )
    if new != connection:
        remember(data, new)
    return new
