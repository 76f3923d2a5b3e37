"""Sources from Debian's mirror without touching the machine's apt; where that cannot be, one clear line."""

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from host_tools.flash import private_apt, rp2_build, sources, unix_port
from host_tools.flash.private_apt import CHECKOUT_VARIABLE, PrivateApt, SourceError, machine_mirrors
from host_tools.flash.sources import checkout
from host_tools.flash.toolchain import INSTALL_VARIABLE, BuildError, environment
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
    monkeypatch.setattr(private_apt, "KEYRING", keyring)
    log = apt_get(f"""case "$*" in *--print-uris) cat <<'END'\n{URIS}END\n;; esac""")
    folder = tmp_path / "apt"
    PrivateApt(folder, "trixie").source("micropython=1.25.0+ds-1")
    PrivateApt(folder, "trixie").package("pico-sdk-source=2.1.1-1")
    mirror = machine_mirrors()[0]
    where = f"[signed-by={keyring}] {mirror} trixie main\n"
    assert (folder / "sources.list").read_text() == f"deb {where}deb-src {where}"
    assert mirror == "http://mirror.test/debian"
    update, source, _, _, package = log.read_text().splitlines()[1:6]
    for asked in (update, source, package):
        assert f"Dir::Etc::sourcelist={folder}/sources.list" in asked
        assert "Dir::Etc::sourceparts=-" in asked
        assert f"Dir::State::Lists={folder}/lists" in asked
        assert f"Dir::Cache={folder}/cache" in asked
    assert source.endswith("source --download-only micropython=1.25.0+ds-1")
    assert package.endswith("download pico-sdk-source=2.1.1-1")


def test_an_apt_that_fails_is_one_line_without_its_credentials(apt_get, tmp_path, monkeypatch):
    monkeypatch.setattr(private_apt, "KEYRING", tmp_path)
    monkeypatch.setattr(Path, "is_file", Path.exists)
    apt_get(
        f"case \"$*\" in *--print-uris) cat <<'END'\n{URIS}END\n;;"
        " *) echo 'W: slow' >&2; echo 'E: no route to http://me:secret@mirror.test/x' >&2; exit 100 ;; esac"
    )
    with pytest.raises(SourceError) as refused:
        PrivateApt(tmp_path / "apt", "trixie").source("micropython=1")
    assert str(refused.value) == (
        "apt could not fetch from Debian trixie (no route to http://mirror.test/x),"
        " or name a MicroPython checkout by PLUMBLINE_MICROPYTHON"
    )


def test_a_machine_without_apt_or_without_a_mirror_is_told_what_to_do(apt_get, tmp_path, monkeypatch):
    monkeypatch.setattr(private_apt, "KEYRING", tmp_path)
    monkeypatch.setattr(Path, "is_file", Path.exists)
    apt_get("exit 0")
    with pytest.raises(SourceError, match=f"knows no Debian mirror.*{CHECKOUT_VARIABLE}"):
        PrivateApt(tmp_path / "apt", "trixie").source("micropython=1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError, match=f"no apt-get here.*{CHECKOUT_VARIABLE}"):
        PrivateApt(tmp_path / "apt", "trixie").source("micropython=1")


def test_a_binary_package_is_unpacked_and_not_installed(apt_get, tmp_path, monkeypatch):
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(private_apt, "KEYRING", keyring)
    monkeypatch.setattr(sources, "BUILD", tmp_path / "build")
    files = tmp_path / "tree"
    (files / "DEBIAN").mkdir(parents=True)
    control = "Package: some-source\nVersion: 2\nArchitecture: all\nMaintainer: nobody\nDescription: none\n"
    (files / "DEBIAN" / "control").write_text(control)
    (files / "usr").mkdir()
    (files / "usr" / "file").write_text("content")
    subprocess.run(["dpkg-deb", "--build", files, tmp_path / "some.deb"], check=True, capture_output=True)
    asked = apt_get(f"""case "$*" in *--print-uris) cat <<'END'\n{URIS}END\n;;
        *\\ download\\ some-source=2) cp {tmp_path}/some.deb . ;; esac""")
    folder = sources.debian_package("some-source", "2")
    assert (folder / "usr" / "file").read_text() == "content"
    assert sources.debian_package("some-source", "2") == folder
    assert asked.read_text().count("download some-source=2") == 1
    assert [path.name for path in (tmp_path / "build" / "apt").glob("some-source*")] == []


def test_another_series_of_a_library_is_refused_and_the_right_one_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BUILD", tmp_path / "build")

    def offer(version: str) -> None:
        (tmp_path / f"mbedtls-{version}").mkdir()
        (tmp_path / f"mbedtls-{version}" / "LICENSE").touch()

        def source(apt: PrivateApt, package: str) -> Path:
            download = apt.folder / "download"
            download.mkdir(parents=True)
            with tarfile.open(download / f"{package}_{version}.orig.tar.xz", "w:xz") as tarball:
                tarball.add(tmp_path / f"mbedtls-{version}", f"mbedtls-{version}")
            return download

        monkeypatch.setattr(PrivateApt, "source", source)

    offer("4.0.1")
    with pytest.raises(
        SourceError, match=r"has mbedtls-4\.0\.1, but 3\.6 is wanted: name a MicroPython checkout"
    ):
        sources.debian_series("mbedtls", "3.6")
    offer("3.6.9")
    folder = sources.debian_series("mbedtls", "3.6")
    assert (folder / "LICENSE").is_file()
    offer("3.60.0")
    assert sources.debian_series("mbedtls", "3.6") == folder


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


@pytest.mark.parametrize(
    "port, works, wanted",
    [
        (
            unix_port,
            "builds_32_bits",
            "no compiler for 32-bit x86: apt-get install gcc gcc-multilib libc6-dev make",
        ),
        (
            rp2_build,
            "builds_for_rp2040",
            "no toolchain for the RP2040: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
            " libstdc++-arm-none-eabi-newlib cmake ninja-build gcc libc6-dev make",
        ),
    ],
)
def test_a_missing_toolchain_is_named_where_it_may_not_be_installed(
    apt_get, monkeypatch, port, works, wanted
):
    monkeypatch.setattr(port, works, lambda: False)
    asked = apt_get("exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BuildError) as refused:
        port.toolchain().require()
    assert str(refused.value) == wanted
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv(INSTALL_VARIABLE, "no")
    with pytest.raises(BuildError) as refused:
        port.toolchain().require()
    assert str(refused.value) == wanted
    assert not asked.exists()


def test_a_missing_toolchain_is_installed_where_it_may_be(apt_get, monkeypatch, capsys):
    asked = apt_get("exit 0")
    monkeypatch.delenv(INSTALL_VARIABLE, raising=False)
    monkeypatch.setattr(rp2_build, "builds_for_rp2040", asked.exists)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    rp2_build.toolchain().require()
    assert "install --yes" in asked.read_text()
    assert "gcc-arm-none-eabi libnewlib-arm-none-eabi" in asked.read_text()
    assert capsys.readouterr().err.startswith("Installing gcc-arm-none-eabi")


def test_a_system_without_apt_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(rp2_build, "builds_for_rp2040", lambda: False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BuildError, match="install arm-none-eabi-gcc with newlib, cmake, ninja, make and a C"):
        rp2_build.toolchain().require()


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


def test_a_build_takes_no_flags_and_no_git_version_from_around_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CFLAGS", "-O0")
    monkeypatch.setenv("MAKEFLAGS", "--jobserver-auth=3,4 -- PYTHON=python3.11")
    monkeypatch.setenv("ARM_SYSROOT", "/kept")
    clean = environment(tmp_path / "tree")
    assert not {"CFLAGS", "MAKEFLAGS"} & set(clean)
    assert clean["ARM_SYSROOT"] == "/kept"
    (tmp_path / "tree").mkdir()
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    describe = ["git", "describe", "--always"]
    asked = subprocess.run(describe, cwd=tmp_path / "tree", env=clean, capture_output=True, text=True)
    assert "not a git repository" in asked.stderr
    # the order of a set of names is the same in every process: MicroPython's scripts write one into the image
    order = [sys.executable, "-c", "print({'rp2', 'machine', 'asyncio', 'time', 'os', 'sys'})"]
    assert len({subprocess.run(order, env=clean, capture_output=True).stdout for _ in range(4)}) == 1
