"""Evidence and attachments: bytes kept once, digested at upload, sealed when their case closes, erased only with a certificate.

Leaves to others who may see a case: that app registers with `files.access`.
"""
