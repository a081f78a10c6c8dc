"""What surrounds a Lambda worker process: its environment variables and the folder its code lies in."""

import hashlib
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

_KEPT_HOST_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_extract_lock = threading.Lock()


def environment(config: Mapping[str, Any], code_dir: Path) -> dict[str, str]:
    """Return all environment variables of a function's process: nothing of the host but paths and locale.

    Args:
        config: the function's configuration as the Lambda API returns it.
        code_dir: folder with the extracted code.

    """
    variables = dict((config.get("Environment") or {}).get("Variables") or {})
    _account, region = lambda_runtime._account_region_from_function_config(config)
    return {
        **{name: os.environ[name] for name in _KEPT_HOST_VARIABLES if name in os.environ},
        "HOME": str(code_dir),
        "TZ": ":UTC",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "LAMBDA_TASK_ROOT": str(code_dir),
        "AWS_LAMBDA_FUNCTION_NAME": str(config.get("FunctionName", "")),
        "AWS_LAMBDA_FUNCTION_VERSION": str(config.get("Version", "$LATEST")),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        **{name: str(value) for name, value in variables.items()},
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **lambda_runtime.execution_credentials(config),
    }


def extracted(code_zip: bytes) -> Path:
    """Return the folder with this code, extracted once for all environments that run it."""
    target = Path(tempfile.gettempdir()) / "lambda-code" / hashlib.sha256(code_zip).hexdigest()[:32]
    with _extract_lock:
        if not target.exists():
            partial = target.with_suffix(".partial")
            with zipfile.ZipFile(io.BytesIO(code_zip)) as archive:
                archive.extractall(partial)
            partial.rename(target)
    return target
