"""A client that ariadne-codegen makes from schema.graphql asks a running server and changes nothing.

usage: client.py PLINTH_BINARY, in a Python with ariadne-codegen
"""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIGURATION = """
app: {title: Soak}
backend:
  listen: 127.0.0.1:0
  database: {client: better-sqlite3, connection: ":memory:"}
  auth: {dangerouslyDisableDefaultAuthPolicy: true}
catalog:
  rules: [{allow: [Component, API, Resource, System, Domain, Group, User, Location, Template]}]
  locations: [{type: file, target: SAMPLE}]
"""


def generate(folder: Path) -> None:
    documents = folder / "documents"
    documents.mkdir()
    for name in ["service", "validate"]:
        text = (REPOSITORY / f"tests/clients/{name}.graphql").read_text()
        (documents / f"{name}.graphql").write_text(text)
    settings = {
        "schema_path": str(REPOSITORY / "schema.graphql"),
        "queries_path": str(documents),
        "target_package_name": "generated",
        "target_package_path": str(folder),
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    scalars = "".join(
        f'[tool.ariadne-codegen.scalars.{name}]\ntype = "str"\n' for name in ["Cursor", "DateTime", "Duration", "EntityRef", "URL"]
    )
    (folder / "pyproject.toml").write_text("[tool.ariadne-codegen]\n" + "\n".join(lines) + "\n" + scalars)
    tool = Path(sys.executable).with_name("ariadne-codegen")
    subprocess.run([tool], cwd=folder, check=True, stdout=subprocess.DEVNULL)


async def ask(url: str) -> None:
    generated = importlib.import_module("generated")
    async with generated.Client(url=url) as client:
        service = (await client.service(ref="component:default/user-service")).entity
        assert service is not None and service.typename__ == "Component", service
        assert service.owner.ref == "group:default/user-team", service
        needed = {node.ref for node in service.depends_on.nodes}
        assert "resource:default/users-db" in needed, needed
        done = (await client.validate(input=generated.ValidateEntityInput(content="kind: Component\n"))).validate_entity
        assert done is not None and not done.valid, done
        assert "apiVersion" in {problem.field for problem in done.problems}, done


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder)
        sys.path.insert(0, name)
        sample = str(REPOSITORY / "deploy/sample/catalog-info.yaml")
        (folder / "app-config.yaml").write_text(CONFIGURATION.replace("SAMPLE", sample))
        environment = {"PATH": os.environ["PATH"], "HOME": name}
        server = subprocess.Popen([sys.argv[1], "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            found = next(found for line in server.stdout if (found := re.search(r"http://\S+", line)))
            asyncio.run(wait_and_ask(found[0]))
        finally:
            server.terminate()
            server.wait(timeout=20)
    print("ariadne-codegen: a query and a mutation are answered in its types")


async def wait_and_ask(url: str) -> None:
    import httpx

    async with httpx.AsyncClient() as client:
        for _ in range(600):
            if (await client.get(f"{url}/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.05)
    await ask(f"{url}/graphql")


if __name__ == "__main__":
    main()
