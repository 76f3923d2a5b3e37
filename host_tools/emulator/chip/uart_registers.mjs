// Names of the PL011's registers and bits (datasheet 4.2.8).
export const DR = 0x00;
export const RSR = 0x04;
export const FR = 0x18;
export const ILPR = 0x20;
export const IBRD = 0x24;
export const FBRD = 0x28;
export const LCR_H = 0x2c;
export const CR = 0x30;
export const IFLS = 0x34;
export const IMSC = 0x38;
export const RIS = 0x3c;
export const MIS = 0x40;
export const ICR = 0x44;
export const DMACR = 0x48;
export const ID_FIRST = 0xfe0;
export const IDS = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

export const FR_TXFE = 1 << 7;
export const FR_RXFF = 1 << 6;
export const FR_TXFF = 1 << 5;
export const FR_RXFE = 1 << 4;
export const FR_BUSY = 1 << 3;
export const FR_CTS = 1 << 0; // clear to send: no modem lines are modelled, the other side is always ready

export const LCR_BRK = 1 << 0;
export const LCR_PEN = 1 << 1;
export const LCR_EPS = 1 << 2;
export const LCR_STP2 = 1 << 3;
export const LCR_FEN = 1 << 4;
export const LCR_WLEN_SHIFT = 5;
export const LCR_SPS = 1 << 7;

export const CR_UARTEN = 1 << 0;
export const CR_LBE = 1 << 7;
export const CR_TXE = 1 << 8;
export const CR_RXE = 1 << 9;

export const DMACR_RXDMAE = 1 << 0;
export const DMACR_TXDMAE = 1 << 1;

export const INT_RX = 1 << 4;
export const INT_TX = 1 << 5;
export const INT_RT = 1 << 6;
export const INT_FE = 1 << 7;
export const INT_PE = 1 << 8;
export const INT_BE = 1 << 9;
export const INT_OE = 1 << 10;
export const OVERRUN_ERROR = 1 << 11; // in DR; framing, parity and break are in uart_frames.mjs
