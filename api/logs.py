"""Logs: one JSON object a line, with tracebacks but never the values of variables."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs() -> None:
    """Make every log line of this process one JSON object on standard error, with its time in UTC."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Standard output belongs to the results of commands.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
