"""The service: exams, certificates, agencies, accounts and web pages.

The only room that knows HTTP and the database. It adds no mathematics: what is asked comes from
`itembank`, every choice and estimate from `engine`. Read `app.py` first: it puts everything together.
"""
