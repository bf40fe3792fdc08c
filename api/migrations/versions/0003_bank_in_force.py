"""Which bank, scheme and framework are in force: said, no longer read off from what was published last.

A database that has an operational bank goes on with the one published last, under the newest scheme
and framework it knows.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE bank_in_force (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_hash varchar NOT NULL REFERENCES published_document (hash),
    scheme_hash varchar NOT NULL REFERENCES published_document (hash),
    framework_hash varchar NOT NULL REFERENCES published_document (hash),
    at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON bank_in_force TO samatthana_app;

INSERT INTO bank_in_force (bank_hash, scheme_hash, framework_hash, at)
SELECT bank.hash, scheme.hash, framework.hash, bank.published_at
FROM published_document AS bank, published_document AS scheme, published_document AS framework
WHERE bank.kind = 'bank' AND scheme.kind = 'scheme' AND framework.kind = 'framework'
    AND NOT (bank.body::jsonb -> 'demonstration')::boolean
ORDER BY bank.published_at DESC, scheme.published_at DESC, framework.published_at DESC
LIMIT 1;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE bank_in_force")
