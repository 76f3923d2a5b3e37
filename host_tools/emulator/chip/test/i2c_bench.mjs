// A chip's I2C with wires and parts around it, without a core: registers are written by the tests.
import { RP2040 } from 'rp2040js';
import { install } from '../i2c.mjs';

/** Wires that are low if anybody pulls them low. */
export class Wires {
  drivers = new Map();
  listeners = new Map();

  level(pin) {
    return [...(this.drivers.get(pin)?.values() ?? [])].includes(0) ? 0 : 1;
  }

  drive(pin, owner, level) {
    const before = this.level(pin);
    if (!this.drivers.has(pin)) this.drivers.set(pin, new Map());
    if (level === null) this.drivers.get(pin).delete(owner);
    else this.drivers.get(pin).set(owner, level);
    const after = this.level(pin);
    if (after !== before) [...(this.listeners.get(pin) ?? [])].forEach((listener) => listener(after));
  }

  onLevel(pin, listener) {
    if (!this.listeners.has(pin)) this.listeners.set(pin, new Set());
    this.listeners.get(pin).add(listener);
    return () => this.listeners.get(pin).delete(listener);
  }
}

/** A part with a register pointer and 256 registers, as Python would answer; it logs what it is asked. */
export class Registers {
  bytes = Uint8Array.from({ length: 256 }, (_, index) => index ^ 0xa5);
  log = [];
  pointer = null;
  nackAt = Infinity; // written bytes in a transfer that are acknowledged
  stretchNs = 0;

  answer({ event, read, byte }) {
    const answer = this.#answer(event, read, byte);
    this.log.push(event === 'start' ? (read ? 'read' : 'write') : event === 'stop' ? 'stop' : (byte ?? answer.byte));
    return { ...answer, stretch_ns: this.stretchNs };
  }

  #answer(event, read, byte) {
    if (event === 'start') {
      this.written = 0;
      return { ack: true };
    }
    if (event === 'write') {
      const ack = this.written < this.nackAt;
      if (ack && this.written++ === 0) this.pointer = byte;
      else if (ack) this.bytes[this.pointer++ & 0xff] = byte;
      return { ack };
    }
    return event === 'read' ? { byte: this.bytes[this.pointer++ & 0xff] } : {};
  }
}

/** A chip whose controller 0 is on GPIO 4 and 5, with the parts of bus 0 by address. */
export function bench(parts = { 0x29: new Registers() }) {
  const mcu = new RP2040();
  const gpio = new Wires();
  const machine = {
    mcu,
    gpio,
    clock: mcu.clock,
    host: {},
    atPlug: [],
    atReset: [],
    plugged: { i2c: [new Set(Object.keys(parts).map(Number)), new Set()] },
    ask: (question) => parts[question.address].answer(question),
  };
  install(machine);
  for (const pin of [4, 5]) mcu.gpio[pin].ctrl = 3;
  const write = (offset, value) => mcu.writeUint32(0x40044000 + offset, value);
  const read = (offset) => mcu.readUint32(0x40044000 + offset);
  const wait = (nanos) => mcu.clock.tick(nanos);
  return { mcu, gpio, machine, write, read, wait };
}
