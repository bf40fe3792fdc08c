"""Estimators of ability from whole patterns of answers, one file an estimator."""

from engine.ability.eap import eap

__all__ = ["eap"]
