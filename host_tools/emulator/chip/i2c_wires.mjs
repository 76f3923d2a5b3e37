// The wires SDA and SCL of one I2C bus and the parts on them, which answer by questions to Python.
// A controller in the chip speaks whole bytes to them; software that drives the pins itself (SoftI2C, and scan()
// of MicroPython's hardware I2C) meets the same parts bit by bit. Parts bring their pull-ups along.

/** GPIOs of a bus unless it is plugged in elsewhere: MicroPython's defaults for the Pico. */
export const DEFAULT_PINS = [
  { sda: 4, scl: 5 },
  { sda: 6, scl: 7 },
];

const WATCHED_LAG = 125; // cycles
const FUNCTION_I2C = 3; // datasheet 2.19.2; I2C0 has SDA at GPIO 0 modulo 4 and SCL at 1, I2C1 at 2 and 3

export class I2cWires {
  constructor(machine, bus) {
    this.machine = machine;
    this.bus = bus;
    this.#idle();
    // The world's alarm: a part that stretches the clock does not let go because the chip restarts.
    const { clock } = machine;
    this.stretch = (clock.createHostAlarm ?? clock.createAlarm).call(clock, () => this.#drive(this.pins.scl, null));
  }

  /** Follow the pins of the present chip; again after each reset and whenever parts are plugged in. */
  connect() {
    this.unlisten?.();
    this.unlisten = null;
    this.pins = this.machine.plugged.i2cPins?.[this.bus] ?? DEFAULT_PINS[this.bus];
    const { gpio } = this.machine;
    if (!this.addresses.size || !gpio) {
      return;
    }
    const { sda, scl } = this.pins;
    const pullUp = (pin, level) => gpio.drive(pin, `i2c ${this.bus} pull-up`, level);
    pullUp(sda, 1);
    pullUp(scl, 1);
    this.sda = gpio.level(sda);
    this.scl = gpio.level(scl);
    const remove = [
      gpio.onLevel(sda, (level) => this.#onSda(level)),
      gpio.onLevel(scl, (level) => this.#onScl(level)),
      () => pullUp(sda, null),
      () => pullUp(scl, null),
    ];
    this.unlisten = () => remove.forEach((each) => each());
  }

  /** The parts lose their supply with the chip. */
  powerOff() {
    this.#idle();
    this.stretch.cancel();
    for (const pin of [this.pins.sda, this.pins.scl]) {
      this.machine.gpio?.drive(pin, `i2c ${this.bus} part`, null);
    }
  }

  get addresses() {
    return this.machine.plugged.i2c[this.bus];
  }

  /** Whether controller `index` of the chip is on these wires. */
  reachedBy(index, mcu) {
    const { sda, scl } = this.pins;
    const routed = (pin) => mcu.gpio[pin].functionSelect === FUNCTION_I2C;
    return sda % 4 === index * 2 && scl % 4 === index * 2 + 1 && routed(sda) && routed(scl);
  }

  /** Levels on the wires, with whatever else pulls them down. */
  get sdaLevel() {
    return this.machine.gpio?.level(this.pins.sda) ?? 1;
  }

  get sclLevel() {
    return this.machine.gpio?.level(this.pins.scl) ?? 1;
  }

  /** Call `changed` at each change of a level, within a microsecond; returns how to end that. */
  watch(changed) {
    const { gpio, timeline } = this.machine;
    const { sda, scl } = this.pins;
    timeline?.need(changed, WATCHED_LAG);
    const remove = [gpio.onLevel(sda, changed), gpio.onLevel(scl, changed)];
    gpio.level(sda); // the pins' own time catches up, and from now on closely
    return () => {
      timeline?.need(changed, Infinity);
      remove.forEach((each) => each());
    };
  }

  /** A start condition and an address. @returns {{ack: boolean, stretchNs: number}} */
  start(address, read) {
    this.address = address;
    this.answering = false;
    if (!this.addresses.has(address)) {
      return { ack: false, stretchNs: 0 };
    }
    const answer = this.#ask({ event: 'start', read });
    this.answering = answer.ack;
    return answer;
  }

  write(byte) {
    return this.#ask({ event: 'write', byte });
  }

  /** @returns {{byte: number, stretchNs: number}} */
  read() {
    return this.#ask({ event: 'read' });
  }

  stop() {
    if (this.answering) {
      this.answering = false;
      this.#ask({ event: 'stop' });
    }
  }

  #ask(question) {
    const { machine, bus, address } = this;
    const answer = machine.ask({ ask: 'i2c', bus, address, at: Math.round(machine.clock.nanos), ...question });
    return { ack: !!answer.ack, byte: (answer.byte ?? 0xff) & 0xff, stretchNs: answer.stretch_ns ?? 0 };
  }

  // Bit by bit: data changes while SCL is low; SDA falling while SCL is high is a start, rising a stop.

  #idle() {
    this.phase = 'idle'; // 'address', 'write', 'read' (the part sends), 'ignore'
    this.bits = 0; // of the present byte, its acknowledgement being the ninth
    this.shift = 0;
    this.acknowledged = false;
  }

  #onSda(level) {
    this.sda = level;
    if (!this.scl) {
      return;
    }
    if (level) {
      this.#idle();
      this.stop();
    } else {
      this.#idle();
      this.phase = 'address';
    }
    this.#drive(this.pins.sda, null);
  }

  #onScl(level) {
    this.scl = level;
    if (this.phase === 'idle' || this.phase === 'ignore') {
      return;
    }
    if (level) {
      this.bits++;
      if (this.bits <= 8) {
        this.shift = ((this.shift << 1) | this.sda) & 0xff;
      } else if (this.phase === 'read') {
        this.acknowledged = !this.sda; // by the chip
      }
    } else if (this.bits === 8) {
      this.#byteEnds();
    } else if (this.bits === 9) {
      this.#acknowledgeEnds();
    } else if (this.phase === 'read') {
      this.#send();
    }
  }

  /** After eight clocks: the acknowledging side takes SDA. */
  #byteEnds() {
    if (this.phase === 'read') {
      this.#drive(this.pins.sda, null);
      return;
    }
    const { phase, shift } = this;
    const { ack, stretchNs } = phase === 'address' ? this.start(shift >> 1, !!(shift & 1)) : this.write(shift);
    this.acknowledged = ack;
    this.#drive(this.pins.sda, ack ? 0 : null);
    this.#stretch(stretchNs);
  }

  /** After nine clocks: the next byte, if there is one. */
  #acknowledgeEnds() {
    const { phase, shift, acknowledged } = this;
    this.bits = 0;
    this.#drive(this.pins.sda, null);
    if (!acknowledged) {
      this.phase = 'ignore';
      return;
    }
    this.phase = phase === 'address' ? (shift & 1 ? 'read' : 'write') : phase;
    if (this.phase === 'read') {
      const { byte, stretchNs } = this.read();
      this.sending = byte;
      this.#send();
      this.#stretch(stretchNs);
    }
  }

  #send() {
    this.#drive(this.pins.sda, (this.sending >> (7 - this.bits)) & 1 ? null : 0);
  }

  #stretch(nanos) {
    if (nanos > 0) {
      this.#drive(this.pins.scl, 0);
      this.stretch.schedule(nanos);
    }
  }

  #drive(pin, level) {
    this.machine.gpio.drive(pin, `i2c ${this.bus} part`, level);
  }
}
