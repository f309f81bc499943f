"""Sentences about the shop that can fail."""

import sys

# Compiling every module and rewriting every test anew takes seconds of each run, whatever the
# machine's environment says about bytecode.
sys.dont_write_bytecode = False
