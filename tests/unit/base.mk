# tests/unit/base.mk: base/
