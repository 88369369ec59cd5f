"""What the repository ships is well formed, and says nothing of the machine that it was made on."""

import gzip
import json
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from hitl.cli.schemas import schemas
from hitl.document.tree import parse_yaml

ROOT = Path(__file__).parents[2]
SCHEMAS = schemas()
SHIPPED = sorted((ROOT / "golden_sets").rglob("*.yaml")) + sorted(
    (ROOT / "manifests").rglob("*.yaml")
)
_SKIPPED = {"__pycache__", "dist", "build", "reports", "node_modules"}
_HIDDEN_BUT_OURS = {".ci", ".gitignore", ".github", ".gitlab-ci.yml"}

HOSTS = [
    "".join(parts)
    for parts in (
        ("pypi", ".org"), ("python", "hosted"), ("pypi", ".python"), ("--index", "-url"), ("--extra", "-index"),
        ("registry", ".npmjs"), ("conda", ".anaconda"), ("deb", ".debian"), ("--trusted", "-host"),
    )
]  # fmt: skip
PLACES = re.compile(
    r"(?<![\w.<>*])(?:/(?:home|Users|root|opt|work|mnt|srv|tmp)/|[A-Z]:\\Users)[\w.-]"
)


def _files(folder: Path = ROOT) -> Iterator[Path]:
    for item in sorted(folder.iterdir()):
        hidden = item.name.startswith(".") and item.name not in _HIDDEN_BUT_OURS
        if hidden or item.name in _SKIPPED or item.name.endswith(".egg-info"):
            continue
        if item.is_dir():
            yield from _files(item)
        else:
            yield item


def _text(path: Path) -> str:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return content.decode("utf-8", "replace")


def test_no_file_names_a_package_host() -> None:
    found = [(str(path), host) for path in _files() for host in HOSTS if host in _text(path)]

    assert found == []


def test_no_file_names_a_place_on_a_machine() -> None:
    # Replies and prompts of real models (.gz) may speak of any path; they are data.
    ours = (path for path in _files() if path.suffix != ".gz")
    found = [(str(path), match[0]) for path in ours for match in PLACES.finditer(_text(path))]

    assert found == []


def test_constraints_hold_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._]+", pin) for pin in pins)
    assert not any(pin.startswith("hitl") for pin in pins)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_on_disk_is_the_schema_of_the_code(name: str) -> None:
    path = ROOT / "docs" / "schemas" / f"{name}.json"

    assert json.loads(path.read_text()) == SCHEMAS[name]
    jsonschema_rs.meta.validate(SCHEMAS[name])


def test_no_schema_on_disk_is_forgotten() -> None:
    assert {path.stem for path in (ROOT / "docs" / "schemas").iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_shipped_yaml_names_its_schema_and_follows_it(path: Path) -> None:
    content = path.read_bytes()
    first = content.decode().splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)

    assert named, f"the first line names no schema: {first}"
    schema = (path.parent / named[1]).resolve()
    assert schema.is_relative_to(ROOT / "docs" / "schemas")
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text()))
    assert [str(error) for error in validator.iter_errors(parse_yaml(content, path).value)] == []


def test_shipped_cases_and_replies_follow_their_schemas() -> None:
    validators = {name: jsonschema_rs.validator_for(SCHEMAS[name]) for name in ("case", "reply")}

    lines = [
        (path, line)
        for folder in ("golden_sets/starter", "golden_sets/incident-triage", "golden_sets/gpt4-june-2023")
        for path in sorted((ROOT / folder).rglob("*.jsonl*"))
        for line in _text(path).splitlines()
    ]  # fmt: skip

    assert lines
    for path, line in lines:
        kind = "reply" if path.parent.name == "replies" else "case"
        assert validators[kind].is_valid(json.loads(line)), f"{path}: {line[:200]}"


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings[0] == "[Unreleased]"


def test_the_notice_names_every_source_of_data() -> None:
    notice = (ROOT / "NOTICE").read_text()
    named = (
        "lchen001/LLMDrift",
        "2307.09009",
        "Sierra",
        "2406.12045",
        "ZeroEval",
        "XSTest",
        "CC-BY-4.0",
        "PandaLM",
        "2306.05087",
        "LeetCode",
    )

    assert [word for word in named if word not in notice] == []


def test_no_module_is_longer_than_400_lines_and_most_are_short() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "src").rglob("*.py")
    }

    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) <= 120


def test_inputs_of_the_action_reach_its_script_as_variables_only() -> None:
    action = yaml.safe_load((ROOT / ".ci" / "action.yml").read_text())

    steps = action["runs"]["steps"]
    assert all("${{" not in step["run"] for step in steps)
    given = {value for step in steps for value in step["env"].values()}
    assert given == {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}


def test_the_gitlab_job_is_a_job() -> None:
    jobs = yaml.safe_load((ROOT / ".ci" / "gitlab.yml").read_text())

    (job,) = jobs.values()
    assert any(" gate " in line for line in job["script"])
    assert "allow_failure" not in job
