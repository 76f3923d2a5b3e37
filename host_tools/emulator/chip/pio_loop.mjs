// Fast-forward of a PIO state machine's loops. A machine that comes back to the same instruction in the same state,
// and has changed nothing outside itself on the way, will do so for ever; if its only change is one x-- or y-- a turn,
// until that register is 0. Such a machine is parked: it costs nothing until something it could notice changes, and
// is then put into the turn it would be in. So a pulse bank's rest and its waits are O(1), exact to the cycle.

/** The state at the last backward jump, and what has happened since. */
export class Loop {
  constructor() {
    this.head = -1;
    this.tick = 0;
    this.x = 0;
    this.y = 0;
    this.osr = 0;
    this.isr = 0;
    this.osrCount = 0;
    this.isrCount = 0;
    this.period = 0; // of a parked machine, in its own clock's ticks
    this.turns = Infinity; // that it may be parked for
    this.dx = 0;
    this.dy = 0;
  }

  /** After a backward jump of machine m to `head`: true if m can be parked there. Notes the state otherwise. */
  closes(m, head) {
    if (this.head === head && this.#same(m) && !m.disturbedSince(m.cycleOf(this.tick))) {
      this.period = m.tick - this.tick;
      return true;
    }
    this.head = head;
    this.tick = m.tick;
    this.x = m.x;
    this.y = m.y;
    this.osr = m.osr;
    this.isr = m.isr;
    this.osrCount = m.osrCount;
    this.isrCount = m.isrCount;
    m.acted = m.readsIrq = m.xUsed = m.yUsed = false;
    m.xDecrements = m.yDecrements = m.reads = m.writes = 0;
    return false;
  }

  #same(m) {
    if (m.acted || m.osr !== this.osr || m.isr !== this.isr) {
      return false;
    }
    if (m.osrCount !== this.osrCount || m.isrCount !== this.isrCount) {
      return false;
    }
    this.dx = this.x - m.x;
    this.dy = this.y - m.y;
    this.turns = Infinity;
    return (
      this.#counts(this.dx, m.x, m.xUsed, m.xDecrements) && this.#counts(this.dy, m.y, m.yUsed, m.yDecrements)
    );
  }

  /** Whether a register is the same or counts down by one a turn; each turn with it above 0 is like the last. */
  #counts(change, value, used, decrements) {
    if (change === 0) {
      return true;
    }
    if (change !== 1 || used || decrements !== 1 || value === 0 || value === -1) {
      return false; // 0 falls through at the next turn; -1 has fallen through in this one
    }
    this.turns = Math.min(this.turns, value >>> 0);
    return true;
  }
}
