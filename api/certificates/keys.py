"""The signing key that belongs to a database: the one its certificates were signed with."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session

from api.certificates import repository
from api.certificates.signing import KEY_FILE, Signer
from api.certificates.tokens import TokenError, key_named
from api.errors import OperatorError

REMEDY = "Restore its key from a backup of the data folder, or copy it from the other server."


def open_signer(db: Session, folder: Path, keys_url: str) -> Signer:
    """Return the signer whose key lies in a folder; the first start of a service makes it.

    Raises
    ------
    OperatorError
        If certificates of this database were signed and their key is missing or another: new ones would be
        signed with a key of their own, and those issued before would no longer verify.
    """
    newest = repository.newest(db)
    if newest is not None and not (folder / KEY_FILE).exists():
        raise OperatorError(
            f"The signing key {folder / KEY_FILE} is missing, and certificates of this database"
            " were signed with it.",
            REMEDY,
        )
    signer = Signer.load_or_create(folder, keys_url)
    if newest is not None and not _signed_with(signer, newest.credential):
        raise OperatorError(
            f"The signing key {folder / KEY_FILE} is not the one that certificates of this database"
            " were signed with.",
            REMEDY,
        )
    return signer


def _signed_with(signer: Signer, credential: str) -> bool:
    try:
        return key_named(credential) == signer.thumbprint
    except TokenError:
        return False
