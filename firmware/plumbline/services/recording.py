"""A board's flight recorder: each of its events, and its status once a second. `plumbline recorder` reads it.

    recording = Recording(board, events, status_packet, cause == POWER)
    recording.second(tick)          # once a second, when 4 ms are to spare

Flash is erased ahead at power-on alone, 45 ms for each sector: a board that comes back after a reset has no
time for it and goes on behind its last record. When what was erased is used up, that is told once; what the
recorder holds stays.
"""

from micropython import const
from plumbline.link import dictionary
from plumbline.services.flash_layout import RECORDER_FIRST, RECORDER_SECTORS

READY_SECTORS = const(40)  # erased ahead: 150 kB, half an hour of a status a second


class Recording:
    """status: the OutgoingPacket to be recorded; is_power_on: whether there is time to erase.

    `recorder` is None on a board without the room. Only `Recording()` allocates.
    """

    def __init__(self, board, events, status, is_power_on):
        self.recorder = None
        self._events = events
        self._status = status
        self._is_full_said = False
        if not board.roomy:
            return
        from plumbline.services.recorder import Recorder, RecordKind

        flash = board.raw_flash().part(RECORDER_FIRST, RECORDER_SECTORS)
        self.recorder = Recorder(flash)
        self.recorder.mount()
        while is_power_on and self.recorder.erase_ahead(READY_SECTORS):
            pass
        self._status_kind = RecordKind(status.type.function, status.type.layout)
        self._event_kind = RecordKind(dictionary.EVENT.function, dictionary.EVENT.layout)
        events.recording = self

    def event(self, values, tick):
        """The fields of an event that has just been sent."""
        recorder = self.recorder
        if recorder is not None:
            recorder.append(self._event_kind, tick, values)

    def second(self, tick):
        """The status as it was sent last, one page of flash, and whether there is room."""
        recorder = self.recorder
        if recorder is None:
            return
        recorder.append(self._status_kind, tick, self._status.values)
        recorder.write()
        if recorder.dropped and not self._is_full_said:
            self._is_full_said = True
            self._events.emit(dictionary.RECORDER_FULL, tick, recorder.dropped)
