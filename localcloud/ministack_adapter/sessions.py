"""Credentials with which an emulated service works as a role, as CodePipeline and CodeBuild do."""

import hashlib

from ministack import app as gateway
from ministack.services import sts

from localcloud.ministack_adapter.environment import ACCOUNT_ID


def role_credentials(role_arn: str, session_name: str) -> dict[str, str]:
    """Return AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of a role's session.

    Without IAM they are the account's own, which may do everything. A service's own principal takes the role,
    so its trust policy is not evaluated.

    Args:
        role_arn: the role.
        session_name: name of the session, at most 64 characters.

    """
    if not gateway.AUTH or not role_arn:
        return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": ""}
    role_name = role_arn.rpartition("/")[2]
    digest = hashlib.sha256(f"{session_name}:{role_arn}".encode()).hexdigest()
    access_key = f"ASIA{digest[:16].upper()}"
    secret, token = (hashlib.sha256(f"{kind}:{digest}".encode()).hexdigest() for kind in ("secret", "token"))
    sts.register_session(
        access_key,
        {
            "Arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_name}/{session_name[:64]}",
            "UserId": f"{role_name}:{session_name[:64]}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        },
    )
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
