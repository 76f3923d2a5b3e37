// The chip's memories in one buffer, so that code is fetched through one typed array whatever region it lies in:
// an address is an index plus its region's shift. Gaps are filled with UDF, so code that runs off an end stops.
// RP2040 datasheet 2.2 (address map): ROM 16 kB at 0, flash by XIP at 0x10000000, SRAM 264 kB at 0x20000000.

export const ROM_SIZE = 16 * 1024;
export const SRAM_SIZE = 264 * 1024;
/** The Pico's W25Q16JV: 2 MB. */
export const FLASH_SIZE = 2 * 1024 * 1024;
export const SRAM_AT = 0x8000;
export const FLASH_AT = 0x100000;
const UDF = 0xdede;

export class Memory {
  constructor() {
    this.buffer = new ArrayBuffer(FLASH_AT + FLASH_SIZE + 0x1000);
    this.u8 = new Uint8Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
    this.i16 = new Int16Array(this.buffer);
    this.i8 = new Int8Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.u16.fill(UDF);
    this.rom = new Uint8Array(this.buffer, 0, ROM_SIZE);
    this.sram = new Uint8Array(this.buffer, SRAM_AT, SRAM_SIZE);
    this.flash = new Uint8Array(this.buffer, FLASH_AT, FLASH_SIZE);
    this.rom.fill(0);
    this.sram.fill(0);
    this.flash.fill(0xff);
  }

  /** Lets a chip of rp2040js use these memories instead of its own. */
  attach(mcu) {
    mcu.bootrom = new Uint32Array(this.buffer, 0, ROM_SIZE / 4);
    mcu.sram = this.sram;
    mcu.sramView = new DataView(this.buffer, SRAM_AT, SRAM_SIZE);
    mcu.flash = this.flash;
    mcu.flash16 = new Uint16Array(this.buffer, FLASH_AT, FLASH_SIZE / 2);
    mcu.flashView = new DataView(this.buffer, FLASH_AT, FLASH_SIZE);
  }
}

/** Index minus address for code or data at `address`, or null where nothing can be executed. */
export function regionShift(address) {
  const a = address >>> 0;
  if (a < ROM_SIZE) return 0;
  if (a >= 0x20000000 && a < 0x20000000 + SRAM_SIZE) return SRAM_AT - 0x20000000;
  if (a >= 0x10000000 && a < 0x14000000 && (a & 0xffffff) < FLASH_SIZE) {
    return FLASH_AT - (a & 0xff000000); // four aliases with different cache behaviour, datasheet 2.6.3
  }
  return null;
}
