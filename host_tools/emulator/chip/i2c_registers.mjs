// Names of the DW_apb_i2c's registers and bits (datasheet 4.3.17).
export const CON = 0x00;
export const TAR = 0x04;
export const SAR = 0x08;
export const DATA_CMD = 0x10;
export const SS_SCL_HCNT = 0x14;
export const SS_SCL_LCNT = 0x18;
export const FS_SCL_HCNT = 0x1c;
export const FS_SCL_LCNT = 0x20;
export const INTR_STAT = 0x2c;
export const INTR_MASK = 0x30;
export const RAW_INTR_STAT = 0x34;
export const RX_TL = 0x38;
export const TX_TL = 0x3c;
export const CLR_INTR = 0x40;
export const CLR_TX_ABRT = 0x54;
export const ENABLE = 0x6c;
export const STATUS = 0x70;
export const TXFLR = 0x74;
export const RXFLR = 0x78;
export const SDA_HOLD = 0x7c;
export const TX_ABRT_SOURCE = 0x80;
export const DMA_CR = 0x88;
export const DMA_TDLR = 0x8c;
export const DMA_RDLR = 0x90;
export const SDA_SETUP = 0x94;
export const ENABLE_STATUS = 0x9c;
export const FS_SPKLEN = 0xa0;

/** Registers that only remember, with what they hold after a reset. */
export const STORED = new Map([
  [CON, 0x65],
  [TAR, 0x55],
  [SAR, 0x55],
  [SS_SCL_HCNT, 0x28],
  [SS_SCL_LCNT, 0x2f],
  [FS_SCL_HCNT, 0x06],
  [FS_SCL_LCNT, 0x0d],
  [INTR_MASK, 0x8ff],
  [RX_TL, 0],
  [TX_TL, 0],
  [SDA_HOLD, 1],
  [DMA_CR, 0],
  [DMA_TDLR, 0],
  [DMA_RDLR, 0],
  [SDA_SETUP, 0x64],
  [FS_SPKLEN, 0x07],
]);

/** Writes to these have no effect while the controller is enabled. */
export const LOCKED = new Set([
  CON, TAR, SAR, SS_SCL_HCNT, SS_SCL_LCNT, FS_SCL_HCNT, FS_SCL_LCNT, SDA_HOLD, FS_SPKLEN,
]);

/** Constants: the component's version and type. */
export const FIXED = new Map([
  [0xf4, 0],
  [0xf8, 0x3230312a],
  [0xfc, 0x44570140],
]);

export const CON_MASTER = 1 << 0;
export const CON_SPEED_SHIFT = 1;
export const CON_10BIT = 1 << 4;
export const CON_RESTART_EN = 1 << 5;
export const CON_TX_EMPTY_CTRL = 1 << 8;
export const CON_RX_FULL_HOLD = 1 << 9;

export const CMD_READ = 1 << 8;
export const CMD_STOP = 1 << 9;
export const CMD_RESTART = 1 << 10;
export const FIRST_DATA_BYTE = 1 << 11;

export const ENABLE_ON = 1 << 0;
export const ENABLE_ABORT = 1 << 1;
export const ENABLE_BLOCK = 1 << 2;

export const RX_UNDER = 1 << 0;
export const RX_OVER = 1 << 1;
export const RX_FULL = 1 << 2;
export const TX_OVER = 1 << 3;
export const TX_EMPTY = 1 << 4;
export const TX_ABRT = 1 << 6;
export const ACTIVITY = 1 << 8;
export const STOP_DET = 1 << 9;
export const START_DET = 1 << 10;

/** Interrupts cleared by reading a register. */
export const CLEARED_BY = new Map([
  [CLR_INTR, ~(RX_FULL | TX_EMPTY)],
  [0x44, RX_UNDER],
  [0x48, RX_OVER],
  [0x4c, TX_OVER],
  [0x50, 1 << 5],
  [CLR_TX_ABRT, TX_ABRT],
  [0x58, 1 << 7],
  [0x5c, ACTIVITY],
  [0x60, STOP_DET],
  [0x64, START_DET],
  [0x68, 1 << 11],
  [0xa8, 1 << 12],
]);

export const ABRT_7B_ADDR_NOACK = 1 << 0;
export const ABRT_10ADDR1_NOACK = 1 << 1;
export const ABRT_TXDATA_NOACK = 1 << 3;
export const ABRT_GCALL_NOACK = 1 << 4;
export const ABRT_MASTER_DIS = 1 << 11;
export const ARB_LOST = 1 << 12;
export const ABRT_USER = 1 << 16;
export const FLUSH_COUNT_SHIFT = 23;
