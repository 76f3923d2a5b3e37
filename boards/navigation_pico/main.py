from plumbline.ports import Board
from plumbline.subsystems.navigation import Navigation

Navigation(Board.from_files("navigation_pico")).run()
