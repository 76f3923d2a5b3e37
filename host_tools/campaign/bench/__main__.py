"""`make bench`, or `python -m host_tools.campaign.bench --help`."""

import os


def main() -> None:
    """Run the command on one core: said before anything loads a library that would start threads."""
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    import typer

    from host_tools.campaign.bench.command import bench

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(bench)
    app()


if __name__ == "__main__":
    main()
