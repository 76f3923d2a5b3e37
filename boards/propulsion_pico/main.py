import gc

gc.threshold(8192)  # imports leave garbage: collected often, it leaves no holes between what stays

from plumbline.ports import Board
from plumbline.subsystems.propulsion import Propulsion

Propulsion(Board.from_files("propulsion_pico")).run()
