"""Writes nextlead_client/models.py from openapi.yaml: python clients/python/generate.py"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from datamodel_code_generator import DataModelType, Formatter, InputFileType, generate
from datamodel_code_generator.format import PythonVersion

HERE = Path(__file__).parent
DOCUMENT = HERE.parent.parent / "openapi.yaml"
MODELS = HERE / "nextlead_client" / "models.py"
OPERATIONS = frozenset(
    {
        *("create_lead", "get_lead", "claim_next_lead", "renew_lead", "settle_lead"),
        *("release_lead", "decline_lead", "park_lead", "transfer_lead"),
        *("put_operator", "put_presence", "put_customer", "get_stats", "get_history"),
        "event",
    }
)
HEADER = '"""Shapes of what is sent and answered, made from openapi.yaml by generate.py."""\n'


def models() -> str:
    """The text of the models, as openapi.yaml says."""
    document = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        part, output = Path(folder) / "openapi.yaml", Path(folder) / "models.py"
        part.write_text(yaml.safe_dump(_part(document), sort_keys=False), "utf-8")
        generate(
            part,
            input_file_type=InputFileType.OpenAPI,
            output=output,
            output_model_type=DataModelType.TypingTypedDict,
            target_python_version=PythonVersion.PY_311,
            use_standard_collections=True,
            use_union_operator=True,
            use_schema_description=True,
            use_closed_typed_dict=False,
            disable_timestamp=True,
            custom_file_header=HEADER,
            formatters=[Formatter.BUILTIN],
        )
        return output.read_text("utf-8")


def _part(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what the client calls, and what that needs."""
    paths = {
        path: {method: what for method, what in item.items() if _is_called(what)}
        for path, item in document["paths"].items()
    }
    paths = {path: item for path, item in paths.items() if item}
    needed: set[tuple[str, str]] = set()
    found = set(_named([paths, document["webhooks"]]))
    while found - needed:
        sort, name = min(found - needed)
        needed.add((sort, name))
        found |= set(_named(document["components"][sort][name]))
    kept = {
        sort: {name: part for name, part in parts.items() if (sort, name) in needed}
        for sort, parts in document["components"].items()
    }
    head = {name: document[name] for name in ("openapi", "info")}
    return {**head, "paths": paths, "components": kept}


def _is_called(operation: object) -> bool:
    return isinstance(operation, dict) and operation.get("operationId") in OPERATIONS


def _named(node: Any) -> Iterator[tuple[str, str]]:
    """The components that something refers to, each by its sort and name."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            sort, name = node["$ref"].split("/")[-2:]
            yield sort, name
        for item in node.values():
            yield from _named(item)
    elif isinstance(node, list):
        for item in node:
            yield from _named(item)


if __name__ == "__main__":
    MODELS.write_text(models(), "utf-8")
    sys.stdout.write(f"{MODELS}\n")
