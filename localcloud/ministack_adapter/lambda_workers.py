"""Lambda execution environments: one process each, this interpreter, the cloud clock, no host credentials.

Replaces ministack's own Python worker, which hands the host's environment to the function, reports every
exception as `Runtime.HandlerError` (a state machine could not catch an error by its name) and pays 50 ms
of waiting for each silent invocation.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from localcloud.ministack_adapter.lambda_bootstrap import END_OF_LOG
from localcloud.ministack_adapter.lambda_sandbox import environment, extracted

_BOOTSTRAP = Path(__file__).with_name("lambda_bootstrap.py")
_INIT_SECONDS = 30.0
_LOG_SECONDS = 1.0
_last_failure = threading.local()


@dataclass(frozen=True, slots=True)
class Clock:
    """The cloud clock, to be carried over to another process.

    Attributes:
        now: cloud time in epoch seconds.
        scale: cloud seconds in a real second.

    """

    now: Callable[[], float]
    scale: float

    def carried_over(self) -> dict[str, float]:
        """Return what a worker needs to tell the same time."""
        boot = self.now() - time.monotonic() * self.scale
        return {"cloud_seconds_at_boot": boot, "scale": self.scale}


class CloudWorker:
    """One execution environment of a Python function, in the shape ministack's worker pool expects.

    A handler that raises keeps its environment, as on AWS; a timeout ends the process. Function timeouts
    are real seconds: code runs at its own speed however fast the cloud clock runs.
    """

    clock: Clock

    def __init__(self, func_name: str, config: Mapping[str, Any], code_zip: bytes) -> None:
        self.func_name = func_name
        self.config = config
        self.code_zip = code_zip
        self.in_use = False
        self.last_used = time.time()
        self._lock = threading.Lock()
        self._proc: subprocess.Popen[str] | None = None
        self._cold = True
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._log: queue.SimpleQueue[str] = queue.SimpleQueue()

    def invoke(
        self,
        event: object,
        request_id: str,
        *,
        invoked_function_arn: str | None = None,
        **_unused: object,
    ) -> dict[str, Any]:
        """Run one invocation and return ministack's result mapping (status, result or error, log).

        The trace header, recursion depth and durable context that ministack offers are not passed on.
        """
        _last_failure.payload = None
        with self._lock:
            cold = self._proc is None or self._proc.poll() is not None
            if cold and (failed := self._spawn()):
                return {**failed, "cold_start": True}
            timeout = float(self.config.get("Timeout", 3))
            self._send(
                {
                    "event": event,
                    "timeout_seconds": timeout,
                    "context": self._context(request_id, invoked_function_arn),
                }
            )
            return {
                **self._result(timeout, f"Task timed out after {timeout:.2f} seconds"),
                "cold_start": cold,
            }

    def kill(self) -> None:
        """End the process of this environment."""
        lambda_runtime.kill_workers([self])

    def _discard_tmpdir(self) -> None:
        """Keep the code: environments of the same code share one folder under the data directory."""

    def _spawn(self) -> dict[str, Any] | None:
        self._answers, self._log = queue.SimpleQueue(), queue.SimpleQueue()
        code_dir = extracted(self.code_zip)
        self._proc = subprocess.Popen(  # noqa: S603 - this interpreter and our own script
            [sys.executable, "-I", str(_BOOTSTRAP)],
            cwd=code_dir,
            env=environment(self.config, code_dir),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for stream, sink in ((self._proc.stdout, self._answers), (self._proc.stderr, self._log)):
            threading.Thread(target=_drain, args=(stream, sink), daemon=True).start()
        init = {"code_dir": str(code_dir), "handler": self.config.get("Handler", "index.handler")}
        self._send({**init, "parent_pid": os.getpid(), **self.clock.carried_over()})
        ready = self._result(_INIT_SECONDS, f"Task timed out after {_INIT_SECONDS:.2f} seconds")
        self._cold = False
        return ready if ready["status"] == "error" else None

    def _send(self, document: Mapping[str, Any]) -> None:
        if self._proc is None or self._proc.stdin is None:
            return
        try:
            self._proc.stdin.write(json.dumps(document) + "\n")
            self._proc.stdin.flush()
        except BrokenPipeError:
            return  # the answer queue reports the end of the process

    def _result(self, timeout: float, timed_out: str) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            self._end()
            return {"status": "error", "error": timed_out, "log": self._drained_log()}
        log = self._drained_log()
        if not line:
            self._end()
            return _failed({"errorType": "Runtime.ExitError", "errorMessage": "runtime exited"}, log)
        document = json.loads(line)
        if "failure" in document:
            return _failed(document["failure"], log)
        return {"status": "ok", "result": document.get("result"), "log": log}

    def _end(self) -> None:
        process, self._proc = self._proc, None
        if process is not None:
            end_process_group(process)

    def _drained_log(self) -> str:
        lines: list[str] = []
        deadline = time.monotonic() + _LOG_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._log.get(timeout=left)
            except queue.Empty:
                break
            if not line or line.rstrip("\n") == END_OF_LOG:
                break
            lines.append(line.rstrip("\n"))
        return "\n".join(lines)

    def _context(self, request_id: str, arn: str | None) -> dict[str, str]:
        name = str(self.config.get("FunctionName", ""))
        return {
            "function_name": name,
            "function_version": str(self.config.get("Version", "$LATEST")),
            "invoked_function_arn": arn or str(self.config.get("FunctionArn", "")),
            "memory_limit_in_mb": str(self.config.get("MemorySize", 128)),
            "aws_request_id": request_id,
            "log_group_name": f"/aws/lambda/{name}",
            "log_stream_name": "local",
        }


def end_process_group(process: subprocess.Popen[str]) -> None:
    """Kill a worker with everything it started, and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def install(*, now: Callable[[], float], scale: float) -> None:
    """Make ministack run every Python function in a `CloudWorker`, on the cloud clock given.

    Args:
        now: cloud time in epoch seconds.
        scale: cloud seconds that pass in a real second.

    """
    CloudWorker.clock = Clock(now, scale)
    original_class = lambda_runtime._worker_class_for
    original_execute = lambda_svc._execute_function_warm

    def worker_class(config: Mapping[str, Any]) -> Any:
        python = str(config.get("Runtime", "")).startswith("python")
        return CloudWorker if python else original_class(config)

    def execute(func: Any, event: object, request_id: str) -> Any:
        _last_failure.payload = None
        result = original_execute(func, event, request_id)
        if result.get("error") and _last_failure.payload is not None:
            result["body"] = {**_last_failure.payload, "requestId": request_id}
        return result

    lambda_runtime._worker_class_for = worker_class
    lambda_svc._execute_function_warm = execute


def end_all() -> None:
    """End every Lambda worker of this process."""
    with lambda_runtime._lock:
        workers = [worker for entries in lambda_runtime._workers.values() for worker in entries]
        lambda_runtime._workers.clear()
    for worker in workers:
        if isinstance(worker, CloudWorker):
            worker._end()
    lambda_runtime.kill_workers([worker for worker in workers if not isinstance(worker, CloudWorker)])


def _failed(payload: Mapping[str, Any], log: str) -> dict[str, Any]:
    # ministack replaces the error type by a constant; the payload goes around it, on the same thread.
    _last_failure.payload = payload
    return {"status": "error", "error": payload["errorMessage"], "log": log}


def _drain(stream: Any, sink: "queue.SimpleQueue[str]") -> None:
    for line in stream:
        sink.put(line)
    sink.put("")
