# tests/harness/: what all tests share
HARNESS_LIBS =
