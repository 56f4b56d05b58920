# SPDX-License-Identifier: Apache-2.0
# Constraints of the packaged kernel, beyond what the platform gives it.
#
# The clock, its uncertainty and the region of each engine come from the platform and the link
# configuration; nothing here may name them. All logic is on ap_clk, so there is no crossing to
# except. The reset register may be copied to serve its many loads.
set_property MAX_FANOUT 256 [get_cells -quiet -hierarchical -filter {NAME =~ *reset_n_reg}]
