"""Opens a board's stored parameters, where there is room for what it takes to keep and to change them."""

from plumbline.services.flash_layout import PARAMETERS_FIRST, PARAMETERS_SECTORS


def open_parameters(board, fields, events, accepts=None):
    """A ParameterCommands, loaded; None on a board without the room: 12 kB of heap where code lies in files.

    board: has `roomy` and `raw_flash`; fields and accepts as services/stored_parameters.py
    has them. At start.
    """
    if not board.roomy:
        return None
    from plumbline.services.parameter_commands import ParameterCommands
    from plumbline.services.stored_parameters import StoredParameters

    flash = board.raw_flash().part(PARAMETERS_FIRST, PARAMETERS_SECTORS)
    return ParameterCommands(StoredParameters(flash, fields, accepts), events)
