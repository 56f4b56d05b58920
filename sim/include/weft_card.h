/* SPDX-License-Identifier: Apache-2.0 */
/* weft_card.h: the Verilated card as a shared object, one per configuration and arithmetic.
 *
 * libweft_card_<config>_<arithmetic>.so holds the whole card behind its registers and a memory on
 * its AXI port. A caller puts a launch record into the memory and launches; time passes only
 * inside weft_card_launch. One thread per card; cards are independent of each other.
 */
#ifndef WEFT_CARD_H
#define WEFT_CARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_card weft_card;

/* Zero (or null) means the default. */
typedef struct {
  uint64_t arena_bytes;     /* size of the memory; default 64 MiB */
  uint8_t* memory;          /* not null: memory of that size which outlives the card, used as it
                               is; else the card has its own, all zeros */
  uint64_t memory_base;     /* where the memory begins for the card, a multiple of 4096; default
                               0x4000000000: not 0, so that a lost base shows */
  uint32_t latency;         /* cycles from an address to its first data; default 64 */
  uint32_t bytes_per_cycle; /* of reads and writes together; default the width of the port */
  uint64_t reorder_seed;    /* not 0: answers of different identities overtake each other, and
                               every handshake is delayed at random */
  uint64_t error_address;   /* not 0: memory answers bursts that touch this byte, counted from
                               the start of the arena, with an error */
  uint64_t hang_after;      /* not 0: memory answers nothing from this cycle of a launch on */
  uint32_t digests;         /* not 0: keep a digest of what each command writes */
  const char* trace_path;   /* waveform (FST) of the window below */
  uint64_t trace_begin;     /* first cycle, counted over all launches */
  uint64_t trace_end;       /* one past the last; default: to the end */
} weft_card_options;

/* What one command of the last launch wrote; the value is that of runtime/core/digest.h. */
typedef struct {
  uint32_t program; /* position in the launch */
  uint32_t command; /* position in the program */
  uint64_t value;
  uint64_t bytes;
} weft_card_digest;

/* Null if the card could not be made; then `error` (of `size` bytes) says why. */
weft_card* weft_card_open(const weft_card_options* options, char* error, uint64_t size);
void weft_card_close(weft_card* card);

uint8_t* weft_card_memory(weft_card* card);
uint64_t weft_card_memory_bytes(const weft_card* card);
/* Where the memory begins for the card. The arena begins there too, after opening and after a
 * reset; writing the arena registers moves it. */
uint64_t weft_card_memory_base(const weft_card* card);

/* One access through the register port, between launches: addresses as in the reference page. */
void weft_card_write_register(weft_card* card, uint32_t address, uint32_t value);
uint32_t weft_card_read_register(weft_card* card, uint32_t address);

/* Starts the launch whose record lies at this offset and runs until the card says done.
 * 0: done, read the completion record. 1: it never was, or the card broke a rule of AXI or one of
 * its own assertions on the way; weft_card_error says which.
 * 2: done, but without a completion record (weft_card_fault tells the fault). */
int weft_card_launch(weft_card* card, uint64_t record_offset);

/* From the acceptance of the start write to the answer to the completion record's last write. */
uint64_t weft_card_last_cycles(const weft_card* card);
/* Clock cycles simulated since the card was opened. */
uint64_t weft_card_total_cycles(const weft_card* card);
/* The fault register after the last launch. */
uint32_t weft_card_fault(weft_card* card);
const char* weft_card_error(const weft_card* card);

/* Digests of the last launch in stream order: fills up to `capacity`, says how many there are. */
uint64_t weft_card_digests(const weft_card* card, weft_card_digest* to, uint64_t capacity);

/* Pulls the reset line. Memory keeps its contents. */
void weft_card_reset(weft_card* card);

#ifdef __cplusplus
}
#endif
#endif
