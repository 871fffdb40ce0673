"""Makes clients of a schema with what integrators use, and starts what is written for them.

``CLIENTS`` of the environment is the virtual environment with the generators of ``requirements/clients.txt``; what
npm brings goes into it, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.support.systems.debian import program

HERE: Final = Path(__file__).parent
DAYS: Final = HERE / "days"
JDK: Final = "default-jdk-headless"
TIMEOUT_S: Final = 300
#: The only thing that openapi-generator's Java wants of a library that its jar does not have, and Java no more.
GENERATED: Final = """package javax.annotation;
public @interface Generated { String[] value(); String date() default ""; String comments() default ""; }
"""
TSCONFIG: Final = {
    "compilerOptions": {
        "strict": True,
        "noUncheckedIndexedAccess": True,
        "exactOptionalPropertyTypes": True,
        "target": "es2022",
        "module": "commonjs",
        "lib": ["es2022", "dom", "dom.iterable"],
        "types": [],
    },
    "files": ["day.ts", "node.d.ts"],
}
NODE: Final = "declare const process: any;\n"  # all of Node that a day's work uses


def root() -> Path:
    return Path(os.environ["CLIENTS"])


def run(*command: object, cwd: Path | None = None, finding: dict[str, str] | None = None) -> str:
    """What it writes; ``finding`` says where it looks for modules. AssertionError with all it says if it fails."""
    words = [str(word) for word in command]
    environment = os.environ | {"PATH": f"{root() / 'bin'}{os.pathsep}{os.environ['PATH']}"} | (finding or {})
    said = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert said.returncode == 0, f"{' '.join(words[:6])}\n{said.stdout[-4000:]}\n{said.stderr[-4000:]}"
    return said.stdout


def work(*command: object, finding: dict[str, str] | None = None) -> dict[str, Any]:
    """What a day's work has found."""
    found: dict[str, Any] = json.loads(run(*command, finding=finding))
    return found


def make_typed_python(schema: Path, folder: Path) -> None:
    output = ("--meta", "none", "--output-path", folder / "typed_client")
    run("openapi-python-client", "generate", "--path", schema, *output)


def make_with_generator(schema: Path, folder: Path, language: str, **properties: str) -> None:
    program("java", package=JDK)
    settings = ",".join(f"{name}={value}" for name, value in properties.items())
    parts = "models,apis,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
    of = ("--global-property", parts, "--additional-properties", settings)
    run("openapi-generator-cli", "generate", "-i", schema, "-g", language, "-o", folder, *of)


def check_types(script: Path, folder: Path) -> None:
    """With mypy, which reads the made client, too, and complains of the script alone."""
    options = ("--strict", "--follow-imports", "silent", "--python-executable", root() / "bin" / "python")
    nothing = folder / "mypy.ini"
    nothing.write_text("[mypy]\n")
    command = (sys.executable, "-m", "mypy", *options, "--config-file", nothing, script)
    run(*command, cwd=folder, finding={"MYPYPATH": str(folder)})


def compile_java(folder: Path) -> str:
    """The class path of what was compiled."""
    (jar,) = root().glob("lib/python*/site-packages/openapi_generator_cli/*.jar")
    stub = folder / "Generated.java"
    stub.write_text(GENERATED)
    sources = [*(folder / "src" / "main").rglob("*.java"), stub, DAYS / "Day.java"]
    listed, classes = folder / "sources", folder / "classes"
    listed.write_text("\n".join(map(str, sources)))
    run(program("javac", package=JDK), "-nowarn", "-proc:none", "-d", classes, "-cp", jar, f"@{listed}")
    return f"{classes}{os.pathsep}{jar}"


def compile_typescript(schema: Path, folder: Path) -> Path:
    """The program that Node runs."""
    modules = _npm()
    run(modules / ".bin" / "openapi-typescript", schema, "-o", folder / "schema.d.ts")
    shutil.copy(DAYS / "day.ts", folder)
    (folder / "node.d.ts").write_text(NODE)
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    (folder / "node_modules").symlink_to(modules)
    run(modules / ".bin" / "tsc", "--project", folder)
    return folder / "day.js"


def _npm() -> Path:
    """The folder of what package-lock.json names, installed anew when it has changed."""
    wanted, folder = HERE / "npm" / "package-lock.json", root() / "npm"
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        shutil.copytree(HERE / "npm", folder, dirs_exist_ok=True)
        run(program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
        shutil.copy(wanted, installed)
    return folder / "node_modules"
