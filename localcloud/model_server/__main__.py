"""`python -m localcloud.model_server --socket-fd N`: serve the model in SM_MODEL_DIR until stdin closes.

Started by the hosting engine, which passes a listening socket. Exit status 1 when the model does not load.
"""

import argparse
import asyncio
import os
import socket
import sys
import traceback
from pathlib import Path

import uvloop

from localcloud.model_server.confinement import end_with_parent, limit_resources
from localcloud.model_server.handlers import ModelHandlers
from localcloud.model_server.serving import serve


def main() -> int:
    """Load the model, then answer on the socket handed over."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.model_server")
    parser.add_argument("--socket-fd", type=int, required=True)
    parser.add_argument("--memory-bytes", type=int, required=True)
    options = parser.parse_args()
    end_with_parent()
    limit_resources(memory_bytes=options.memory_bytes)
    listener = socket.socket(fileno=options.socket_fd)
    try:
        handlers = ModelHandlers.load(Path(os.environ["SM_MODEL_DIR"]))
    except Exception:  # noqa: BLE001 - whatever the model's code raises is the container's failure
        traceback.print_exc()
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(listener, handlers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
