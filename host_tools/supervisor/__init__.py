"""The supervisor's table as a page: python -m host_tools.supervisor."""
