"""The arithmetic of the month end: scores, grades, places, and what is paid. Exact; no database, no clock."""
