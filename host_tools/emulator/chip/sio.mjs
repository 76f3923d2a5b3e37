// The single-cycle IO block's parts that the package lacks or gets wrong: the hardware divider (its results for a
// divisor of zero; it does not hold the core up), and the mailbox between the cores. Core 1 is not modelled: it can be
// reset, as MicroPython does at every start, and it then sends the zero that a real one's boot ROM sends; starting it
// stops the run. RP2040 datasheet 2.3.1.4 (FIFOs), 2.3.1.5 (divider), 2.8.2 (launching core 1), 2.13.5 (PSM).

const FIFO_ST = 0x50;
const FIFO_WR = 0x54;
const FIFO_RD = 0x58;
const VLD = 1;
const RDY = 2;
const DIV_UDIVIDEND = 0x60;
const DIV_QUOTIENT = 0x70;
const DIV_REMAINDER = 0x74;
const DIV_CSR = 0x78;
const READY = 1;
const DIRTY = 2;
const PSM_FRCE_OFF = 0x04;
const PROC1 = 1 << 16;
const SIO_PROC0_IRQ = 15;

class Divider {
  constructor() {
    this.dividend = 0;
    this.divisor = 0;
    this.quotient = 0;
    this.remainder = 0;
    this.dirty = 0;
  }

  read(offset) {
    if (offset === DIV_QUOTIENT) {
      this.dirty = 0;
      return this.quotient;
    }
    if (offset === DIV_REMAINDER) return this.remainder;
    if (offset === DIV_CSR) return READY | this.dirty;
    return offset & 4 ? this.divisor : this.dividend;
  }

  write(offset, value) {
    if (offset === DIV_CSR) return;
    this.dirty = DIRTY;
    if (offset === DIV_QUOTIENT) this.quotient = value | 0;
    else if (offset === DIV_REMAINDER) this.remainder = value | 0;
    else {
      if (offset & 4) this.divisor = value | 0;
      else this.dividend = value | 0;
      if (offset & 8) this.divide(this.dividend, this.divisor);
      else this.divide(this.dividend >>> 0, this.divisor >>> 0);
    }
  }

  divide(dividend, divisor) {
    if (divisor) {
      this.quotient = (dividend / divisor) | 0;
      this.remainder = (dividend % divisor) | 0;
    } else {
      this.quotient = dividend < 0 ? 1 : -1;
      this.remainder = dividend | 0;
    }
  }
}

/** Installs divider and mailbox on the machine's chip. */
export function installSio(machine) {
  const { mcu } = machine;
  const { sio } = mcu;
  const divider = new Divider();
  const mailbox = [0]; // what core 1's boot ROM sends when it comes out of reset
  const stockRead = sio.readUint32.bind(sio);
  const stockWrite = sio.writeUint32.bind(sio);

  function notice() {
    mcu.setInterrupt(SIO_PROC0_IRQ, mailbox.length > 0);
  }

  sio.readUint32 = (offset) => {
    if (offset >= DIV_UDIVIDEND && offset <= DIV_CSR) return divider.read(offset);
    if (offset === FIFO_ST) return RDY | (mailbox.length ? VLD : 0);
    if (offset === FIFO_RD) {
      const word = mailbox.shift() ?? 0;
      notice();
      return word;
    }
    return stockRead(offset);
  };

  sio.writeUint32 = (offset, value) => {
    if (offset >= DIV_UDIVIDEND && offset <= DIV_CSR) divider.write(offset, value);
    else if (offset === FIFO_WR) machine.fault('core1', 'core 1 is not modelled: _thread cannot start one', 0xd0000000 + offset);
    else if (offset === FIFO_ST) return; // clears error flags, of which there are none
    else stockWrite(offset, value);
  };

  const psm = mcu.peripherals[0x40010];
  const psmWrite = psm.writeUint32.bind(psm);
  psm.writeUint32 = (offset, value) => {
    const released = offset === PSM_FRCE_OFF && psm.frceOff & PROC1 && !(value & PROC1);
    psmWrite(offset, value);
    if (!released) return;
    mailbox.splice(0, mailbox.length, 0);
    notice();
    mcu.core.signalEvent();
  };
  notice();
}
