// The registers, FIFOs, interrupts and DMA requests of the DW_apb_i2c (datasheet 4.3.17). What happens on the bus
// is in i2c.mjs, which extends this: advance(), switchedOn(), switchedOff(), `active`.
import { FIFO } from 'rp2040js';
import { Block } from './block.mjs';
import * as R from './i2c_registers.mjs';

const FIFO_DEPTH = 16;

export class I2cBlock extends Block {
  constructor(mcu, index) {
    super(mcu, `I2C${index}`);
    this.index = index;
    this.txFifo = new FIFO(FIFO_DEPTH);
    this.rxFifo = new FIFO(FIFO_DEPTH);
  }

  resetRegisters() {
    this.stored = new Map(R.STORED);
    this.enable = 0;
    this.raw = 0; // latched interrupts; RX_FULL and TX_EMPTY follow the FIFOs
    this.abortSource = 0;
    this.command = null; // in the shift register
    this.txFifo.reset();
    this.rxFifo.reset();
    this.update();
  }

  get on() {
    return (this.enable & R.ENABLE_ON) !== 0;
  }

  /** Whether a bit of IC_CON is set. */
  con(bit) {
    return (this.stored.get(R.CON) & bit) !== 0;
  }

  read(offset) {
    if (this.stored.has(offset)) {
      return this.stored.get(offset);
    }
    if (R.CLEARED_BY.has(offset)) {
      return this.#clear(offset);
    }
    switch (offset) {
      case R.DATA_CMD:
        return this.#take();
      case R.INTR_STAT:
        return this.#interrupts() & this.stored.get(R.INTR_MASK);
      case R.RAW_INTR_STAT:
        return this.#interrupts();
      case R.ENABLE:
        return this.enable;
      case R.STATUS:
        return this.#status();
      case R.TXFLR:
        return this.txFifo.itemCount;
      case R.RXFLR:
        return this.rxFifo.itemCount;
      case R.TX_ABRT_SOURCE:
        return this.abortSource;
      case R.ENABLE_STATUS:
        return this.enable & R.ENABLE_ON || this.active ? 1 : 0;
      default:
        return R.FIXED.get(offset) ?? 0;
    }
  }

  write(offset, value) {
    if (offset === R.DATA_CMD) {
      this.#put(value & 0x7ff);
    } else if (offset === R.ENABLE) {
      this.#setEnable(value & 7);
    } else if (this.stored.has(offset) && !(this.enable & R.ENABLE_ON && R.LOCKED.has(offset))) {
      this.stored.set(offset, value & 0xffffff);
    }
    this.update();
  }

  #status() {
    const tx = this.txFifo;
    const rx = this.rxFifo;
    return (
      (this.active ? 0x21 : 0) | // MST_ACTIVITY, ACTIVITY
      (tx.full ? 0 : 0x02) |
      (tx.empty ? 0x04 : 0) |
      (rx.empty ? 0 : 0x08) |
      (rx.full ? 0x10 : 0)
    );
  }

  #interrupts() {
    const on = this.enable & R.ENABLE_ON || this.active;
    const drained = this.txFifo.itemCount <= this.stored.get(R.TX_TL);
    const sent = !this.con(R.CON_TX_EMPTY_CTRL) || this.command === null;
    const full = this.rxFifo.itemCount > this.stored.get(R.RX_TL);
    return this.raw | (on && drained && sent ? R.TX_EMPTY : 0) | (on && full ? R.RX_FULL : 0);
  }

  /** Interrupt and DMA lines follow the state. */
  update() {
    const { rp2040, stored, index } = this;
    rp2040.setInterrupt(23 + index, (this.#interrupts() & stored.get(R.INTR_MASK)) !== 0);
    const dreq = (channel, wanted) => (wanted ? rp2040.dma.setDREQ(channel) : rp2040.dma.clearDREQ(channel));
    const on = this.enable & R.ENABLE_ON ? stored.get(R.DMA_CR) : 0; // 4.3.15; bit 0 receives, bit 1 transmits
    dreq(32 + 2 * index, on & 2 && this.txFifo.itemCount <= stored.get(R.DMA_TDLR) && !this.txFifo.full);
    dreq(33 + 2 * index, on & 1 && this.rxFifo.itemCount > stored.get(R.DMA_RDLR));
  }

  #clear(offset) {
    const mask = R.CLEARED_BY.get(offset);
    const was = this.raw & mask ? 1 : 0;
    this.raw &= ~mask;
    if (mask & R.TX_ABRT) {
      this.abortSource = 0; // and the transmit FIFO takes commands again
    }
    this.update();
    return was;
  }

  #put(command) {
    if (!(this.enable & R.ENABLE_ON) || this.raw & R.TX_ABRT) {
      return; // the FIFO is held in reset (4.3.17, IC_RAW_INTR_STAT.TX_ABRT)
    }
    if (this.txFifo.full) {
      this.raw |= R.TX_OVER;
      return;
    }
    this.txFifo.push(command);
    this.advance();
  }

  #take() {
    if (this.rxFifo.empty) {
      this.raw |= R.RX_UNDER;
      this.update();
      return 0;
    }
    const value = this.rxFifo.pull();
    this.advance(); // may have been waiting for room
    this.update();
    return value;
  }

  #setEnable(value) {
    const was = this.on;
    const on = value & R.ENABLE_ON;
    const abort = on && this.active ? (value | this.enable) & R.ENABLE_ABORT : 0; // software cannot take it back
    this.enable = on | abort | (value & R.ENABLE_BLOCK);
    if (was && !on) {
      this.txFifo.reset();
      this.rxFifo.reset();
      this.switchedOff();
    } else if (on) {
      this.switchedOn(abort !== 0);
    }
  }

  /** What an abort for this reason leaves behind; the chip's variant flushes both FIFOs (4.3.17). */
  noteAbort(source) {
    this.abortSource |= source | (this.txFifo.itemCount << R.FLUSH_COUNT_SHIFT);
    this.raw |= R.TX_ABRT;
    this.command = null;
    this.txFifo.reset();
    this.rxFifo.reset();
  }
}
