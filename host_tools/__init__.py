"""Plumbline's host side. Importing it sets up numba's cache, which must happen before numba is imported."""

from host_tools import compile_cache

compile_cache.use()
