"""Every block of README.md and the docs is of a known language, whole in itself, and names only what there is.

What needs a server is typed into a running one by tests/live/test_docs.py; what belongs into a Django project is put
into one by tests/live/test_foreign_project.py.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from html.parser import HTMLParser
from pathlib import Path

import psycopg
import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError
from django.template import engines
from PIL import Image

from figpress_client import cli
from renderer.data.resolve import load
from renderer.drawing import fonts
from renderer.drawing.draw import draw
from renderer.recipe import Recipe
from renderer.spec import parse, themes
from tests.docs.blocks import PAGES, ROOT, Block, all_blocks, blocks
from tests.postgres import Postgres

LANGUAGES = {"html", "ini", "js", "json", "mermaid", "python", "sh", "sql", "text", "toml", "yaml"}
"""``text`` is what a program says, or a drawing of letters."""
PARTS = {"layers", "kind", "panels", "data"}
NOT_OURS = {
    ".", "}", "aws", "cat", "cd", "chmod", "curl", "do", "done", "echo", "export", "for", "git", "ip", "journalctl",
    "heroku", "install", "kill", "kubectl", "kustomize", "mkdir", "openssl", "pg_dump", "pg_restore", "psql",
    "rabbitmqctl", "redis-cli", "rsync", "sqlite3", "sudo", "systemctl", "tar", "ulimit", "useradd", "uvicorn", "wait",
}  # fmt: skip
"""Programs that are not ours, of which nothing is looked up; where they ask our server, they are typed into it."""
NOT_RUN = 12
"""So many blocks may say that they are not run; a new one should rather be run."""


def ids(block: Block) -> str:
    return str(block)


def test_every_block_is_of_a_known_language_and_few_are_not_run() -> None:
    found = all_blocks()
    assert len(found) > 120
    fences = sum(len(re.findall(r"^```", (ROOT / page).read_text(), re.MULTILINE)) for page in PAGES)
    assert fences == 2 * len(found), "a block is not closed, or begins with spaces"
    assert [str(block) for block in found if block.language not in LANGUAGES] == []
    left_out = [f"{block}: {block.not_run}" for block in found if block.not_run]
    print("\n".join(["not run:", *left_out]))  # noqa: T201 - seen with pytest -rP
    assert len(left_out) <= NOT_RUN, left_out


@pytest.mark.parametrize("block", all_blocks("json"), ids=ids)
def test_json_is_a_chart_that_is_drawn_or_another_document_that_is_whole(block: Block) -> None:
    document = json.loads(block.code)
    if not PARTS & document.keys() or "timestamp" in document:
        return  # an answer, an event, a configuration
    if document.keys() == {"data"}:
        document = {"kind": "bar", "x": "region", "y": "reached", **document}
    if document.get("theme") not in (None, "light", "dark"):
        return  # a theme of the operator's: below
    chart = parse(document)
    if not chart.named_sources:
        assert Recipe.from_spec(document).formats
        if block.page != "docs/language.md":  # those are drawn where they are made
            assert draw(load(chart)).scene.width > 0


@pytest.mark.parametrize("block", all_blocks("python"), ids=ids)
def test_python_is_python_and_imports_what_there_is(block: Block) -> None:
    for node in ast.walk(ast.parse(block.code)):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in ("renderer", "figpress_client"):
            exec(ast.unparse(node), {})


@pytest.mark.parametrize("block", all_blocks("ini", "toml", "yaml"), ids=ids)
def test_configuration_is_read(block: Block) -> None:
    match block.language:
        case "toml":
            assert tomllib.loads(block.code)
        case "yaml":
            assert all(yaml.safe_load_all(block.code))
        case "ini":
            parser = ConfigParser(strict=False, interpolation=None)
            parser.read_string(block.code)
            assert parser.sections()


@pytest.mark.parametrize("block", all_blocks("html"), ids=ids)
def test_html_is_a_template_whose_elements_are_closed(block: Block) -> None:
    engines["django"].from_string(block.code)
    page = _Elements()
    page.feed(re.sub(r"\{%.*?%\}", "", block.code))
    page.close()
    assert (page.open, page.wrong) == ([], [])


class _Elements(HTMLParser):
    """Which elements are open, and which end tags belong to none."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("img", "meta", "source", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("block", all_blocks("js"), ids=ids)
def test_javascript_is_javascript(block: Block, tmp_path: Path) -> None:
    if not (node := shutil.which("node")):
        pytest.skip("there is no node here: install the package nodejs")
    (tmp_path / "block.cjs").write_text(block.code)
    subprocess.run([node, "--check", "block.cjs"], cwd=tmp_path, check=True)


@pytest.mark.parametrize("block", all_blocks("sql"), ids=ids)
def test_sql_is_run(block: Block, postgres: Postgres) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        connection.execute("CREATE TABLE sales (a int); CREATE TABLE shops (a int)")
        connection.execute(block.code.encode())
        connection.rollback()


def test_the_theme_of_the_page_is_a_theme(tmp_path: Path) -> None:
    (block,) = blocks("docs/themes.md", "toml")
    cuts = sorted(fonts.folder().glob("figpress-inter-*.ttf"))
    for name in tomllib.loads(block.code)["fonts"].values():
        shutil.copy(cuts[0], tmp_path / name)
    Image.new("RGBA", (128, 64)).save(tmp_path / "acme.png")
    (tmp_path / "acme.toml").write_text(block.code)
    assert list(themes.read(tmp_path)) == ["acme"]
    (chart,) = blocks("docs/themes.md", "json")
    parse(json.loads(chart.code) | {"theme": "light"})


@pytest.mark.parametrize("block", all_blocks("sh"), ids=ids)
def test_a_command_names_what_there_is(block: Block) -> None:
    subprocess.run(["bash", "-n", "-c", block.code], check=True)
    for words in _commands(block.code):
        while words and re.match(r"[A-Z_]+=", words[0]):
            assert words[0].split("=")[0] in _variables(), f"{block}: {words[0]}"
            words = words[1:]
        if words:
            _look_up(words, block)


def _commands(script: str) -> Iterator[list[str]]:
    """The commands of a script, as words: without what is quoted over several lines."""
    script = re.sub(r"<<'(\w+)'.*?^\1$", "", script, flags=re.DOTALL | re.MULTILINE)
    script = re.sub(r"\\\n", " ", script)
    script = re.sub(r"'[^']*\n[^']*'", "QUOTED", script)
    for line in script.splitlines():
        for part in re.split(r"&&|\|", line):
            if words := shlex.split(re.sub(r"^(\w+=\$)?\(", "", part.strip()), comments=True, posix=True):
                yield words


def _look_up(words: list[str], block: Block) -> None:
    program, *rest = words
    if program.startswith("/"):  # of an environment that the page has made
        program = Path(program).name
    program = "python" if program == "python3" else program
    match program, rest:
        case "make", [*targets]:
            known = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
            assert {word for word in targets if "=" not in word and not word.startswith(("-", "tests"))} <= known
        case "python" | "./manage.py", [first, *more] if program == "./manage.py" or first == "manage.py":
            _manage(*([first, *more] if program == "./manage.py" else more), block=block)
        case "python", ["-c", *_]:
            pass
        case "python", ["-m", module, *_]:
            assert module.split(".")[0] in ("build", "json", "http", "tests", "benchmarks", "venv", "pip", "mkdocs"), (
                block
            )
            path = ROOT / module.replace(".", "/")
            assert (
                not module.startswith(("tests.", "benchmarks.")) or path.is_dir() or path.with_suffix(".py").is_file()
            )
        case "figpress", [*arguments]:
            cli._parser().parse_args([word for word in arguments if not word.startswith(">")])
        case "celery", [*arguments]:
            assert not arguments or {"worker", "beat", "..."} & set(arguments), block
        case "docker", ["compose", *arguments] if not {"-f", "--file"} & set(arguments):
            services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
            assert {"up", "exec", "down", "logs", "ps", "build", "run", "pull", "stop"} & set(arguments), block
            named = [
                word
                for word in re.findall(r"exec (?:-T )?(\w+)|scale (\w+)", " ".join(arguments))
                for word in word
                if word
            ]
            assert set(named) <= set(services)
        case "docker", _:
            pass
        case "pip", ["install", *packages]:
            for package in packages:
                folder = ROOT / package.split("[")[0]
                assert not package.startswith("./") or folder.is_dir(), f"{block}: {package}"
        case "python", [file]:
            assert file in {other.file for other in blocks(block.page)}
        case "cp", [*arguments]:
            source = next(word for word in arguments if not word.startswith("-"))
            there = [ROOT / source, *(ROOT / "deploy").rglob(Path(source).name)]
            assert source.startswith("/") or any(path.exists() for path in there), f"{block}: {source}"
        case _ if program not in NOT_OURS:
            pytest.fail(f"{block}: what is {program}?")


def _manage(command: str, *arguments: str, block: Block) -> None:
    """Whether manage.py knows the command and its arguments."""
    if any(f"management/commands/{command}.py" in other.file for other in blocks(block.page)):
        return  # of the recipe itself
    assert command in get_commands(), f"{block}: manage.py {command}"
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    parser.called_from_command_line = False  # so that it raises
    try:
        parser.parse_args([word for word in arguments if not word.startswith((">", "2>"))])
    except CommandError as error:
        pytest.fail(f"{block}: manage.py {command}: {error}")


def _variables() -> set[str]:
    """The variables that docs/settings.md lists, and those of programs that are not ours."""
    listed = re.findall(r"`([A-Z_]+)`", (ROOT / "docs/settings.md").read_text())
    return {*listed, "TOKEN", "FIGPRESS", "FIGPRESS_SERVER", "FIGPRESS_TOKEN"}
