"""`python -m localcloud.model_trainer --memory-bytes N program [arguments]`: run a training script.

Started for a training job, with the environment that SageMaker's script mode gives. It ends when its parent
does. Exit status 1 when the script raises.
"""

import runpy
import sys
import traceback
from pathlib import Path

from localcloud.model_server.confinement import end_with_parent, limit_resources


def main() -> int:
    """Run the script as a main program, and write `failure` when it raises."""
    _, _, memory, failure, program, *arguments = sys.argv
    end_with_parent()
    limit_resources(memory_bytes=int(memory))
    sys.argv = [program, *arguments]
    sys.path.insert(0, str(Path(program).parent))
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        return _status(end.code)
    except BaseException as error:  # noqa: BLE001 - whatever the script raises is the job's failure
        traceback.print_exc()
        Path(failure).write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        return 1
    return 0


def _status(code: object) -> int:
    if code is None:
        return 0
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    sys.exit(main())
