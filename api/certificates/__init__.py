"""Certificates: record, number, PDF, signed credential, revocation and verification.

The pure part reads no database and knows no HTTP: `facts` (the record everything is drawn from;
start there), `numbers`, `pdf` (with the Typst templates beside it, and `extractable`, which makes
their Thai searchable), `signing`, `credential`, `status_list`, `tokens` and `verification`. The
service, its tables' queries and its addresses are in `records`, `repository`, `service`, `schemas`
and `router`.
"""
