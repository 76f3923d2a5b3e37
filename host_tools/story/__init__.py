"""The surface story: five boards on one bus land, make themselves safe, let the rover go, get its images."""
