// The parts of the Cortex-M0+ that are not instructions: pending and preempting exceptions, WFI, WFE and the event
// register. The package enters a handler although PRIMASK is set when it waits, and has no SEV. Replaced on the
// instance, so the stock interpreter (which the tests compare with) runs with the same rules.
// ARMv6-M reference manual B1.5.4 (priorities), B1.5.8 (return), B1.5.17 (WFE), B1.5.19 (WFI), B3.2.7 (SCR).

export const WAIT_NONE = 0;
export const WAIT_EVENT = 1;
export const WAIT_INTERRUPT = 2;
const IDLE_PRIORITY = 4;
const SEVONPEND = 1 << 4;

/** Installs the cured exception rules on `core`. */
export function installCore(core) {
  core.waitKind = WAIT_NONE;
  core.SCR = 0;
  core.levels = 0; // interrupt lines that a peripheral holds; what is pending without one was set by software

  /** Number of the pending exception that would preempt at `below`, or 0. */
  core.pendingBelow = (below) => {
    if (core.pendingNMI) return 2;
    const enabled = core.pendingInterrupts & core.enabledInterrupts;
    if (!enabled && !core.pendingSVCall && !core.pendingPendSV && !core.pendingSystick) return 0;
    for (let priority = 0; priority < below; priority++) {
      if (core.pendingSVCall && priority === core.svCallPriority) return 11;
      if (core.pendingPendSV && priority === core.pendSVPriority) return 14;
      if (core.pendingSystick && priority === core.systickPriority) return 15;
      const level = enabled & core.interruptPriorities[priority];
      if (level) return 16 + (31 - Math.clz32(level & -level));
    }
    return 0;
  };

  core.checkForInterrupts = () => {
    core.interruptsUpdated = false;
    const active = core.IPSR ? core.exceptionPriority(core.IPSR) : IDLE_PRIORITY;
    const number = core.pendingBelow(core.PM ? Math.min(active, 0) : active);
    if (!number) return false;
    if (number === 2) core.pendingNMI = false;
    else if (number === 11) core.pendingSVCall = false;
    else if (number === 14) core.pendingPendSV = false;
    else if (number === 15) core.pendingSystick = false;
    else core.pendingInterrupts &= core.levels | ~(1 << (number - 16));
    core.exceptionEntry(number);
    core.wake();
    core.interruptsUpdated = true; // a higher one may be pending too
    return true;
  };

  core.wake = () => {
    core.waiting = false;
    core.waitKind = WAIT_NONE;
  };

  /** SEV, and every exception's entry and return. */
  core.signalEvent = () => {
    if (core.waitKind === WAIT_EVENT) core.wake();
    else core.eventRegistered = true;
  };

  core.waitForEvent = () => {
    if (core.eventRegistered) {
      core.eventRegistered = false;
      return;
    }
    core.waiting = true;
    core.waitKind = WAIT_EVENT;
    core.lookForWakeUp();
  };

  core.waitForInterrupt = () => {
    core.waiting = true;
    core.waitKind = WAIT_INTERRUPT;
    core.lookForWakeUp();
  };

  /** A pending exception ends WFI even when PRIMASK keeps it from being taken; it ends WFE only if it is taken. */
  core.lookForWakeUp = () => {
    if (!core.waiting) return;
    const active = core.IPSR ? core.exceptionPriority(core.IPSR) : IDLE_PRIORITY;
    if (core.pendingBelow(core.PM && core.waitKind === WAIT_EVENT ? Math.min(active, 0) : active)) core.wake();
  };

  core.setInterrupt = (irq, value) => {
    const bit = 1 << irq;
    if (!value) {
      core.levels &= ~bit;
      core.pendingInterrupts &= ~bit;
      return;
    }
    core.levels |= bit;
    if (!(core.pendingInterrupts & bit)) {
      core.pendingInterrupts |= bit;
      core.interruptsUpdated = true;
      if (core.SCR & SEVONPEND) core.signalEvent();
      core.lookForWakeUp();
    }
  };
}
