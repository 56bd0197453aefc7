"""The assembly: settings, addresses, the command line, health, logs. The only place that knows every app.

Owns what runs Jieli (web server, worker, migration, backup, doctor) and the database rights of the running application.
Leaves every rule of the trade to the apps.
"""
