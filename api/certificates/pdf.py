"""Certificates and statements of results as PDF, set by Typst in Sarabun.

What is printed goes to Typst as data, never as source: no name can be read as a command. The same
facts give the same bytes.
"""

from __future__ import annotations

from api.certificates.facts import CertificateFacts, ResultFacts


def render_certificate(facts: CertificateFacts) -> bytes:
    """The certificate: one A4 page, landscape, PDF/A-2b."""
    raise NotImplementedError


def render_statement(facts: ResultFacts) -> bytes:
    """The statement of results: A4 pages, upright, PDF/A-2b."""
    raise NotImplementedError
