# SPDX-License-Identifier: Apache-2.0
# Runs a Tcl script of the Vitis flow without Vivado: tclsh stub.tcl RECORD SCRIPT ARGS...
#
# Each command of Vivado the scripts use is here as a stub that writes its name and arguments to
# RECORD, one Tcl list per line, and returns a name that shows where it came from. A command that is
# not here stops the script, as a misspelt one would stop Vivado. What Vivado would do with the
# arguments is not checked; check.py judges the record.
set record [open [lindex $argv 0] w]
set script [lindex $argv 1]
set argv [lrange $argv 2 end]

proc stub {name} {
  namespace eval [namespace qualifiers ::$name] {}
  proc ::$name args [format {
    puts $::record [string map {"\n" " "} [linsert $args 0 %s]]
    return %s
  } $name [list <$name>]]
}
foreach name {
  create_project add_files current_fileset get_files update_compile_order close_project package_xo
  set_property
  ipx::package_project ipx::current_core ipx::infer_bus_interface ipx::associate_bus_interfaces
  ipx::get_bus_interfaces ipx::add_bus_parameter
  ipx::get_memory_maps ipx::get_address_blocks ipx::add_register ipx::add_register_parameter
  ipx::create_xgui_files ipx::update_checksums ipx::check_integrity ipx::save_core
} {
  stub $name
}
source $script
close $record
