/** The formal proofs: what holds of which part of the Verilog, and broken designs that each proof must refuse. */

import type { Proof } from './prover.js';

const shellModules = ['unit_shell', 'instruction_queue', 'fields_header', 'fields_sync'];

type Tap = readonly [string, string];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
/** (producer, consumer) of every semaphore. */
const unitPairs = range(4).flatMap((p) => range(4).flatMap((c) => (p === c ? [] : [[p, c] as const])));

export const proofs: readonly Proof[] = [
  {
    name: 'fifo',
    claim: 'An instruction queue gives its words in order, loses none and never overflows.',
    subject: 'instruction_queue',
    assumes: 'the user pushes only with room_o and pops only with valid_o',
    harness: 'fifo.v',
    modules: ['instruction_queue'],
    instances: [
      { WORD_BITS: 6, DEPTH: 4 },
      { WORD_BITS: 3, DEPTH: 2 },
      { WORD_BITS: 5, DEPTH: 1 },
      { WORD_BITS: 4, DEPTH: 16 },
    ],
    taps: (parameters) => {
      const bits = parameters['WORD_BITS']!;
      const depth = parameters['DEPTH']!;
      const word = (i: number, name: string): Tap => [`tap_words[${bits * (i + 1) - 1}:${bits * i}]`, name];
      const count: Tap = ['tap_count', 'u_dut.count_q'];
      if (depth === 1) return [count];
      if (depth === 2) return [count, ['tap_next', 'u_dut.g_two.next_q']];
      return [
        count,
        ['tap_read', 'u_dut.g_ring.read_q'],
        ['tap_write', 'u_dut.g_ring.write_q'],
        ...range(depth).map((i) => word(i, `u_dut.g_ring.words_q[${i}]`)),
      ];
    },
    maximumDepth: 3,
    mutants: [
      {
        module: 'instruction_queue',
        what: 'room one word too long',
        from: 'assign room_o  = !count_q[INDEX_BITS];',
        to: "assign room_o  = 1'b1;",
      },
      {
        module: 'instruction_queue',
        what: 'a push and a pop at once count as a push',
        from: 'if (push_i && !pop_i) count_q',
        to: 'if (push_i) count_q',
      },
      {
        module: 'instruction_queue',
        what: 'newest word first',
        from: 'assign head_o  = words_q[read_q];',
        to: 'assign head_o  = words_q[write_q - STEP];',
      },
      {
        module: 'instruction_queue',
        what: 'of two words the second is given twice',
        from: 'if (push_i) next_q <= word_i;',
        to: 'next_q <= word_i;',
        instance: 1,
      },
      {
        module: 'instruction_queue',
        what: 'the only word is overwritten when it is taken',
        from: 'if (push_i) head_q <= word_i;',
        to: 'head_q <= word_i;',
        instance: 2,
      },
    ],
  },
  {
    name: 'semaphores',
    claim:
      'No semaphore is taken at zero, none leaves 0 to 255, each is its signals less its waits, and one signal too many is reported.',
    subject: 'four unit_shell and semaphore_file together',
    assumes: 'fetch pushes only with room (proven: axi-fetch)',
    harness: 'semaphores.v',
    modules: [...shellModules, 'semaphore_file', 'semaphore_counter'],
    instances: [{}],
    taps: () =>
      unitPairs.map(([p, c]): Tap => {
        const bit = 8 * (4 * c + p);
        const pair = `u_dut.g_producer[${p}].g_consumer[${c}].g_pair`;
        return [`tap_counts[${bit + 7}:${bit}]`, `${pair}.u_counter.count_q`];
      }),
    maximumDepth: 3,
    mutants: [
      {
        module: 'unit_shell',
        what: 'one semaphore of the mask is enough',
        from: "assign ready     = ((head_wait & ~available_i) == 4'd0);",
        to: "assign ready     = (head_wait == 4'd0) || ((head_wait & available_i) != 4'd0);",
      },
      {
        module: 'semaphore_counter',
        what: 'a signal is lost when it meets a wait',
        from: 'else if (increment_i != decrement_i && !overflow_o)',
        to: 'else if ((increment_i || decrement_i) && !overflow_o)',
      },
      {
        module: 'semaphore_counter',
        what: 'wraps at 255',
        from: 'increment_i != decrement_i && !overflow_o',
        to: 'increment_i != decrement_i',
        late: true,
      },
      {
        module: 'semaphore_file',
        what: 'producer and consumer exchanged',
        from: '.decrement_i (take_i[4*c+p])',
        to: '.decrement_i (take_i[4*p+c])',
      },
    ],
  },
  {
    name: 'axi-address',
    claim:
      'An address once valid stays unchanged until it is taken; bursts stay within 4 KiB and BURST_BEATS.',
    subject: 'burst_generator (AR of load, AW of store)',
    assumes: 'transfers of one row, run and plane at least, one after another',
    harness: 'axi-address.v',
    modules: ['burst_generator'],
    instances: [
      { BUS_BYTES: 16, BURST_BEATS: 16 },
      { BUS_BYTES: 4, BURST_BEATS: 256 },
      { BUS_BYTES: 64, BURST_BEATS: 64 },
      { BUS_BYTES: 8, BURST_BEATS: 1 },
      { BUS_BYTES: 16, BURST_BEATS: 16, FEW_PITCHES: 1 },
    ],
    taps: () => [
      ['tap_state', 'u_dut.state_q'],
      ['tap_rows', 'u_dut.rows_q'],
      ['tap_pitch', 'u_dut.pitch_q'],
      ['tap_run_bytes', 'u_dut.run_bytes_q'],
      ['tap_beats_left', 'u_dut.beats_left_q'],
    ],
    maximumDepth: 3,
    mutants: [
      {
        module: 'burst_generator',
        what: 'the next address does not wait for the last one',
        from: 'assign issue_o       = (state_q == ISSUE) && !valid_q && permit_i;',
        to: 'assign issue_o       = (state_q == ISSUE) && permit_i;',
      },
      {
        module: 'burst_generator',
        what: 'bursts of full length wherever they start',
        from: "assign room        = BURST[8:0] - ({1'b0, beat_q[7:0]} & BURST_MASK);",
        to: 'assign room        = BURST[8:0];',
      },
      {
        module: 'burst_generator',
        what: 'a pitch of four counts for none',
        from: '({PRODUCT_BITS{pitch_q == PITCH_2}}',
        to: "({PRODUCT_BITS{1'b0}}",
        instance: 4,
      },
      {
        module: 'burst_generator',
        what: 'valid falls without ready',
        from: "else if (ready_i) valid_q <= 1'b0;",
        to: "else valid_q <= 1'b0;",
      },
    ],
  },
  {
    name: 'axi-write',
    claim:
      'Write data once valid stay unchanged until taken; a burst has the beats of its address, the last one marked; store is done only when every burst is answered; every error response is seen.',
    subject: 'store_unit (AW, W, B)',
    assumes:
      'transfers one after another; the slave answers a burst once, after its last beat and its address',
    harness: 'axi-write.v',
    modules: ['store_unit', 'burst_generator', 'row_walker', 'fields_store'],
    instances: [
      { ROWS: 4, BUS_BYTES: 4, BURST_BEATS: 4 },
      { ROWS: 2, BUS_BYTES: 8, BURST_BEATS: 16 },
      { ROWS: 6, BUS_BYTES: 4, BURST_BEATS: 1 },
    ],
    taps: () => [
      ['tap_running', 'u_dut.running_q'],
      ['tap_issue', 'u_dut.issue'],
      ['tap_beats_left', 'u_dut.beats_left_q'],
      ['tap_pending', 'u_dut.pending_q'],
      ['tap_rows', 'u_dut.rows'],
      ['tap_runs', 'u_dut.runs'],
      ['tap_planes', 'u_dut.planes'],
      ['tap_state', 'u_dut.u_bursts.state_q'],
      ['tap_state_rows', 'u_dut.u_bursts.rows_q'],
      ['tap_state_pitch', 'u_dut.u_bursts.pitch_q'],
      ['tap_run_bytes', 'u_dut.u_bursts.run_bytes_q'],
      ['tap_run_beats', 'u_dut.u_bursts.beats_left_q'],
    ],
    maximumDepth: 3,
    mutants: [
      {
        module: 'store_unit',
        what: 'the write register is filled again before its beat is taken',
        from: 'assign room       = !full_q || beat_taken;',
        to: "assign room       = 1'b1;",
      },
      {
        module: 'store_unit',
        what: 'the next burst does not wait for the last beat',
        from: "(beats_left_q == 9'd1 && beat_taken);",
        to: "(beats_left_q == 9'd1);",
      },
      {
        module: 'store_unit',
        what: 'done without the responses',
        from: " && (pending_q == 32'd0);",
        to: ';',
      },
      {
        module: 'store_unit',
        what: 'last marked a beat early',
        from: "assign wlast_o    = (beats_left_q == 9'd1);",
        to: "assign wlast_o    = (beats_left_q == 9'd2);",
      },
    ],
  },
  {
    name: 'axi-fetch',
    claim:
      'Fetch addresses stay until taken, within 4 KiB; the buffer never overflows; words leave in order, once, into queues with room, never after end or an error.',
    subject: 'fetch_unit (AR, R, dispatch)',
    assumes: 'starts when drained; a slave that sends the beats asked for and no others',
    harness: 'axi-fetch.v',
    modules: ['fetch_unit', 'instruction_target', 'ram_1r1w'],
    instances: [{ BUS_BYTES: 32 }, { BUS_BYTES: 4 }, { BUS_BYTES: 16 }, { BUS_BYTES: 64 }],
    taps: ({ BUS_BYTES }) => [
      ['tap_fetching', 'u_dut.fetching_q'],
      ['tap_reserved', 'u_dut.reserved_q'],
      ['tap_under_way', 'u_dut.under_way_q'],
      ['tap_write_bank', 'u_dut.write_bank_q'],
      ['tap_write', 'u_dut.write_q'],
      ['tap_read', 'u_dut.read_q'],
      ['tap_partly_bad', 'u_dut.partly_bad_q'],
      ...(BUS_BYTES === 32
        ? range(8).flatMap((i): Tap[] => [
            [`g_order.tap_tags[${5 * i + 3}:${5 * i}]`, `u_dut.g_bank[0].u_ram.rows_q[${i}][3:0]`],
            [`g_order.tap_tags[${5 * i + 4}]`, `u_dut.bad_q[${i}]`],
          ])
        : []),
    ],
    maximumDepth: 3,
    mutants: [
      {
        module: 'fetch_unit',
        what: 'asks when half of the room is there',
        from: "(reserved_q <= 4'd4);",
        to: "(reserved_q <= 4'd6);",
      },
      {
        module: 'fetch_unit',
        what: 'the address moves on before it is taken',
        from: 'assign ask          = fetching_q && !halt_i && !arvalid_q &&',
        to: 'assign ask          = fetching_q && !halt_i &&',
      },
      {
        module: 'fetch_unit',
        what: 'dispatches into a full queue',
        from: 'assign target_room = target[2] || room_i[target[1:0]];',
        to: 'assign target_room = target[2] || room_i[target[1:0]] || room_i[0];',
      },
      {
        module: 'fetch_unit',
        what: 'dispatches a word that was read with an error',
        from: 'head_valid && !head_bad && legal && target_room',
        to: 'head_valid && legal && target_room',
      },
      {
        module: 'fetch_unit',
        what: 'a word that is dispatched as it comes is read from the memory',
        from: 'late_q <= overtaken && row_complete;',
        to: "late_q <= 1'b0;",
      },
      {
        module: 'fetch_unit',
        what: 'the response of a word before it is not forgotten',
        from: 'partly_bad_q <= row_bad && !row_complete;',
        to: 'partly_bad_q <= row_bad;',
      },
    ],
  },
  {
    name: 'axi-lite',
    claim:
      'Register responses stay until taken, one for each request; a run starts only when none is under way; done and error exclude each other; PROGRAM and BASE stand still while busy.',
    subject: 'control_registers (AXI4-Lite slave)',
    assumes: 'a machine at rest reports no error',
    harness: 'axi-lite.v',
    modules: ['delay_line', 'control_registers'],
    instances: [{}],
    taps: () =>
      ['aw_held', 'w_held', 'wanted', 'start', 'busy', 'done', 'error', 'stopped'].map(
        (name): Tap => [`tap_${name}`, `u_dut.${name}_q`],
      ),
    maximumDepth: 3,
    mutants: [
      {
        module: 'control_registers',
        what: 'read data change while they wait',
        from: 'if (s_axil_arvalid_i && !rvalid_q) rdata_q <= rdata_d;',
        to: 'if (s_axil_arvalid_i) rdata_q <= rdata_d;',
      },
      {
        module: 'control_registers',
        what: 'a write is answered before its data',
        from: 'assign write            = aw_held_q && w_held_q && !bvalid_q;',
        to: 'assign write            = aw_held_q && !bvalid_q;',
      },
      {
        module: 'control_registers',
        what: 'a start while busy starts',
        from: ' && !busy_q && !wanted_q && !start_q;',
        to: ';',
      },
      {
        module: 'control_registers',
        what: 'addresses can be written while busy',
        from: 'write_full && !busy_q && !wanted_q && !start_q',
        to: 'write_full',
      },
    ],
  },
  {
    name: 'double-buffer',
    claim:
      'In a program that passes banks round between two units, no bank is written while it is read, nor read before it was written, whatever the instructions take.',
    subject: 'two unit_shell and semaphore_file together',
    assumes:
      'the program: producer words signal the consumer and, after the first BANKS, wait for it; consumer words wait and signal back (other programs: the verifier)',
    harness: 'double-buffer.v',
    modules: ['unit_shell', 'fields_header', 'fields_sync', 'semaphore_file', 'semaphore_counter'],
    instances: [{ BANKS: 2 }, { BANKS: 1 }, { BANKS: 3 }, { BANKS: 4 }],
    taps: () => [
      ['tap_full', 'u_semaphores.g_producer[0].g_consumer[1].g_pair.u_counter.count_q'],
      ['tap_free', 'u_semaphores.g_producer[1].g_consumer[0].g_pair.u_counter.count_q'],
      ['tap_load_signals', 'u_load.signal_q'],
      ['tap_matmul_signals', 'u_matmul.signal_q'],
      ['tap_load_sync', 'u_load.sync_q'],
      ['tap_matmul_sync', 'u_matmul.sync_q'],
    ],
    maximumDepth: 3,
    mutants: [
      {
        module: 'unit_shell',
        what: 'signals when it starts, not when it ends',
        from: 'assign give_o    = signal_q & {4{end_o}};',
        to: 'assign give_o    = head_signal & {4{accept_o}};',
      },
      {
        module: 'unit_shell',
        what: 'does not wait',
        from: "assign ready     = ((head_wait & ~available_i) == 4'd0);",
        to: "assign ready     = 1'b1;",
      },
      {
        module: 'unit_shell',
        what: 'accepts while running',
        from: 'assign accept_o  = head_valid && ready && !running_q && !halt_i;',
        to: 'assign accept_o  = head_valid && ready && !halt_i;',
      },
    ],
  },
];
