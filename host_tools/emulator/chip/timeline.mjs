// One order of events for everything that lives between two instructions of the processor: PIO state machines, DMA
// and levels from outside. It is behind the processor's time and catches up (`enter`) whenever the processor could
// see a difference; an alarm does it where no access would, for interrupts and for RAM written by DMA.
// Times are whole cycles of 8 ns since power-on. Within a cycle: outside, then state machines by number, then DMA.
import { NS_PER_CYCLE } from './clock.mjs';

/** Places in `times`: outside events, eight state machines from here on, DMA. */
export const SLOT_OUTSIDE = 0;
export const SLOT_MACHINE = 1;
export const SLOT_DMA = 9;
const SLOTS = 10;

/** How far (cycles) the timeline may be behind: nothing to be seen, DMA at work, an interrupt waited for. */
export const LAG_UNSEEN = 125000;
export const LAG_DMA = 500;
export const LAG_INTERRUPT = 125;

export class Timeline {
  constructor() {
    this.times = new Float64Array(SLOTS).fill(Infinity); // the next cycle of each source
    this.sources = new Array(SLOTS).fill(null); // each has run(): do what is due at times[slot], at least once
    this.cycle = 0; // everything up to and including this cycle is done; inside advance(): the present event's
    this.limit = 0; // a source may go on by itself while its next cycle is below this
    this.running = false;
    this.slot = SLOTS; // of the source at work; the processor's accesses come after all of them in their cycle
    this.lags = new Map();
    this.lag = LAG_UNSEEN;
    this.exact = false; // the processor is interrupted by levels from outside: each of them in time
    this.alarmCycle = Infinity;
    this.outside = []; // [{cycle, run, urgent}], in order of time
    this.sources[SLOT_OUTSIDE] = this;
  }

  /** Follow the clock of a machine; called once for each new chip, whose sources register themselves. */
  follow(clock, mcu) {
    this.clock = clock;
    this.core = mcu.core;
    this.waking = false; // the processor sleeps, but not much longer
    this.running = false; // a fault may have thrown through it
    this.alarm = clock.createAlarm(() => {
      this.alarmCycle = Infinity;
      this.enter();
      this.leave();
    });
    this.alarmCycle = Infinity;
    this.lags.clear();
    this.exact = false;
    this.lag = LAG_UNSEEN;
    for (let slot = SLOT_MACHINE; slot < SLOTS; slot++) {
      this.times[slot] = Infinity;
      this.sources[slot] = null;
    }
  }

  /** The cycle of the clock, or of the event that is being played. */
  get now() {
    return this.running ? this.cycle : Math.max(this.cycle, Math.floor(this.clock.nanos / NS_PER_CYCLE));
  }

  /** Catch up with the clock, before an access; returns the present cycle. leave() must follow. */
  enter() {
    if (!this.running) {
      this.advance(this.now);
    }
    return this.cycle;
  }

  /** After an access: see to it that the timeline is not too far behind. */
  leave() {
    if (this.running) {
      return;
    }
    const soon = this.cycle + (this.core.waiting && !this.waking && this.lag > LAG_INTERRUPT ? LAG_UNSEEN : this.lag);
    let next = Infinity;
    for (let slot = SLOT_MACHINE; slot < SLOTS; slot++) {
      if (this.times[slot] < next) {
        next = this.times[slot];
      }
    }
    next = next < soon ? soon : next;
    if (this.outside.length) {
      const { cycle } = this.outside[0];
      next = Math.min(next, this.exact ? cycle : Math.max(cycle, soon));
      // an urgent event may stand behind others that are not
      const urgent = this.outside.find((event) => event.urgent);
      next = urgent ? Math.min(next, urgent.cycle) : next;
    }
    if (next < this.alarmCycle) {
      this.alarmCycle = next;
      this.alarm.schedule(Math.max(0, next * NS_PER_CYCLE - this.clock.nanos));
    }
  }

  /** Catch up with the clock. */
  sync() {
    this.enter();
    this.leave();
  }

  /** The processor is about to be woken: what DMA has put into RAM must be there. */
  wakeProcessor() {
    if (!this.running && this.core.waiting) {
      this.waking = true;
      this.sync();
      this.waking = false;
    }
  }

  /** Who needs the timeline to be at most `lag` cycles behind; Infinity when no longer. */
  need(who, lag) {
    if (this.lags.get(who) !== lag) {
      this.lags.set(who, lag);
      this.lag = Math.min(LAG_UNSEEN, ...this.lags.values());
    }
  }

  advance(to) {
    const { times, sources } = this;
    this.running = true;
    try {
      for (;;) {
        let slot = -1;
        let first = Infinity;
        let second = to + 1;
        for (let i = 0; i < SLOTS; i++) {
          const time = times[i];
          if (time < first) {
            if (first < second) {
              second = first;
            }
            first = time;
            slot = i;
          } else if (time < second) {
            second = time;
          }
        }
        if (first > to) {
          break;
        }
        if (first > this.cycle) {
          this.cycle = first;
        }
        this.limit = second;
        this.slot = slot;
        sources[slot].run();
      }
      this.cycle = to;
    } finally {
      this.running = false;
      this.slot = SLOTS;
    }
  }

  /** A source becomes due, perhaps before the one that is running goes on by itself. */
  wake(slot, cycle) {
    if (cycle < this.times[slot]) {
      this.times[slot] = cycle;
    }
    if (cycle < this.limit) {
      this.limit = cycle;
    }
  }

  /**
   * Call run(cycle) at a cycle, or now if it is past. urgent: the processor must see it at that time.
   * The outside world's events survive a reset of the chip.
   */
  at(cycle, run, urgent = false) {
    const event = { cycle: Math.max(cycle, this.cycle), run, urgent };
    let place = this.outside.length;
    while (place > 0 && this.outside[place - 1].cycle > event.cycle) {
      place--;
    }
    this.outside.splice(place, 0, event);
    this.times[SLOT_OUTSIDE] = this.outside[0].cycle;
    this.limit = Math.min(this.limit, event.cycle);
    return event;
  }

  run() {
    const event = this.outside.shift();
    this.times[SLOT_OUTSIDE] = this.outside.length ? this.outside[0].cycle : Infinity;
    event.run(event.cycle);
  }
}
