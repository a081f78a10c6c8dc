"""The templates as files for the scanners: as they are, and without anybody's acknowledgements."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tools.scan.finding import Finding

AS_THEY_ARE: Final = "as-they-are"
BARE: Final = "bare"
CFN_LINT: Final = "cfn-lint"
CHECKOV: Final = "checkov"


def collect(app: str, synthesized: Path, folder: Path) -> list[Path]:
    """Copy an app's templates below `folder`, each in both forms; return their names there."""
    names = []
    # What a pipeline deploys lies in a folder a stage.
    for source in sorted(synthesized.rglob("*.template.json")):
        name = Path(app) / f"{_stack_name(source)}.template.json"
        template = json.loads(source.read_text(encoding="utf-8"))
        _write(folder / AS_THEY_ARE / name, template)
        _write(folder / BARE / name, _bare(template))
        names.append(name)
    return names


def _stack_name(template: Path) -> str:
    """Return the stack of a template; checkov takes some long paths without a hyphen for secrets."""
    manifest = template.with_name("manifest.json")
    artifacts = json.loads(manifest.read_text(encoding="utf-8"))["artifacts"] if manifest.is_file() else {}
    for one in artifacts.values():
        told = one.get("properties", {})
        if told.get("templateFile") == template.name and "stackName" in told:
            return str(told["stackName"])
    return template.name.removesuffix(".template.json")


def acknowledgements(folder: Path) -> Iterator[Finding]:
    """Yield what the templates say to cfn-lint and checkov, with the reasons."""
    root = folder / AS_THEY_ARE
    for path in sorted(root.rglob("*.template.json")):
        template = json.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(root).as_posix()
        for resource, metadata in _metadata(template):
            for skip in metadata.get(CHECKOV, {}).get("skip", []):
                yield _said(CHECKOV, name, resource, skip["id"], skip.get("comment"))
            lint = metadata.get(CFN_LINT, {})
            for rule in lint.get("config", {}).get("ignore_checks", []):
                yield _said(CFN_LINT, name, resource, rule, lint.get("reasons", {}).get(rule))


def _metadata(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "Outputs", template.get("Metadata", {})
    for name, resource in template.get("Resources", {}).items():
        yield name, resource.get("Metadata", {})


def _said(scanner: str, template: str, resource: str, rule: str, reason: str | None) -> Finding:
    message = "acknowledged without a reason" if not reason else "acknowledged"
    return Finding(
        scanner=scanner,
        template=template,
        resource=resource,
        rule=rule,
        message=message,
        reason=reason or None,
    )


def _bare(template: dict[str, Any]) -> dict[str, Any]:
    own = {CFN_LINT, CHECKOV}

    def without(holder: dict[str, Any]) -> dict[str, Any]:
        if "Metadata" not in holder:
            return holder
        kept = {key: value for key, value in holder["Metadata"].items() if key not in own}
        return {**holder, "Metadata": kept}

    resources = {name: without(one) for name, one in template.get("Resources", {}).items()}
    return {**without(template), "Resources": resources}


def _write(path: Path, template: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(template, indent=1), encoding="utf-8")
