// What the nine instructions of a PIO state machine do (RP2040 datasheet 3.4), one function for all of them.
// execute() returns false where the machine stalls; nothing has changed then but `waiting`, FDEBUG and the OSR of an
// autopull, and the instruction is tried again. It also notes what a loop's fast-forward must know (pio_loop.mjs).

/** Why a machine stalls: what must change before it is worth trying again. */
export const WAIT_PINS = 1;
export const WAIT_IRQ = 2;
export const WAIT_TX = 3;
export const WAIT_RX = 4;
export const WAIT_CYCLE = 5; // only for the next cycle

/** Positions of a machine's sticky bits in FDEBUG, datasheet 3.7. */
export const TXSTALL = 24;
export const TXOVER = 16;
export const RXUNDER = 8;
export const RXSTALL = 0;

function reverse(word) {
  let value = word;
  value = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  value = ((value >>> 2) & 0x33333333) | ((value & 0x33333333) << 2);
  value = ((value >>> 4) & 0x0f0f0f0f) | ((value & 0x0f0f0f0f) << 4);
  value = ((value >>> 8) & 0x00ff00ff) | ((value & 0x00ff00ff) << 8);
  return (value >>> 16) | (value << 16);
}

/** Relative flags: the machine's number is added modulo 4 (3.4.9.2). */
function flagOf(m, field) {
  return 1 << (field & 0x10 ? (field & 4) | ((field + m.index) & 3) : field & 7);
}

function stall(m, reason) {
  m.waiting = reason;
  return false;
}

function pins(m, cycle) {
  const levels = m.block.inputs(cycle);
  return m.inBase ? (levels >>> m.inBase) | (levels << (32 - m.inBase)) : levels;
}

function source(m, which, cycle, width) {
  switch (which) {
    case 0:
      m.reads |= m.inMask(width);
      return pins(m, cycle);
    case 1:
      m.xUsed = true;
      return m.x;
    case 2:
      m.yUsed = true;
      return m.y;
    case 5: // MOV only
      return m.status();
    case 6:
      return m.isr;
    case 7:
      return m.osr;
    default: // 3 is NULL, 4 is reserved
      return 0;
  }
}

function jump(m, op, cycle) {
  let taken = true;
  switch ((op >>> 5) & 7) {
    case 1:
      m.xUsed = true;
      taken = m.x === 0;
      break;
    case 2:
      m.xDecrements++;
      taken = m.x !== 0;
      m.x = (m.x - 1) | 0;
      break;
    case 3:
      m.yUsed = true;
      taken = m.y === 0;
      break;
    case 4:
      m.yDecrements++;
      taken = m.y !== 0;
      m.y = (m.y - 1) | 0;
      break;
    case 5:
      m.xUsed = m.yUsed = true;
      taken = m.x !== m.y;
      break;
    case 6:
      m.reads |= 1 << m.jmpPin;
      taken = ((m.block.inputs(cycle) >>> m.jmpPin) & 1) === 1;
      break;
    case 7:
      taken = m.osrCount < m.pullThreshold;
      break;
    default:
  }
  if (taken) {
    m.target = op & 0x1f;
  }
  return true;
}

function wait(m, op, cycle) {
  const wanted = (op >>> 7) & 1;
  const index = op & 0x1f;
  const kind = (op >>> 5) & 3;
  if (kind === 2) {
    const flag = flagOf(m, index);
    m.readsIrq = true;
    if (((m.block.flags(cycle) & flag) !== 0) !== (wanted === 1)) {
      return stall(m, WAIT_IRQ);
    }
    if (wanted) {
      m.acted = true;
      m.block.setFlags(0, flag, cycle); // 3.4.3.2: waiting for a 1 clears the flag
    }
    return true;
  }
  const pin = kind === 1 ? (index + m.inBase) & 0x1f : index;
  m.reads |= 1 << pin;
  m.waitPins = 1 << pin;
  return kind === 3 || ((m.block.inputs(cycle) >>> pin) & 1) === wanted || stall(m, WAIT_PINS);
}

function shiftIn(m, op, cycle) {
  const bits = op & 0x1f || 32;
  const value = source(m, (op >>> 5) & 7, cycle, bits);
  let isr = value;
  if (bits < 32) {
    const data = value & ((1 << bits) - 1);
    isr = m.inRight ? (m.isr >>> bits) | (data << (32 - bits)) : (m.isr << bits) | data;
  }
  const count = Math.min(32, m.isrCount + bits);
  if (m.autopush && count >= m.pushThreshold) {
    if (!m.rx.free) {
      m.block.debug(m, RXSTALL);
      return stall(m, WAIT_RX);
    }
    m.block.pushRx(m, isr, cycle);
    m.isr = 0;
    m.isrCount = 0;
    return true;
  }
  m.isr = isr;
  m.isrCount = count;
  return true;
}

function outTo(m, destination, value, bits, cycle) {
  switch (destination) {
    case 0:
      if (!m.inlineEnable || (value >>> m.enableBit) & 1) {
        m.block.setPins(m, m.outMask, m.toOut(value), cycle);
      }
      break;
    case 1:
      m.xUsed = true;
      m.x = value | 0;
      break;
    case 2:
      m.yUsed = true;
      m.y = value | 0;
      break;
    case 4:
      m.block.setDirections(m, m.outMask, m.toOut(value), cycle);
      break;
    case 5:
      m.target = value & 0x1f;
      break;
    case 6:
      m.isr = value | 0;
      m.isrCount = bits;
      break;
    case 7:
      m.inject(value);
      break;
    default: // 3 is NULL
  }
}

function shiftOut(m, op, cycle) {
  if (m.autopull && m.osrCount >= m.pullThreshold) {
    // 3.5.4.2: filling an empty OSR takes a cycle of its own
    if (m.refill(cycle)) {
      return stall(m, WAIT_CYCLE);
    }
    m.block.debug(m, TXSTALL);
    return stall(m, WAIT_TX);
  }
  const bits = op & 0x1f || 32;
  let value = m.osr;
  if (bits === 32) {
    m.osr = 0;
  } else if (m.outRight) {
    value &= (1 << bits) - 1;
    m.osr = (m.osr >>> bits) | 0;
  } else {
    value >>>= 32 - bits;
    m.osr <<= bits;
  }
  m.osrCount = Math.min(32, m.osrCount + bits);
  outTo(m, (op >>> 5) & 7, value, bits, cycle);
  if (m.autopull && m.osrCount >= m.pullThreshold) {
    m.refill(cycle);
  }
  return true;
}

function push(m, op, cycle) {
  if (op & 0x40 && m.isrCount < m.pushThreshold) {
    return true;
  }
  if (m.rx.free) {
    m.block.pushRx(m, m.isr, cycle);
  } else {
    m.block.debug(m, RXSTALL); // also for a word that PUSH NOBLOCK drops
    if (op & 0x20) {
      return stall(m, WAIT_RX);
    }
  }
  m.isr = 0;
  m.isrCount = 0;
  return true;
}

function pull(m, op, cycle) {
  const full = m.osrCount < m.pullThreshold;
  if (full && (op & 0x40 || m.autopull)) {
    return true; // 3.4.7.2: with autopull a PULL of a full OSR does nothing
  }
  if (m.tx.count) {
    m.osr = m.block.pullTx(m, cycle) | 0;
  } else if (op & 0x20) {
    m.block.debug(m, TXSTALL);
    return stall(m, WAIT_TX);
  } else {
    m.xUsed = true;
    m.osr = m.x;
  }
  m.osrCount = 0;
  return true;
}

function move(m, op, cycle) {
  let value = source(m, op & 7, cycle, 32);
  const operation = (op >>> 3) & 3;
  if (operation === 1) {
    value = ~value;
  } else if (operation === 2) {
    value = reverse(value);
  }
  switch ((op >>> 5) & 7) {
    case 4:
      m.inject(value);
      break;
    case 6:
      m.isr = value | 0;
      m.isrCount = 0;
      break;
    case 7:
      m.osr = value | 0;
      m.osrCount = 0;
      break;
    case 3: // reserved
      break;
    default: // PINS, X, Y and PC are as OUT's
      outTo(m, (op >>> 5) & 7, value, 32, cycle);
  }
  return true;
}

function raise(m, op, cycle) {
  const flag = flagOf(m, op & 0x1f);
  m.acted = true;
  if (op & 0x40) {
    m.block.setFlags(0, flag, cycle);
    return true;
  }
  if (!m.irqRaised) {
    m.block.setFlags(flag, 0, cycle);
    if (!(op & 0x20)) {
      return true;
    }
    m.irqRaised = true;
    return stall(m, WAIT_IRQ);
  }
  if (m.block.flags(cycle) & flag) {
    return stall(m, WAIT_IRQ);
  }
  m.irqRaised = false;
  return true;
}

function set(m, op, cycle) {
  const value = op & 0x1f;
  switch ((op >>> 5) & 7) {
    case 0:
      m.block.setPins(m, m.setMask, m.toSet(value), cycle);
      break;
    case 1:
      m.xUsed = true;
      m.x = value;
      break;
    case 2:
      m.yUsed = true;
      m.y = value;
      break;
    case 4:
      m.block.setDirections(m, m.setMask, m.toSet(value), cycle);
      break;
    default:
  }
  return true;
}

/**
 * Execute `op` at `cycle`, without its side-set and delay.
 * @param {object} m the PioMachine
 * @returns {boolean} false: stalled
 */
export function execute(m, op, cycle) {
  switch (op >>> 13) {
    case 0:
      return jump(m, op, cycle);
    case 1:
      return wait(m, op, cycle);
    case 2:
      return shiftIn(m, op, cycle);
    case 3:
      return shiftOut(m, op, cycle);
    case 4:
      return op & 0x80 ? pull(m, op, cycle) : push(m, op, cycle);
    case 5:
      return move(m, op, cycle);
    case 6:
      return raise(m, op, cycle);
    default:
      return set(m, op, cycle);
  }
}
