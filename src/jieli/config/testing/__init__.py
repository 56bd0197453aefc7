"""The pytest plugin: a real PostgreSQL, a clone of a migrated template for each test run, time frozen, a real browser.

All runs of a checkout share one server with fsync off; each run has databases of its own, so runs do not disturb each other.
`db` tests are rolled back; after a `transactional_db` test the database is thrown away and cloned anew, because the
application's role may not TRUNCATE.
"""
