// SPDX-License-Identifier: Apache-2.0
// What the parts of the vector unit share.
package weft_vector_pkg;
  import weft_spec_pkg::*;
  import weft_hls_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;

  // An operand of the chain, or its function, as a command carries them.
  typedef logic [3:0] operand_t;
  typedef logic [3:0] function_t;

  // Cycles of a function; divide and the others differ.
  function automatic int unsigned function_latency(function_t kind);
    unique case (8'(kind))
      FunctionExp2:         return Fp32Exp2Latency;
      FunctionLog2:         return Fp32Log2Latency;
      FunctionDivide:       return Fp32DivideLatency;
      FunctionSqrt:         return Fp32SqrtLatency;
      FunctionSigmoid:      return Fp32SigmoidLatency;
      FunctionTanh:         return Fp32TanhLatency;
      FunctionGelu:         return Fp32GeluLatency;
      FunctionGeluGradient: return Fp32GeluGradientLatency;
      default:              return 0;
    endcase
  endfunction

  function automatic int unsigned max_function_latency();
    int unsigned longest = 0;
    for (int unsigned kind = 0; kind < 16; kind++) begin
      if (function_latency(function_t'(kind)) > longest) begin
        longest = function_latency(function_t'(kind));
      end
    end
    return longest;
  endfunction
  localparam int unsigned MaxFunctionLatency = max_function_latency();

  // Reductions visit eight accumulators in turn, so that each has left the pipeline when its next
  // element comes.
  function automatic v_order_e order_of(vector_cmd_t cmd);
    if (8'(cmd.reduce) == ReduceNone) return OrderPlain;
    return cmd.by_column ? OrderWords : OrderRows;
  endfunction

  // A number under reduction: its value and, for argmax, where it came from.
  typedef struct packed {
    logic [31:0] value;
    logic [15:0] index;
  } folded_t;

endpackage
