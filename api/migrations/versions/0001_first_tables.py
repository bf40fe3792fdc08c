"""The first tables, and what the application role may do with each.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE agency (
    id uuid PRIMARY KEY,
    code varchar NOT NULL UNIQUE,
    name_th varchar NOT NULL,
    name_en varchar NOT NULL,
    phase varchar NOT NULL CHECK (phase IN ('early', 'developing', 'maturing')),
    demonstration boolean NOT NULL
);

CREATE TABLE account (
    id uuid PRIMARY KEY,
    username varchar NOT NULL UNIQUE,
    password_hash varchar NOT NULL,
    role varchar NOT NULL CHECK (role IN
        ('candidate', 'author', 'psychometrician', 'agency_officer', 'proctor', 'administrator')),
    name_th varchar NOT NULL,
    name_latin varchar NOT NULL,
    agency_id uuid REFERENCES agency (id),
    target_group varchar,
    name_in_credential boolean NOT NULL,
    language varchar NOT NULL CHECK (language IN ('th', 'en')),
    demonstration boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ix_account_agency_id ON account (agency_id);

CREATE TABLE agency_client (
    client_id varchar PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (id),
    secret_digest varchar NOT NULL,
    demonstration boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ix_agency_client_agency_id ON agency_client (agency_id);

CREATE TABLE access_token (
    digest varchar PRIMARY KEY,
    account_id uuid REFERENCES account (id),
    client_id varchar REFERENCES agency_client (client_id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK (num_nonnulls(account_id, client_id) = 1)
);
CREATE INDEX ix_access_token_account_id ON access_token (account_id);
CREATE INDEX ix_access_token_client_id ON access_token (client_id);
CREATE INDEX ix_access_token_expires_at ON access_token (expires_at);

CREATE TABLE failed_login (
    id bigserial PRIMARY KEY,
    name varchar NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_failed_login_name ON failed_login (name);

CREATE TABLE audit_entry (
    id bigserial PRIMARY KEY,
    at timestamptz NOT NULL,
    actor varchar NOT NULL,
    action varchar NOT NULL,
    subject varchar NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX ix_audit_entry_at ON audit_entry (at);

CREATE TABLE published_document (
    hash varchar PRIMARY KEY,
    kind varchar NOT NULL CHECK (kind IN ('bank', 'scheme', 'framework')),
    body varchar NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT hash_of_body CHECK (hash = encode(sha256(convert_to(body, 'UTF8')), 'hex'))
);
CREATE INDEX ix_published_document_kind ON published_document (kind);

CREATE TABLE exam_session (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    agency_id uuid REFERENCES agency (id),
    bank_hash varchar NOT NULL REFERENCES published_document (hash),
    scheme_hash varchar NOT NULL REFERENCES published_document (hash),
    framework_hash varchar NOT NULL REFERENCES published_document (hash),
    seed varchar NOT NULL CHECK (seed ~ '^[0-9a-f]{16}$'),
    language varchar NOT NULL CHECK (language IN ('th', 'en')),
    target_group varchar,
    phase varchar,
    skill_sets jsonb NOT NULL,
    engine_version varchar NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ix_exam_session_account_id ON exam_session (account_id);
CREATE UNIQUE INDEX one_open_session ON exam_session (account_id) WHERE ended_at IS NULL;

CREATE TABLE session_event (
    session_id uuid NOT NULL REFERENCES exam_session (id),
    position integer NOT NULL,
    kind varchar NOT NULL CHECK (kind IN
        ('started', 'section_started', 'item_shown', 'answered', 'section_ended', 'ended')),
    at timestamptz NOT NULL,
    skill_set varchar,
    sequence integer,
    item varchar,
    item_version integer,
    answer varchar,
    category integer,
    theta double precision,
    se double precision,
    detail jsonb NOT NULL,
    digest varchar NOT NULL,
    PRIMARY KEY (session_id, position),
    CONSTRAINT one_event_a_question UNIQUE (session_id, sequence, kind)
);

CREATE SEQUENCE section_result_position;

CREATE TABLE section_result (
    session_id uuid NOT NULL REFERENCES exam_session (id),
    skill_set varchar NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    agency_id uuid REFERENCES agency (id),
    outcome varchar NOT NULL CHECK (outcome IN ('shown', 'not_yet_shown', 'no_result')),
    reason varchar NOT NULL,
    level integer,
    required_level integer,
    specimen boolean NOT NULL,
    decided_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    position bigint NOT NULL UNIQUE DEFAULT nextval('section_result_position'),
    PRIMARY KEY (session_id, skill_set),
    CHECK ((outcome = 'shown') = (level IS NOT NULL))
);
CREATE INDEX ix_section_result_account_id ON section_result (account_id);
CREATE INDEX ix_section_result_agency_id ON section_result (agency_id, position);

CREATE TABLE certificate (
    number varchar PRIMARY KEY,
    session_id uuid NOT NULL,
    skill_set varchar NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    level integer NOT NULL,
    facts jsonb NOT NULL,
    credential varchar NOT NULL,
    status_index integer NOT NULL UNIQUE,
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    revoked_at timestamptz,
    revocation_reason varchar,
    FOREIGN KEY (session_id, skill_set) REFERENCES section_result (session_id, skill_set),
    UNIQUE (session_id, skill_set),
    CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);
CREATE INDEX ix_certificate_account_id ON certificate (account_id);
"""

# The application reads everything it needs and changes only what may change.
RIGHTS = """
GRANT USAGE ON SCHEMA public TO samatthana_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO samatthana_app;
REVOKE INSERT ON alembic_version FROM samatthana_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO samatthana_app;
GRANT UPDATE ON agency, account, agency_client TO samatthana_app;
GRANT DELETE ON access_token, failed_login TO samatthana_app;
GRANT UPDATE (ended_at) ON exam_session TO samatthana_app;
GRANT UPDATE (changed_at, position) ON section_result TO samatthana_app;
GRANT UPDATE (revoked_at, revocation_reason) ON certificate TO samatthana_app;
"""

# Taken in dependency order; a sequence has no dependants left by then.
DROPPED = (
    "certificate, section_result, session_event, exam_session, published_document, audit_entry, "
    "failed_login, access_token, agency_client, account, agency"
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute(f"DROP TABLE {DROPPED}")
    op.execute("DROP SEQUENCE section_result_position")
