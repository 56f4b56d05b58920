# SPDX-License-Identifier: Apache-2.0
"""The modules that RTL instantiates, weft_<name>, and the package of their latencies.

A wrapper serves `Lanes` lanes. Normally each lane is one generated pipeline. With WEFT_NATIVE
(simulation only) one DPI-C call per cycle computes all lanes and a ring of the pipeline's depth
delays the results: the same values in the same cycles, much faster.
"""

# A native call exists for these numbers of lanes.
LANE_COUNTS = (1, 2, 4, 8, 16, 32, 64)


def upper_camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def dpi_type(width):
    """The two-state type that DPI-C passes as a plain C integer."""
    for limit, kind in ((8, "byte unsigned"), (16, "shortint unsigned"), (32, "int unsigned"),
                        (64, "longint unsigned")):
        if width <= limit:
            return limit, kind
    raise ValueError(f"no DPI type of {width} bits")


def package(banner, functions):
    lines = [banner, "// Latency in cycles of each function of hls/, from operands to result_o."]
    lines += ["package weft_hls_pkg;", ""]
    lines += [f"  localparam int unsigned {upper_camel(f.name)}Latency = {f.latency};"
              for f in functions]
    return "\n".join([*lines, "", "endpackage", ""])


def module(banner, function):
    name, signature = function.name, function.signature
    ports = [f"  input  logic [{p.width - 1}:0] {p.name}_i [Lanes]" for p in signature.parameters]
    ports.append(f"  output logic [{signature.result_width - 1}:0] result_o [Lanes]")
    port_list = ",\n".join(ports)
    return f"""{banner}
// weft_{name}: {function.doc}.
//
// Per lane weft::hls::{name} of hls/functions/{name}.h. result_o follows the operands by
// {function.latency} cycles, one result per cycle; no stall, no reset.
module weft_{name} #(
  parameter int unsigned Lanes = 1
) (
  input  logic clk_i,
{port_list}
);

`ifdef WEFT_NATIVE
{native(function)}
`else
{generated(function)}
`endif

endmodule
"""


def generated(function):
    width = max(len(p.name) for p in function.signature.parameters)
    pins = [f"      .{p.name.ljust(width)} ({p.name}_i[lane])"
            for p in function.signature.parameters]
    return "\n".join([
        "  for (genvar lane = 0; lane < Lanes; ++lane) begin : g_lane",
        f"    weft_{function.name}_pipeline u_pipeline (",
        f"      .{'clk'.ljust(width)} (clk_i),",
        *[pin + "," for pin in pins],
        f"      .{'out'.ljust(width)} (result_o[lane])",
        "    );",
        "  end",
    ])


def native(function):
    signature = function.signature
    depth = function.latency - 1  # of the ring; the result register is the last stage
    _, result_kind = dpi_type(signature.result_width)
    operands = [(p.name, p.width, *dpi_type(p.width)) for p in signature.parameters]
    lines = ["  // Operands and results as DPI-C passes them."]
    lines += [f"  {kind} {name} [Lanes];" for name, _, _, kind in operands]
    lines += [f"  {result_kind} result [Lanes];", "", "  always_comb begin",
              "    for (int unsigned lane = 0; lane < Lanes; ++lane) begin"]
    lines += [f"      {name}[lane] = {limit}'({name}_i[lane]);" for name, _, limit, _ in operands]
    lines += [f"      result_o[lane] = {signature.result_width}'(result[lane]);",
              "    end", "  end", ""]
    if depth == 0:
        lines += [f"  {result_kind} computed [Lanes];"]
    elif depth == 1:
        lines += [f"  {result_kind} computed [Lanes];  // one stage before result"]
    else:
        bits = (depth - 1).bit_length()
        lines += ["  // An entry is read in the cycle in which it is written anew, a turn later.",
                  f"  {result_kind} ring [{depth}][Lanes];",
                  f"  logic [{bits - 1}:0] turn_q;",
                  "  initial turn_q = '0;",
                  f"  always_ff @(posedge clk_i) turn_q <= turn_q == {bits}'d{depth - 1} ? '0 : "
                  f"turn_q + {bits}'d1;"]
    target = "computed" if depth < 2 else "ring[turn_q]"
    for count in LANE_COUNTS:
        arguments = ", ".join(f"input {kind} {name}[{count}]" for name, _, _, kind in operands)
        call = f"weft_native_{function.name}_{count}"
        values = ", ".join(name for name, *_ in operands)
        update = [f"      {call}({values}, {target});", f"      result <= {target};"]
        lines += ["", f"  if (Lanes == {count}) begin : g_lanes_{count}",
                  f"    import \"DPI-C\" function void {call}(",
                  f"        {arguments},",
                  f"        output {result_kind} results[{count}]);",
                  "    always_ff @(posedge clk_i) begin",
                  *(update if depth == 0 else reversed(update)), "    end", "  end"]
    allowed = ", ".join(str(count) for count in LANE_COUNTS)
    lines += ["", "  if (!(Lanes inside {" + allowed + "})) begin : g_bad_lanes",
              f'    $error("weft_{function.name}: a native call exists for {allowed} lanes");',
              "  end"]
    return "\n".join(lines)
