// Instructions that change the core rather than its registers: system registers, barriers, waits, breakpoints,
// exception return. They run on the core's own fields, which the fast interpreter has written back before.
// ARMv6-M reference manual A5.3.2, B4.2, B5.2.
import { hex } from './bus.mjs';
import { ROM_SIZE } from './memory.mjs';

const SYSTEM = 3; // MRS, MSR, DMB, DSB, ISB: Cortex-M0+ TRM 3.3

/** Makes the rare instructions for `machine`; `r` is its registers as signed words. */
export function makeRare(machine, r) {
  const { core } = machine.mcu;

  /** A masked interrupt may be let through now; if nothing is pending there is nothing to look for. */
  function unmasked() {
    if (
      core.pendingInterrupts & core.enabledInterrupts ||
      core.pendingSystick ||
      core.pendingPendSV ||
      core.pendingSVCall ||
      core.pendingNMI
    ) {
      core.interruptsUpdated = true;
    }
  }

  function wide(op, op2) {
    const number = op2 & 0xff;
    r[15] += 2;
    core.cycles += SYSTEM;
    if (op === 0xf3ef && (op2 & 0xf000) === 0x8000) {
      r[(op2 >> 8) & 15] = core.readSpecialRegister(number);
    } else if ((op & 0xfff0) === 0xf380 && (op2 & 0xff00) === 0x8800) {
      core.writeSpecialRegister(number, r[op & 15] >>> 0);
      core.interruptsUpdated = false;
      unmasked();
    } else if (!(op === 0xf3bf && [0x8f40, 0x8f50, 0x8f60].includes(op2 & 0xfff0))) {
      const at = r[15] - 4;
      machine.faultAt('undefined', `undefined instruction 0x${hex(op * 65536 + op2)}`, at, at);
    }
  }

  function breakpoint(code) {
    const at = r[15] - 2;
    if (at >>> 0 < ROM_SIZE && machine.bootrom.has(at)) machine.bootrom.call(at);
    else machine.faultAt('breakpoint', `breakpoint ${code} without a debugger`, at, at);
  }

  /** Executes `op`; PC is behind it already. `op2` is the next halfword, for instructions of 32 bits. */
  function execute(op, op2) {
    if (op >>> 12 === 15) {
      wide(op, op2);
      return;
    }
    core.cycles += 1;
    if (op === 0xb672) {
      core.PM = true;
    } else if (op === 0xb662) {
      core.PM = false;
      unmasked();
    } else if (op === 0xbf20) {
      core.cycles += 1;
      core.waitForEvent();
    } else if (op === 0xbf30) {
      core.cycles += 1;
      core.waitForInterrupt();
    } else if (op === 0xbf40) {
      core.signalEvent();
    } else if (op >>> 8 === 0xbe) {
      breakpoint(op & 0xff);
    } else if (core.PM) {
      machine.faultAt('hardfault', 'SVC while interrupts are disabled', r[15] - 2, r[15] - 2);
    } else {
      core.pendingSVCall = true;
      core.interruptsUpdated = true;
    }
  }

  /** BX or POP to an address without the Thumb bit, or to an EXC_RETURN value in a handler. */
  function branch(address) {
    const a = address >>> 0;
    if (core.IPSR && a >>> 28 === 15) {
      core.exceptionReturn(a & 0x0fffffff);
      core.interruptsUpdated = false;
      unmasked();
    } else {
      machine.faultAt('state', `branches to 0x${hex(a)}, which is not Thumb code`, a, r[15] - 2);
    }
  }

  return { execute, branch };
}
