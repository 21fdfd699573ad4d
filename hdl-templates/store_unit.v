// Executes `store`: act rows to DRAM.
//
// With start_i in cycle a, act rows are read from a + 1 on; a row enters the write register (or, when several
// rows share a beat, the beat under construction) one cycle after its read at the earliest, one row or beat a cycle.
// Addresses come from the burst generator (first one valid in a + 4), the next one in the cycle after the burst's last
// beat was taken. Data are offered from the first cycle of the burst's address on. done_o is high in the cycle
// after the last response. Only the bytes of rows are strobed: neighbours in the same beat and padding stay.
`default_nettype none
module store_unit #(
  parameter ROWS = 16,
  parameter ACT_BITS = 8,
  parameter BUS_BYTES = 16,
  parameter BURST_BEATS = 16,
  parameter ADDRESS_BITS = 32,
  parameter ROW_BITS = 16               // of a row number in an act bank
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire                   start_i,
  input  wire [255:0]           instruction_i,
  output wire                   done_o,
  input  wire [31:0]            base_i,
  // AXI4 write channels
  output wire [31:0]            awaddr_o,
  output wire [7:0]             awlen_o,
  output wire                   awvalid_o,
  input  wire                   awready_i,
  output wire [8*BUS_BYTES-1:0] wdata_o,
  output wire [BUS_BYTES-1:0]   wstrb_o,
  output wire                   wlast_o,
  output wire                   wvalid_o,
  input  wire                   wready_i,
  input  wire [1:0]             bresp_i,
  input  wire                   bvalid_i,
  output wire                   bready_o,
  output wire                   bus_error_o,
  // act buffer read port, data in the next cycle
  output wire                   act_store_re_o,
  output wire [3:0]             act_store_bank_o,
  output wire [15:0]            act_store_row_o,
  input  wire [ACT_BITS*ROWS-1:0]      act_store_data_i
);
  localparam ROW_BYTES = (ACT_BITS * ROWS + 7) / 8;  // the last byte may end in padding
  localparam BEAT_BITS = $clog2(BUS_BYTES);
  localparam ACT_BEATS = (ROW_BYTES + BUS_BYTES - 1) / BUS_BYTES;
  localparam ACT_PITCH = (ROW_BYTES >= BUS_BYTES) ? ACT_BEATS * BUS_BYTES : (1 << $clog2(ROW_BYTES));
  localparam [31:0] ACT_PITCH_32 = ACT_PITCH;

  // ---- instruction fields
  wire        unused_match;
  wire [19:0] address;
  wire [31:0] dram;
  wire [15:0] rows;
  wire [11:0] runs;
  wire [27:0] run_dram_stride;
  wire [15:0] run_stride;
  wire [11:0] planes;
  wire [31:0] plane_dram_stride;
  wire [15:0] plane_stride;

  fields_store u_store (
    .instruction_i       (instruction_i),
    .match_o             (unused_match),
    .address_o           (address),
    .dram_o              (dram),
    .rows_o              (rows),
    .runs_o              (runs),
    .run_dram_stride_o   (run_dram_stride),
    .run_stride_o        (run_stride),
    .planes_o            (planes),
    .plane_dram_stride_o (plane_dram_stride),
    .plane_stride_o      (plane_stride)
  );

  // ---- addresses
  reg         running_q;
  reg [8:0]   beats_left_q;      // of the burst whose address was issued last
  reg [31:0]  pending_q;         // bursts issued without response
  wire        beat_taken;
  wire        issue;
  wire [8:0]  issue_beats;
  wire        bursts_active;
  wire        burst_over;

  assign burst_over = (beats_left_q == 9'd0) || (beats_left_q == 9'd1 && beat_taken);

  burst_generator #(
    .BUS_BYTES   (BUS_BYTES),
    .BURST_BEATS (BURST_BEATS),
    .ADDRESS_BITS (ADDRESS_BITS),
    .ROWS_BITS   ((ROW_BITS < 16) ? ROW_BITS + 1 : 16),
    .PITCH_BITS  ($clog2(ACT_PITCH + 1))
  ) u_bursts (
    .clk_i          (clk_i),
    .rst_i          (rst_i),
    .start_i        (start_i),
    .dram_i         (dram),
    .rows_i         (rows),
    .pitch_i        (ACT_PITCH_32[11:0]),
    .runs_i         (runs),
    .run_stride_i   (run_dram_stride),
    .planes_i       (planes),
    .plane_stride_i (plane_dram_stride),
    .base_i         (base_i),
    .permit_i       (burst_over),
    .issue_o        (issue),
    .issue_beats_o  (issue_beats),
    .active_o       (bursts_active),
    .valid_o        (awvalid_o),
    .address_o      (awaddr_o),
    .length_o       (awlen_o),
    .ready_i        (awready_i)
  );

  always @(posedge clk_i) begin
    if (rst_i) beats_left_q <= 9'd0;
    else if (issue) beats_left_q <= issue_beats;
    else if (beat_taken) beats_left_q <= beats_left_q - 9'd1;
  end

  always @(posedge clk_i) begin
    if (rst_i) pending_q <= 32'd0;
    else if (issue != bvalid_i) pending_q <= pending_q + {{31{bvalid_i}}, 1'b1};
  end

  always @(posedge clk_i) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (done_o) running_q <= 1'b0;
  end

  assign bready_o    = 1'b1;
  assign bus_error_o = bvalid_i && (bresp_i != 2'd0);
  assign done_o      = running_q && !bursts_active && (beats_left_q == 9'd0) && (pending_q == 32'd0);

  // ---- rows: read one, keep it until it is used
  wire                 walking;
  wire [19:0]          walk_address;
  wire [BEAT_BITS-1:0] walk_offset;
  wire                 walk_ends_beat;
  wire                 unused_last;
  wire                 read;
  wire                 row_used;

  row_walker #(
    .BUS_BYTES (BUS_BYTES),
    .ROW_BITS  (ROW_BITS)
  ) u_walker (
    .clk_i               (clk_i),
    .rst_i               (rst_i),
    .start_i             (start_i),
    .address_i           (address),
    .rows_i              (rows),
    .runs_i              (runs),
    .run_stride_i        (run_stride),
    .planes_i            (planes),
    .plane_stride_i      (plane_stride),
    .dram_i              (dram[BEAT_BITS-1:0]),
    .pitch_i             (ACT_PITCH_32[BEAT_BITS-1:0]),
    .run_dram_stride_i   (run_dram_stride[BEAT_BITS-1:0]),
    .plane_dram_stride_i (plane_dram_stride[BEAT_BITS-1:0]),
    .step_i              (read),
    .active_o            (walking),
    .address_o           (walk_address),
    .offset_o            (walk_offset),
    .ends_beat_o         (walk_ends_beat),
    .last_o              (unused_last)
  );

  reg                 have_q;         // a row is there
  reg                 fresh_q;        // it is at the buffer's output, not yet in kept_q
  reg [8*ROW_BYTES-1:0]    kept_q;
  reg [BEAT_BITS-1:0] offset_q;
  reg                 ends_beat_q;
  wire [8*ROW_BYTES-1:0]   data;
  wire [8*ROW_BYTES-1:0]   row;

  generate
    if (8*ROW_BYTES > ACT_BITS*ROWS) begin : g_fill_up
      assign data = {{(8*ROW_BYTES-ACT_BITS*ROWS){1'b0}}, act_store_data_i};
    end else begin : g_whole_bytes
      assign data = act_store_data_i;
    end
  endgenerate

  assign read             = walking && (!have_q || row_used);
  assign row              = fresh_q ? data : kept_q;
  assign act_store_re_o   = read;
  assign act_store_bank_o = walk_address[19:16];
  assign act_store_row_o  = walk_address[15:0];

  always @(posedge clk_i) begin
    if (rst_i) have_q <= 1'b0;
    else if (read) have_q <= 1'b1;
    else if (row_used) have_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    fresh_q <= read;
    if (fresh_q) kept_q <= data;
    if (read) begin
      offset_q    <= walk_offset;
      ends_beat_q <= walk_ends_beat;
    end
  end

  // ---- beats: the write register
  reg                    full_q;
  reg  [8*BUS_BYTES-1:0] wdata_q;
  reg  [BUS_BYTES-1:0]   wstrb_q;
  wire                   room;
  wire                   beat_made;
  wire [8*BUS_BYTES-1:0] beat;
  wire [BUS_BYTES-1:0]   strobes;

  assign beat_taken = wvalid_o && wready_i;
  assign room       = !full_q || beat_taken;
  assign wvalid_o   = full_q && (beats_left_q != 9'd0);
  assign wlast_o    = (beats_left_q == 9'd1);
  assign wdata_o    = wdata_q;
  assign wstrb_o    = wstrb_q;

  always @(posedge clk_i) begin
    if (rst_i) full_q <= 1'b0;
    else if (beat_made) full_q <= 1'b1;
    else if (beat_taken) full_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (beat_made) begin
      wdata_q <= beat;
      wstrb_q <= strobes;
    end
  end

  generate
    if (ROW_BYTES >= BUS_BYTES) begin : g_wide
      // A row is ACT_BEATS beats; the last one may end in padding.
      localparam TOTAL = ACT_BEATS * BUS_BYTES;
      localparam [31:0] LAST_PART = ACT_BEATS - 1;
      localparam [TOTAL-1:0] ROW_STROBES = {TOTAL{1'b1}} >> (TOTAL - ROW_BYTES);
      reg  [11:0]        part_q;
      wire [8*TOTAL-1:0] padded;
      wire               last_part;
      wire               unused_row_flags;

      if (TOTAL > ROW_BYTES) begin : g_padding
        assign padded = {{(8 * (TOTAL - ROW_BYTES)){1'b0}}, row};
      end else begin : g_exact
        assign padded = row;
      end
      assign last_part = (part_q == LAST_PART[11:0]);
      assign beat_made = have_q && room;
      assign row_used  = beat_made && last_part;
      if (ACT_BEATS > 1) begin : g_parts
        assign beat    = padded[8*BUS_BYTES*part_q +: 8*BUS_BYTES];
        assign strobes = ROW_STROBES[BUS_BYTES*part_q +: BUS_BYTES];
      end else begin : g_one
        assign beat    = padded;
        assign strobes = ROW_STROBES;
      end
      assign unused_row_flags = &{1'b0, offset_q, ends_beat_q};

      always @(posedge clk_i) begin
        if (start_i) part_q <= 12'd0;
        else if (beat_made) part_q <= last_part ? 12'd0 : part_q + 12'd1;
      end
    end else begin : g_narrow
      // Rows gather in the beat under construction; the last one of a beat takes it to the write register.
      reg  [8*BUS_BYTES-1:0] gathered_q;
      reg  [BUS_BYTES-1:0]   gathered_strobes_q;
      wire [8*BUS_BYTES-1:0] placed;
      wire [BUS_BYTES-1:0]   placed_strobes;

      assign placed         = {{(8 * (BUS_BYTES - ROW_BYTES)){1'b0}}, row} << {offset_q, 3'b000};
      assign placed_strobes = {{(BUS_BYTES - ROW_BYTES){1'b0}}, {ROW_BYTES{1'b1}}} << offset_q;
      assign row_used  = have_q && (room || !ends_beat_q);
      assign beat_made = row_used && ends_beat_q;
      assign beat      = gathered_q | placed;
      assign strobes   = gathered_strobes_q | placed_strobes;

      always @(posedge clk_i) begin
        if (start_i || beat_made) begin
          gathered_q         <= {8*BUS_BYTES{1'b0}};
          gathered_strobes_q <= {BUS_BYTES{1'b0}};
        end else if (row_used) begin
          gathered_q         <= beat;
          gathered_strobes_q <= strobes;
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
