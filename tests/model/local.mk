# Promela models of the ring and of the registry, with store buffers; run.sh says what must be found.
ONCE_TESTS += tests/model/run.sh
EXTRA_DIST += tests/model/ring.pml tests/model/registry.pml tests/model/registry.list
