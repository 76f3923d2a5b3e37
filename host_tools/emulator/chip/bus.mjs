// What an address means. rp2040js answers 0xffffffff for an address that nothing owns and only logs an unaligned
// access; a real chip takes a HardFault. Here both stop the run. The same functions serve the interpreter's slow
// paths, the stock interpreter and DMA: they are installed on the chip in place of the package's own.
// RP2040 datasheet 2.2 (address map), 2.1.2 (atomic aliases), 2.1.4 (narrow writes are replicated on the bus).
import { FLASH_AT, FLASH_SIZE, ROM_SIZE, SRAM_AT, SRAM_SIZE } from './memory.mjs';

const SRAM = 0x20000000;
const DPRAM = 0x50100000;
const DPRAM_SIZE = 4096;
const BUFFER_CONTROL = 0x80; // DPRAM: buffer control registers, datasheet 4.1.2.7
const BUFFER_CONTROL_END = 0x100;

/** Installs readUint8/16/32 and writeUint8/16/32 on `mcu`; `stop(kind, message, address)` is called on a fault. */
export function installBus(mcu, memory, stop) {
  const { u8, u16, i32 } = memory;

  /** Index into the buffer of plain memory, or -1. SRAM has a second, unstriped view: datasheet 2.6.2. */
  function plain(a) {
    switch (a >>> 28) {
      case 0:
        return a < ROM_SIZE ? a : -1;
      case 1: {
        const offset = a & 0xffffff;
        return a < 0x14000000 && offset < FLASH_SIZE ? offset + FLASH_AT : -1;
      }
      case 2: {
        const offset = a - SRAM;
        if (offset < SRAM_SIZE) return offset + SRAM_AT;
        if (a >= 0x21000000 && a < 0x21040000) {
          const bank = (a >>> 16) & 3;
          return ((a & 0xfffc) << 2) + bank * 4 + (a & 3) + SRAM_AT;
        }
        return -1;
      }
    }
    return -1;
  }

  function missing(what, a) {
    stop('bus', `${what} address 0x${hex(a)}, where nothing is`, a);
    return 0;
  }

  function unaligned(what, a) {
    stop('unaligned', `${what} unaligned address 0x${hex(a)}`, a);
    return 0;
  }

  /** A word of a device: peripherals, USB memory, SIO, the core's own registers. */
  function device32(a) {
    const top = a >>> 28;
    if (top === 0xd) {
      if (a < 0xd0000180) return mcu.sio.readUint32(a - 0xd0000000) >>> 0;
    } else if (a >>> 12 === 0xe000e) {
      return mcu.ppb.readUint32(a & 0xfff) >>> 0;
    } else if (a >= DPRAM && a < DPRAM + DPRAM_SIZE) {
      return mcu.usbDPRAMView.getUint32(a - DPRAM, true);
    } else {
      const peripheral = mcu.peripherals[(a >>> 14) << 2];
      if (peripheral) return peripheral.readUint32(a & 0xfff) >>> 0;
    }
    return missing('reads', a);
  }

  function setDevice32(a, value) {
    const top = a >>> 28;
    if (top === 0xd) {
      if (a < 0xd0000180) return mcu.sio.writeUint32(a - 0xd0000000, value);
    } else if (a >>> 12 === 0xe000e) {
      return mcu.ppb.writeUint32(a & 0xfff, value);
    } else if (a >= DPRAM && a < DPRAM + DPRAM_SIZE) {
      mcu.usbDPRAMView.setUint32(a - DPRAM, value, true);
      mcu.usbCtrl.DPRAMUpdated(a - DPRAM, value);
      return undefined;
    } else {
      const peripheral = mcu.peripherals[(a >>> 14) << 2];
      if (peripheral) return peripheral.writeUint32Atomic(a & 0xfff, value, (a >>> 12) & 3);
    }
    return missing('writes', a);
  }

  /** A narrow write into the USB memory, which is real memory. */
  function setDpram(a, value, size) {
    const offset = a - DPRAM;
    if (size === 1) mcu.usbDPRAM[offset] = value;
    else mcu.usbDPRAMView.setUint16(offset, value, true);
    if (offset >= BUFFER_CONTROL && offset < BUFFER_CONTROL_END) {
      const word = offset & ~3;
      mcu.usbCtrl.DPRAMUpdated(word, mcu.usbDPRAMView.getUint32(word, true));
    }
  }

  function setNarrow(a, value, size) {
    if (a >= DPRAM && a < DPRAM + DPRAM_SIZE) {
      setDpram(a, value, size);
    } else if (a >>> 28 === 0xe) {
      const shift = (a & 3) * 8;
      const mask = (size === 1 ? 0xff : 0xffff) << shift;
      setDevice32((a & ~3) >>> 0, (device32((a & ~3) >>> 0) & ~mask) | ((value << shift) & mask));
    } else {
      const lane = size === 1 ? (value & 0xff) * 0x01010101 : (value & 0xffff) * 0x00010001;
      setDevice32((a & ~3) >>> 0, lane >>> 0);
    }
  }

  /** Index for a write into memory, or -1; ROM and flash are read-only on the bus. */
  function writable(a) {
    if (a >>> 28 === 2) return plain(a);
    return -1;
  }

  mcu.readUint32 = (address) => {
    const a = address >>> 0;
    if (a & 3) return unaligned('reads a word at', a);
    const index = plain(a);
    return index >= 0 ? i32[index >> 2] >>> 0 : device32(a);
  };
  mcu.readUint16 = (address) => {
    const a = address >>> 0;
    if (a & 1) return unaligned('reads a halfword at', a);
    const index = plain(a);
    return index >= 0 ? u16[index >> 1] : (device32((a & ~3) >>> 0) >>> ((a & 2) * 8)) & 0xffff;
  };
  mcu.readUint8 = (address) => {
    const a = address >>> 0;
    const index = plain(a);
    return index >= 0 ? u8[index] : (device32((a & ~3) >>> 0) >>> ((a & 3) * 8)) & 0xff;
  };
  mcu.writeUint32 = (address, value) => {
    const a = address >>> 0;
    if (a & 3) {
      unaligned('writes a word at', a);
      return;
    }
    const index = writable(a);
    if (index >= 0) i32[index >> 2] = value;
    else if (a === 0) return; // the chip ignores it, and TinyUSB does it in every transfer on endpoint 0
    else if (a < 0x14000000) missing('writes read-only', a);
    else setDevice32(a, value >>> 0);
  };
  mcu.writeUint16 = (address, value) => {
    const a = address >>> 0;
    if (a & 1) {
      unaligned('writes a halfword at', a);
      return;
    }
    const index = writable(a);
    if (index >= 0) u16[index >> 1] = value;
    else if (a < 0x14000000) missing('writes read-only', a);
    else setNarrow(a, value, 2);
  };
  mcu.writeUint8 = (address, value) => {
    const a = address >>> 0;
    const index = writable(a);
    if (index >= 0) u8[index] = value;
    else if (a < 0x14000000) missing('writes read-only', a);
    else setNarrow(a, value, 1);
  };
}

/** Eight hexadecimal digits. */
export function hex(value) {
  return (value >>> 0).toString(16).padStart(8, '0');
}
