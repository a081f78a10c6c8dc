"""The way back for people: a tree, and what is missing in it once more at the end."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from tidegate_cli.lineage.links import Link, missing_links


def lineage_parts(link: Link) -> Iterator[RenderableType]:
    """Yield the tree, and a list of the missing links."""
    yield _tree(link)
    missing = list(missing_links(link))
    if missing:
        yield Text(f"\n{len(missing)} missing:", style="bold yellow")
        yield from (Text(f"  {line}") for line in missing)
    else:
        yield Text("\nNothing is missing.", style="bold")


def _tree(link: Link) -> Tree:
    tree = Tree(_label(link))
    _fill(tree, link)
    return tree


def _fill(tree: Tree, link: Link) -> None:
    for name, value in link.facts.items():
        tree.add(Text.assemble((f"{name}: ", "dim"), value))
    for note in link.notes:
        tree.add(Text(f"! {note}", style="bold yellow"))
    for origin in link.origins:
        _fill(tree.add(_label(origin)), origin)


def _label(link: Link) -> Text:
    label = Text.assemble((link.kind, "bold"), f" {link.name}" if link.name else "")
    if link.missing:
        label.append(f" MISSING: {link.missing}", style="yellow")
    return label
