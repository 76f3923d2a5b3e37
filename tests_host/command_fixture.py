"""The command `plumbline`, run in the test's own process."""

import signal
import sys

import pytest

from host_tools import cli


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["plumbline", *arguments])
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            signal.signal(signal.SIGTERM, before)
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call
