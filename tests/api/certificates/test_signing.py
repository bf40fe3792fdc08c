"""The signing key: made once, kept private, never replaced; tokens as Open Badges 3.0 wants them."""

import base64
import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from api.certificates.signing import KEY_FILE, Signer
from api.certificates.tokens import KeySetError, trusted_keys
from api.errors import OperatorError

RFC_7638_KEY = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJEC"
    "PebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368"
    "QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2N"
    "cRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
"""RFC 7638 (2015), section 3.1."""


def part(token: str, index: int) -> bytes:
    text = token.split(".")[index]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a key was made."""
    folder = tmp_path_factory.mktemp("keys") / "deep" / "er"
    Signer.load_or_create(folder)
    return folder


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / KEY_FILE
    path.touch(mode=0o600)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    keys = trusted_keys({"keys": [RFC_7638_KEY]})
    assert list(keys) == ["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"]


def test_a_key_is_made_once_and_found_again(folder: Path) -> None:
    again = Signer.load_or_create(folder)
    assert again.thumbprint == Signer.load_or_create(folder).thumbprint
    assert again.key.raw_value.key_size == 3072
    assert [file.name for file in folder.iterdir()] == [KEY_FILE]


def test_only_the_owner_can_read_the_key(folder: Path) -> None:
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600


def test_of_several_who_come_at_once_all_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        signers = list(pool.map(Signer.load_or_create, [tmp_path] * 4))
    assert len({signer.thumbprint for signer in signers}) == 1
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"kty": "oct", "k": "c2VjcmV0"}',
        '{"kty": "RSA", "n": "AQAB", "e": 3}',
        b"\xff\xfe\x00",
        json.dumps({**RFC_7638_KEY, "d": "AQAB"}),
    ],
)
def test_a_damaged_key_is_left_as_it_is(tmp_path: Path, text: str | bytes) -> None:
    path = write(tmp_path, text)
    before = path.read_bytes()
    with pytest.raises(OperatorError, match="signing key") as error:
        Signer.load_or_create(tmp_path)
    assert "backup" in error.value.next_step
    assert path.read_bytes() == before


def test_a_public_key_cannot_sign(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(RFC_7638_KEY))
    with pytest.raises(OperatorError, match="no private part"):
        Signer.load_or_create(tmp_path)


def test_a_weak_key_is_refused(tmp_path: Path) -> None:
    weak = RSAKey.generate_key(2048, private=True)
    write(tmp_path, json.dumps(weak.as_dict(private=True)))
    with pytest.raises(OperatorError, match="2048 bits"):
        Signer.load_or_create(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, signer: Signer) -> None:
    path = write(tmp_path, json.dumps(signer.key.as_dict(private=True)))
    path.chmod(0o640)
    with pytest.raises(OperatorError, match="open to other users"):
        Signer.load_or_create(tmp_path)


def test_a_folder_that_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError, match="cannot be written"):
        Signer.load_or_create(tmp_path / "file" / "keys")


def test_the_published_set_holds_nothing_private(signer: Signer) -> None:
    (published,) = signer.jwks()["keys"]
    assert set(published) == {"kty", "n", "e", "alg", "kid", "use"}
    required = {name: published[name] for name in ("e", "kty", "n")}
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    assert published["kid"] == digest == signer.thumbprint


def test_the_private_key_shows_in_no_printed_signer(signer: Signer) -> None:
    assert signer.key.as_dict(private=True)["d"] not in repr(signer)


def test_a_token_names_algorithm_key_and_type_alone(signer: Signer, stranger: Signer) -> None:
    header = json.loads(part(signer.sign({"name": "ก"}), 0))
    assert header == {
        "alg": "RS256",
        "kid": f"https://samatthana.example/keys#{signer.thumbprint}",
        "typ": "JWT",
    }
    assert json.loads(part(stranger.sign({}), 0))["kid"] == stranger.thumbprint


def test_the_signature_is_rsa_pkcs1_with_sha256(signer: Signer) -> None:
    # Checked with the cryptography package alone, as RFC 7518, section 3.3 defines RS256.
    token = signer.sign({"name": "สมรรถนะ", "number": 1})
    assert json.loads(part(token, 1)) == {"name": "สมรรถนะ", "number": 1}
    public = signer.key.raw_value.public_key()
    public.verify(part(token, 2), token.rpartition(".")[0].encode(), PKCS1v15(), SHA256())
    assert signer.sign({"name": "สมรรถนะ", "number": 1}) == token


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        [],
        {},
        {"keys": None},
        {"keys": []},
        {"keys": ["RSA", {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA"}]},
        {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
    ],
)
def test_a_set_without_a_usable_key_is_a_readable_error(jwks: object) -> None:
    with pytest.raises(KeySetError, match="Public keys"):
        trusted_keys(jwks)
