# tests/unit/core.mk: daemon/core/
