# tests/fuzz/local.mk: hostile input; the corpus is replayed without an engine
