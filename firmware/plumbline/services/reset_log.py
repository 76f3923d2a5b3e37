"""Why the board was reset, how often, and whether it had better stay safe: told by four kept words.

    log = ResetLog(board.kept_words(), board.reset_cause())

The kept words outlive a reset but not power: 0 the reason, which a program leaves that resets itself or is
about to starve; 1 how long the present life and the two before it lasted, ten bits each, in seconds; 2 the
count of boots and a check of both; 3 how many tasks have checked in since the tick began (health.py).
"""

from micropython import const

POWER = const(0)  # causes: power-on or the RUN pin, as the chip says
WATCHDOG = const(1)  # nobody fed it, as the chip says
ASKED = const(2)  # the program or a tool did it
PROGRAM_ENDED = const(3)  # the program did it, because an exception had left the main loop

SAFE_RESETS = const(3)  # so many resets
SAFE_WITHIN_S = const(60)  # within so long: safe mode

REASON = const(0)  # the words
_LIVES = const(1)
_CHECK = const(2)
TASKS = const(3)
NOBODY = const(-1)  # for `tasks` where nothing is known

_MARK = const(0x2A5C3400)  # the reason word of a program that resets itself: this and the cause
_LIFE_BITS = const(10)
_LONGEST_S = const(1023)  # a life is never counted longer
_TWO_LIVES = const(0xFFFFF)
_NO_LIVES = const(0x3FFFFC00)  # two long ones before this
_MOST_BOOTS = const(0xFFF)  # counted no further


def _check(lives, boots):
    """Boots, and sixteen bits that stand for both words."""
    return boots << 16 | (lives ^ lives >> 15 ^ boots ^ 0x5A5A) & 0xFFFF


class ResetLog:
    """kept: the four words; cause: what the chip says: POWER, WATCHDOG or ASKED.

    `cause`, `boots` since power-on, `resets` within SAFE_WITHIN_S, `safe`: whether that is too many;
    `reason` and `tasks`: those words as the last life left them. Made once, at start.
    """

    def __init__(self, kept, cause):
        self._kept = kept
        self._life_s = 0
        lives = kept[_LIVES]
        boots = kept[_CHECK] >> 16
        if cause != POWER and kept[_CHECK] == _check(lives, boots):
            self.reason = kept[REASON]
            self.tasks = kept[TASKS]
            self.cause = self.reason & 255 if cause == ASKED and self.reason & ~255 == _MARK else cause
            self.boots = boots + 1 if boots < _MOST_BOOTS else boots
            self._before = (lives & _TWO_LIVES) << _LIFE_BITS  # the oldest is forgotten
        else:
            self.cause = cause  # the words are of another program, or spoiled
            self.reason = 0
            self.tasks = NOBODY
            self.boots = 1
            self._before = _NO_LIVES
        kept[REASON] = 0
        kept[TASKS] = 0
        self.resets = self._recent()
        self.safe = self.resets >= SAFE_RESETS
        self._keep()

    def second(self):
        """Once a second while the board runs. Allocates nothing."""
        if self._life_s < _LONGEST_S:
            self._life_s += 1
            self._keep()

    def leave_reason(self, cause):
        """Just before a reset that the program does itself."""
        self._kept[REASON] = _MARK | cause

    def _recent(self):
        """This reset, and those of the two before it that came within SAFE_WITHIN_S; power-on is none."""
        resets = 1
        ago_s = 0
        for life in range(1, SAFE_RESETS):
            length_s = self._before >> (_LIFE_BITS * life) & _LONGEST_S
            ago_s += length_s
            if length_s == _LONGEST_S or ago_s > SAFE_WITHIN_S:
                break
            resets += 1
        return min(resets, self.boots - 1)

    def _keep(self):
        lives = self._before | self._life_s
        self._kept[_LIVES] = lives
        self._kept[_CHECK] = _check(lives, self.boots)
