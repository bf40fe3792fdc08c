"""PDF pages as pictures, by the program pdftoppm of poppler."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.tools import require_tool


def as_png(document: Path, picture: Path, *, width: int) -> None:
    """Write the first page of a document as a picture `width` pixels wide."""
    base = ["-png", "-scale-to-x", str(width), "-scale-to-y", "-1"]
    _draw(*base, str(document), str(picture.with_suffix("")))


def lightness(document: Path, *, width: int = 600) -> NDArray[np.float64]:
    """Return the lightness of each pixel of a document's first page, 0 black to 1 white."""
    base = ["-gray", "-scale-to-x", str(width), "-scale-to-y", "-1"]
    picture = document.with_suffix(".pgm")
    _draw(*base, str(document), str(document.with_suffix("")))
    kind, wide, high, white, pixels = picture.read_bytes().split(maxsplit=4)
    assert (kind, white) == (b"P5", b"255")
    return np.frombuffer(pixels, dtype=np.uint8).reshape(int(high), int(wide)) / 255


def _draw(*words: str) -> None:
    subprocess.run(
        [require_tool("pdftoppm"), "-f", "1", "-singlefile", *words], check=True, timeout=60
    )
