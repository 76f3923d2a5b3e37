// The PL022 SPI controller as a master (datasheet 4.4): FIFOs of eight, the bit clock, DMA requests.
// A plugged part answers each word by a question to Python; with a select pin it hears only while that is low.
// Nothing plugged: the receiver reads the level of its pin. The slave side is not modelled.
import { FIFO } from 'rp2040js';
import { AlarmAt, Block, replace } from './block.mjs';

// Registers, datasheet 4.4.4
const CR0 = 0x00;
const CR1 = 0x04;
const DR = 0x08;
const SR = 0x0c;
const CPSR = 0x10;
const IMSC = 0x14;
const RIS = 0x18;
const MIS = 0x1c;
const ICR = 0x20;
const DMACR = 0x24;
const ID_FIRST = 0xfe0;
const IDS = [0x22, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const CR0_SPH = 1 << 7;
const CR0_SCR_SHIFT = 8;
const CR1_LBM = 1 << 0;
const CR1_SSE = 1 << 1;
const CR1_MS = 1 << 2;

const SR_TFE = 1 << 0;
const SR_TNF = 1 << 1;
const SR_RNE = 1 << 2;
const SR_RFF = 1 << 3;
const SR_BSY = 1 << 4;

const INT_ROR = 1 << 0;
const INT_RT = 1 << 1;
const INT_RX = 1 << 2;
const INT_TX = 1 << 3;

const FIFO_DEPTH = 8;
const HALF = 4;
const TIMEOUT_BITS = 32; // 4.4.3.9: SSPRTINTR
const FUNCTION_SPI = 1; // datasheet 2.19.2

export class Spi extends Block {
  constructor(machine, index) {
    super(machine.mcu, `SPI${index}`);
    this.machine = machine;
    this.index = index;
    this.txFifo = new FIFO(FIFO_DEPTH);
    this.rxFifo = new FIFO(FIFO_DEPTH);
    this.alarm = new AlarmAt(machine.clock, () => this.#sent());
    this.timeoutAlarm = new AlarmAt(machine.clock, () => this.#quiet());
    this.reset();
  }

  reset() {
    this.alarm.cancel();
    this.timeoutAlarm.cancel();
    this.cr0 = this.cr1 = this.cpsr = this.imsc = this.dmacr = 0;
    this.latched = 0; // ROR and RT; RX and TX follow the FIFOs
    this.word = null; // in the shift register
    this.txFifo.reset();
    this.rxFifo.reset();
    this.#update();
  }

  get bits() {
    return (this.cr0 & 0xf) + 1;
  }

  /** A period of SCK: clk_peri / (CPSDVSR * (1 + SCR)) (4.4.3.4). */
  get bitNs() {
    const scr = (this.cr0 >> CR0_SCR_SHIFT) & 0xff;
    return (1e9 * this.cpsr * (1 + scr)) / this.rp2040.clkPeri;
  }

  read(offset) {
    switch (offset) {
      case CR0:
        return this.cr0;
      case CR1:
        return this.cr1;
      case DR:
        return this.#take();
      case SR:
        return this.#status();
      case CPSR:
        return this.cpsr;
      case IMSC:
        return this.imsc;
      case RIS:
        return this.#interrupts();
      case MIS:
        return this.#interrupts() & this.imsc;
      case DMACR:
        return this.dmacr;
      default:
        return IDS[(offset - ID_FIRST) / 4] ?? 0;
    }
  }

  write(offset, value) {
    switch (offset) {
      case CR0:
        this.cr0 = value & 0xffff;
        break;
      case CR1:
        this.cr1 = value & 0xf;
        break;
      case DR:
        this.txFifo.push(value & ((1 << this.bits) - 1)); // a full FIFO takes nothing
        break;
      case CPSR:
        this.cpsr = value & 0xfe;
        break;
      case IMSC:
        this.imsc = value & 0xf;
        break;
      case ICR:
        this.latched &= ~(value & (INT_ROR | INT_RT));
        break;
      case DMACR:
        this.dmacr = value & 3;
        break;
    }
    this.#next(this.nowNs);
    this.#update();
  }

  #status() {
    return (
      (this.txFifo.empty ? SR_TFE : 0) |
      (this.txFifo.full ? 0 : SR_TNF) |
      (this.rxFifo.empty ? 0 : SR_RNE) |
      (this.rxFifo.full ? SR_RFF : 0) |
      (this.word !== null || !this.txFifo.empty ? SR_BSY : 0)
    );
  }

  #interrupts() {
    const tx = this.txFifo.itemCount <= HALF ? INT_TX : 0;
    const rx = this.rxFifo.itemCount >= HALF ? INT_RX : 0;
    return this.latched | tx | rx;
  }

  #update() {
    const { rp2040, index, dmacr } = this;
    rp2040.setInterrupt(18 + index, (this.#interrupts() & this.imsc) !== 0);
    const dreq = (channel, wanted) => (wanted ? rp2040.dma.setDREQ(channel) : rp2040.dma.clearDREQ(channel));
    dreq(16 + 2 * index, dmacr & 2 && !this.txFifo.full); // 2.5.3.1
    dreq(17 + 2 * index, dmacr & 1 && !this.rxFifo.empty);
  }

  #next(nanos) {
    const running = this.cr1 & CR1_SSE && !(this.cr1 & CR1_MS) && this.cpsr >= 2;
    if (!running || this.word !== null || this.txFifo.empty) {
      return;
    }
    this.word = this.txFifo.pull();
    // With SPH = 0 the frame line goes high between words, for which the clock rests once (4.4.3.11).
    const clocks = this.bits + (this.cr0 & CR0_SPH ? 0 : 1);
    this.endNs = nanos + clocks * this.bitNs;
    this.alarm.at(this.endNs);
  }

  #sent() {
    const { word, endNs } = this;
    const received = (this.cr1 & CR1_LBM ? word : this.#exchange(word)) & ((1 << this.bits) - 1);
    this.word = null;
    if (this.rxFifo.full) {
      this.latched |= INT_ROR;
    } else {
      this.rxFifo.push(received);
    }
    this.#watchForQuiet();
    this.#next(endNs);
    this.#update();
  }

  #exchange(word) {
    const { machine, index, bits } = this;
    const select = machine.plugged.spiSelect?.[index];
    const heard = machine.plugged.spi[index] && (select === undefined || !machine.gpio.level(select));
    if (heard) {
      return machine.ask({ ask: 'spi', bus: index, byte: word, bits, at: Math.round(machine.clock.nanos) }).byte;
    }
    return this.#pinLevel() ? 0xffff : 0;
  }

  /** RX is at GPIO 0 modulo 4, in blocks of eight for each controller; without a pin it is low. */
  #pinLevel() {
    const { rp2040, machine, index } = this;
    const isMine = (pin) => pin % 4 === 0 && ((pin >> 3) & 1) === index;
    const pin = rp2040.gpio.findIndex((each, at) => isMine(at) && each.functionSelect === FUNCTION_SPI);
    return pin >= 0 && machine.gpio ? machine.gpio.level(pin) : 0;
  }

  #take() {
    const word = this.rxFifo.pull();
    if (this.rxFifo.empty) {
      this.latched &= ~INT_RT;
    }
    this.#watchForQuiet();
    this.#update();
    return word;
  }

  #watchForQuiet() {
    if (this.rxFifo.empty || !(this.imsc & INT_RT)) {
      this.timeoutAlarm.cancel();
    } else {
      this.timeoutAlarm.at(this.nowNs + TIMEOUT_BITS * this.bitNs);
    }
  }

  #quiet() {
    this.latched |= INT_RT;
    this.#update();
  }
}

/** Tell the part of a bus when its select pin falls and rises. */
function listenToSelect(machine, index) {
  const select = machine.plugged.spiSelect?.[index];
  if (select === undefined || !machine.plugged.spi[index]) {
    return () => {};
  }
  return machine.gpio.onLevel(select, (level) => {
    machine.ask({ ask: 'spi', bus: index, event: level ? 'deselect' : 'select', at: Math.round(machine.clock.nanos) });
  });
}

/** Replace both controllers of the present chip. */
export function install(machine) {
  for (const index of [0, 1]) {
    const block = new Spi(machine, index);
    replace(machine.mcu, { array: machine.mcu.spi, index, page: 0x4003c + 4 * index, resetBit: 16 + index }, block);
    let unlisten = listenToSelect(machine, index);
    machine.atPlug.push(() => {
      unlisten();
      unlisten = listenToSelect(machine, index);
    });
  }
}
