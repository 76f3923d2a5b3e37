// Emulated time: cycles of the 125 MHz system clock (8 ns each, an exact integer) plus the time skipped while the
// core waits. It has the interface of rp2040js's SimulationClock, so every peripheral of the package runs on it.
// Alarms of the chip die with a reset; those of the world outside (lines, stimuli) survive it.

/** Nanoseconds of one cycle at the 125 MHz that pico-sdk sets (clk_sys, RP2040 datasheet 2.15). */
export const NS_PER_CYCLE = 8;

class Alarm {
  constructor(clock, callback, host) {
    this.clock = clock;
    this.callback = callback;
    this.host = host;
    this.nanos = 0;
    this.scheduled = false;
    this.next = null;
  }

  /** Fires `deltaNanos` from now; an alarm that is already scheduled is moved. */
  schedule(deltaNanos) {
    this.clock.link(this, this.clock.nanos + deltaNanos);
  }

  /** Fires at this absolute emulated time; at once if that is past. */
  scheduleAt(nanos) {
    this.clock.link(this, nanos);
  }

  cancel() {
    if (this.scheduled) this.clock.unlink(this);
  }
}

export class Clock {
  constructor() {
    this.core = { cycles: 0 };
    this.base = 0; // cycles of earlier chips and skipped cycles: total = base + core.cycles
    this.skipped = 0;
    this.head = null;
    this.limit = Infinity; // total cycles at which the present run ends
    this.stopAt = Infinity; // the same clock's next stop, in core.cycles: what the interpreter watches
    this.alarmNanos = -1; // inside a callback: the alarm's own time
    this.frequency = 125e6;
  }

  /** Follows another core (a new chip), time going on. */
  follow(core) {
    this.base += this.core.cycles - core.cycles;
    this.core = core;
    this.update();
  }

  get ticks() {
    return this.base + this.core.cycles;
  }

  get nanos() {
    return this.alarmNanos >= 0 ? this.alarmNanos : (this.base + this.core.cycles) * NS_PER_CYCLE;
  }

  get micros() {
    return this.nanos / 1000;
  }

  get nanosToNextAlarm() {
    return this.head ? Math.max(0, this.head.nanos - this.nanos) : 0;
  }

  createAlarm(callback) {
    return new Alarm(this, callback, false);
  }

  createHostAlarm(callback) {
    return new Alarm(this, callback, true);
  }

  link(alarm, nanos) {
    if (alarm.scheduled) this.unlink(alarm);
    alarm.nanos = nanos;
    alarm.scheduled = true;
    let before = null;
    let item = this.head;
    while (item && item.nanos <= nanos) {
      before = item;
      item = item.next;
    }
    alarm.next = item;
    if (before) {
      before.next = alarm;
    } else {
      this.head = alarm;
      this.update();
    }
  }

  unlink(alarm) {
    alarm.scheduled = false;
    if (this.head === alarm) {
      this.head = alarm.next;
      this.update();
      return;
    }
    for (let item = this.head; item; item = item.next) {
      if (item.next === alarm) {
        item.next = alarm.next;
        return;
      }
    }
  }

  /** Forgets the chip's alarms; those of the world outside stay. */
  dropChipAlarms() {
    let kept = null;
    let last = null;
    for (let item = this.head; item; item = item.next) {
      item.scheduled = item.host;
      if (!item.host) continue;
      if (last) last.next = item;
      else kept = item;
      last = item;
    }
    if (last) last.next = null;
    this.head = kept;
    this.update();
  }

  /** Total cycles at which the next alarm is due: the first cycle edge not before its time. */
  get nextTick() {
    return this.head ? Math.ceil(this.head.nanos / NS_PER_CYCLE) : Infinity;
  }

  update() {
    this.stopAt = Math.min(this.limit, this.nextTick) - this.base;
  }

  /** Calls the alarms that are due, in order of their times. */
  fire() {
    const now = (this.base + this.core.cycles) * NS_PER_CYCLE;
    while (this.head && this.head.nanos <= now) {
      const alarm = this.head;
      this.head = alarm.next;
      alarm.scheduled = false;
      this.alarmNanos = alarm.nanos;
      try {
        alarm.callback();
      } finally {
        this.alarmNanos = -1;
      }
    }
    this.update();
  }

  /** Jumps to this total cycle; the core does not work meanwhile. */
  skipTo(tick) {
    const delta = tick - this.ticks;
    if (delta <= 0) return;
    this.base += delta;
    this.skipped += delta;
    this.update();
  }
}
