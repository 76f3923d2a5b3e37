// The DMA's sniffer: a checksum of the data that one channel moves (RP2040 datasheet 2.5.5.2).

const EN = 1 << 0;
const BSWAP = 1 << 9;
const OUT_REV = 1 << 10;
const OUT_INV = 1 << 11;
const [CRC32, CRC32R, CRC16, CRC16R, EVEN, SUM] = [0, 1, 2, 3, 14, 15];

function reverse(value, bits) {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) {
    result = (result << 1) | ((value >>> bit) & 1);
  }
  return result >>> 0;
}

/** Bytes in the order in which they stand in memory; each from its highest bit on. */
function crc(start, polynomial, width, bytes) {
  const top = 2 ** (width - 1);
  let value = start >>> 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = (value & top ? 1 : 0) ^ ((byte >>> bit) & 1);
      value = ((value << 1) ^ (out ? polynomial : 0)) >>> 0;
      if (width === 16) {
        value &= 0xffff;
      }
    }
  }
  return value;
}

function parity(start, bytes) {
  let value = start & 1;
  for (const byte of bytes) {
    for (let rest = byte; rest; rest >>>= 1) {
      value ^= rest & 1;
    }
  }
  return value;
}

export class Sniffer {
  constructor() {
    this.control = 0;
    this.sum = 0;
  }

  /** Whether a channel's data is to be given to add(). */
  hears(channel) {
    return (this.control & EN) !== 0 && ((this.control >>> 1) & 0xf) === channel;
  }

  /** Take in one transfer of 1, 2 or 4 bytes. */
  add(value, size) {
    const bytes = [0, 8, 16, 24].slice(0, size).map((shift) => (value >>> shift) & 0xff);
    if (this.control & BSWAP) {
      bytes.reverse();
    }
    const mirrored = bytes.map((byte) => reverse(byte, 8));
    switch ((this.control >>> 5) & 0xf) {
      case CRC32:
        this.sum = crc(this.sum, 0x04c11db7, 32, bytes);
        break;
      case CRC32R:
        this.sum = crc(this.sum, 0x04c11db7, 32, mirrored);
        break;
      case CRC16:
        this.sum = crc(this.sum, 0x1021, 16, bytes);
        break;
      case CRC16R:
        this.sum = crc(this.sum, 0x1021, 16, mirrored);
        break;
      case EVEN:
        this.sum = parity(this.sum, bytes);
        break;
      case SUM:
        this.sum = (this.sum + bytes.reduce((word, byte, i) => word + byte * 256 ** i, 0)) >>> 0;
        break;
      default:
    }
  }

  /** SNIFF_DATA as it is read: perhaps reversed and inverted. */
  get data() {
    const value = this.control & OUT_REV ? reverse(this.sum, 32) : this.sum;
    return (this.control & OUT_INV ? ~value : value) >>> 0;
  }
}
