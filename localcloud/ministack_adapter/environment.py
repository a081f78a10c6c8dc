"""The process environment that ministack reads when it is imported. Imports nothing of ministack itself."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "000000000000"
REGION = "us-east-1"
# What the stacks of this project need. Everything else is refused by the gateway, which also keeps away the
# services that would start Docker containers or write outside the data directory.
SERVICES = (
    "cloudformation", "dynamodb", "dynamodbstreams", "ecr", "events", "iam", "kms", "lambda", "logs",
    "monitoring", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "states", "sts",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one local cloud runs.

    Attributes:
        port: TCP port on 127.0.0.1 that the gateway answers on.
        time_scale: cloud seconds that pass in a real second.
        data_dir: existing folder for everything the cloud writes.
        enforce_iam: verify signatures and evaluate IAM policies.
        log_level: level of ministack's own log, which goes to standard error.

    """

    port: int
    time_scale: float
    data_dir: Path
    enforce_iam: bool = False
    log_level: str = "ERROR"


def prepare_environment(settings: Settings) -> None:
    """Set `os.environ` and the temporary folder for ministack; call this before anything imports it.

    The host's AWS variables are removed: neither ministack nor a Lambda may ever see real credentials.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    temporary = settings.data_dir / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(temporary)
    os.environ.update(_variables(settings) | {"TMPDIR": str(temporary)})


def _variables(settings: Settings) -> dict[str, str]:
    return {
        "GATEWAY_PORT": str(settings.port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "MINISTACK_REGION": REGION,
        "SERVICES": ",".join(SERVICES),
        "AUTH": "true" if settings.enforce_iam else "false",
        "LOG_LEVEL": settings.log_level,
        "SFN_WAIT_SCALE": repr(1 / settings.time_scale),
        "LAMBDA_EXECUTOR": "local",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(settings.data_dir / "state"),
        "S3_PERSIST": "0",
        "S3_DATA_DIR": str(settings.data_dir / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A socket that does not exist: ministack never looks for containers to remove.
        "DOCKER_HOST": f"unix://{settings.data_dir / 'no-docker.sock'}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
    }
