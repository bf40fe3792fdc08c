"""Exposure snapshots: what sessions pin of the candidates before them.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE published_document DROP CONSTRAINT published_document_kind_check;
ALTER TABLE published_document ADD CONSTRAINT published_document_kind_check
    CHECK (kind IN ('bank', 'scheme', 'framework', 'exposure'));
ALTER TABLE exam_session ADD COLUMN exposure jsonb NOT NULL DEFAULT '{}';

CREATE TABLE exposure_state (
    bank_hash varchar NOT NULL REFERENCES published_document (hash),
    scheme_hash varchar NOT NULL REFERENCES published_document (hash),
    skill_set varchar NOT NULL,
    number integer NOT NULL,
    document_hash varchar NOT NULL REFERENCES published_document (hash),
    counted_to bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (bank_hash, scheme_hash, skill_set, number)
);
GRANT SELECT, INSERT ON exposure_state TO samatthana_app;
"""

DOWN = """
DROP TABLE exposure_state;
ALTER TABLE exam_session DROP COLUMN exposure;
DELETE FROM published_document WHERE kind = 'exposure';
ALTER TABLE published_document DROP CONSTRAINT published_document_kind_check;
ALTER TABLE published_document ADD CONSTRAINT published_document_kind_check
    CHECK (kind IN ('bank', 'scheme', 'framework'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
