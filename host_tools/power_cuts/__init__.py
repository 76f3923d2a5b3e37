"""The power goes at every program and erase of raw flash: `python -m host_tools.power_cuts`."""
