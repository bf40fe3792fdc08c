"""Published banks, schemes and frameworks, addressed by their content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from api.tables.columns import utc_time


class PublishedDocument(SQLModel, table=True):
    """An immutable document; PostgreSQL itself refuses a body that is not what its hash says."""

    __tablename__ = "published_document"
    __table_args__ = (
        CheckConstraint(
            "hash = encode(sha256(convert_to(body, 'UTF8')), 'hex')", name="hash_of_body"
        ),
    )

    hash: str = Field(primary_key=True)
    kind: str = Field(index=True)
    body: str
    published_at: datetime = utc_time()
