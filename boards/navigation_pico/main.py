from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.subsystems.navigation import Navigation
from plumbline.subsystems.parameters import Parameters

Navigation(Board.from_files("navigation_pico"), Parameters.from_file("parameters.json")).run()
