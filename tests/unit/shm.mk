# tests/unit/shm.mk: shm/
SHM_TESTS = \
	tests/unit/test_shm_any.t \
	tests/unit/test_shm_attach.t \
	tests/unit/test_shm_batch.t \
	tests/unit/test_shm_board.t \
	tests/unit/test_shm_denied.t \
	tests/unit/test_shm_figures.t \
	tests/unit/test_shm_futex.t \
	tests/unit/test_shm_geometry.t \
	tests/unit/test_shm_hostile.t \
	tests/unit/test_shm_layout.t \
	tests/unit/test_shm_notice.t \
	tests/unit/test_shm_patience.t \
	tests/unit/test_shm_ring.t \
	tests/unit/test_shm_ticket.t \
	tests/unit/test_shm_wait.t \
	tests/unit/test_shm_wrap.t
CRITERION_TESTS += $(SHM_TESTS)

# A ring without a daemon, for these and for tests/stress.
check_LTLIBRARIES += libringmemory.la
libringmemory_la_SOURCES = \
	tests/stress/ring_memory.c tests/stress/ring_memory.h
RING_MEMORY_LIBS = libringmemory.la libshm.la libbase.la

tests_unit_test_shm_any_t_SOURCES = tests/unit/test_shm_any.c \
	tests/unit/shm_sleeper.h tests/unit/shm_ends.h
tests_unit_test_shm_attach_t_SOURCES = tests/unit/test_shm_attach.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_batch_t_SOURCES = tests/unit/test_shm_batch.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_denied_t_SOURCES = tests/unit/test_shm_denied.c \
	tests/unit/shm_sleeper.h tests/unit/shm_ends.h
tests_unit_test_shm_figures_t_SOURCES = tests/unit/test_shm_figures.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_hostile_t_SOURCES = tests/unit/test_shm_hostile.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_layout_t_SOURCES = tests/unit/test_shm_layout.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_notice_t_SOURCES = tests/unit/test_shm_notice.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_patience_t_SOURCES = tests/unit/test_shm_patience.c \
	tests/unit/shm_sleeper.h tests/unit/shm_ends.h
tests_unit_test_shm_ring_t_SOURCES = tests/unit/test_shm_ring.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_ticket_t_SOURCES = tests/unit/test_shm_ticket.c \
	tests/unit/shm_sleeper.h tests/unit/shm_ends.h
tests_unit_test_shm_wait_t_SOURCES = tests/unit/test_shm_wait.c \
	tests/unit/shm_sleeper.h tests/unit/shm_ends.h
tests_unit_test_shm_wrap_t_SOURCES = tests/unit/test_shm_wrap.c \
	tests/unit/shm_ends.h
tests_unit_test_shm_any_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_attach_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_batch_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_board_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_denied_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_figures_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_futex_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_geometry_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_hostile_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_layout_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_notice_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_patience_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_ring_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_ticket_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_wait_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
tests_unit_test_shm_wrap_t_LDADD = $(RING_MEMORY_LIBS) $(CRITERION_LIBS)
