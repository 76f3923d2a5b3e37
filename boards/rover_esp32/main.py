import gc

gc.threshold(8192)  # imports leave garbage: collected often, it leaves no holes between what stays

from plumbline.ports.rover_board import Board
from plumbline.services.limit_table import LimitTable
from plumbline.subsystems.rover import Rover

Rover(Board.from_files("rover_esp32"), LimitTable.from_file("limits.json")).run()
