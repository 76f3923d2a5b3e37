"""Sources from Debian's mirror without touching the machine's apt; where that cannot be, one clear line."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from host_tools.flash import sources, unix_port
from host_tools.flash.sources import CHECKOUT_VARIABLE, PrivateApt, SourceError, checkout, machine_mirrors
from host_tools.flash.unix_port import PortError

URIS = """\
'http://me:secret@mirror.test/vendor/dists/nodistro/InRelease' a 0
'http://mirror.test/debian-security/dists/bookworm-security/InRelease' b 0
'http://mirror.test/debian/dists/bookworm/InRelease' c 0
'http://mirror.test/debian/dists/bookworm-updates/InRelease' d 0
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' e 0
"""


@pytest.fixture
def apt_get(tmp_path, monkeypatch):
    """Puts a shell script in apt-get's place; it is the only program on the path, `log` what it was asked."""
    log = tmp_path / "asked"

    def place(script: str) -> Path:
        program = tmp_path / "bin" / "apt-get"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
        return log

    return place


def test_the_machines_mirrors_are_asked_for_with_debians_own_first(apt_get):
    apt_get(f"cat <<'END'\n{URIS}END")
    assert machine_mirrors() == ["http://mirror.test/debian", "http://me:secret@mirror.test/vendor"]


def test_everything_that_apt_keeps_is_kept_apart_from_the_machines(apt_get, tmp_path, monkeypatch):
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(sources, "KEYRING", keyring)
    log = apt_get(f"""case "$*" in *--print-uris) cat <<'END'\n{URIS}END\n;; esac""")
    folder = tmp_path / "apt"
    PrivateApt(folder, "trixie").download("micropython", "1.25.0+ds-1")
    mirror = machine_mirrors()[0]
    entry = f"deb-src [signed-by={keyring}] {mirror} trixie main\n"
    assert (folder / "sources.list").read_text() == entry
    assert mirror == "http://mirror.test/debian"
    update, source = log.read_text().splitlines()[1:3]
    for asked in (update, source):
        assert f"Dir::Etc::sourcelist={folder}/sources.list" in asked
        assert "Dir::Etc::sourceparts=-" in asked
        assert f"Dir::State::Lists={folder}/lists" in asked
        assert f"Dir::Cache={folder}/cache" in asked
    assert source.endswith("source --download-only micropython=1.25.0+ds-1")


def test_an_apt_that_fails_is_one_line_without_its_credentials(apt_get, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "KEYRING", tmp_path)
    monkeypatch.setattr(Path, "is_file", Path.exists)
    apt_get(
        f"case \"$*\" in *--print-uris) cat <<'END'\n{URIS}END\n;;"
        " *) echo 'W: slow' >&2; echo 'E: no route to http://me:secret@mirror.test/x' >&2; exit 100 ;; esac"
    )
    with pytest.raises(SourceError) as refused:
        PrivateApt(tmp_path / "apt", "trixie").download("micropython", "1")
    assert str(refused.value) == (
        "apt could not fetch from Debian trixie (no route to http://mirror.test/x),"
        " or name a MicroPython checkout by PLUMBLINE_MICROPYTHON"
    )


def test_a_machine_without_apt_or_without_a_mirror_is_told_what_to_do(apt_get, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "KEYRING", tmp_path)
    monkeypatch.setattr(Path, "is_file", Path.exists)
    apt_get("exit 0")
    with pytest.raises(SourceError, match=f"knows no Debian mirror.*{CHECKOUT_VARIABLE}"):
        PrivateApt(tmp_path / "apt", "trixie").download("micropython", "1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError, match=f"no apt-get here.*{CHECKOUT_VARIABLE}"):
        PrivateApt(tmp_path / "apt", "trixie").download("micropython", "1")


def test_a_checkout_named_by_the_user_is_taken_and_a_wrong_one_refused(tmp_path, monkeypatch):
    monkeypatch.delenv(CHECKOUT_VARIABLE, raising=False)
    assert checkout() is None
    monkeypatch.setenv(CHECKOUT_VARIABLE, str(tmp_path))
    with pytest.raises(SourceError, match=r"no MicroPython checkout: no py/mpconfig\.h"):
        checkout()
    (tmp_path / "py").mkdir()
    (tmp_path / "py" / "mpconfig.h").touch()
    (tmp_path / "ports" / "unix").mkdir(parents=True)
    (tmp_path / "ports" / "unix" / "Makefile").write_text("all:\n\t@echo error: planted; exit 1\n")
    assert checkout() == tmp_path
    monkeypatch.setattr(unix_port, "BUILD", tmp_path / "build")
    with pytest.raises(PortError, match="cannot be built: error: planted"):
        unix_port.unix_port()


def test_a_missing_toolchain_is_named_where_it_may_not_be_installed(monkeypatch):
    monkeypatch.setattr(unix_port, "builds_32_bits", lambda: False)
    wanted = "apt-get install gcc gcc-multilib libc6-dev make"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PortError, match=wanted):
        unix_port.require_toolchain()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv(unix_port.INSTALL_VARIABLE, "no")
    with pytest.raises(PortError, match=wanted):
        unix_port.require_toolchain()


def test_another_processor_or_system_is_told_at_once(monkeypatch):
    monkeypatch.setattr(unix_port.platform, "machine", lambda: "aarch64")
    with pytest.raises(PortError, match=r"built on Linux for x86 only; this is .* on aarch64"):
        unix_port.unix_port()


def test_a_second_build_takes_no_time():
    first = unix_port.unix_port()
    begun = time.monotonic()
    assert unix_port.unix_port().program == first.program
    assert time.monotonic() - begun < 2
    assert subprocess.run([first.program, "-c", "print(6 * 7)"], capture_output=True).stdout == b"42\n"
