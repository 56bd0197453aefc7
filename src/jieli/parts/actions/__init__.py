"""Every change of parts, each one function: lock, permit, check, change, record."""
