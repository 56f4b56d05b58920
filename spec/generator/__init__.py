# SPDX-License-Identifier: Apache-2.0
"""The spec generator: model (what the TOML says), validate, and one module per output language."""
