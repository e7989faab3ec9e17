/* SPDX-License-Identifier: MIT */
/*
 * core_driver.c - one request, one answer; see core_driver.h
 */
#include "tests/unit/core_driver.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static void keep_reply(struct fake *fake, struct core_action *action)
{
	struct driver *driver = fake->user;

	driver->n_replies++;
	driver->type = action->type;
	driver->connection = action->connection;
	driver->reply = action->reply;
	strcpy(driver->text, action->reply.text);
	driver->with_descriptor = action->with_descriptor;
	if (action->reply.body == CONTROL_BODY_HELLO)
		driver->echo[action->connection] = action->reply.hello.echo;
	if (action->reply.body == CONTROL_BODY_ATTACH) {
		strcpy(driver->segment, action->reply.attach.segment);
		strcpy(driver->schema_text, action->reply.attach.schema_text);
	}
	if (action->type == CORE_REPLY_RING)
		core_ring_info(fake->core, action->ring, fake->now_ns, &driver->info);
	if (action->type == CORE_REPLY_LIST || action->type == CORE_REPLY_STATS) {
		driver->n_rings = action->n_ring_list;
		memcpy(driver->rings, action->ring_list, sizeof(driver->rings));
	}
	if (action->reply.body == CONTROL_BODY_CLIENTS)
		memcpy(driver->holders, action->holder_list, sizeof(driver->holders));
}

static void keep_event(struct fake *fake, struct core_action *action)
{
	struct driver *driver = fake->user;

	if (driver->n_events == DRIVER_KEPT)
		return;
	driver->event_connections[driver->n_events] = action->connection;
	driver->events[driver->n_events++] = action->event;
}

static void keep_log(struct fake *fake, struct core_action *action)
{
	struct driver *driver = fake->user;

	if (driver->n_logs < DRIVER_KEPT)
		driver->logs[driver->n_logs++] = action->log;
}

struct driver *driver_new_sized(const struct core_config *config, uint32_t n_rings)
{
	struct driver *driver = calloc(1, sizeof(*driver));

	cr_assert(driver != NULL);
	driver->fake = fake_new(n_rings, 2 * n_rings, config, 1);
	driver_hook(driver);
	return driver;
}

struct driver *driver_new(const struct core_config *config)
{
	return driver_new_sized(config, 16);
}

void driver_hook(struct driver *driver)
{
	driver->fake->user = driver;
	driver->fake->on_reply = keep_reply;
	driver->fake->on_event = keep_event;
	driver->fake->on_log = keep_log;
}

struct driver *driver_free(struct driver *driver)
{
	driver_check(driver);
	fake_free(driver->fake);
	free(driver);
	return NULL;
}

static uint32_t connect_process(struct driver *driver, struct fake_process *process)
{
	uint32_t connection = fake_connect(driver->fake, process);
	struct control_request hello = {
		.op = CONTROL_HELLO,
		.protocol_min = CONTROL_PROTOCOL,
		.protocol_max = CONTROL_PROTOCOL,
		.layout = SHMQ_LAYOUT_VERSION,
		.name = "",
		.library = "test",
	};

	cr_assert(lt(u32, connection, DRIVER_CONNECTIONS));
	cr_assert(eq(int, driver_ask(driver, connection, hello), 0));
	return connection;
}

uint32_t driver_client(struct driver *driver, uint32_t uid)
{
	return connect_process(driver, fake_process_new(driver->fake, 0, uid));
}

struct fake_process *driver_process(struct driver *driver, uint32_t connection)
{
	return fake_connection(driver->fake, connection)->process;
}

uint32_t driver_again(struct driver *driver, uint32_t connection)
{
	return connect_process(driver, driver_process(driver, connection));
}

void driver_kill(struct driver *driver, uint32_t connection)
{
	struct fake_process *process = driver_process(driver, connection);

	fake_process_kill(driver->fake, process);
	if (process->end_is_due)
		fake_process_report(driver->fake, process);
	fake_disconnect(driver->fake, connection);
	fake_drain(driver->fake);
}

void driver_restart(struct driver *driver)
{
	fake_crash(driver->fake);
	cr_assert(eq(int, fake_restart(driver->fake), 0));
	fake_drain(driver->fake);
}

static int ask(struct driver *driver, uint32_t connection, struct control_request *request,
	       bool is_peer)
{
	unsigned n_before = driver->n_replies;

	request->id = ++driver->last_id;
	if (!request->echo)
		request->echo = driver->echo[connection];
	if (!request->name)
		request->name = "";
	fake_request(driver->fake, connection, request, is_peer);
	fake_drain(driver->fake);
	if (driver->n_replies == n_before)
		return 1;
	return driver->reply.status;
}

int driver_ask(struct driver *driver, uint32_t connection, struct control_request request)
{
	return ask(driver, connection, &request, true);
}

int driver_ask_as_stranger(struct driver *driver, uint32_t connection,
			   struct control_request request)
{
	return ask(driver, connection, &request, false);
}

struct control_request driver_create_request(const char *name, enum control_lifetime lifetime)
{
	return (struct control_request){
		.op = CONTROL_CREATE,
		.name = name,
		.has_config = true,
		.config = {
			.slots = 8,
			.size_bytes = 64,
			.lifetime = lifetime,
			.schema_text = "",
		},
	};
}

int driver_create(struct driver *driver, uint32_t connection, const char *name,
		  enum control_lifetime lifetime)
{
	return driver_ask(driver, connection, driver_create_request(name, lifetime));
}

int driver_attach(struct driver *driver, uint32_t connection, const char *name, enum shmq_role role)
{
	return driver_ask(driver, connection,
			  (struct control_request){
				  .op = CONTROL_ATTACH, .name = name, .role = role });
}

int driver_detach(struct driver *driver, uint32_t connection, uint64_t attachment)
{
	return driver_ask(driver, connection,
			  (struct control_request){
				  .op = CONTROL_DETACH, .attachment = attachment });
}

int driver_destroy(struct driver *driver, uint32_t connection, const char *name, bool force)
{
	return driver_ask(driver, connection,
			  (struct control_request){
				  .op = CONTROL_DESTROY, .name = name, .force = force });
}

int driver_purge(struct driver *driver, uint32_t connection, const char *name)
{
	return driver_ask(driver, connection,
			  (struct control_request){ .op = CONTROL_PURGE, .name = name });
}

static bool has_name(const struct registry_ring *record)
{
	return record->state != REGISTRY_RING_FREE && record->state != REGISTRY_RING_DESTROYING &&
	       record->state != REGISTRY_RING_TOMBSTONE;
}

bool driver_exists(struct driver *driver, const char *name)
{
	for (uint32_t i = 0; i < driver->fake->n_rings; i++)
		if (has_name(&driver->fake->registry.rings[i]) &&
		    strcmp(driver->fake->registry.rings[i].name, name) == 0)
			return true;
	return false;
}

uint32_t driver_ring(struct driver *driver, const char *name)
{
	for (uint32_t i = 0; i < driver->fake->n_rings; i++)
		if (has_name(&driver->fake->registry.rings[i]) &&
		    strcmp(driver->fake->registry.rings[i].name, name) == 0)
			return i;
	cr_fatal("there is no ring '%s'", name);
}

const struct registry_ring *driver_record(struct driver *driver, const char *name)
{
	return &driver->fake->registry.rings[driver_ring(driver, name)];
}

const struct shmq_board_ring *driver_words(struct driver *driver, uint32_t ring)
{
	return (const struct shmq_board_ring *)(const void *)(driver->fake->board + 1) + ring;
}

struct fake_file *driver_file(struct driver *driver, const char *name)
{
	char segment[CONTROL_SEGMENT_MAX];

	core_segment_name(driver->fake->core, driver_ring(driver, name), segment);
	return fake_file_find(driver->fake, segment);
}

void driver_fill(struct driver *driver, const char *name, uint64_t pushed, uint64_t popped)
{
	struct fake_file *file = driver_file(driver, name);

	file->pushed = pushed;
	file->popped = popped;
}

void driver_clear(struct driver *driver)
{
	driver->n_events = driver->n_logs = 0;
}

bool driver_logged(const struct driver *driver, enum core_log_id id, const char *text)
{
	for (size_t i = 0; i < driver->n_logs; i++)
		if (driver->logs[i].id == id && strstr(driver->logs[i].text, text))
			return true;
	return false;
}

const struct control_event *driver_event(const struct driver *driver, enum control_event_kind kind,
					 const char *ring)
{
	for (size_t i = 0; i < driver->n_events; i++)
		if (driver->events[i].kind == kind && strcmp(driver->events[i].ring, ring) == 0)
			return &driver->events[i];
	return NULL;
}

void driver_check(struct driver *driver)
{
	char text[CONTROL_TEXT_MAX];

	cr_assert(eq(str, driver->fake->complaint, ""));
	cr_assert(eq(int, core_check(driver->fake->core, text), 0), "%s", text);
}

bool says(const struct driver *driver, const char *part)
{
	if (strstr(driver->text, part))
		return true;
	cr_log_warn("'%s' does not say '%s'", driver->text, part);
	return false;
}
