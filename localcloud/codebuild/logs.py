"""A build's log, in CloudWatch Logs.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html (logs)
"""

import contextlib
import logging
import threading
import time
from typing import Any, Final

from botocore.exceptions import ClientError

_logger: Final = logging.getLogger(__name__)
_FLUSH_SECONDS: Final = 1.0
_MOST_LINES: Final = 1000
_LONGEST_LINE: Final = 16_000


class BuildLog:
    """Collects lines and puts them into a stream about once a second; safe to use from any thread.

    Args:
        client: client of CloudWatch Logs.
        group: log group, made when it is not there.
        stream: log stream.

    """

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client = client
        self._where = {"logGroupName": group, "logStreamName": stream}
        self._lines: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._flusher = threading.Thread(target=self._flush_often, name="build-log", daemon=True)
        with contextlib.suppress(ClientError):
            client.create_log_group(logGroupName=group)
        with contextlib.suppress(ClientError):
            client.create_log_stream(**self._where)
        self._flusher.start()

    def write(self, line: str) -> None:
        """Add one line."""
        event = {"timestamp": int(time.time() * 1000), "message": line[:_LONGEST_LINE] or " "}
        with self._lock:
            self._lines.append(event)

    def close(self) -> None:
        """Put what is left."""
        self._closed.set()
        self._flusher.join()
        self._flush()

    def _flush_often(self) -> None:
        while not self._closed.wait(_FLUSH_SECONDS):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        try:
            for start in range(0, len(lines), _MOST_LINES):
                self._client.put_log_events(**self._where, logEvents=lines[start : start + _MOST_LINES])
        except ClientError:
            _logger.exception("could not write the log of a build")
