# tests/stress/local.mk: plain programs, for ThreadSanitizer too
