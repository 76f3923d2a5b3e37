// Serial lines plugged into the chip's GPIOs, 8N1. What is behind a pin may change at any time: if its function is the
// hardware UART, whole frames are handed over (uart.mjs); else a line is levels on the wire, edges at exact bit times
// towards the chip and sampled in the middle of the bits from it. The sender decides at each start bit.
import { NS_PER_CYCLE } from './clock.mjs';
import { baudMatches, FORMAT_8N1, FRAMING_ERROR, FrameReader } from './uart_frames.mjs';

const FUNCTION_UART = 2; // FUNCSEL, datasheet 2.19.2
const FRAME_BITS = 10;

/** The UART behind a GPIO, and whether the GPIO is its TX or RX (2.19.2). */
function uartOf(gpio) {
  return { number: ((gpio + 4) >> 3) & 1, isTx: gpio % 4 === 0, isRx: gpio % 4 === 1 };
}

class Line {
  constructor(machine, { name, tx, rx, baudrate }) {
    this.machine = machine;
    this.name = name;
    this.tx = tx;
    this.rx = rx;
    this.baudrate = baudrate;
    this.owner = `serial ${name}`;
    this.bitNs = 1e9 / baudrate;
    this.chunks = []; // [startNs, bytes] still to be sent to the chip
    this.sent = 0; // bytes of the first chunk
    this.sending = false;
    this.freeNs = 0; // end of the last stop bit
    this.reader = new FrameReader();
    this.gone = false;
  }

  /** A new chip: hear its TX pin, hold its RX pin at rest. */
  plug() {
    const { gpio } = this.machine;
    this.remove?.();
    this.remove = gpio.onLevel(this.tx, (level, ns) => this.#edge(level, ns));
    this.reader.reset(this.machine.clock.nanos);
    gpio.drive(this.rx, this.owner, 1);
  }

  /** Taken out: the wire floats. */
  unplug() {
    this.gone = true;
    this.remove?.();
    this.machine.gpio.drive(this.rx, this.owner, null);
  }

  // --- to the chip

  /** Send bytes back to back, the first start bit not before startNs. */
  send(startNs, bytes) {
    if (bytes.length) {
      this.chunks.push([startNs, bytes]);
      if (!this.sending) {
        this.freeNs = Math.max(this.freeNs, this.machine.timeline.now * NS_PER_CYCLE);
        this.#next();
      }
    }
  }

  #next() {
    const { timeline } = this.machine;
    if (this.chunks.length && this.sent === this.chunks[0][1].length) {
      this.chunks.shift();
      this.sent = 0;
    }
    this.sending = this.chunks.length > 0 && !this.gone;
    if (this.sending) {
      const [startNs, bytes] = this.chunks[0];
      const start = Math.max(this.sent ? 0 : startNs, this.freeNs);
      const byte = bytes[this.sent++];
      this.freeNs = start + FRAME_BITS * this.bitNs;
      // whole frames for a hardware UART come one by one, so the first must not be late
      const whole = this.machine.gpio.functions[this.rx] === FUNCTION_UART;
      timeline.at(Math.round(start / NS_PER_CYCLE), () => this.#begin(byte, start), whole);
      timeline.leave();
    }
  }

  #begin(byte, start) {
    const { machine } = this;
    if (machine.gpio.functions[this.rx] !== FUNCTION_UART) {
      this.#bit((byte << 1) | 0x200, 0, start);
      return;
    }
    const end = Math.ceil((start + FRAME_BITS * this.bitNs) / NS_PER_CYCLE);
    machine.timeline.at(end, () => this.#handOver(byte, start), true);
  }

  #handOver(byte, start) {
    const { number, isRx } = uartOf(this.rx);
    if (isRx && this.machine.gpio.functions[this.rx] === FUNCTION_UART) {
      this.machine.mcu.uart[number].receive(byte, start, this.bitNs);
    }
    this.#next();
  }

  #bit(frame, index, start) {
    const { gpio, timeline } = this.machine;
    const level = (frame >>> index) & 1;
    gpio.driveAt(this.rx, this.owner, level, timeline.now);
    let change = index + 1;
    while (change < FRAME_BITS && ((frame >>> change) & 1) === level) {
      change++;
    }
    if (change < FRAME_BITS) {
      const cycle = Math.round((start + change * this.bitNs) / NS_PER_CYCLE);
      timeline.at(cycle, () => this.#bit(frame, change, start));
    } else {
      this.#next();
    }
  }

  // --- from the chip

  #edge(level, ns) {
    this.reader.edge(level, ns);
    this.read(ns);
  }

  /** Report the frames whose stop bit has ended. */
  read(untilNs) {
    const half = this.bitNs / 2; // a receiver is done in the middle of the stop bit
    for (const { entry, endNs } of this.reader.read(this.bitNs, FORMAT_8N1, untilNs - half)) {
      if (!(entry & FRAMING_ERROR)) {
        this.machine.emitSerial(this.name, endNs + half, entry & 0xff);
      }
    }
  }

  /** A frame of the hardware UART. */
  frame(byte, startNs, endNs, bitNs) {
    if (baudMatches(bitNs, this.bitNs)) {
      this.machine.emitSerial(this.name, endNs, byte);
    } else {
      this.reader.add(byte, startNs, bitNs);
      this.read(endNs);
    }
  }
}

/** Let the UARTs of the present chip tell their lines what they send. */
function hearUarts(machine, lines) {
  machine.mcu.uart.forEach((uart, number) => {
    uart.onFrame = (byte, startNs, endNs, bitNs) => {
      for (const line of lines.values()) {
        const pin = uartOf(line.tx);
        if (pin.isTx && pin.number === number && machine.gpio.functions[line.tx] === FUNCTION_UART) {
          line.frame(byte, startNs, endNs, bitNs);
        }
      }
    };
  });
}

/**
 * Plug a line in, or the same one again with another baud rate or other pins.
 * @param {object} machine
 * @param {{name: string, tx: number, rx: number, baudrate: number}} port tx is the chip's output
 */
export function attach(machine, port) {
  const lines = (machine.host.lines ??= new Map());
  const old = lines.get(port.name);
  if (old && old.tx === port.tx && old.rx === port.rx && old.baudrate === port.baudrate) {
    return old;
  }
  old?.unplug();
  const line = new Line(machine, port);
  lines.set(port.name, line);
  line.plug();
  return line;
}

/** Carry the lines over to a new chip; after gpio.mjs. */
export function install(machine) {
  const lines = (machine.host.lines ??= new Map());
  const { atPlug, atRunStart, atRunEnd, plugged } = machine;
  lines.forEach((line) => line.plug());
  const plugAll = () => plugged.serial.forEach((port) => attach(machine, port));
  plugAll();
  atPlug.push(plugAll);
  machine.clock.createAlarm(() => hearUarts(machine, lines)).schedule(0); // uart.mjs is installed after this
  atRunStart.push((request) => {
    for (const [name, chunks] of Object.entries(request.serial ?? {})) {
      chunks.forEach(([startNs, bytes]) => lines.get(name)?.send(startNs, bytes));
    }
  });
  atRunEnd.push(() => {
    machine.timeline.sync();
    lines.forEach((line) => line.read(machine.clock.nanos));
  });
}
