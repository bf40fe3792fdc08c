"""Every page, in one router."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.accounts.router import router as accounts
from api.web.agencies.router import router as agencies
from api.web.exam.rehearsal import router as rehearsal
from api.web.exam.router import router as exam
from api.web.home.router import router as home
from api.web.notices.router import router as notices
from api.web.results.router import router as results
from api.web.staff.router import router as staff
from api.web.verification.router import router as verification

router = APIRouter()
# The rehearsal comes before `/exam/{session_id}`, which would take its address for a session's.
for group in (home, accounts, rehearsal, exam, results, verification, agencies, staff, notices):
    router.include_router(group)
