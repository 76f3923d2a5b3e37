"""Events with severity: said once, when they happen, to the spacecraft."""

from plumbline.link import dictionary


class EventLog:
    """Sends events of the dictionary over a packet port and counts them by severity.

    time: a BoardTime, by which they are stamped; without one the stamp is 0. `recording`: a Recording that
    gets them, too, or None.
    """

    def __init__(self, port, time=None):
        self.counts = [0] * len(dictionary.SEVERITIES)
        self.recording = None
        self._port = port
        self._time = time
        self._packet = port.outgoing(dictionary.EVENT)

    def emit(self, event, tick, argument=0, value=0):
        """Send one event; `tick` is the caller's count of ticks. Allocates nothing."""
        severity = dictionary.EVENT_SEVERITY[event]
        self.counts[severity] = (self.counts[severity] + 1) & 0x1FFFFFFF
        values = self._packet.values
        values[0] = event
        values[1] = severity
        values[2] = tick & 0xFFFF
        values[3] = argument
        values[4] = value
        if self._time is not None:
            values[5] = self._time.common_ms()
        self._port.send(self._packet)
        if self.recording is not None:
            self.recording.event(values, tick)
