from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion
from plumbline.subsystems.propulsion_parameters import PropulsionParameters

Propulsion(Board.from_files("propulsion_pico"), PropulsionParameters.from_file("parameters.json")).run()
