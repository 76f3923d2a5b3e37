// The DMA controller (RP2040 datasheet 2.5): twelve channels on the timeline of PIO and pins, one transfer a cycle.
// A channel waits for its DREQ, which is a level here (a FIFO has room, a FIFO has data), for one of the four pacing
// timers, or for nothing. Each access catches up first, so counts and addresses are those of the moment.
import { Block, onBlockReset } from './block.mjs';
import { LAG_DMA, LAG_INTERRUPT, SLOT_DMA } from './timeline.mjs';
import { Sniffer } from './dma_sniffer.mjs';

const CHANNELS = 12;
const PAGE = 0x50000;
const RESET_BIT = 2;
const DMA_IRQ_0 = 11;

// A channel's sixteen words, 2.5.7: the four registers in four orders; the last of each four is a trigger
const [READ_ADDR, WRITE_ADDR, TRANS_COUNT, CTRL] = [0, 1, 2, 3];
const WORDS = [
  [READ_ADDR, WRITE_ADDR, TRANS_COUNT, CTRL],
  [CTRL, READ_ADDR, WRITE_ADDR, TRANS_COUNT],
  [CTRL, TRANS_COUNT, READ_ADDR, WRITE_ADDR],
  [CTRL, WRITE_ADDR, TRANS_COUNT, READ_ADDR],
].flat();
const CHANNEL_BYTES = 0x40;

const INTR = 0x400;
const TIMER0 = 0x420;
const TIMER3 = 0x42c;
const MULTI_CHAN_TRIGGER = 0x430;
const SNIFF_CTRL = 0x434;
const SNIFF_DATA = 0x438;
const CHAN_ABORT = 0x444;
const N_CHANNELS = 0x448;
const DBG = 0x800; // CTDREQ, TCR a channel

const EN = 1 << 0;
const HIGH_PRIORITY = 1 << 1;
const INCR_READ = 1 << 4;
const INCR_WRITE = 1 << 5;
const RING_SEL = 1 << 10;
const IRQ_QUIET = 1 << 21;
const BSWAP = 1 << 22;
const SNIFF_EN = 1 << 23;
const BUSY = 1 << 24;
const CTRL_WRITABLE = 0x00ffffff;

const PWM_WRAP_FIRST = 24; // 2.5.3.1; these are pulses: one transfer each
const PWM_WRAP_LAST = 31;
const TREQ_TIMER0 = 59;
const TREQ_PERMANENT = 63;

class Channel {
  constructor(index) {
    this.index = index;
    this.reset();
  }

  reset() {
    this.read = this.write = this.count = this.reload = 0;
    this.due = Infinity; // cycle of the next transfer
    this.setCtrl(this.index << 11);
    this.busy = false;
  }

  setCtrl(value) {
    this.ctrl = value & CTRL_WRITABLE;
    this.size = 1 << Math.min(2, (value >>> 2) & 3);
    const bits = (value >>> 6) & 0xf;
    const ring = bits ? 2 ** bits - 1 : 0xffffffff;
    this.readMask = value & INCR_READ ? (value & RING_SEL ? -1 : ring) : 0;
    this.writeMask = value & INCR_WRITE ? (value & RING_SEL ? ring : -1) : 0;
    this.chainTo = (value >>> 11) & 0xf;
    this.treq = (value >>> 15) & 0x3f;
  }

  get running() {
    return this.busy && (this.ctrl & EN) !== 0;
  }

  /** The next address: only the bits of the ring move. */
  step(address, mask) {
    return ((address & ~mask) | ((address + this.size) & mask)) >>> 0;
  }
}

export class Dma extends Block {
  constructor(mcu, timeline) {
    super(mcu, 'DMA');
    this.timeline = timeline;
    this.channels = Array.from({ length: CHANNELS }, (_, index) => new Channel(index));
    this.levels = new Uint8Array(64); // of the DREQs; pulses are counted
    this.listeners = new Uint8Array(64); // how many running channels wait for each
    timeline.sources[SLOT_DMA] = this;
    this.#clear();
  }

  #clear() {
    this.raw = 0; // INTR
    this.enables = [0, 0];
    this.forces = [0, 0];
    this.timers = [0, 0, 0, 0];
    this.sniffer = new Sniffer();
    this.last = 0; // the channel served last
    this.#replan();
  }

  reset() {
    this.timeline.enter();
    this.channels.forEach((channel) => channel.reset());
    this.#clear();
    this.#interrupts();
    this.timeline.leave();
  }

  // --- requests

  /** As the stock DMA: a peripheral can take or give data from now on. */
  setDREQ(dreq) {
    const cycle = this.timeline.enter();
    if (dreq >= PWM_WRAP_FIRST && dreq <= PWM_WRAP_LAST) {
      this.levels[dreq] = Math.min(63, this.levels[dreq] + (this.listeners[dreq] ? 1 : 0));
      this.#request(dreq, cycle);
    } else {
      this.setLevel(dreq, true, cycle);
    }
    this.timeline.leave();
  }

  clearDREQ(dreq) {
    this.timeline.enter();
    this.levels[dreq] = 0;
    this.timeline.leave();
  }

  /** The level of a DREQ; what it asks for comes a cycle later. */
  setLevel(dreq, level, cycle) {
    if (level !== (this.levels[dreq] !== 0)) {
      this.levels[dreq] = level ? 1 : 0;
      if (level && this.listeners[dreq]) {
        this.#request(dreq, cycle);
      }
    }
  }

  #request(dreq, cycle) {
    for (const channel of this.channels) {
      if (channel.treq === dreq && channel.running && channel.due === Infinity) {
        channel.due = cycle + 1;
        this.timeline.wake(SLOT_DMA, channel.due);
      }
    }
  }

  /** When a channel's next transfer is, `cycle` being the last one's or the present. */
  #nextOf(channel, cycle) {
    const { treq } = channel;
    if (treq === TREQ_PERMANENT) {
      return cycle + 1;
    }
    if (treq >= TREQ_TIMER0) {
      const [x, y] = [this.timers[treq - TREQ_TIMER0] >>> 16, this.timers[treq - TREQ_TIMER0] & 0xffff];
      if (!x || !y) {
        return Infinity;
      }
      const place = cycle % y; // 2.5.3.2: x transfers in every y cycles, at most one a cycle
      const nth = Math.floor((place * x) / y) + 1;
      return cycle - place + Math.max(place + 1, Math.ceil((nth * y) / x));
    }
    return this.levels[treq] ? cycle + 1 : Infinity;
  }

  /** After any change of a channel: who listens, when the next transfer is, how far behind we may be. */
  #replan() {
    let busy = false;
    this.listeners.fill(0);
    for (const channel of this.channels) {
      if (channel.running) {
        this.listeners[channel.treq]++;
        busy = true;
      }
    }
    this.#schedule();
    const lag = this.enables[0] | this.enables[1] ? LAG_INTERRUPT : LAG_DMA; // asleep, LAG_DMA is not needed
    this.timeline.need(this, busy ? lag : Infinity);
  }

  #schedule() {
    let due = Infinity;
    for (const channel of this.channels) {
      due = Math.min(due, channel.due);
    }
    this.timeline.times[SLOT_DMA] = due;
    this.timeline.limit = Math.min(this.timeline.limit, due);
  }

  // --- transfers

  /** The timeline's call: one transfer, by the channel whose turn it is, and more until another source is due. */
  run() {
    const { timeline } = this;
    const { times } = timeline;
    do {
      const cycle = times[SLOT_DMA];
      timeline.cycle = Math.max(timeline.cycle, cycle);
      const channel = this.#choose(cycle, true) ?? this.#choose(cycle, false);
      if (channel) {
        this.last = channel.index;
        this.#transfer(channel, cycle);
      }
      let next = Infinity;
      for (const { due } of this.channels) {
        next = due < next ? due : next;
      }
      times[SLOT_DMA] = Math.max(next, cycle + 1);
    } while (times[SLOT_DMA] < timeline.limit);
  }

  #choose(cycle, high) {
    for (let i = 1; i <= CHANNELS; i++) {
      const channel = this.channels[(this.last + i) % CHANNELS];
      if (channel.due <= cycle && (channel.ctrl & HIGH_PRIORITY) !== 0 === high) {
        return channel;
      }
    }
    return undefined;
  }

  #transfer(channel, cycle) {
    const { treq } = channel;
    if (treq < TREQ_TIMER0 && !this.levels[treq]) {
      channel.due = Infinity; // taken back, or another channel was faster
      return;
    }
    if (treq >= PWM_WRAP_FIRST && treq <= PWM_WRAP_LAST) {
      this.levels[treq]--;
    }
    this.#move(channel);
    channel.read = channel.step(channel.read, channel.readMask);
    channel.write = channel.step(channel.write, channel.writeMask);
    channel.count = (channel.count - 1) >>> 0;
    if (!channel.busy) {
      return; // it has written into its own registers
    }
    if (channel.count) {
      channel.due = this.#nextOf(channel, cycle);
    } else {
      this.#finish(channel, cycle);
    }
  }

  #move({ ctrl, size, read, write, index }) {
    const mcu = this.rp2040;
    let value;
    if (size === 1) {
      value = mcu.readUint8(read);
      mcu.writeUint8(write, value);
    } else if (size === 2) {
      value = mcu.readUint16(read);
      mcu.writeUint16(write, ctrl & BSWAP ? ((value & 0xff) << 8) | (value >>> 8) : value);
    } else {
      value = mcu.readUint32(read);
      const swapped = (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
      mcu.writeUint32(write, ctrl & BSWAP ? swapped >>> 0 : value);
    }
    if (ctrl & SNIFF_EN && this.sniffer.hears(index)) {
      this.sniffer.add(value, size);
    }
  }

  #finish(channel, cycle) {
    channel.busy = false;
    channel.due = Infinity;
    if (!(channel.ctrl & IRQ_QUIET)) {
      this.raw |= 1 << channel.index;
      this.#interrupts();
    }
    if (channel.chainTo !== channel.index && channel.chainTo < CHANNELS) {
      this.#start(this.channels[channel.chainTo], cycle);
    }
    this.#replan();
  }

  #start(channel, cycle) {
    if (channel.busy || !(channel.ctrl & EN)) {
      return;
    }
    channel.busy = true;
    channel.count = channel.reload;
    if (channel.count) {
      channel.due = this.#nextOf(channel, cycle);
    } else {
      this.#finish(channel, cycle);
    }
    this.#replan();
  }

  #interrupts() {
    for (let i = 0; i < 2; i++) {
      this.rp2040.setInterrupt(DMA_IRQ_0 + i, ((this.raw & this.enables[i]) | this.forces[i]) !== 0);
    }
  }

  // --- registers

  read(offset) {
    this.timeline.enter();
    const value = this.#read(offset);
    this.timeline.leave();
    return value;
  }

  #read(offset) {
    if (offset < CHANNELS * CHANNEL_BYTES) {
      const channel = this.channels[Math.floor(offset / CHANNEL_BYTES)];
      switch (WORDS[(offset % CHANNEL_BYTES) >> 2]) {
        case READ_ADDR:
          return channel.read;
        case WRITE_ADDR:
          return channel.write;
        case TRANS_COUNT:
          return channel.count;
        default:
          return channel.ctrl | (channel.busy ? BUSY : 0);
      }
    }
    if (offset >= INTR && offset < TIMER0) {
      const [line, register] = [(offset >> 4) & 1, (offset >> 2) & 3];
      const status = (this.raw & this.enables[line]) | this.forces[line];
      return [line ? 0 : this.raw, this.enables[line], this.forces[line], status][register];
    }
    if (offset >= TIMER0 && offset <= TIMER3) {
      return this.timers[(offset - TIMER0) >> 2];
    }
    if (offset >= DBG && offset < DBG + CHANNELS * CHANNEL_BYTES) {
      const channel = this.channels[Math.floor((offset - DBG) / CHANNEL_BYTES)];
      return [this.levels[channel.treq], channel.reload][(offset % CHANNEL_BYTES) >> 2] ?? 0;
    }
    // CHAN_ABORT reads 0: what was in flight is done at once
    return { [SNIFF_CTRL]: this.sniffer.control, [SNIFF_DATA]: this.sniffer.data, [N_CHANNELS]: CHANNELS }[offset] ?? 0;
  }

  write(offset, value) {
    const cycle = this.timeline.enter();
    if (offset < CHANNELS * CHANNEL_BYTES) {
      const channel = this.channels[Math.floor(offset / CHANNEL_BYTES)];
      this.#writeChannel(channel, (offset % CHANNEL_BYTES) >> 2, value, cycle);
    } else if (offset >= INTR && offset < TIMER0) {
      this.#writeInterrupts((offset >> 4) & 1, (offset >> 2) & 3, value);
    } else if (offset >= TIMER0 && offset <= TIMER3) {
      this.timers[(offset - TIMER0) >> 2] = value;
      this.#repace(cycle);
    } else if (offset === MULTI_CHAN_TRIGGER || offset === CHAN_ABORT) {
      for (const channel of this.channels.filter(({ index }) => (value >>> index) & 1)) {
        if (offset === CHAN_ABORT) {
          channel.busy = false;
          channel.due = Infinity;
        } else {
          this.#start(channel, cycle);
        }
      }
      this.#replan();
    } else if (offset === SNIFF_CTRL) {
      this.sniffer.control = value & 0xfff;
    } else if (offset === SNIFF_DATA) {
      this.sniffer.sum = value;
    }
    this.timeline.leave();
  }

  #writeChannel(channel, word, value, cycle) {
    const register = WORDS[word];
    if (register === READ_ADDR) {
      channel.read = value;
    } else if (register === WRITE_ADDR) {
      channel.write = value;
    } else if (register === TRANS_COUNT) {
      channel.reload = value;
    } else {
      channel.setCtrl(value);
      channel.due = channel.running ? this.#nextOf(channel, cycle) : Infinity;
    }
    if ((word & 3) === 3) {
      if (value) {
        this.#start(channel, cycle);
      } else if (channel.ctrl & IRQ_QUIET) {
        this.raw |= 1 << channel.index; // a null trigger, 2.5.2.3
        this.#interrupts();
      }
    }
    this.#replan();
  }

  #writeInterrupts(line, register, value) {
    if (register === 1) {
      this.enables[line] = value & 0xffff;
    } else if (register === 2) {
      this.forces[line] = value & 0xffff;
    } else {
      this.raw &= ~this.rawWriteValue; // INTR and INTS: write 1 to clear
    }
    this.#interrupts();
    this.#replan();
  }

  /** A pacing timer has changed. */
  #repace(cycle) {
    for (const channel of this.channels) {
      if (channel.running && channel.treq >= TREQ_TIMER0) {
        channel.due = this.#nextOf(channel, cycle);
      }
    }
    this.#replan();
  }
}

/** Put the DMA into a new chip; after pio.mjs. */
export function install(machine) {
  const { mcu, timeline } = machine;
  const dma = new Dma(mcu, timeline);
  mcu.dma = dma;
  mcu.peripherals[PAGE] = dma;
  onBlockReset(mcu, RESET_BIT, () => dma.reset());
  mcu.pio.forEach((block) => block.announce());
}
