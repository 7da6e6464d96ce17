"""Writes the generated parts of the documentation: ``python docs/generate.py`` (``make docs``); tests hold them fresh.

docs/schema.json    the JSON Schema of everything that the command line prints
docs/methods.md     every stage, its methods and their fields, from the registry
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from vidcomp import registry
from vidcomp.documents import json_schema

HERE = Path(__file__).resolve().parent


def schema() -> str:
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def methods() -> str:
    """The table of methods as Markdown, each with its fields and the paragraphs of its docstring."""
    lines = ["# Methods", "", "Generated from the registry by `make docs`. A stage marked * may be `off`.", ""]
    for stage, names in registry.METHODS.items():
        lines += [f"## {stage}{' *' if stage in registry.OPTIONAL else ''}", ""]
        for name in names:
            cls = registry.load(stage, name)
            lines += [f"### `{stage}={name}`", "", _text(cls.__doc__), ""]
            fields = dataclasses.fields(cls)
            if fields:
                lines += ["| field | type | default |", "|---|---|---|"]
                lines += [f"| `{f.name}` | `{_cell(f.type)}` | `{_cell(repr(f.default))}` |" for f in fields]
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _text(docstring: str) -> str:
    import inspect

    return inspect.cleandoc(docstring).replace("``", "`")


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|")


FILES = {"schema.json": schema, "methods.md": methods}


def main() -> None:
    for name, make in FILES.items():
        (HERE / name).write_text(make(), encoding="utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
