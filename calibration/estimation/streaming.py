"""A file of answers for an estimation that is gone through in pieces: see `responses.pieces`."""

from calibration.responses.pieces import InPieces

__all__ = ["InPieces"]
