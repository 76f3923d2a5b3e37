// UF2, the format of firmware images for the Pico: 512-byte blocks, each with its target address.
// https://github.com/microsoft/uf2, fields in the order of the file.
const MAGIC_START = 0x0a324655;
const MAGIC_SECOND = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const FLAG_NOT_MAIN_FLASH = 1;
const FLAG_FAMILY = 0x2000;
const FAMILY_RP2040 = 0xe48bff56;
const FAMILY_ABSOLUTE = 0xe48bff57; // put first by newer tools for a workaround on other chips
const FLASH = 0x10000000;

/** Writes the blocks of `uf2` into `flash`; an image for another chip is refused. */
export function readUf2(uf2, flash) {
  const view = new DataView(uf2.buffer, uf2.byteOffset, uf2.byteLength);
  let written = 0;
  for (let at = 0; at + 512 <= uf2.length; at += 512) {
    const word = (offset) => view.getUint32(at + offset, true);
    if (word(0) !== MAGIC_START || word(4) !== MAGIC_SECOND || word(508) !== MAGIC_END) {
      throw new Error(`no UF2 block at byte ${at}: give a .uf2 file`);
    }
    if (word(8) & FLAG_NOT_MAIN_FLASH) continue;
    if (word(8) & FLAG_FAMILY && word(28) !== FAMILY_RP2040) {
      if (word(28) === FAMILY_ABSOLUTE) continue;
      throw new Error(`the UF2 is for family 0x${word(28).toString(16)}: give one for the RP2040`);
    }
    const target = word(12) - FLASH;
    const size = word(16);
    if (target < 0 || size > 476 || target + size > flash.length) {
      throw new Error(`the UF2 writes to 0x${word(12).toString(16)}, outside the 2 MB of flash`);
    }
    flash.set(uf2.subarray(at + 32, at + 32 + size), target);
    written += size;
  }
  if (!written) throw new Error('the UF2 holds nothing for the RP2040: give another file');
}
