"""A server for one command: started, waited for, and stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.cli.serve import listening_socket
from api.database import open_database
from api.errors import OperatorError
from api.settings import Settings

STARTS_WITHIN = 30.0
"""Seconds after which a server that has not started never will."""


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve in a thread of this process, on a free port of this machine; give the address.

    It is never the public address of the settings: that may belong to another server.

    Raises
    ------
    OperatorError
        As `serve.run`, or if the server does not start.
    """
    with (
        listening_socket("127.0.0.1", 0) as listener,
        open_database(settings) as urls,
    ):
        app = create_app(settings, urls.application)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _wait_for(server)
            host, port = listener.getsockname()
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()


def _wait_for(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not server.started:
        if time.monotonic() > deadline:
            raise OperatorError("The server did not start.", "Look at the messages above.")
        time.sleep(0.02)
