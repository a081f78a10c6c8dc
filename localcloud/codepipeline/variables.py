"""`#{namespace.Variable}` in the configuration of actions.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

import re
from collections.abc import Mapping
from typing import Final

from localcloud.codepipeline.outcome import ActionFailed

_REFERENCE: Final = re.compile(r"#\{([^{}]*)\}")
Namespaces = Mapping[str, Mapping[str, str]]


def resolved(configuration: Mapping[str, str], namespaces: Namespaces) -> dict[str, str]:
    """Return an action's configuration with every reference replaced by its value.

    Args:
        configuration: as declared.
        namespaces: variables of each namespace.

    Raises:
        ActionFailed: a reference names nothing that an earlier action has produced.

    """

    def value(match: re.Match[str]) -> str:
        namespace, _, name = match[1].strip().partition(".")
        known = namespaces.get(namespace, {})
        if name not in known:
            raise ActionFailed(
                "InvalidActionConfiguration",
                f"The action configuration refers to the variable #{{{match[1]}}}, which has no value.",
            )
        return known[name]

    return {key: _REFERENCE.sub(value, text) for key, text in configuration.items()}
