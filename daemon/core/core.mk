# daemon/core/: the decisions; no system call, no clock, no descriptor
libcore_la_SOURCES = \
	daemon/core/access.c \
	daemon/core/account.c \
	daemon/core/actions.c \
	daemon/core/adopt.c \
	daemon/core/ask.c \
	daemon/core/attach.c \
	daemon/core/attachment.c \
	daemon/core/check.c \
	daemon/core/check_sums.c daemon/core/check_sums.h \
	daemon/core/connection.c \
	daemon/core/core.c daemon/core/core.h \
	daemon/core/counts.c \
	daemon/core/create.c \
	daemon/core/death.c \
	daemon/core/describe.c \
	daemon/core/destroy.c \
	daemon/core/detach.c \
	daemon/core/granted.c \
	daemon/core/hash.c \
	daemon/core/info.c \
	daemon/core/lifetime.c \
	daemon/core/list.h \
	daemon/core/log.c \
	daemon/core/memory.c \
	daemon/core/names.c daemon/core/names.h \
	daemon/core/parts.h \
	daemon/core/plan.c \
	daemon/core/policy.c \
	daemon/core/process.c \
	daemon/core/purge.c \
	daemon/core/query.c \
	daemon/core/quota.c \
	daemon/core/refuse.c \
	daemon/core/registry.c daemon/core/registry.h \
	daemon/core/registry_judge.c daemon/core/registry_judge.h \
	daemon/core/request.c \
	daemon/core/ring.c \
	daemon/core/ring_event.c \
	daemon/core/schema.c \
	daemon/core/segment.c \
	daemon/core/state.h \
	daemon/core/watch.c \
	daemon/core/words.c
