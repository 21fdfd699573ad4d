/* Drives systole.h against a model of the registers, which has the page's numbers, not the header's.
 * Prints PASS or the line that failed. */
#include <stdint.h>
#include <stdio.h>

static uint32_t model_read(uint32_t offset);
static void model_write(uint32_t offset, uint32_t value);
#define SYSTOLE_READ32(device, offset) ((void)(device), model_read(offset))
#define SYSTOLE_WRITE32(device, offset, value) ((void)(device), model_write((offset), (value)))
#include "systole.h"

static uint32_t id = SYSTOLE_ID;
static uint32_t hash = SYSTOLE_MACHINE_HASH;
static uint32_t program_address, base_address, error_word;
static uint32_t busy, done, failed;
static uint32_t polls_left;      /* STATUS reads until the run ends */
static uint32_t fails_with;      /* the run's error word; 0: it succeeds */
static uint64_t cycles;
static uint32_t cycle_step;      /* the counter moves by this much with every read */

static uint32_t model_read(uint32_t offset) {
  uint32_t value = 0u;
  if (offset == 0x40u) value = id;
  else if (offset == 0x44u) value = hash;
  else if (offset == 0x0cu) value = program_address;
  else if (offset == 0x10u) value = base_address;
  else if (offset == 0x08u) value = error_word;
  else if (offset == 0x14u) value = (uint32_t)cycles;
  else if (offset == 0x18u) value = (uint32_t)(cycles >> 32);
  else if (offset >= 0x20u && offset < 0x20u + 16u) value = 100u + (offset - 0x20u);
  else if (offset >= 0x30u && offset < 0x30u + 16u) value = 200u + (offset - 0x30u);
  else if (offset == 0x04u) {
    if (busy && polls_left-- == 0u) {
      busy = 0u;
      failed = fails_with != 0u;
      done = !failed;
      error_word = fails_with;
    }
    value = busy | (done << 1) | (failed << 2);
  }
  cycles += cycle_step;
  return value;
}

static void model_write(uint32_t offset, uint32_t value) {
  if (offset == 0x0cu && !busy) program_address = value;
  if (offset == 0x10u && !busy) base_address = value;
  if (offset == 0x00u && (value & 1u) && !busy) {
    busy = 1u;
    done = failed = error_word = 0u;
  }
}

#define CHECK(condition)                                    \
  do {                                                      \
    if (!(condition)) {                                     \
      printf("FAIL line %d: %s\n", __LINE__, #condition);   \
      return 1;                                             \
    }                                                       \
  } while (0)

int main(void) {
  const systole_device device = {0u};
  systole_fault fault;

  CHECK(systole_probe(&device) == SYSTOLE_OK);
  id = 0xffffffffu;
  CHECK(systole_probe(&device) == SYSTOLE_NOT_A_MACHINE);
  id = SYSTOLE_ID;
  hash ^= 1u;
  CHECK(systole_probe(&device) == SYSTOLE_OTHER_MACHINE);
  hash ^= 1u;

  CHECK(systole_configure(&device, 0x80000004u, 0u) == SYSTOLE_MISALIGNED);
  CHECK(systole_configure(&device, 0x80000000u, 0x800u) == SYSTOLE_MISALIGNED);
  CHECK(systole_configure(&device, 0x80000000u, 0x3000u) == SYSTOLE_OK);
  CHECK(base_address == 0x80000000u && program_address == 0x80003000u);

  polls_left = 5u;
  CHECK(systole_start(&device) == SYSTOLE_OK);
  CHECK(systole_start(&device) == SYSTOLE_BUSY);
  CHECK(systole_configure(&device, 0u, 0u) == SYSTOLE_BUSY);
  CHECK(systole_wait(&device, 2u) == SYSTOLE_TIMEOUT);
  CHECK(systole_wait(&device, 100u) == SYSTOLE_OK);

  polls_left = 3u;
  fails_with = 0x303u;
  CHECK(systole_start(&device) == SYSTOLE_OK);
  CHECK(systole_wait(&device, 100u) == SYSTOLE_FAILED);
  fault = systole_error(&device);
  CHECK(fault.cause == 3u && fault.unit == 3u);
  CHECK(systole_wait(&device, 0u) == SYSTOLE_TIMEOUT);

  cycles = 0x1ffffffffu;   /* the low word wraps between the two reads */
  cycle_step = 1u;
  CHECK(systole_cycles(&device) >= 0x1ffffffffu && systole_cycles(&device) < 0x200000020u);
#if SYSTOLE_COUNTED_UNITS   /* a machine may count its runs' cycles only */
  CHECK(systole_busy_cycles(&device, SYSTOLE_UNIT_MATMUL) == 104u);
  CHECK(systole_wait_cycles(&device, SYSTOLE_UNIT_STORE) == 212u);
  CHECK(systole_busy_cycles(&device, SYSTOLE_UNIT_FETCH) == 0u);
#endif

  puts("PASS");
  return 0;
}
