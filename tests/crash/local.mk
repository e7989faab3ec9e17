# tests/crash/local.mk: death at every instruction
