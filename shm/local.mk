# shm/: what lies in shared memory; knows base/ only. Its public headers are installed by client/.
noinst_LTLIBRARIES += libshm.la
libshm_la_SOURCES =
