"""IAM statements on `*`: each may hold only actions that know no narrower resource."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tools.scan.finding import Finding
from tools.scan.setup import run_offline

SCANNER: Final = "policy_sentry"
# Prints the actions of each service that know no resource-level permissions, by AWS's own reference.
_ASK: Final = """
import json, sys
from policy_sentry.querying.actions import get_actions_that_support_wildcard_arns_only as only
print(json.dumps({service: only(service) for service in sys.argv[1:]}))
"""
_POLICIES: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role"})
_Use = tuple[str, str, str]


def scan(folder: Path) -> list[Finding]:
    """Return every action on `*` that could be bound to a resource.

    Raises:
        RuntimeError: when policy_sentry itself fails.

    """
    uses = list(_uses(folder))
    services = sorted({action.partition(":")[0] for _, _, action in uses})
    known = json.loads(run_offline(["-c", _ASK, *services], folder=folder)) if services else {}
    return list(read(uses, known))


def read(uses: list[_Use], known: Mapping[str, list[str]]) -> Iterator[Finding]:
    """Yield the uses that are none of the known actions; template, resource, action each."""
    unbound = {action.lower() for actions in known.values() for action in actions}
    for template, resource, action in uses:
        if action.lower() not in unbound:
            message = "the action knows resource-level permissions: name the resources instead of *"
            yield Finding(scanner=SCANNER, template=template, resource=resource, rule=action, message=message)


def _uses(folder: Path) -> Iterator[_Use]:
    for path in sorted(folder.rglob("*.template.json")):
        template = json.loads(path.read_text(encoding="utf-8"))
        for name, resource in template.get("Resources", {}).items():
            if resource["Type"] in _POLICIES:
                for action in sorted(set(unbound_actions(resource["Properties"]))):
                    yield path.relative_to(folder).as_posix(), name, action


def unbound_actions(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield every action that a policy, or a role's inline policies, allow on `*`."""
    inline = [one["PolicyDocument"] for one in properties.get("Policies", [])]
    for document in [*inline, *([properties["PolicyDocument"]] if "PolicyDocument" in properties else [])]:
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow" and "*" in _as_list(statement.get("Resource", [])):
                yield from _as_list(statement.get("Action", []))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
