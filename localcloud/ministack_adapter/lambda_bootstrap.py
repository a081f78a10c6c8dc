"""What a Lambda worker process runs: `python -I lambda_bootstrap.py`, one JSON document a line on stdin.

The first line describes the function; every further line is one invocation. Answers go to a private copy of
standard output, so that a handler may print. The cloud clock replaces `time.time` and nothing else:
`datetime.now()` stays real, because botocore signs requests with it.
"""

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

END_OF_LOG = "\x1eend-of-invocation\x1e"
_PARENT_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The context object of one invocation, as far as the Lambda documentation names it.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Return the real milliseconds left before the function times out."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def _follow_cloud_clock(cloud_seconds_at_boot: float, scale: float) -> None:
    # The monotonic clock is the same in every process, so all agree on cloud time to the microsecond.
    time.time = lambda: cloud_seconds_at_boot + time.monotonic() * scale


def _end_with_parent(parent_pid: int) -> None:
    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(_PARENT_POLL_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _private_stdout() -> TextIO:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers


def _failure(error: BaseException) -> dict[str, Any]:
    own_frame = error.__traceback__
    frames = traceback.format_exception(type(error), error, own_frame.tb_next if own_frame else None)
    print("".join(frames), file=sys.stderr, end="")  # noqa: T201 - the function's log is standard error
    payload = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames[1:-1]}
    return {"failure": payload}


def _load(init: dict[str, Any]) -> Callable[[Any, Context], Any]:
    sys.path[:0] = [init["code_dir"]]
    module, function = init["handler"].rsplit(".", 1)
    handler: Callable[[Any, Context], Any] = getattr(
        importlib.import_module(module.replace("/", ".")), function
    )
    return handler


def _answer(handler: Callable[[Any, Context], Any], call: dict[str, Any]) -> dict[str, Any]:
    context = Context(**call["context"], deadline=time.monotonic() + call["timeout_seconds"])
    try:
        result = {"result": handler(call["event"], context)}
        json.dumps(result)
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is the invocation's result
        return _failure(error)
    return result


def main() -> None:
    """Serve invocations until standard input closes or the parent process is gone."""
    answers = _private_stdout()

    def send(document: dict[str, Any]) -> None:
        print(END_OF_LOG, file=sys.stderr, flush=True)  # noqa: T201
        print(json.dumps(document), file=answers, flush=True)

    init = json.loads(sys.stdin.readline())
    _end_with_parent(init["parent_pid"])
    _follow_cloud_clock(init["cloud_seconds_at_boot"], init["scale"])
    try:
        handler = _load(init)
    except Exception as error:  # noqa: BLE001 - reported as the init failure of the function
        send(_failure(error))
        return
    send({"ready": True})
    for line in sys.stdin:
        send(_answer(handler, json.loads(line)))


if __name__ == "__main__":
    main()
