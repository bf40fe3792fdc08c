"""Exams: what a candidate is asked, what was answered, what was decided.

Read `course.py` first: it is the whole logic of a session, as a fold over its events, without a database.
`service.py` loads, calls it, and stores; `replay.py` runs it again over a log, `stored.py` over a session's.
"""
