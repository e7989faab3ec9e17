# tests/unit/shm.mk: shm/
