"""Every table of the service, in one place for migrations and for whoever wants the picture.

Three kinds of table, with three kinds of right for the application role (`migrations/versions`):

- *kept for ever*: `session_event`, `published_document`, `bank_in_force`, `exposure_state`,
  `audit_entry`: insert and read, no more;
- *facts with one changing mark*: `exam_session`, `certificate`, `section_result`: only the columns
  that mark an end, a revocation or a place in the agencies' feed can be updated;
- *current state*: `agency`, `account`, `agency_client`, `access_token`, `failed_login`.
"""

from api.tables.accounts import AccessToken, Account, Agency, AgencyClient, FailedLogin
from api.tables.audit import AuditEntry
from api.tables.certificates import Certificate
from api.tables.exams import ExamSession, SectionResult, SessionEvent
from api.tables.published import BankInForce, ExposureState, PublishedDocument

__all__ = [
    "AccessToken",
    "Account",
    "Agency",
    "AgencyClient",
    "AuditEntry",
    "BankInForce",
    "Certificate",
    "ExamSession",
    "ExposureState",
    "FailedLogin",
    "PublishedDocument",
    "SectionResult",
    "SessionEvent",
]
