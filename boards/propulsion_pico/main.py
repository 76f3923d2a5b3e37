from plumbline.services.start import prepare

prepare()

from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion

Propulsion(Board.from_files("propulsion_pico")).run()
