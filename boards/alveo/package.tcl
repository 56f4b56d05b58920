# SPDX-License-Identifier: Apache-2.0
# Packs the kernel:
#   vivado -mode batch -source package.tcl -tclargs FILES.tcl KERNEL.xml PART WORK XO
#
# FILES.tcl and KERNEL.xml are generated (generate.py). WORK is a folder of its own, made anew.
# Steps as in UG1393, "Packaging RTL kernels". Vivado's synthesis defines SYNTHESIS by itself
# (UG901), which turns the clock gates into wires.
lassign $argv files_tcl kernel_xml part work xo
source $files_tcl

file delete -force $work $xo
create_project -force weft_pack [file join $work project] -part $part
add_files -norecurse $weft_sources
add_files -fileset constrs_1 -norecurse $weft_constraints
add_files -norecurse $weft_headers
set_property file_type {Verilog Header} [get_files $weft_headers]
set_property include_dirs [list $weft_include] [current_fileset]
set_property top $weft_top [current_fileset]
update_compile_order -fileset sources_1

ipx::package_project -root_dir [file join $work ip] -vendor weft -library kernel \
  -taxonomy /KernelIP -import_files -set_current true
set core [ipx::current_core]
set_property name weft $core
set_property version 1.0 $core
set_property sdx_kernel true $core
set_property sdx_kernel_type rtl $core
set_property vitis_drc {ctrl_protocol ap_ctrl_hs} $core
set_property ipi_drc {ignore_freq_hz true} $core

ipx::infer_bus_interface ap_clk xilinx.com:signal:clock_rtl:1.0 $core
ipx::infer_bus_interface ap_rst_n xilinx.com:signal:reset_rtl:1.0 $core
ipx::infer_bus_interface interrupt xilinx.com:signal:interrupt_rtl:1.0 $core
ipx::associate_bus_interfaces -busif m_axi_gmem -clock ap_clk $core
ipx::associate_bus_interfaces -busif s_axi_control -clock ap_clk $core
ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $core

# AXI4 without narrow bursts: the interconnect needs no logic for them.
set master [ipx::get_bus_interfaces m_axi_gmem -of_objects $core]
set_property value 0 [ipx::add_bus_parameter SUPPORTS_NARROW_BURST $master]

# Registers of the slave: control, then arguments; a pointer names the master it is used on.
set map [ipx::get_memory_maps s_axi_control -of_objects $core]
set block [ipx::get_address_blocks reg0 -of_objects $map]
foreach description $weft_registers {
  lassign $description name offset bits master
  set register [ipx::add_register $name $block]
  set_property address_offset $offset $register
  set_property size $bits $register
  if {$master ne ""} {
    set parameter [ipx::add_register_parameter ASSOCIATED_BUSIF $register]
    set_property value $master $parameter
  }
}

ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity -kernel -xrt $core
ipx::save_core $core
close_project -delete

package_xo -xo_path $xo -kernel_name weft -ip_directory [file join $work ip] \
  -kernel_xml $kernel_xml
