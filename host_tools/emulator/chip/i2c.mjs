// The DW_apb_i2c controller as a master (datasheet 4.3): bytes at the bus clock, aborts, restarts. Its registers are
// in i2c_block.mjs, parts and levels in i2c_wires.mjs. The slave side is not modelled. What the stock part lacks:
// an abort must leave TX_EMPTY set, or the driver waits for it until its time-out.
import { AlarmAt, replace } from './block.mjs';
import { I2cBlock } from './i2c_block.mjs';
import * as R from './i2c_registers.mjs';
import { I2cWires } from './i2c_wires.mjs';

const BYTE_CLOCKS = 9;
const FAST = 2; // IC_CON.SPEED; 1 is standard
const NOBODY = Object.freeze({ ack: false, stretchNs: 0 });

export class I2c extends I2cBlock {
  constructor(mcu, index, buses) {
    super(mcu, index);
    this.buses = buses; // the wires outside
    this.alarm = new AlarmAt(mcu.clock, () => this.#phaseEnds());
    this.disableAlarm = new AlarmAt(mcu.clock, () => this.#stopIfHolding());
    this.reset();
  }

  reset() {
    this.alarm.cancel();
    this.disableAlarm.cancel();
    this.unwatch?.();
    this.unwatch = null;
    this.phase = null; // what the bus is doing until the alarm: a function to call then; null is idle
    this.holding = false; // SCL is held low until there is another command
    this.addressed = false; // the head of the FIFO has had its address
    this.reading = false;
    this.resetRegisters();
  }

  /** One period of SCL: high for HCNT + SPKLEN + 7 cycles and low for LCNT + 1 (4.3.14.1). */
  get sclNs() {
    const { stored } = this;
    const fast = ((stored.get(R.CON) >> R.CON_SPEED_SHIFT) & 3) >= FAST;
    const high = stored.get(fast ? R.FS_SCL_HCNT : R.SS_SCL_HCNT) + stored.get(R.FS_SPKLEN) + 7;
    const low = stored.get(fast ? R.FS_SCL_LCNT : R.SS_SCL_LCNT) + 1;
    return ((high + low) * 1e9) / this.rp2040.clkSys;
  }

  get active() {
    return this.phase !== null || this.holding;
  }

  switchedOff() {
    this.addressed = false;
    if (this.holding) {
      // pico-sdk switches off and on between the halves of a transfer with a restart: too short to count.
      this.disableAlarm.at(this.nowNs + this.sclNs);
    }
  }

  switchedOn(abort) {
    this.disableAlarm.cancel();
    if (abort && this.holding) {
      this.#abort(R.ABRT_USER);
    }
    this.advance();
  }

  #stopIfHolding() {
    if (this.holding) {
      this.#stop();
      this.update();
    }
  }

  /** The wires that this controller's pins lead to, if any. */
  get #wires() {
    return this.buses.find((wires) => wires.reachedBy(this.index, this.rp2040));
  }

  /** Let the bus do something for `clocks` periods of SCL, then call `then`. */
  #during(clocks, then, stretchNs = 0) {
    this.holding = false;
    this.phase = then;
    this.alarm.at(this.nowNs + clocks * this.sclNs + stretchNs);
  }

  #phaseEnds() {
    const wires = this.#wires;
    if (wires && !wires.sclLevel) {
      this.#await(wires, () => wires.sclLevel); // somebody holds SCL: the clock stands still
      return;
    }
    const then = this.phase;
    this.phase = null;
    then();
    this.update();
  }

  /** End the present phase when the wires are as `wanted`; without an alarm, for that may be never. */
  #await(wires, wanted) {
    this.unwatch?.();
    this.unwatch = wires.watch(() => {
      if (wanted()) {
        this.unwatch?.();
        this.unwatch = null;
        this.alarm.at(this.nowNs);
      }
    });
  }

  /** Go on with the next command, if the bus waits for one. */
  advance() {
    const { enable, txFifo, rxFifo } = this;
    if (this.phase !== null || txFifo.empty || !(enable & R.ENABLE_ON) || enable & R.ENABLE_BLOCK) {
      return;
    }
    if (!this.con(R.CON_MASTER)) {
      this.#abort(R.ABRT_MASTER_DIS);
      return;
    }
    const command = txFifo.peek();
    const reading = (command & R.CMD_READ) !== 0;
    if (reading && rxFifo.full && this.con(R.CON_RX_FULL_HOLD)) {
      return;
    }
    if (!this.holding) {
      this.#start(reading);
    } else if (reading === this.reading && (this.addressed || !(command & R.CMD_RESTART))) {
      this.#transfer();
    } else {
      this.#restart(reading);
    }
  }

  #start(reading) {
    const wires = this.#wires;
    this.reading = reading;
    if (wires && !(wires.sdaLevel && wires.sclLevel)) {
      // Looks like another master's transfer: wait for the bus to be free (4.3.8). Only the driver gives up.
      this.phase = () => this.#start(reading);
      this.#await(wires, () => wires.sdaLevel && wires.sclLevel);
    } else {
      this.#during(1, () => this.#address());
    }
  }

  #restart(reading) {
    this.reading = reading;
    this.#during(1, () => {
      if (this.con(R.CON_RESTART_EN)) {
        this.#address();
      } else {
        this.#wires?.stop();
        this.#start(reading);
      }
    });
  }

  #address() {
    this.raw |= R.START_DET | R.ACTIVITY;
    const ten = this.con(R.CON_10BIT);
    this.#during(ten ? 2 * BYTE_CLOCKS : BYTE_CLOCKS, () => {
      const wires = this.#wires;
      if (wires && !wires.sdaLevel) {
        this.#lose();
        return;
      }
      const address = this.stored.get(R.TAR) & (ten ? 0x3ff : 0x7f);
      const { ack, stretchNs } = wires?.start(address, this.reading) ?? NOBODY;
      if (ack) {
        this.addressed = true; // for the command at the head of the FIFO
        this.#goOn(stretchNs);
      } else {
        this.#abort(ten ? R.ABRT_10ADDR1_NOACK : address ? R.ABRT_7B_ADDR_NOACK : R.ABRT_GCALL_NOACK);
      }
    });
  }

  /** The byte of the next command. */
  #transfer() {
    const command = this.txFifo.pull();
    const first = this.addressed;
    this.addressed = false;
    this.command = command;
    this.#during(BYTE_CLOCKS, () => {
      const wires = this.#wires;
      if (wires && !wires.sdaLevel && !(command & R.CMD_READ) && command & 0xff) {
        this.#lose(); // sent a one and saw a zero
        return;
      }
      const { ack, stretchNs } = command & R.CMD_READ ? this.#receive(wires, first) : this.#send(wires, command);
      this.command = null;
      if (!ack) {
        this.#abort(R.ABRT_TXDATA_NOACK);
      } else if (this.enable & R.ENABLE_ABORT) {
        this.#abort(R.ABRT_USER);
      } else if (command & R.CMD_STOP) {
        this.#stop(stretchNs);
      } else {
        this.#goOn(stretchNs);
      }
    });
  }

  #send(wires, command) {
    return wires?.write(command & 0xff) ?? NOBODY;
  }

  #receive(wires, first) {
    const { byte, stretchNs } = wires?.read() ?? { byte: 0xff, stretchNs: 0 };
    const seen = wires && !wires.sdaLevel ? 0 : byte;
    if (this.rxFifo.full) {
      this.raw |= R.RX_OVER;
    } else if (this.on) {
      this.rxFifo.push(seen | (first ? R.FIRST_DATA_BYTE : 0));
    }
    return { ack: true, stretchNs };
  }

  /** The next command, after the part has let SCL go. */
  #goOn(stretchNs) {
    if (stretchNs > 0) {
      this.#during(0, () => this.#goOn(0), stretchNs);
      return;
    }
    this.holding = true;
    if (this.on) {
      this.advance();
    } else {
      this.#stop();
    }
  }

  #abort(source) {
    this.noteAbort(source);
    if (source !== R.ABRT_MASTER_DIS) {
      this.#stop();
    }
  }

  /** Another master has the bus: no stop. */
  #lose() {
    this.noteAbort(R.ARB_LOST);
    this.addressed = false;
    this.holding = false;
  }

  #stop(stretchNs = 0) {
    this.disableAlarm.cancel();
    this.addressed = false;
    this.#during(1, () => {
      this.#wires?.stop();
      this.raw |= R.STOP_DET;
      this.enable &= ~R.ENABLE_ABORT;
      this.advance();
    }, stretchNs);
  }
}

/** Replace both controllers of the present chip and lead the wires of both buses to it. */
export function install(machine) {
  const { mcu, host } = machine;
  // The parts live on through a reset of the chip, in the middle of a byte if need be.
  host.i2c ??= [new I2cWires(machine, 0), new I2cWires(machine, 1)];
  const connect = () => host.i2c.forEach((wires) => wires.connect());
  connect();
  machine.atPlug.push(connect);
  machine.atReset.push((cause) => cause === 'power' && host.i2c.forEach((wires) => wires.powerOff()));
  for (const index of [0, 1]) {
    const block = new I2c(mcu, index, host.i2c);
    replace(mcu, { array: mcu.i2c, index, page: 0x40044 + 4 * index, resetBit: 3 + index }, block);
  }
}
