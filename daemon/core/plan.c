/* SPDX-License-Identifier: MIT */
/*
 * plan.c - what a request wants a ring to be: defaults, form, and comparison with one that exists
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "daemon/core/names.h"
#include "daemon/core/parts.h"
#include "shm/geometry.h"

static void fill_defaults(const struct core *core, const struct core_ask *ask,
			  struct control_ring_config *config)
{
	if (!config->slots)
		config->slots = CORE_SLOTS_DEFAULT;
	if (!config->size_bytes)
		config->size_bytes = CORE_SIZE_DEFAULT;
	if (config->lifetime != CONTROL_LINGER)
		config->linger_s = 0;
	else if (!config->linger_s)
		config->linger_s = core->config.default_linger_s;
	if (!config->mode)
		config->mode = 0600;
	if (!config->gid_set)
		config->gid = ask->connection->identity.gid;
	if (!config->schema_text)
		config->schema_text = "";
}

static int check_rules(struct core *core, const struct core_ask *ask,
		       const struct control_ring_config *config)
{
	for (size_t i = 0; i < config->n_rules; i++) {
		const struct control_rule *rule = &config->rules[i];

		if (rule->who == CONTROL_UNIT ? parse_unit_name(rule->unit) == 0
					      : rule->id < UINT32_MAX && !rule->unit[0])
			continue;
		refuse(core, ask, -EINVAL, "ring '%s': rule %zu of its access names nobody: it needs "
		       "a uid, a gid, or a unit such as 'x.service'", ask->request.name, i + 1);
		return -EINVAL;
	}
	return 0;
}

static int check_form(struct core *core, const struct core_ask *ask,
		      const struct control_ring_config *config)
{
	const char *name = ask->request.name;
	const char *problem;
	char text[CONTROL_TEXT_MAX];

	if (!name_is_valid(name)) {
		name_explain(name, text, sizeof(text));
		refuse(core, ask, -EINVAL, "%s", text);
		return -EINVAL;
	}
	problem = geometry_problem(config->slots, config->size_bytes, core->config.page_bytes);
	if (problem) {
		refuse(core, ask, -EINVAL, "ring '%s' with %u slots of %u bytes: %s", name,
		       config->slots, config->size_bytes, problem);
		return -EINVAL;
	}
	if (!mode_is_valid(config->mode)) {
		refuse(core, ask, -EINVAL, "ring '%s': the mode is 0600, 0660 or 0666, and not %04o",
		       name, config->mode);
		return -EINVAL;
	}
	if (*config->schema_text && schema_fingerprint(config->schema_text) != config->schema) {
		refuse(core, ask, -EINVAL, "ring '%s': the schema's text has the fingerprint %016" PRIx64
		       ", and not %016" PRIx64, name, schema_fingerprint(config->schema_text),
		       config->schema);
		return -EINVAL;
	}
	return check_rules(core, ask, config);
}

int plan_make(struct core *core, const struct core_ask *ask, struct ring_plan *ret_plan)
{
	struct ring_plan plan = { 0 };
	struct shmq_geometry geometry;
	int r;

	if (ask->request.has_config)
		plan.config = ask->request.config;
	fill_defaults(core, ask, &plan.config);
	r = check_form(core, ask, &plan.config);
	if (r < 0)
		return r;
	r = geometry_compute(plan.config.slots, plan.config.size_bytes, plan.config.align_payload,
			     core->config.page_bytes, &geometry);
	if (r < 0) {
		refuse(core, ask, -EINVAL, "ring '%s' with %u slots of %u bytes is larger than a "
		       "process can map", ask->request.name, plan.config.slots,
		       plan.config.size_bytes);
		return -EINVAL;
	}
	plan.geometry = (struct control_geometry){
		.slots = geometry.slots,
		.size_bytes = geometry.size_bytes,
		.stride_bytes = geometry.stride_bytes,
		.lead_bytes = geometry.lead_bytes,
		.region_bytes = geometry.region_bytes,
		.segment_bytes = geometry.segment_bytes,
	};
	*ret_plan = plan;
	return 0;
}

void geometry_of(const struct registry_ring *record, struct control_geometry *ret_geometry)
{
	*ret_geometry = (struct control_geometry){
		.slots = record->slots,
		.size_bytes = record->size_bytes,
		.stride_bytes = record->stride_bytes,
		.lead_bytes = record->lead_bytes,
		.region_bytes = record->region_bytes,
		.segment_bytes = record->segment_bytes,
	};
}

/* ---- comparison ---- */

static const char *lifetime_name(unsigned lifetime)
{
	static const char *const names[] = { "linger", "persistent", "with-creator" };

	return names[lifetime];
}

static const char *wake_name(unsigned wake)
{
	static const char *const names[] = { "membarrier", "fence", "never" };

	return names[wake];
}

static bool rule_is_among(const struct control_rule *rule, const struct control_rule *rules,
			  size_t n_rules)
{
	for (size_t i = 0; i < n_rules; i++)
		if (rule->who == rules[i].who && rule->id == rules[i].id &&
		    rule->rights == rules[i].rights && strcmp(rule->unit, rules[i].unit) == 0)
			return true;
	return false;
}

/* The same set, in any order. */
static bool same_rules(const struct registry_ring *record, const struct control_ring_config *config)
{
	for (size_t i = 0; i < record->n_rules; i++)
		if (!rule_is_among(&record->rules[i], config->rules, config->n_rules))
			return false;
	for (size_t i = 0; i < config->n_rules; i++)
		if (!rule_is_among(&config->rules[i], record->rules, record->n_rules))
			return false;
	return true;
}

/* "slots 64 (you ask for 128)": the first thing that differs. Return: false: nothing does. */
static bool difference(const struct registry_ring *record, const struct control_ring_config *config,
		       char *text, size_t cap_bytes)
{
	if (record->slots != config->slots)
		snprintf(text, cap_bytes, "%u slots (you ask for %u)", record->slots,
			 config->slots);
	else if (record->size_bytes != config->size_bytes)
		snprintf(text, cap_bytes, "messages of %u bytes (you ask for %u)",
			 record->size_bytes, config->size_bytes);
	else if (record->align_payload != config->align_payload)
		snprintf(text, cap_bytes, "payloads %s (you ask for the contrary)",
			 record->align_payload ? "aligned to 64 bytes" : "not aligned");
	else if (record->wake != config->wake)
		snprintf(text, cap_bytes, "wake=%s (you ask for %s)", wake_name(record->wake),
			 wake_name(config->wake));
	else if (record->lifetime != config->lifetime)
		snprintf(text, cap_bytes, "lifetime %s (you ask for %s)",
			 lifetime_name(record->lifetime), lifetime_name(config->lifetime));
	else if (record->linger_s != config->linger_s)
		snprintf(text, cap_bytes, "linger %us (you ask for %us)", record->linger_s,
			 config->linger_s);
	else if (record->mode != config->mode)
		snprintf(text, cap_bytes, "mode %04o (you ask for %04o)", record->mode,
			 config->mode);
	else if (record->mode == 0660 && config->gid_set && record->gid != config->gid)
		snprintf(text, cap_bytes, "group %u (you ask for %u)", record->gid, config->gid);
	else if (!same_rules(record, config))
		snprintf(text, cap_bytes, "other rules of access (%u; you ask for %zu)",
			 record->n_rules, config->n_rules);
	else if (record->sealed != config->sealed)
		snprintf(text, cap_bytes, "%s memory (you ask for the contrary)",
			 record->sealed ? "sealed" : "named");
	else
		return false;
	return true;
}

int plan_compare(struct core *core, const struct core_ask *ask, const struct core_ring *ring,
		 const struct ring_plan *plan)
{
	const struct registry_ring *record = ring_record(core, ring);
	char what[160], creator[96];

	if (!difference(record, &plan->config, what, sizeof(what)))
		return schema_judge(core, ask, ring, plan->config.schema,
				    plan->config.schema_text);
	describe_process(&record->creator, creator, sizeof(creator));
	refuse(core, ask, -EEXIST, "ring '%s' exists and is another one: it has %s; %s, uid %u, made it",
	       record->name, what, creator, record->creator.uid);
	return -EEXIST;
}
