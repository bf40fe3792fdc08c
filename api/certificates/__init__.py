"""Certificates: record, number, PDF, signed credential, revocation and verification.

Pure functions live in `facts`, `numbers`, `pdf`, `signing`, `credential`, `status_list` and
`verification`; they read no database and know no HTTP. Start with `facts`: everything else is
drawn from it.
"""
