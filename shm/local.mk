# shm/: what lies in shared memory; knows base/ only. Its public headers are installed by client/.
noinst_LTLIBRARIES += libshm.la
libshm_la_SOURCES = \
	shm/attach.c \
	shm/batch.c \
	shm/board.c shm/board.h \
	shm/figures.c \
	shm/futex.c shm/futex.h \
	shm/geometry.c shm/geometry.h \
	shm/ring.c shm/ring.h shm/ring_internal.h \
	shm/sleep.c shm/sleep.h \
	shm/wait.c shm/wait.h
