// Executes `load` (DRAM to act, wgt, par or lut buffer) and `fill` (a constant into act rows).
//
// Addresses come from the burst generator (first one valid four cycles after start_i). A beat that is taken enters
// the window register; from the next cycle on its rows are written, one a cycle, and the next beat is taken in
// the cycle of the last of them at the earliest. done_o is high in the cycle of the last row write. fill writes one row
// a cycle from the cycle after start_i on.
//
// Row formats: a row of ROW_BYTES < BUS_BYTES has a pitch of the next power of two, a larger one whole beats.
`default_nettype none
module load_unit #(
  parameter ROWS = 16,
  parameter COLUMNS = 16,
  parameter LANES = 16,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter BUS_BYTES = 16,
  parameter BURST_BEATS = 16,
  parameter ADDRESS_BITS = 32,
  parameter ROW_BITS = 20               // of a row number in the deepest buffer
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire                   start_i,
  input  wire [255:0]           instruction_i,
  output wire                   done_o,
  input  wire [31:0]            base_i,
  // AXI4 read channels
  output wire [31:0]            araddr_o,
  output wire [7:0]             arlen_o,
  output wire                   arvalid_o,
  input  wire                   arready_i,
  input  wire [8*BUS_BYTES-1:0] rdata_i,
  input  wire [1:0]             rresp_i,
  input  wire                   rvalid_i,
  output wire                   rready_o,
  output wire                   bus_error_o,
  // buffer write ports
  output wire                   act_load_we_o,
  output wire [3:0]             act_load_bank_o,
  output wire [15:0]            act_load_row_o,
  output wire [ACT_BITS*ROWS-1:0]      act_load_data_o,
  output wire                   wgt_load_we_o,
  output wire [19:0]            wgt_load_row_o,
  output wire [WGT_BITS*COLUMNS-1:0]   wgt_load_data_o,
  output wire                   par_load_we_o,
  output wire [15:0]            par_load_row_o,
  output wire [72*LANES-1:0]    par_load_data_o,
  output wire                   lut_load_we_o,
  output wire [8:0]             lut_load_row_o,
  output wire [7:0]             lut_load_data_o
);
  localparam BEAT_BITS = $clog2(BUS_BYTES);
  // Rows of elements, filled up to whole bytes.
  localparam ACT_BYTES = (ACT_BITS * ROWS + 7) / 8;
  localparam WGT_BYTES = (WGT_BITS * COLUMNS + 7) / 8;
  localparam PAR_BYTES = 9 * LANES;
  // Beats of a row (1 when several rows share a beat), and its pitch in bytes.
  localparam ACT_BEATS = (ACT_BYTES + BUS_BYTES - 1) / BUS_BYTES;
  localparam WGT_BEATS = (WGT_BYTES + BUS_BYTES - 1) / BUS_BYTES;
  localparam PAR_BEATS = (PAR_BYTES + BUS_BYTES - 1) / BUS_BYTES;
  localparam ACT_PITCH = (ACT_BYTES >= BUS_BYTES) ? ACT_BEATS * BUS_BYTES : (1 << $clog2(ACT_BYTES));
  localparam WGT_PITCH = (WGT_BYTES >= BUS_BYTES) ? WGT_BEATS * BUS_BYTES : (1 << $clog2(WGT_BYTES));
  localparam PAR_PITCH = (PAR_BYTES >= BUS_BYTES) ? PAR_BEATS * BUS_BYTES : (1 << $clog2(PAR_BYTES));
  localparam ACT_WGT_BEATS = (ACT_BEATS > WGT_BEATS) ? ACT_BEATS : WGT_BEATS;
  localparam WINDOW_BEATS = (PAR_BEATS > ACT_WGT_BEATS) ? PAR_BEATS : ACT_WGT_BEATS;
  localparam PART_BITS = (WINDOW_BEATS < 3) ? 1 : $clog2(WINDOW_BEATS);
  localparam [PART_BITS-1:0] NEXT_PART = 1;
  localparam WINDOW_BITS = 8 * BUS_BYTES * WINDOW_BEATS;
  localparam PITCH = (PAR_PITCH > ACT_PITCH && PAR_PITCH > WGT_PITCH) ? PAR_PITCH
                   : (ACT_PITCH > WGT_PITCH) ? ACT_PITCH : WGT_PITCH;
  localparam PITCH_BITS = $clog2(PITCH + 1);
  localparam [31:0] ACT_LAST_PART = ACT_BEATS - 1;
  localparam [31:0] WGT_LAST_PART = WGT_BEATS - 1;
  localparam [31:0] PAR_LAST_PART = PAR_BEATS - 1;
  localparam [31:0] ACT_PITCH_32 = ACT_PITCH;
  localparam [31:0] WGT_PITCH_32 = WGT_PITCH;
  localparam [31:0] PAR_PITCH_32 = PAR_PITCH;

  localparam [1:0] ACT = 2'd0;
  localparam [1:0] WGT = 2'd1;
  localparam [1:0] PAR = 2'd2;
  localparam [1:0] LUT = 2'd3;

  // ---- instruction fields
  wire        is_fill;
  wire        unused_is_load;
  wire [1:0]  buffer;
  wire [19:0] load_address;
  wire [31:0] dram;
  wire [15:0] load_rows;
  wire [11:0] load_runs;
  wire [27:0] run_dram_stride;
  wire [15:0] load_run_stride;
  wire [11:0] load_planes;
  wire [31:0] plane_dram_stride;
  wire [15:0] load_plane_stride;
  wire [19:0] fill_address;
  wire [7:0]  fill_value;
  wire [15:0] fill_rows;
  wire [11:0] fill_runs;
  wire [15:0] fill_run_stride;
  wire [11:0] fill_planes;
  wire [15:0] fill_plane_stride;

  fields_load u_load (
    .instruction_i       (instruction_i),
    .match_o             (unused_is_load),
    .buffer_o            (buffer),
    .address_o           (load_address),
    .dram_o              (dram),
    .rows_o              (load_rows),
    .runs_o              (load_runs),
    .run_dram_stride_o   (run_dram_stride),
    .run_stride_o        (load_run_stride),
    .planes_o            (load_planes),
    .plane_dram_stride_o (plane_dram_stride),
    .plane_stride_o      (load_plane_stride)
  );

  fields_fill u_fill (
    .instruction_i  (instruction_i),
    .match_o        (is_fill),
    .address_o      (fill_address),
    .value_o        (fill_value),
    .rows_o         (fill_rows),
    .runs_o         (fill_runs),
    .run_stride_o   (fill_run_stride),
    .planes_o       (fill_planes),
    .plane_stride_o (fill_plane_stride)
  );

  reg [11:0] pitch;
  reg [11:0] last_part;
  always @* begin
    case (buffer)
      ACT: begin
        pitch     = ACT_PITCH_32[11:0];
        last_part = ACT_LAST_PART[11:0];
      end
      WGT: begin
        pitch     = WGT_PITCH_32[11:0];
        last_part = WGT_LAST_PART[11:0];
      end
      PAR: begin
        pitch     = PAR_PITCH_32[11:0];
        last_part = PAR_LAST_PART[11:0];
      end
      default: begin
        pitch     = 12'd1;
        last_part = 12'd0;
      end
    endcase
  end

  wire unused_part;
  assign unused_part = &{1'b0, last_part};

  // ---- the instruction at hand
  reg         filling_q;
  reg [7:0]   value_q;
  reg [1:0]   buffer_q;
  reg [PART_BITS-1:0] last_part_q;

  always @(posedge clk_i) begin
    if (start_i) begin
      filling_q   <= is_fill;
      value_q     <= fill_value;
      buffer_q    <= is_fill ? ACT : buffer;
      last_part_q <= last_part[PART_BITS-1:0];
    end
  end

  // ---- addresses
  wire       unused_issue;
  wire [8:0] unused_issue_beats;
  wire       unused_active;

  burst_generator #(
    .BUS_BYTES   (BUS_BYTES),
    .BURST_BEATS (BURST_BEATS),
    .ADDRESS_BITS (ADDRESS_BITS),
    .ROWS_BITS   ((ROW_BITS < 16) ? ROW_BITS + 1 : 16),
    .PITCH_BITS  (PITCH_BITS),
    .PITCHES     ({12'd1, PAR_PITCH_32[11:0], WGT_PITCH_32[11:0], ACT_PITCH_32[11:0]})
  ) u_bursts (
    .clk_i          (clk_i),
    .rst_i          (rst_i),
    .start_i        (start_i && !is_fill),
    .dram_i         (dram),
    .rows_i         (load_rows),
    .pitch_i        (pitch),
    .runs_i         (load_runs),
    .run_stride_i   (run_dram_stride),
    .planes_i       (load_planes),
    .plane_stride_i (plane_dram_stride),
    .base_i         (base_i),
    .permit_i       (1'b1),
    .issue_o        (unused_issue),
    .issue_beats_o  (unused_issue_beats),
    .active_o       (unused_active),
    .valid_o        (arvalid_o),
    .address_o      (araddr_o),
    .length_o       (arlen_o),
    .ready_i        (arready_i)
  );

  // ---- data
  reg [WINDOW_BITS-1:0] window_q;      // the newest beat at the top
  reg                   full_q;        // the newest beat still has rows (or a part of a row) to give
  reg [PART_BITS-1:0]   part_q;        // beats of the row before the newest one

  wire                 take;
  wire                 row_complete;
  wire                 consumed;
  wire                 write;
  wire                 active;
  wire                 ends_beat;
  wire                 last;
  wire [19:0]          address;
  wire [BEAT_BITS-1:0] offset;

  row_walker #(
    .BUS_BYTES (BUS_BYTES),
    .ROW_BITS  (ROW_BITS)
  ) u_walker (
    .clk_i               (clk_i),
    .rst_i               (rst_i),
    .start_i             (start_i),
    .address_i           (is_fill ? fill_address : load_address),
    .rows_i              (is_fill ? fill_rows : load_rows),
    .runs_i              (is_fill ? fill_runs : load_runs),
    .run_stride_i        (is_fill ? fill_run_stride : load_run_stride),
    .planes_i            (is_fill ? fill_planes : load_planes),
    .plane_stride_i      (is_fill ? fill_plane_stride : load_plane_stride),
    .dram_i              (dram[BEAT_BITS-1:0]),
    .pitch_i             (pitch[BEAT_BITS-1:0]),
    .run_dram_stride_i   (run_dram_stride[BEAT_BITS-1:0]),
    .plane_dram_stride_i (plane_dram_stride[BEAT_BITS-1:0]),
    .step_i              (write),
    .active_o            (active),
    .address_o           (address),
    .offset_o            (offset),
    .ends_beat_o         (ends_beat),
    .last_o              (last)
  );

  assign row_complete = (part_q == last_part_q);
  assign consumed     = full_q && (!row_complete || ends_beat);
  assign rready_o     = !full_q || consumed;
  assign take         = rvalid_i && rready_o;
  assign bus_error_o  = take && (rresp_i != 2'd0);
  assign write        = active && (filling_q || (full_q && row_complete));
  assign done_o       = write && last;

  always @(posedge clk_i) begin
    if (rst_i) full_q <= 1'b0;
    else if (take) full_q <= 1'b1;
    else if (consumed) full_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i) part_q <= {PART_BITS{1'b0}};
    else if (full_q) part_q <= row_complete ? {PART_BITS{1'b0}} : part_q + NEXT_PART;
  end

  generate
    if (WINDOW_BEATS > 1) begin : g_window
      always @(posedge clk_i) begin
        if (take) window_q <= {rdata_i, window_q[WINDOW_BITS-1:8*BUS_BYTES]};
      end
      wire unused_oldest;
      assign unused_oldest = &{1'b0, window_q[8*BUS_BYTES-1:0]};
    end else begin : g_beat
      always @(posedge clk_i) begin
        if (take) window_q <= rdata_i;
      end
    end
  endgenerate

  // ---- buffers
  wire [8*ACT_BYTES-1:0] act_row;
  wire [8*WGT_BYTES-1:0] wgt_row;
  wire [ACT_BITS-1:0]    element;  // what fill writes; of more than 8 bits, value_q are the high ones
  wire                   unused_padding;

  row_picker #(.ROW_BYTES(ACT_BYTES), .BUS_BYTES(BUS_BYTES), .WINDOW_BEATS(WINDOW_BEATS)) u_act_row (
    .window_i (window_q),
    .offset_i (offset),
    .row_o    (act_row)
  );
  row_picker #(.ROW_BYTES(WGT_BYTES), .BUS_BYTES(BUS_BYTES), .WINDOW_BEATS(WINDOW_BEATS)) u_wgt_row (
    .window_i (window_q),
    .offset_i (offset),
    .row_o    (wgt_row)
  );
  row_picker #(.ROW_BYTES(PAR_BYTES), .BUS_BYTES(BUS_BYTES), .WINDOW_BEATS(WINDOW_BEATS)) u_par_row (
    .window_i (window_q),
    .offset_i (offset),
    .row_o    (par_load_data_o)
  );
  row_picker #(.ROW_BYTES(1), .BUS_BYTES(BUS_BYTES), .WINDOW_BEATS(WINDOW_BEATS)) u_lut_row (
    .window_i (window_q),
    .offset_i (offset),
    .row_o    (lut_load_data_o)
  );

  assign act_load_we_o   = write && (buffer_q == ACT);
  assign act_load_bank_o = address[19:16];
  assign act_load_row_o  = address[15:0];
  assign act_load_data_o = filling_q ? {ROWS{element}} : act_row[ACT_BITS*ROWS-1:0];
  assign wgt_load_data_o = wgt_row[WGT_BITS*COLUMNS-1:0];
  assign unused_padding  = &{1'b0, act_row, wgt_row, value_q};
  generate
    if (ACT_BITS > 8) begin : g_coarse_value
      assign element = {value_q, {(ACT_BITS-8){1'b0}}};
    end else begin : g_value
      assign element = value_q[ACT_BITS-1:0];
    end
  endgenerate
  assign wgt_load_we_o   = write && (buffer_q == WGT);
  assign wgt_load_row_o  = address;
  assign par_load_we_o   = write && (buffer_q == PAR);
  assign par_load_row_o  = address[15:0];
  assign lut_load_we_o   = write && (buffer_q == LUT);
  assign lut_load_row_o  = address[8:0];
endmodule
`default_nettype wire
