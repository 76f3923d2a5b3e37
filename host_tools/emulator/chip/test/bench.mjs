// A chip with a program in SRAM instead of firmware, for the tests.
import { Machine } from '../machine.mjs';

export const CODE = 0x20001000;
export const STACK = 0x20040000;

/** A machine that will run `program` (halfwords) from SRAM; it has no interrupts enabled. */
export function bench(program, { slow = false, registers = [] } = {}) {
  const machine = new Machine();
  machine.halted = null;
  machine.attention = false;
  machine.slow = slow;
  const { core } = machine.mcu;
  put(machine, CODE, program);
  registers.forEach((value, index) => {
    core.registers[index] = value;
  });
  core.SP = STACK;
  core.LR = CODE | 1;
  core.PC = CODE;
  core.VTOR = 0x20000000;
  core.eventRegistered = false;
  return machine;
}

/** Writes halfwords at an address of SRAM. */
export function put(machine, address, program) {
  program.forEach((half, index) => machine.mcu.writeUint16(address + 2 * index, half));
}

/** Runs for so many cycles from now. */
export function cycles(machine, count) {
  return machine.run({ until: machine.now + 8 * count });
}

/** Everything of a core that a program can see. */
export function state(machine) {
  const { core } = machine.mcu;
  return {
    registers: [...core.registers.slice(0, 15), core.PC & ~1],
    flags: [core.N, core.Z, core.C, core.V].map(Number).join(''),
    cycles: core.cycles,
    now: machine.now,
  };
}

/** Numbers from a seed, the same in every run. */
export function sequence(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return below ? state % below : state;
  };
}
