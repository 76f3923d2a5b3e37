// The PL011 UART (datasheet 4.2): both FIFOs, the baud rate, interrupts at their levels.
// The stock part sends at once and always wants to send, so MicroPython's first interrupt never ends.
// Lines: receive(byte, startNs, bitNs) at the end of a frame; onFrame and onBreak tell what was sent.
import { FIFO } from 'rp2040js';
import { AlarmAt, Block, replace } from './block.mjs';
import * as R from './uart_registers.mjs';
import { BREAK_ERROR, FORMAT_8N1, FRAMING_ERROR, FrameReader, PARITY_ERROR } from './uart_frames.mjs';
import { baudMatches, frameBits } from './uart_frames.mjs';

const FIFO_DEPTH = 32;
const LEVELS = [4, 8, 16, 24, 28, 28, 28, 28]; // IFLS: 1/8, 1/4, 1/2, 3/4, 7/8 of 32; the rest is reserved
const TIMEOUT_BITS = 32; // 4.2.6.4: the receive timeout

export class Uart extends Block {
  constructor(mcu, name, { irq, txDreq, rxDreq }) {
    super(mcu, name);
    this.irq = irq;
    this.txDreq = txDreq;
    this.rxDreq = rxDreq;
    this.txFifo = new FIFO(FIFO_DEPTH);
    this.rxFifo = new FIFO(FIFO_DEPTH);
    this.reader = new FrameReader();
    /** Called at the end of each character sent: (byte, startNs, endNs, bitNs). */
    this.onFrame = null;
    /** Called at the end of each break sent: (startNs, endNs). */
    this.onBreak = null;
    this.txAlarm = new AlarmAt(mcu.clock, () => this.#sent());
    this.timeoutAlarm = new AlarmAt(mcu.clock, (dueNs) => this.#quiet(dueNs));
    this.readerAlarm = new AlarmAt(mcu.clock, (dueNs) => this.#readWire(dueNs));
    this.reset();
  }

  reset() {
    this.txAlarm.cancel();
    this.timeoutAlarm.cancel();
    this.readerAlarm.cancel();
    this.sending = null; // {byte, startNs, endNs} in the shift register
    this.breakFromNs = null;
    this.cr = R.CR_RXE | R.CR_TXE;
    this.lcr = 0;
    this.ibrd = this.fbrd = this.ilpr = 0;
    this.divider64 = 0; // IBRD.FBRD as they were at the last write to LCR_H
    this.ifls = 0x12;
    this.imsc = 0;
    this.ris = 0;
    this.dmacr = 0;
    this.errors = 0; // RSR
    this.overrun = false; // a character was lost since the last that fitted
    this.lastActivityNs = 0;
    this.txFifo.reset();
    this.rxFifo.reset();
    this.reader.reset(this.nowNs);
    this.#update();
  }

  /** Duration of a bit: 16 periods of clk_peri divided by the baud rate divisor (4.2.7.1). */
  get bitNs() {
    return (16e9 * this.divider64) / 64 / this.rp2040.clkPeri;
  }

  get baudRate() {
    return this.divider64 ? 1e9 / this.bitNs : 0;
  }

  get format() {
    const { lcr } = this;
    const parity = lcr & R.LCR_SPS ? (lcr & R.LCR_EPS ? 'zero' : 'one') : lcr & R.LCR_EPS ? 'even' : 'odd';
    return {
      dataBits: 5 + ((lcr >> R.LCR_WLEN_SHIFT) & 3),
      parity: lcr & R.LCR_PEN ? parity : null,
      stopBits: lcr & R.LCR_STP2 ? 2 : 1,
    };
  }

  /** A new clk_peri counts from the next character on. */
  clkPeriChanged() {}

  /** A frame of eight data bits on the receive pin, at its end: what it becomes depends on how this UART is set. */
  receive(byte, startNs, bitNs) {
    if (this.cr & R.CR_LBE || !this.#on(R.CR_RXE)) {
      return;
    }
    const { dataBits, parity } = this.format;
    const fits = dataBits === 8 && parity === null && baudMatches(this.bitNs, bitNs);
    if (fits && !this.reader.busy && startNs >= this.reader.searchFrom) {
      this.#received(byte);
      return;
    }
    this.reader.add(byte, startNs, bitNs, FORMAT_8N1);
    this.#readWire();
  }

  /** The level of the receive pin, for what is not made of frames: a break, or bits from a pin. */
  receiveLevel(level, nanos) {
    if (!(this.cr & R.CR_LBE) && this.#on(R.CR_RXE)) {
      this.reader.edge(level, nanos);
      this.#readWire();
    }
  }

  read(offset) {
    switch (offset) {
      case R.DR:
        return this.#take();
      case R.RSR:
        return this.errors >>> 8;
      case R.FR:
        return this.#flags();
      case R.ILPR:
        return this.ilpr;
      case R.IBRD:
        return this.ibrd;
      case R.FBRD:
        return this.fbrd;
      case R.LCR_H:
        return this.lcr;
      case R.CR:
        return this.cr;
      case R.IFLS:
        return this.ifls;
      case R.IMSC:
        return this.imsc;
      case R.RIS:
        return this.ris;
      case R.MIS:
        return this.ris & this.imsc;
      case R.ICR:
        return 0;
      case R.DMACR:
        return this.dmacr;
      default:
        return R.IDS[(offset - R.ID_FIRST) / 4] ?? 0;
    }
  }

  write(offset, value) {
    switch (offset) {
      case R.DR:
        this.#put(value & 0xff);
        break;
      case R.RSR:
        this.errors = 0;
        break;
      case R.ILPR:
        this.ilpr = value & 0xff;
        break;
      case R.IBRD:
        this.ibrd = value & 0xffff;
        break;
      case R.FBRD:
        this.fbrd = value & 0x3f;
        break;
      case R.LCR_H:
        this.#setLine(value & 0xff);
        break;
      case R.CR:
        this.#setControl(value & 0xffff);
        break;
      case R.IFLS:
        this.ifls = value & 0x3f;
        break;
      case R.IMSC:
        this.imsc = value & 0x7ff;
        break;
      case R.ICR:
        this.ris &= ~value;
        if (value & R.INT_RT) {
          this.#watchForQuiet();
        }
        break;
      case R.DMACR:
        this.dmacr = value & 7;
        break;
    }
    this.#update();
  }

  get #depth() {
    return this.lcr & R.LCR_FEN ? FIFO_DEPTH : 1; // off: a holding register each (4.2.3.2)
  }

  /** UARTIFLS; without the FIFOs, a holding register is full or empty. */
  get #txLevel() {
    return this.lcr & R.LCR_FEN ? LEVELS[this.ifls & 7] : 0;
  }

  get #rxLevel() {
    return this.lcr & R.LCR_FEN ? LEVELS[(this.ifls >> 3) & 7] : 1;
  }

  #on(direction) {
    return (this.cr & R.CR_UARTEN) !== 0 && (this.cr & direction) !== 0 && this.divider64 >= 64;
  }

  #flags() {
    const tx = this.txFifo.itemCount;
    const rx = this.rxFifo.itemCount;
    return (
      R.FR_CTS |
      (tx === 0 ? R.FR_TXFE : 0) |
      (tx >= this.#depth ? R.FR_TXFF : 0) |
      (rx === 0 ? R.FR_RXFE : 0) |
      (rx >= this.#depth ? R.FR_RXFF : 0) |
      (tx > 0 || this.sending ? R.FR_BUSY : 0)
    );
  }

  /** Interrupt and DMA lines follow the state (4.2.5, 4.2.6). */
  #update() {
    const { rp2040, dmacr } = this;
    rp2040.setInterrupt(this.irq, (this.ris & this.imsc) !== 0);
    const dreq = (channel, wanted) => (wanted ? rp2040.dma.setDREQ(channel) : rp2040.dma.clearDREQ(channel));
    dreq(this.txDreq, dmacr & R.DMACR_TXDMAE && this.txFifo.itemCount < this.#depth);
    dreq(this.rxDreq, dmacr & R.DMACR_RXDMAE && this.rxFifo.itemCount > 0);
  }

  #setLine(value) {
    // IBRD and FBRD count only once LCR_H is written (4.2.7.1).
    this.divider64 = this.ibrd * 64 + this.fbrd;
    if ((value ^ this.lcr) & R.LCR_FEN) {
      this.txFifo.reset();
      this.rxFifo.reset();
    }
    const breakEnds = this.lcr & ~value & R.LCR_BRK;
    this.lcr = value;
    if (value & R.LCR_BRK) {
      this.breakFromNs ??= Math.max(this.nowNs, this.sending?.endNs ?? 0);
    } else if (breakEnds) {
      this.#breakSent();
    }
    this.#next(this.nowNs);
  }

  #setControl(value) {
    const was = this.#on(R.CR_RXE);
    this.cr = value;
    if (!was && this.#on(R.CR_RXE)) {
      this.reader.reset(this.nowNs); // in the middle of a character, the first edge is taken for a start bit
    }
    this.#next(this.nowNs);
  }

  #put(byte) {
    if (this.txFifo.itemCount < this.#depth) {
      this.txFifo.push(byte);
      this.#next(this.nowNs);
      if (this.txFifo.itemCount > this.#txLevel) {
        this.ris &= ~R.INT_TX;
      }
    }
  }

  /** Move a character into the shift register if that is free. */
  #next(nanos) {
    if (this.sending || this.txFifo.empty || !this.#on(R.CR_TXE) || this.lcr & R.LCR_BRK) {
      return;
    }
    const { format, bitNs } = this;
    const before = this.txFifo.itemCount;
    const byte = this.txFifo.pull() & ((1 << format.dataBits) - 1);
    if (before > this.#txLevel && before - 1 <= this.#txLevel) {
      this.ris |= R.INT_TX; // on the passage through the level, not on the level (4.2.6.3)
    }
    this.sending = { byte, startNs: nanos, endNs: nanos + frameBits(format) * bitNs, bitNs, format };
    this.txAlarm.at(this.sending.endNs);
  }

  #sent() {
    const { byte, startNs, endNs, bitNs, format } = this.sending;
    this.sending = null;
    this.#next(endNs);
    if (this.cr & R.CR_LBE) {
      if (this.#on(R.CR_RXE)) {
        this.#received(byte);
      }
    } else {
      this.onFrame?.(byte, startNs, endNs, bitNs, format);
    }
    this.#update();
  }

  #breakSent() {
    const { breakFromNs, nowNs } = this;
    this.breakFromNs = null;
    if (nowNs <= breakFromNs) {
      return;
    }
    if (!(this.cr & R.CR_LBE)) {
      this.onBreak?.(breakFromNs, nowNs);
    } else if (this.#on(R.CR_RXE) && nowNs - breakFromNs >= frameBits(this.format) * this.bitNs) {
      this.#received(FRAMING_ERROR | BREAK_ERROR);
    }
  }

  #readWire(untilNs = this.nowNs) {
    const { reader, bitNs, format } = this;
    for (const { entry } of reader.read(bitNs, format, untilNs)) {
      this.#received(entry);
    }
    const end = reader.nextEndNs(bitNs, format);
    if (end !== undefined) {
      this.readerAlarm.at(end);
    }
  }

  /** A character with its error flags, from the shift register into the FIFO. */
  #received(entry) {
    const count = this.rxFifo.itemCount;
    if (count >= this.#depth) {
      // The FIFO stays as it is, this character is lost, and nothing but a flag tells (4.2.8, UARTRSR.OE).
      this.overrun = true;
      this.errors |= R.OVERRUN_ERROR;
      this.ris |= R.INT_OE;
    } else {
      this.rxFifo.push(entry | (this.overrun ? R.OVERRUN_ERROR : 0));
      this.overrun = false;
      this.ris |= entry & FRAMING_ERROR ? R.INT_FE : 0;
      this.ris |= entry & PARITY_ERROR ? R.INT_PE : 0;
      this.ris |= entry & BREAK_ERROR ? R.INT_BE : 0;
      if (count + 1 === this.#rxLevel) {
        // On reaching the level, not above it (4.2.6.2; Linux's driver of the PL011 says so outright): cleared while
        // the FIFO stays above, the interrupt is off until somebody empties the FIFO.
        this.ris |= R.INT_RX;
      }
    }
    this.#watchForQuiet();
    this.#update();
  }

  #take() {
    const entry = this.rxFifo.pull();
    this.errors = (this.errors & R.OVERRUN_ERROR) | (entry & ~0xff);
    if (this.rxFifo.itemCount < this.#rxLevel) {
      this.ris &= ~R.INT_RX;
    }
    if (this.rxFifo.empty) {
      this.ris &= ~R.INT_RT;
    } else {
      this.#watchForQuiet();
    }
    this.#update();
    return entry;
  }

  /** Start the receive timeout's 32 bit times anew (4.2.6.4); one alarm serves a whole burst. */
  #watchForQuiet() {
    this.lastActivityNs = this.nowNs;
    if (!this.timeoutAlarm.armed && !this.rxFifo.empty) {
      this.timeoutAlarm.at(this.lastActivityNs + TIMEOUT_BITS * this.bitNs);
    }
  }

  #quiet(nowNs) {
    if (this.rxFifo.empty) {
      return;
    }
    const due = this.lastActivityNs + TIMEOUT_BITS * this.bitNs;
    if (due > nowNs) {
      this.timeoutAlarm.at(due);
    } else {
      this.ris |= R.INT_RT;
      this.#update();
    }
  }
}

/** Replace both UARTs of the present chip. */
export function install({ mcu }) {
  const page = [0x40034, 0x40038];
  const irq = [20, 21]; // 2.3.2
  const txDreq = [20, 22]; // 2.5.3.1
  for (const index of [0, 1]) {
    const uart = new Uart(mcu, `UART${index}`, {
      irq: irq[index],
      txDreq: txDreq[index],
      rxDreq: txDreq[index] + 1,
    });
    replace(mcu, { array: mcu.uart, index, page: page[index], resetBit: 22 + index }, uart);
  }
}
