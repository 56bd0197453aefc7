"""Every change of a case: lock, permit, check, change, record."""
