# tests/integration/local.mk: a real shmqd and real clients
