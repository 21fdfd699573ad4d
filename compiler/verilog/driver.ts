/**
 * The driver of a machine's AXI4-Lite slave: one C99 header, no allocation, no operating system. Constants come from the
 * register table. In: a Machine. Out: the text of `systole.h`.
 */

import { type Machine, machineHashWord } from '../../models/machine/index.js';
import { fileHead } from './emit.js';
import { errorCauses, REGISTER_ID, registersOf, registerUnits } from './registers.js';

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}u`;
const define = (name: string, value: string | number) => `#define SYSTOLE_${name} ${value}`;

/** Text of the header. Every access goes through SYSTOLE_READ32 and SYSTOLE_WRITE32, which a platform can define itself. */
export function driverHeader(machine: Machine): string {
  return [
    fileHead(machine).trimEnd(),
    '// Driver of the control registers. C99 (also C++), freestanding. See registers/registers.md for the map.',
    '#ifndef SYSTOLE_H',
    '#define SYSTOLE_H',
    '',
    '#include <stdint.h>',
    '',
    ...constants(machine),
    '',
    DRIVER_CODE,
    '#endif',
    '',
  ].join('\n');
}

function constants(machine: Machine): readonly string[] {
  return [
    '// Register offsets in bytes; of registers that exist once a unit, the first one.',
    ...registersOf(machine).map(({ name, offset }) => define(`REG_${name}`, hex(offset))),
    '',
    '// Fields: bits at their place.',
    ...registersOf(machine).flatMap(({ name, fields }) =>
      fields.flatMap((f) => [
        define(`${name}_${f.name}_MASK`, hex((2 ** (f.high - f.low + 1) - 1) * 2 ** f.low)),
        define(`${name}_${f.name}_SHIFT`, f.low),
      ]),
    ),
    '',
    '// Causes of an error.',
    ...errorCauses.map(({ name }, code) => define(`CAUSE_${name}`, `${code}u`)),
    '',
    '// Units, as the ERROR register and the counters number them (fetch has no counters).',
    ...registerUnits.map((name, unit) => define(`UNIT_${name}`, `${unit}u`)),
    define('COUNTED_UNITS', machine.counters === 'all' ? '4u' : '0u'),
    '',
    '// This machine.',
    define('ID', hex(REGISTER_ID)),
    define('MACHINE_HASH', hex(machineHashWord(machine))),
    define('MACHINE_NAME', JSON.stringify(machine.name)),
    define('ROWS', `${machine.array.rows}u`),
    define('COLUMNS', `${machine.array.columns}u`),
    define('BUS_BYTES', `${machine.bus.bytes}u`),
    define('PAGE_BYTES', '4096u'),
  ];
}

const DRIVER_CODE = `// Access to a register. Define both before including this file where registers are not memory-mapped words.
#ifndef SYSTOLE_READ32
#define SYSTOLE_READ32(device, offset) (*(volatile const uint32_t *)((device)->registers + (offset)))
#define SYSTOLE_WRITE32(device, offset, value) \\
  (*(volatile uint32_t *)((device)->registers + (offset)) = (value))
#endif

#ifdef __cplusplus
extern "C" {
#endif

// The address at which the slave is mapped.
typedef struct {
  uintptr_t registers;
} systole_device;

typedef enum {
  SYSTOLE_OK = 0,
  SYSTOLE_NOT_A_MACHINE,    // ID differs: wrong address, or no clock
  SYSTOLE_OTHER_MACHINE,    // the hash differs: the bitstream is not the one this header came with
  SYSTOLE_MISALIGNED,       // an address is not a multiple of SYSTOLE_PAGE_BYTES
  SYSTOLE_BUSY,             // a run is under way
  SYSTOLE_FAILED,           // the run was stopped by an error: see systole_error
  SYSTOLE_TIMEOUT           // the run did not end within the polls allowed
} systole_result;

typedef struct {
  uint32_t cause;           // SYSTOLE_CAUSE_...
  uint32_t unit;            // SYSTOLE_UNIT_...
} systole_fault;

static inline uint32_t systole_status(const systole_device *device) {
  return SYSTOLE_READ32(device, SYSTOLE_REG_STATUS);
}

// Whether the machine that this header describes answers at the device's address.
static inline systole_result systole_probe(const systole_device *device) {
  if (SYSTOLE_READ32(device, SYSTOLE_REG_ID) != SYSTOLE_ID) return SYSTOLE_NOT_A_MACHINE;
  if (SYSTOLE_READ32(device, SYSTOLE_REG_MACHINE_HASH) != SYSTOLE_MACHINE_HASH) return SYSTOLE_OTHER_MACHINE;
  return SYSTOLE_OK;
}

// Where the DRAM image lies (base) and its program (program_offset bytes into the image). Both are bus addresses of
// the machine, multiples of SYSTOLE_PAGE_BYTES. The machine ignores such writes while busy, so this refuses them.
static inline systole_result systole_configure(const systole_device *device, uint32_t base, uint32_t program_offset) {
  if ((base | program_offset) & (SYSTOLE_PAGE_BYTES - 1u)) return SYSTOLE_MISALIGNED;
  if (systole_status(device) & SYSTOLE_STATUS_BUSY_MASK) return SYSTOLE_BUSY;
  SYSTOLE_WRITE32(device, SYSTOLE_REG_BASE, base);
  SYSTOLE_WRITE32(device, SYSTOLE_REG_PROGRAM, base + program_offset);
  return SYSTOLE_OK;
}

// Starts the program. Data must be in memory before (flush caches, then a memory barrier of the host).
static inline systole_result systole_start(const systole_device *device) {
  if (systole_status(device) & SYSTOLE_STATUS_BUSY_MASK) return SYSTOLE_BUSY;
  SYSTOLE_WRITE32(device, SYSTOLE_REG_CONTROL, SYSTOLE_CONTROL_START_MASK);
  return SYSTOLE_OK;
}

// Reads STATUS until the run ends, max_polls times at most.
static inline systole_result systole_wait(const systole_device *device, uint32_t max_polls) {
  while (max_polls-- != 0u) {
    const uint32_t status = systole_status(device);
    if (status & SYSTOLE_STATUS_ERROR_MASK) return SYSTOLE_FAILED;
    if (status & SYSTOLE_STATUS_DONE_MASK) return SYSTOLE_OK;
  }
  return SYSTOLE_TIMEOUT;
}

// What stopped the last run.
static inline systole_fault systole_error(const systole_device *device) {
  const uint32_t value = SYSTOLE_READ32(device, SYSTOLE_REG_ERROR);
  systole_fault fault;
  fault.cause = (value & SYSTOLE_ERROR_CAUSE_MASK) >> SYSTOLE_ERROR_CAUSE_SHIFT;
  fault.unit = (value & SYSTOLE_ERROR_UNIT_MASK) >> SYSTOLE_ERROR_UNIT_SHIFT;
  return fault;
}

// Cycles of the present or last run. The high word is read again until it stood still: the counter may be running.
static inline uint64_t systole_cycles(const systole_device *device) {
  uint32_t high = SYSTOLE_READ32(device, SYSTOLE_REG_CYCLES_HIGH);
  for (;;) {
    const uint32_t low = SYSTOLE_READ32(device, SYSTOLE_REG_CYCLES_LOW);
    const uint32_t again = SYSTOLE_READ32(device, SYSTOLE_REG_CYCLES_HIGH);
    if (again == high) return ((uint64_t)high << 32) | low;
    high = again;
  }
}

#if SYSTOLE_COUNTED_UNITS
// Cycles that a unit (SYSTOLE_UNIT_LOAD to SYSTOLE_UNIT_STORE) was running; 0 for other numbers.
static inline uint32_t systole_busy_cycles(const systole_device *device, uint32_t unit) {
  return unit < SYSTOLE_COUNTED_UNITS ? SYSTOLE_READ32(device, SYSTOLE_REG_BUSY + 4u * unit) : 0u;
}

// Cycles that a unit had an instruction and missed a semaphore; 0 for other numbers.
static inline uint32_t systole_wait_cycles(const systole_device *device, uint32_t unit) {
  return unit < SYSTOLE_COUNTED_UNITS ? SYSTOLE_READ32(device, SYSTOLE_REG_WAIT + 4u * unit) : 0u;
}
#endif

#ifdef __cplusplus
}
#endif
`;
