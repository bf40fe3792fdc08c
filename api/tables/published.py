"""What sessions pin: banks, schemes, frameworks and exposure snapshots, addressed by their content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity
from sqlmodel import Field, SQLModel

from api.tables.columns import utc_time


class BankInForce(SQLModel, table=True):
    """What new sessions pin, from `at` on until the next row: the highest number is in force."""

    __tablename__ = "bank_in_force"

    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    bank_hash: str = Field(foreign_key="published_document.hash")
    scheme_hash: str = Field(foreign_key="published_document.hash")
    framework_hash: str = Field(foreign_key="published_document.hash")
    at: datetime = utc_time()


class ExposureState(SQLModel, table=True):
    """One exposure snapshot of a section: the highest number is in force for who starts now.

    `counted_to` is the place in the feed of results up to which exams are counted in it.
    """

    __tablename__ = "exposure_state"

    bank_hash: str = Field(primary_key=True, foreign_key="published_document.hash")
    scheme_hash: str = Field(primary_key=True, foreign_key="published_document.hash")
    skill_set: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    document_hash: str = Field(foreign_key="published_document.hash")
    counted_to: int = Field(sa_type=BigInteger)
    at: datetime = utc_time()


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
