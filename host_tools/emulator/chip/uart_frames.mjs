// Serial frames as levels on a wire: what a receiver reads when its format or baud rate is not the sender's.
// Times are nanoseconds; a frame is a start bit (0), data from the lowest bit, perhaps parity, a stop bit (1).

/** How far a sender's bit time may be off: half a bit in ten, less a sixteenth of a bit for finding the
 * start edge and as much again for edges that are not steep (the receiver samples 16 times a bit, 4.2.2.4). */
export const BAUD_TOLERANCE = 0.03;

/** Error flags, as UARTDR holds them above the data (datasheet 4.2.8). */
export const FRAMING_ERROR = 1 << 8;
export const PARITY_ERROR = 1 << 9;
export const BREAK_ERROR = 1 << 10;

/** The format of an ordinary line: eight data bits, no parity, one stop bit. */
export const FORMAT_8N1 = Object.freeze({ dataBits: 8, parity: null, stopBits: 1 });

/** Bits from the start bit's edge to the end of the stop bits. */
export function frameBits({ dataBits, parity, stopBits }) {
  return 1 + dataBits + (parity === null ? 0 : 1) + stopBits;
}

/** The parity bit of `data`; parity is 'even', 'odd', 'one' or 'zero'. */
export function parityBit(data, parity) {
  if (parity === 'one' || parity === 'zero') {
    return parity === 'one' ? 1 : 0;
  }
  let ones = parity === 'odd' ? 1 : 0;
  for (let rest = data; rest; rest >>>= 1) {
    ones ^= rest & 1;
  }
  return ones;
}

/** Whether a receiver of bit time `bitNs` reads a line of bit time `lineBitNs`. */
export function baudMatches(bitNs, lineBitNs) {
  return Math.abs(bitNs / lineBitNs - 1) <= BAUD_TOLERANCE;
}

/** Reads frames from a wire's levels at its own bit time. Put in what is on the wire, then read up to a time. */
export class FrameReader {
  constructor() {
    this.reset(0);
  }

  /** Forget the wire, which is idle (high); only edges after `nanos` count. */
  reset(nanos) {
    this.edges = []; // [time, level], in order of time
    this.searchFrom = nanos;
    this.lineBitNs = 0; // of the last frame put on the wire
  }

  /** True while a frame has begun that has not been read. */
  get busy() {
    return this.#startEdge() !== undefined;
  }

  /** Put a frame on the wire. */
  add(data, startNs, bitNs, format = FORMAT_8N1) {
    const bits = [0];
    for (let bit = 0; bit < format.dataBits; bit++) {
      bits.push((data >>> bit) & 1);
    }
    if (format.parity !== null) {
      bits.push(parityBit(data, format.parity));
    }
    bits.push(1);
    bits.forEach((level, index) => this.edge(level, startNs + index * bitNs));
    this.lineBitNs = bitNs;
  }

  /** Put a level on the wire. */
  edge(level, nanos) {
    if (this.#levelAtEnd() !== level) {
      this.edges.push([nanos, level]);
    }
  }

  /**
   * Read the frames whose stop bit has been sampled by `untilNs`.
   * @returns {{entry: number, endNs: number}[]} data with its error flags
   */
  read(bitNs, format, untilNs) {
    const frames = [];
    const stopIndex = frameBits(format) - format.stopBits; // only the first stop bit is looked at
    for (;;) {
      const start = this.#startEdge();
      const stopSample = start + (stopIndex + 0.5) * bitNs;
      if (start === undefined || stopSample > untilNs) {
        return frames;
      }
      frames.push({ entry: this.#sample(start, bitNs, format, stopIndex), endNs: stopSample });
      this.searchFrom = stopSample;
      this.#forget(stopSample);
    }
  }

  /** When read() would have the next frame, or undefined. */
  nextEndNs(bitNs, format) {
    const start = this.#startEdge();
    return start === undefined ? undefined : start + (frameBits(format) - format.stopBits + 0.5) * bitNs;
  }

  #sample(start, bitNs, { dataBits, parity }, stopIndex) {
    const level = (index) => this.#levelAt(start + (index + 0.5) * bitNs);
    let data = 0;
    for (let bit = 0; bit < dataBits; bit++) {
      data |= level(bit + 1) << bit;
    }
    const parityLevel = parity === null ? 0 : level(dataBits + 1);
    const stop = level(stopIndex);
    if (!data && !parityLevel && !stop) {
      return FRAMING_ERROR | BREAK_ERROR;
    }
    let entry = data | (stop ? 0 : FRAMING_ERROR);
    if (parity !== null && parityLevel !== parityBit(data, parity)) {
      entry |= PARITY_ERROR;
    }
    if (this.lineBitNs && !baudMatches(bitNs, this.lineBitNs)) {
      // From here to about 5 % it depends on the bytes whether a receiver notices. Such luck would hide a
      // wrong divider in a test: the last data bit, the first to drift off, is read wrongly, always.
      const last = 1 << (dataBits - 1);
      const sent = this.#levelAt(start + (dataBits + 0.5) * this.lineBitNs);
      entry = (sent ? entry & ~last : entry | last) | FRAMING_ERROR;
    }
    return entry;
  }

  #startEdge() {
    let level = 1;
    for (const [time, next] of this.edges) {
      if (time >= this.searchFrom && level === 1 && next === 0) {
        return time;
      }
      level = next;
    }
    return undefined;
  }

  #levelAt(nanos) {
    let level = 1;
    for (const [time, next] of this.edges) {
      if (time > nanos) {
        break;
      }
      level = next;
    }
    return level;
  }

  #levelAtEnd() {
    return this.edges.length ? this.edges[this.edges.length - 1][1] : 1;
  }

  /** Drop what has been read; the last edge before `nanos` still gives the level. */
  #forget(nanos) {
    let keep = 0;
    while (keep + 1 < this.edges.length && this.edges[keep + 1][0] <= nanos) {
      keep++;
    }
    this.edges.splice(0, keep);
  }
}
