"""Whom we serve: customers, contacts, devices, tiers, consent, duplicates merged with undo, erasure with a certificate.

Leaves to others: what a customer needs (`cases`), whether a device is in a case, and how personal data that other apps hold is
erased; those apps register with `customers.erasure`, `customers.merging` and `customers.visibility`.
"""
