# tests/attack/: hostile clients of a real daemon; bench/attack measures what they do to it
check_LTLIBRARIES += libattack.la
libattack_la_SOURCES = tests/attack/assault.c tests/attack/attacks.c tests/attack/attack.h
CRITERION_TESTS += tests/attack/test_attack.t
tests_attack_test_attack_t_SOURCES = tests/attack/test_attack.c tests/integration/fixture.h
tests_attack_test_attack_t_LDADD = libattack.la $(LDADD)
