"""The project's checks of itself; `make types`, `make compile` and tests_host run them."""
