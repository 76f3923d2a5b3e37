// The registers in front of gpio.mjs: IO_BANK0 (RP2040 datasheet 2.19.6.1), PADS_BANK0 (2.19.6.3) and the GPIO part
// of SIO (2.3.1.7). Each access brings the timeline up to the processor first.
import { Block, onBlockReset } from './block.mjs';

const GPIOS = 30;
const IO_PAGE = 0x40014;
const PADS_PAGE = 0x4001c;
const IO_RESET_BIT = 5;
const PADS_RESET_BIT = 8;

// IO_BANK0
const CTRL_END = 0x0f0;
const INTR0 = 0x0f0;
const PROC0_INTE0 = 0x100;
const PROC0_INTF0 = 0x110;
const PROC0_INTS0 = 0x120;
const PROC0_END = 0x130; // then the same for core 1 and for waking from dormant mode: kept, no more
const IO_END = 0x190;
const CTRL_RESET = 0x1f;

// PADS_BANK0: VOLTAGE_SELECT, then a register for each GPIO
const PAD0 = 0x04;
const PAD_RESET = 0x56;

// SIO
const GPIO_OUT = 0x10;
const GPIO_OE = 0x20;
const GPIO_OE_XOR = 0x2c;
const MASK = 0x3fffffff;

const [LEVEL_LOW, LEVEL_HIGH, EDGE_LOW, EDGE_HIGH] = [1, 2, 4, 8]; // four bits a GPIO in INTR and its kin

/** The pin as other parts of the package know it. */
export class Pin {
  constructor(gpio, index) {
    this.gpio = gpio;
    this.index = index;
  }

  get inputValue() {
    return ((this.gpio.inputs >>> this.index) & 1) === 1;
  }

  get functionSelect() {
    return this.gpio.functions[this.index];
  }

  /** SIO's and PWM's call after they have changed what they drive. */
  checkForUpdates() {
    const cycle = this.gpio.timeline.enter();
    this.gpio.chipChanged(1 << this.index, cycle);
    this.gpio.timeline.leave();
  }
}

class IoBank extends Block {
  constructor(mcu, gpio) {
    super(mcu, 'IO_BANK0');
    this.gpio = gpio;
    this.reset();
  }

  reset() {
    this.ctrl = new Uint32Array(GPIOS).fill(CTRL_RESET);
    this.masks = new Uint32Array((IO_END - INTR0) >> 2);
    this.#apply();
  }

  read(offset) {
    const { gpio } = this;
    gpio.timeline.enter();
    gpio.timeline.leave();
    if (offset < CTRL_END) {
      const index = offset >>> 3;
      return offset & 4 ? this.ctrl[index] : this.#status(index);
    }
    if (offset < PROC0_INTE0) {
      return this.#raw((offset - INTR0) >> 2);
    }
    if (offset >= PROC0_INTS0 && offset < PROC0_END) {
      const word = (offset & 0xf) >> 2;
      return (this.#raw(word) & this.#mask(PROC0_INTE0, word)) | this.#mask(PROC0_INTF0, word);
    }
    return offset < IO_END ? this.masks[(offset - INTR0) >> 2] : 0;
  }

  #mask(base, word) {
    return this.masks[((base - INTR0) >> 2) + word];
  }

  #raw(word) {
    const { inputs, fallen, risen } = this.gpio;
    let raw = 0;
    for (let i = 0; i < 8 && 8 * word + i < GPIOS; i++) {
      const bit = 1 << (8 * word + i);
      const level = inputs & bit ? LEVEL_HIGH : LEVEL_LOW;
      raw |= (level | (fallen & bit ? EDGE_LOW : 0) | (risen & bit ? EDGE_HIGH : 0)) << (4 * i);
    }
    return raw;
  }

  #status(index) {
    const { gpio } = this;
    const bit = (mask) => (mask >>> index) & 1;
    const driven = (bit(gpio.peripheralOut) << 8) | (bit(gpio.out) << 9);
    const enabled = (bit(gpio.peripheralEnable) << 12) | (bit(gpio.enable) << 13);
    const read = (bit(gpio.levels & gpio.pads.input) << 17) | (bit(gpio.inputs) << 19);
    const word = index >> 3;
    const pending = (this.#raw(word) & this.#mask(PROC0_INTE0, word)) | this.#mask(PROC0_INTF0, word);
    const interrupt = (pending >>> (4 * (index & 7))) & 0xf ? (1 << 24) | (1 << 26) : 0;
    return driven | enabled | read | interrupt;
  }

  write(offset, value) {
    const { gpio } = this;
    const cycle = gpio.timeline.enter();
    if (offset < CTRL_END) {
      if (offset & 4) {
        this.ctrl[offset >>> 3] = value;
        this.#applyPin(offset >>> 3);
        gpio.sortPins();
        gpio.resolve(cycle);
      }
    } else if (offset < PROC0_INTE0) {
      this.#clearEdges((offset - INTR0) >> 2, this.rawWriteValue);
    } else if (offset < IO_END && !(offset >= PROC0_INTS0 && offset < PROC0_END)) {
      this.masks[(offset - INTR0) >> 2] = value;
      this.#arm();
    }
    gpio.timeline.leave();
  }

  #clearEdges(word, value) {
    for (let i = 0; i < 8; i++) {
      const bit = 1 << (8 * word + i);
      const flags = value >>> (4 * i);
      this.gpio.fallen &= flags & EDGE_LOW ? ~bit : -1;
      this.gpio.risen &= flags & EDGE_HIGH ? ~bit : -1;
    }
    this.gpio.interrupt();
  }

  #arm() {
    const { interrupts } = this.gpio;
    interrupts.low = interrupts.high = interrupts.fall = interrupts.rise = interrupts.forced = 0;
    for (let index = 0; index < GPIOS; index++) {
      const shift = 4 * (index & 7);
      const enabled = this.#mask(PROC0_INTE0, index >> 3) >>> shift;
      const bit = 1 << index;
      interrupts.low |= enabled & LEVEL_LOW ? bit : 0;
      interrupts.high |= enabled & LEVEL_HIGH ? bit : 0;
      interrupts.fall |= enabled & EDGE_LOW ? bit : 0;
      interrupts.rise |= enabled & EDGE_HIGH ? bit : 0;
      interrupts.forced |= (this.#mask(PROC0_INTF0, index >> 3) >>> shift) & 0xf ? bit : 0;
    }
    this.gpio.armInterrupt();
  }

  /** FUNCSEL and the overrides: 0 as it is, 1 inverted, 2 low or off, 3 high or on. IRQOVER is not modelled. */
  #applyPin(index) {
    const { functions, over } = this.gpio;
    const ctrl = this.ctrl[index];
    functions[index] = ctrl & 0x1f;
    const bit = 1 << index;
    const put = (name, on) => {
      over[name] = (over[name] & ~bit) | (on ? bit : 0);
    };
    const [out, oe, input] = [(ctrl >>> 8) & 3, (ctrl >>> 12) & 3, (ctrl >>> 16) & 3];
    put('outInvert', out === 1);
    put('outLow', out === 2);
    put('outHigh', out === 3);
    put('oeInvert', oe === 1);
    put('oeOff', oe === 2);
    put('oeOn', oe === 3);
    put('inInvert', input === 1);
    put('inLow', input === 2);
    put('inHigh', input === 3);
  }

  #apply() {
    for (let index = 0; index < GPIOS; index++) {
      this.#applyPin(index);
    }
    this.#arm();
    this.gpio.sortPins();
    this.gpio.resolve(this.gpio.timeline.now);
  }
}

class PadBank extends Block {
  constructor(mcu, gpio) {
    super(mcu, 'PADS_BANK0');
    this.gpio = gpio;
    this.reset();
  }

  reset() {
    this.registers = new Uint32Array(0x84 >> 2).fill(PAD_RESET, 1);
    for (let index = 0; index < GPIOS; index++) {
      this.#apply(index);
    }
    this.gpio.resolve(this.gpio.timeline.now);
  }

  read(offset) {
    return this.registers[offset >> 2] ?? 0;
  }

  write(offset, value) {
    const { timeline } = this.gpio;
    const cycle = timeline.enter();
    this.registers[offset >> 2] = value & 0xff;
    const index = (offset - PAD0) >> 2;
    if (index >= 0 && index < GPIOS) {
      this.#apply(index);
      this.gpio.resolve(cycle);
    }
    timeline.leave();
  }

  #apply(index) {
    const { pads } = this.gpio;
    const value = this.registers[(PAD0 >> 2) + index];
    const bit = 1 << index;
    const put = (name, mask) => {
      pads[name] = (pads[name] & ~bit) | (value & mask ? bit : 0);
    };
    put('pullDown', 0x04);
    put('pullUp', 0x08);
    put('input', 0x40);
    put('disable', 0x80);
  }
}

/** SIO's outputs without the stock walk over all pins, and its input from the wires. */
function installSio(mcu, gpio) {
  const { sio } = mcu;
  const write = sio.writeUint32.bind(sio);
  sio.writeUint32 = (offset, value) => {
    if (offset < GPIO_OUT || offset > GPIO_OE_XOR) {
      write(offset, value);
      return;
    }
    const cycle = gpio.timeline.enter();
    const name = offset < GPIO_OE ? 'gpioValue' : 'gpioOutputEnable';
    const before = sio[name];
    const after = [value, before | value, before & ~value, before ^ value][(offset >> 2) & 3] & MASK;
    sio[name] = after;
    gpio.chipChanged((before ^ after) & gpio.sioPins, cycle);
    gpio.timeline.leave();
  };
  Object.defineProperty(mcu, 'gpioValues', {
    get() {
      gpio.timeline.enter();
      gpio.timeline.leave();
      return gpio.inputs;
    },
  });
}

/** Replace the register blocks of a new chip. */
export function installRegisters({ mcu }, gpio) {
  const io = new IoBank(mcu, gpio);
  const pads = new PadBank(mcu, gpio);
  mcu.peripherals[IO_PAGE] = io;
  mcu.peripherals[PADS_PAGE] = pads;
  onBlockReset(mcu, IO_RESET_BIT, () => io.reset());
  onBlockReset(mcu, PADS_RESET_BIT, () => pads.reset());
  installSio(mcu, gpio);
}
