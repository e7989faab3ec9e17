/* SPDX-License-Identifier: MIT */
/*
 * detach.c - giving roles back
 */
#include <errno.h>

#include "daemon/core/parts.h"

void detach_ask(struct core *core, struct core_ask *ask)
{
	struct core_attachment *attachment;
	struct core_ring *ring;
	char holder[192];

	if (policy_is_peer(core, ask) < 0)
		return;
	/* one that is unknown has ended already, and its reply was lost */
	attachment = attachment_find(core, ask->request.attachment);
	if (!attachment) {
		reply_new(core, ask);
		return;
	}
	ring = attachment_ring(core, attachment);
	if (attachment->process != ask->connection->process) {
		describe_holder(core, attachment, holder, sizeof(holder));
		refuse(core, ask, -EPERM, "you can't detach the %s of ring '%s', which is %s",
		       role_name(attachment_record(core, attachment)->role),
		       ring_record(core, ring)->name, holder);
		return;
	}
	attachment_end(core, attachment, false);
	reply_new(core, ask);
	ring_left(core, ring);
}
