# tests/unit/archive.mk: archive.h
