// The 30 GPIOs: who drives each wire, what level it has, who hears of it (RP2040 datasheet 2.19, pads 2.19.4).
// A wire may have several drivers: any that pulls low wins, else any that drives high, else the pad's pull. A wire
// that nobody drives or pulls keeps its last level; so does the bus keeper, which is both pulls at once.
// All levels are bit masks; times are cycles of the timeline, nanoseconds at the interfaces.
import { NS_PER_CYCLE } from './clock.mjs';
import { installRegisters, Pin } from './gpio_registers.mjs';
import { Timeline, LAG_INTERRUPT } from './timeline.mjs';

const GPIOS = 30;
const ALL = (1 << GPIOS) - 1;
const SYNC_CYCLES = 2; // two flip-flops before PIO, 3.5.6.3
const RING = 1024; // changes of the inputs that a synchroniser may still have to deliver
const IO_BANK0_IRQ = 13;

const [UART, SPI, PWM, SIO, PIO0, PIO1] = [2, 1, 4, 5, 6, 7];

/** What a hardware block drives at rest, by GPIO modulo 4 (2.19.2): TX and RTS of a UART, CSn, SCK, TX of an SPI. */
const REST = new Map([
  [UART, [{ value: 1, enable: 1 }, null, null, { value: 1, enable: 1 }]],
  [SPI, [null, { value: 1, enable: 1 }, { value: 0, enable: 1 }, { value: 0, enable: 1 }]],
]);

export class Gpio {
  constructor(machine) {
    this.machine = machine;
    this.mcu = machine.mcu;
    this.timeline = machine.timeline;
    this.listeners = Array.from({ length: GPIOS }, () => new Set());
    this.listened = 0;
    this.blocks = [];
    this.ring = { cycles: new Float64Array(RING), masks: new Int32Array(RING), first: 0, count: 0 };
    const outside = (machine.host.gpio ??= { drivers: Array.from({ length: GPIOS }, () => new Map()), levels: 0 });
    this.drivers = outside.drivers; // those of the world outside survive a reset
    this.outside = outside;
    this.levels = outside.levels;
    this.edges = (outside.edges ??= []); // [ns, gpio, level] not yet reported
    this.watched = 0;
    this.functions = new Uint8Array(GPIOS).fill(0x1f);
    this.peripherals = new Map(); // GPIO: what setPeripheral said
    this.pioPins = [0, 0];
    this.sioPins = this.pwmPins = this.restPins = this.restValue = this.restEnable = 0;
    this.pads = { pullUp: 0, pullDown: ALL, input: ALL, disable: 0 }; // all pads reset to 0x56
    this.over = { outInvert: 0, outLow: 0, outHigh: 0, oeInvert: 0, oeOff: 0, oeOn: 0 };
    Object.assign(this.over, { inInvert: 0, inLow: 0, inHigh: 0 });
    this.interrupts = { low: 0, high: 0, fall: 0, rise: 0, forced: 0, wanted: false };
    this.fallen = this.risen = 0; // edges latched for INTR
    this.externalLow = this.externalHigh = 0;
    this.inputs = this.stable = 0;
    this.changedAt = new Float64Array(GPIOS).fill(-1); // cycle of each input's last change
    this.lastChange = -1;
    this.out = this.enable = 0;
    this.drivers.forEach((_, index) => this.#gather(index));
  }

  // --- the outside

  /** The level of a wire, 0 or 1, now. */
  level(gpio) {
    this.timeline.enter();
    this.timeline.leave();
    return (this.levels >>> gpio) & 1;
  }

  /** Drive a wire from outside: level 0, 1 or null to let go. Several owners are wired-AND. */
  drive(gpio, owner, level) {
    const cycle = this.timeline.enter();
    this.driveAt(gpio, owner, level, cycle);
    this.timeline.leave();
  }

  driveAt(gpio, owner, level, cycle) {
    const drivers = this.drivers[gpio];
    if (level === null) {
      drivers.delete(owner);
    } else {
      drivers.set(owner, level ? 1 : 0);
    }
    this.#gather(gpio);
    this.resolve(cycle);
  }

  #gather(gpio) {
    const bit = 1 << gpio;
    this.externalLow &= ~bit;
    this.externalHigh &= ~bit;
    for (const level of this.drivers[gpio].values()) {
      if (level) {
        this.externalHigh |= bit;
      } else {
        this.externalLow |= bit;
      }
    }
  }

  /** Call back (level, ns) at each change of a wire; returns the function that ends it. Ends with a reset, too. */
  onLevel(gpio, callback) {
    this.listeners[gpio].add(callback);
    this.listened |= 1 << gpio;
    return () => this.listeners[gpio].delete(callback);
  }

  /** What a hardware block drives: {value, enable} instead of its level at rest; null for that again. */
  setPeripheral(gpio, drive) {
    const cycle = this.timeline.enter();
    if (drive) {
      this.peripherals.set(gpio, drive);
    } else {
      this.peripherals.delete(gpio);
    }
    this.sortPins();
    this.resolve(cycle);
    this.timeline.leave();
  }

  /** Report the edges of these GPIOs. */
  watch(gpios) {
    this.watched = 0;
    for (const gpio of gpios) {
      this.watched |= 1 << gpio;
    }
  }

  /** The edges up to now, in order of time; two in one cycle are a glitch that no wire shows. */
  takeEdges(untilNs) {
    this.edges.sort((a, b) => a[0] - b[0]);
    let count = 0;
    while (count < this.edges.length && this.edges[count][0] <= untilNs) {
      count++;
    }
    const taken = this.edges.splice(0, count);
    return taken.filter(([ns, gpio], i) => {
      const twin = ([n, g], k) => k !== i && n === ns && g === gpio;
      const near = taken.slice(Math.max(0, i - 4), i + 5);
      return !near.some((edge, k) => twin(edge, Math.max(0, i - 4) + k));
    });
  }

  // --- the chip's side

  /** Which GPIOs belong to whom; after a change of a function. */
  sortPins() {
    this.pioPins = [0, 0];
    this.sioPins = this.pwmPins = this.restPins = this.restValue = this.restEnable = 0;
    this.functions.forEach((select, gpio) => {
      const bit = 1 << gpio;
      const rest = this.peripherals.get(gpio) ?? REST.get(select)?.[gpio % 4];
      if (select === SIO) {
        this.sioPins |= bit;
      } else if (select === PWM) {
        this.pwmPins |= bit;
      } else if (select === PIO0 || select === PIO1) {
        this.pioPins[select - PIO0] |= bit;
      } else if (rest) {
        this.restPins |= bit;
        this.restValue |= rest.value ? bit : 0;
        this.restEnable |= rest.enable ? bit : 0;
      }
    });
  }

  /** Something on the chip drives differently; `pins` are those it might concern. */
  chipChanged(pins, cycle) {
    if (pins) {
      this.resolve(cycle);
    }
  }

  #drive() {
    const { sio, pwm } = this.mcu;
    const [pio0, pio1] = this.blocks;
    const [pins0, pins1] = this.pioPins;
    let out = (sio.gpioValue & this.sioPins) | (pwm.gpioValue & this.pwmPins) | this.restValue;
    let enable = (sio.gpioOutputEnable & this.sioPins) | (pwm.gpioDirection & this.pwmPins) | this.restEnable;
    if (pio0) {
      out |= (pio0.out & pins0) | (pio1.out & pins1);
      enable |= (pio0.directions & pins0) | (pio1.directions & pins1);
    }
    this.peripheralOut = out;
    this.peripheralEnable = enable;
    const { over } = this;
    this.out = ((out ^ over.outInvert) & ~over.outLow) | over.outHigh;
    this.enable = ((enable ^ over.oeInvert) & ~over.oeOff) | over.oeOn;
    this.drivenOut = this.enable & ~this.pads.disable;
  }

  /** The levels of all wires from all drivers, at `cycle`. */
  resolve(cycle) {
    this.#drive();
    const { pullUp, pullDown } = this.pads;
    const low = (this.drivenOut & ~this.out) | this.externalLow;
    const high = ((this.drivenOut & this.out) | this.externalHigh) & ~low;
    const kept = this.levels & ~(pullUp ^ pullDown);
    const rest = (pullUp & ~pullDown) | kept;
    const levels = (high | (rest & ~low)) & ALL;
    const changed = levels ^ this.levels;
    this.levels = this.outside.levels = levels;
    this.#feed(cycle);
    if (changed & (this.watched | this.listened)) {
      this.#tell(changed, levels, cycle);
    }
  }

  #tell(changed, levels, cycle) {
    const ns = cycle * NS_PER_CYCLE;
    for (let rest = changed & (this.watched | this.listened); rest; rest &= rest - 1) {
      const gpio = 31 - Math.clz32(rest & -rest);
      const level = (levels >>> gpio) & 1;
      if ((this.watched >>> gpio) & 1) {
        this.edges.push([ns, gpio, level]);
      }
      for (const listener of this.listeners[gpio]) {
        listener(level, ns);
      }
    }
  }

  // --- inputs

  /** What the chip reads: through input enable and override, then to PIO, PWM and the interrupts. */
  #feed(cycle) {
    const { over } = this;
    const inputs = (((this.levels & this.pads.input) ^ over.inInvert) & ~over.inLow) | over.inHigh;
    const changed = inputs ^ this.inputs;
    if (!changed) {
      return;
    }
    for (const block of this.blocks) {
      block.pinsChanging(changed, cycle);
    }
    this.inputs = inputs;
    this.lastChange = cycle;
    for (let rest = changed; rest; rest &= rest - 1) {
      this.changedAt[31 - Math.clz32(rest & -rest)] = cycle;
    }
    this.#delay(cycle, inputs);
    this.risen |= changed & inputs;
    this.fallen |= changed & ~inputs;
    this.interrupt();
    if (changed & this.pwmPins) {
      this.#feedPwm(changed & this.pwmPins);
    }
  }

  #feedPwm(changed) {
    for (let gpio = 1; gpio < GPIOS; gpio += 2) {
      if ((changed & ~this.mcu.pwm.gpioDirection) >>> gpio & 1) {
        this.mcu.pwm.channels[(gpio >> 1) & 7].gpioBChanged(); // a B pin as an input counts or gates, 4.5.2.5
      }
    }
  }

  #delay(cycle, inputs) {
    const { ring } = this;
    if (ring.count === RING) {
      this.synced(ring.cycles[ring.first] + SYNC_CYCLES);
    }
    const place = (ring.first + ring.count++) % RING;
    ring.cycles[place] = cycle;
    ring.masks[place] = inputs;
  }

  /** The inputs as they come out of the synchronisers at `cycle`; cycles must not go back. */
  synced(cycle) {
    const { ring } = this;
    while (ring.count && ring.cycles[ring.first] + SYNC_CYCLES <= cycle) {
      this.stable = ring.masks[ring.first];
      ring.first = (ring.first + 1) % RING;
      ring.count--;
    }
    return this.stable;
  }

  /** Whether the synchronisers still have changes to deliver after `cycle`. */
  settling(cycle) {
    this.synced(cycle);
    return this.ring.count > 0;
  }

  /** Whether one of these inputs has changed at or after `cycle`. */
  changedSince(pins, cycle) {
    if (this.lastChange < cycle) {
      return false;
    }
    return this.changedAt.some((changed, gpio) => changed >= cycle && (pins >>> gpio) & 1);
  }

  /** The inputs at `cycle`, not more than a few cycles ago: an output of PIO is one cycle ahead. */
  inputsAt(cycle) {
    const { ring } = this;
    for (let i = ring.count - 1; i >= 0; i--) {
      const place = (ring.first + i) % RING;
      if (ring.cycles[place] <= cycle) {
        return ring.masks[place];
      }
    }
    return this.stable;
  }

  /** IO_BANK0's interrupt for the processor, 2.19.3: levels as they are, edges until they are cleared. */
  interrupt() {
    const { low, high, fall, rise, forced } = this.interrupts;
    const pending = (low & ~this.inputs) | (high & this.inputs) | (fall & this.fallen) | (rise & this.risen) | forced;
    const wanted = (pending & ALL) !== 0;
    if (wanted !== this.interrupts.wanted) {
      this.interrupts.wanted = wanted;
      this.mcu.setInterrupt(IO_BANK0_IRQ, wanted);
    }
  }

  /** After a change of what may interrupt. */
  armInterrupt() {
    const { low, high, fall, rise } = this.interrupts;
    const armed = ((low | high | fall | rise) & ALL) !== 0;
    this.timeline.need(this, armed ? LAG_INTERRUPT : Infinity);
    this.timeline.exact = armed;
    this.interrupt();
  }

  /** Play the levels that the protocol's `pins` asks for: [[ns, gpio, 0 | 1 | null], ...]. */
  play(script) {
    const { timeline } = this;
    for (const [ns, gpio, level] of script) {
      const wanted = level === null || level < 0 ? null : level;
      timeline.at(Math.ceil(ns / NS_PER_CYCLE), (cycle) => this.machine.gpio.driveAt(gpio, 'pins', wanted, cycle));
    }
    timeline.leave();
  }
}

/** Give a new chip its pins; before pio.mjs. */
export function install(machine) {
  const { mcu, plugged } = machine;
  machine.timeline ??= new Timeline();
  machine.timeline.follow(machine.clock, mcu);
  const interrupt = mcu.setInterrupt.bind(mcu);
  mcu.setInterrupt = (irq, level) => {
    if (level) {
      machine.timeline.wakeProcessor();
    }
    interrupt(irq, level);
  };
  const gpio = new Gpio(machine);
  machine.gpio = gpio;
  mcu.gpio = gpio.functions.reduce((pins, _, index) => [...pins, new Pin(gpio, index)], []);
  gpio.watch(plugged.watch);
  installRegisters(machine, gpio);
  machine.atPlug.push(() => gpio.watch(plugged.watch));
  machine.atRunStart.push((request) => gpio.play(request.pins ?? []));
  machine.atReset.push(() => machine.timeline.sync());
  machine.atRunEnd.push(() => {
    machine.timeline.sync();
    for (const [ns, pin, level] of gpio.takeEdges(machine.clock.nanos)) {
      machine.emitEdge(ns, pin, level);
    }
  });
}
