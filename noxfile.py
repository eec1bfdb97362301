"""The checks of the workspace, one nox session each.

`nox` runs all that a change has to pass, `nox -s NAME` one of them, `nox --list` names them.
Sessions install from `constraints.txt`, with hashes, so two machines check with the same tools.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import attrs
import nox
from packaging.requirements import Requirement

ROOT = Path(__file__).parent
CONSTRAINTS = "constraints.txt"
BOOTSTRAP = "bootstrap.txt"
PYTHONS = ["3.11", "3.12", "3.13"]
LOWEST = PYTHONS[0]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = IN_CI
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    "lint",
    "types",
    "imports",
    "changelog",
    "build",
    "docs",
    "lowest",
    "isolated",
    "tests",
]


@attrs.frozen
class Package:
    """One member of the workspace.

    Attributes:
        folder: Where it lies, from the root.
        name: Its distribution name, such as `recon-sdk`.
        dependencies: What it declares, extras left out.
        extras: Requirements by extra.
    """

    folder: Path
    name: str
    dependencies: tuple[str, ...]
    extras: dict[str, list[str]]

    @classmethod
    def read(cls, manifest: Path) -> Package:
        """Read one `pyproject.toml`."""
        project = read_toml(manifest)["project"]
        return cls(
            folder=manifest.parent.relative_to(ROOT),
            name=project["name"],
            dependencies=tuple(project.get("dependencies", ())),
            extras=project.get("optional-dependencies", {}),
        )

    @property
    def module(self) -> str:
        """Its import name."""
        return self.name.replace("-", "_")

    @property
    def has_tests(self) -> bool:
        """Whether any test file exists yet."""
        return any((ROOT / self.folder / "tests").rglob("test_*.py"))

    def editable(self) -> list[str]:
        """Arguments that install it from its folder with every extra."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return ["--editable", f"{self.folder.as_posix()}{extras}"]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


PACKAGES = [Package.read(manifest) for manifest in sorted(ROOT.glob("packages/*/pyproject.toml"))]
EVERY_PACKAGE = [argument for package in PACKAGES for argument in package.editable()]


def install(session: nox.Session, *arguments: str) -> None:
    """Install pinned and hash-checked, build tools included."""
    session.install("-c", CONSTRAINTS, "-b", CONSTRAINTS, *arguments)


def run_own_tests(session: nox.Session, package: Package, *arguments: str) -> None:
    """Run one package's tests without the workspace's `conftest.py` and its tools."""
    folder = package.folder.as_posix()
    session.run("pytest", f"--confcutdir={folder}", f"{folder}/tests", *arguments)


@nox.session(name="format")
def format_(session: nox.Session) -> None:
    """Rewrite the code: formatting and the lint faults that ruff can cure."""
    install(session, "--group", "lint")
    session.run("ruff", "check", "--fix", "--force-exclude", *session.posargs)
    session.run("ruff", "format", "--force-exclude", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff; change nothing."""
    install(session, "--group", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check", "--diff")


@nox.session(python=LOWEST)
def types(session: nox.Session) -> None:
    """Check the sources, and the typing tests where there are any, with mypy --strict."""
    install(session, *EVERY_PACKAGE, "--group", "types")
    folders = [ROOT / p.folder / part for p in PACKAGES for part in ("src", "typing_tests")]
    session.run("mypy", *(str(f.relative_to(ROOT)) for f in folders if any(f.rglob("*.py"))))


@nox.session
def imports(session: nox.Session) -> None:
    """Check the direction of imports against `.importlinter`."""
    install(session, *EVERY_PACKAGE, "--group", "imports")
    session.run("lint-imports", "--no-cache")


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the names of the changelog fragments and show the section they make."""
    settings = read_toml(ROOT / "pyproject.toml")["tool"]["towncrier"]
    sections = {section["path"] for section in settings["section"]}
    kinds = "|".join(kind["directory"] for kind in settings["type"])
    if missing := {package.name for package in PACKAGES} - sections:
        session.error(f"[tool.towncrier] has no section for {', '.join(sorted(missing))}.")
    for fragment in sorted((ROOT / settings["directory"]).glob("*/*.md")):
        if fragment.parent.name not in sections:
            session.error(f"{fragment}: the folder is not one of {', '.join(sorted(sections))}.")
        if not re.fullmatch(rf"(\d+|\+[\w.-]+)\.({kinds})\.md", fragment.name):
            session.error(f"{fragment}: the name is not <number>.<type>.md; types are {kinds}")
    install(session, "--group", "changelog")
    session.run("towncrier", "build", "--draft", "--version", "next")


@nox.session
def build(session: nox.Session) -> None:
    """Build sdists and wheels into dist/ and look into the wheels."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("uv", "build", "--all-packages", "-b", CONSTRAINTS, "-o", str(dist), silent=True)
    for package in PACKAGES:
        wheel = one_wheel(session, dist, package)
        with zipfile.ZipFile(wheel) as archive:
            names = {name.partition(".dist-info/")[2] or name: name for name in archive.namelist()}
            if f"{package.module}/py.typed" not in names:
                session.error(f"{wheel.name} lacks py.typed.")
            if archive.read(names["licenses/LICENSE"]) != (ROOT / "LICENSE").read_bytes():
                session.error(f"{wheel.name}: its LICENSE is not a copy of the root's.")
        session.log(f"{wheel.name}: {len(names)} files, typed, with the licence")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors."""
    install(session, *EVERY_PACKAGE, "--group", "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build")
    session.log("open docs/_build/index.html")


@nox.session(python=LOWEST)
def lowest(session: nox.Session) -> None:
    """Run the tests on the lowest versions that the packages say they accept.

    Unpinned, since the declared lower bounds are the pins. Warnings of old libraries are shown.
    """
    session.install("--resolution", "lowest-direct", *EVERY_PACKAGE)
    for package in PACKAGES:
        if package.has_tests:
            run_own_tests(session, package, "-W", "default", "-q")


@nox.session(python=LOWEST, reuse_venv=False)
@nox.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])
def isolated(session: nox.Session, package: Package) -> None:
    """Install one package's wheel alone, with its `testing` extra, and run its own tests.

    In the shared environment an undeclared dependency works by luck; here it fails. A test that
    needs another extra starts with `pytest.importorskip`.
    """
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    wheels = []
    for member in with_declared_siblings(package):
        options = ["--wheel", "--package", member.name, "-b", CONSTRAINTS, "-o", str(dist)]
        session.run("uv", "build", *options, silent=True)
        extras = "[testing]" if "testing" in member.extras else ""
        wheels.append(f"{member.name}{extras} @ {one_wheel(session, dist, member).as_uri()}")
    session.install("-c", CONSTRAINTS, *wheels)
    session.run("python", "-c", f"import {package.module}")
    if package.has_tests:
        run_own_tests(session, package, "-q")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run every test and every example of the documentation; measure coverage of all packages.

    With arguments (`nox -s tests-3.13 -- -k money`) coverage is left out.
    """
    install(session, *EVERY_PACKAGE, "--group", "test")
    coverage = [f"--cov={package.module}" for package in PACKAGES]
    session.run(
        "pytest",
        *(session.posargs or coverage),
        env={"COVERAGE_FILE": str(Path(session.create_tmp()) / ".coverage")},
    )


@nox.session
def lock(session: nox.Session) -> None:
    """Remake constraints.txt: all that the workspace installs, with hashes, on any platform.

    Versions stay as they are where they still fit; `-- --upgrade` takes the newest ones. The entry
    of uv goes into bootstrap.txt too, for pip, which cannot take it out of the whole list.
    """
    requirements = Path(session.create_tmp()) / "requirements.in"
    requirements.write_text("\n".join(sorted(third_party_requirements())), encoding="utf-8")
    session.run(
        "uv", "pip", "compile", "--universal", "--python-version", LOWEST, "--generate-hashes",
        "--no-header", "--no-annotate", "--quiet", "-o", CONSTRAINTS, str(requirements),
        *session.posargs,
    )  # fmt: skip
    pins = (ROOT / CONSTRAINTS).read_text(encoding="utf-8")
    if re.search(r"https?:|file:|^-", pins, re.MULTILINE):
        session.error(f"{CONSTRAINTS} names an address; make it without index options.")
    uv_pin = re.search(r"^uv==(.+\\\n)+.+\n", pins, re.MULTILINE)
    (ROOT / BOOTSTRAP).write_text(uv_pin[0], encoding="utf-8")


def third_party_requirements() -> set[str]:
    """Collect what packages, extras, groups and build systems ask for, members left out."""
    root = read_toml(ROOT / "pyproject.toml")
    groups = root["dependency-groups"].values()
    asked = {entry for group in groups for entry in group if isinstance(entry, str)}
    for package in PACKAGES:
        manifest = read_toml(ROOT / package.folder / "pyproject.toml")
        asked.update(package.dependencies, *package.extras.values())
        asked.update(manifest["build-system"]["requires"])
    members = {package.name for package in PACKAGES}
    return {entry for entry in asked if Requirement(entry).name not in members}


def with_declared_siblings(package: Package) -> list[Package]:
    """The package and the members of the workspace that it declares, directly or not."""
    found = [package]
    for member in found:
        declared = {Requirement(entry).name for entry in member.dependencies}
        found += [p for p in PACKAGES if p.name in declared and p not in found]
    return found


def one_wheel(session: nox.Session, dist: Path, package: Package) -> Path:
    """Find the wheel of a package."""
    wheels = list(dist.glob(f"{package.module}-*.whl"))
    if len(wheels) != 1:
        session.error(f"{len(wheels)} wheels of {package.name} in {dist}, not one.")
    return wheels[0].resolve()
