"""`python -m localcloud`: run the local cloud until told to stop."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from localcloud.ministack_adapter.environment import Settings, prepare_environment
from localcloud.server import PortTaken, bind, run

_LOOPBACK = "127.0.0.1"
_EXIT_PORT_TAKEN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the local cloud in the foreground.

    Prints one JSON line (`ready`, `endpoint_url`, `pid`, `epoch0`, `scale`) on standard output once it
    answers.

    Args:
        arguments: command line without the program's name; the process's own by default.

    Returns:
        The exit status: 0 when stopped, 2 for a port in use or a wrong option.

    """
    options = _parser().parse_args(arguments)
    try:
        listener = bind(options.port)
    except PortTaken as error:
        print(f"localcloud: {error}", file=sys.stderr)  # noqa: T201 - the command's one line of output
        return _EXIT_PORT_TAKEN
    with _data_dir(options.data_dir) as data_dir:
        settings = Settings(
            port=listener.getsockname()[1],
            time_scale=options.time_scale,
            data_dir=data_dir.resolve(),
            enforce_iam=options.enforce_iam,
            log_level=options.log_level.upper(),
        )
        prepare_environment(settings)
        run(
            settings,
            listener,
            max_seconds=options.max_seconds,
            stop_on_stdin_close=options.stop_on_stdin_close,
        )
    return 0


@contextlib.contextmanager
def _data_dir(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="localcloud-", ignore_cleanup_errors=True) as temporary:
        yield Path(temporary)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m localcloud",
        description="AWS services of a rollout on 127.0.0.1. It runs the code of your Lambdas and models.",
    )
    parser.add_argument("--port", type=_port, default=0, help="TCP port; 0, the default, picks a free one")
    parser.add_argument("--host", type=_host, default=_LOOPBACK, help="127.0.0.1; any other is refused")
    parser.add_argument(
        "--time-scale", type=_positive, default=60.0, help="cloud seconds in a real second (default 60)"
    )
    parser.add_argument("--data-dir", type=Path, help="folder for all files (default: a temporary one)")
    parser.add_argument(
        "--enforce-iam", action="store_true", help="verify signatures and evaluate IAM policies"
    )
    parser.add_argument(
        "--max-seconds", type=_positive, default=3600.0, help="real seconds to live (default 3600)"
    )
    parser.add_argument(
        "--stop-on-stdin-close", action="store_true", help="stop when standard input reaches its end"
    )
    parser.add_argument("--log-level", default="error", help="level of the log on standard error")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies between 0 and 65535, got {port}")
    return port


def _host(text: str) -> str:
    if text != _LOOPBACK:
        raise argparse.ArgumentTypeError(
            f"the local cloud runs code for whoever reaches it, so it binds to {_LOOPBACK} only, got {text}"
        )
    return text


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be more than 0, got {text}")
    return number


if __name__ == "__main__":
    sys.exit(main())
