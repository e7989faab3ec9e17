/* SPDX-License-Identifier: MIT */
/*
 * setting_types.c - values of the daemon's settings, read; see setting.h
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "daemon/create_rule.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "daemon/setting.h"

static void *field_of(const struct setting *setting, void *object)
{
	return (char *)object + setting->offset;
}

static int set_mode(const struct setting *setting, const char *text, void *object)
{
	uint32_t mode = 0;

	if (!text[0] || strlen(text) > 4 || strspn(text, "01234567") != strlen(text))
		return -EINVAL;
	for (; *text; text++)
		mode = mode << 3 | (uint32_t)(*text - '0');
	if (mode & ~0777u || (mode & 0600) != 0600) /* the daemon's own user can always connect */
		return -EINVAL;
	*(uint32_t *)field_of(setting, object) = mode;
	return 0;
}

static int set_count(const struct setting *setting, const char *text, void *object)
{
	uint64_t value;
	int r = parse_u64(text, 1, setting->max, &value);

	if (r == 0)
		*(uint32_t *)field_of(setting, object) = (uint32_t)value;
	return r;
}

static int set_size(const struct setting *setting, const char *text, void *object)
{
	uint64_t bytes;
	int r = parse_size(text, &bytes);

	if (r < 0)
		return r;
	if (bytes == 0)
		return -ERANGE;
	*(uint64_t *)field_of(setting, object) = bytes;
	return 0;
}

static int set_seconds(const struct setting *setting, const char *text, void *object)
{
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < 0 || ns % NS_PER_S != 0)
		return -EINVAL;
	if ((uint64_t)(ns / NS_PER_S) > setting->max)
		return -ERANGE;
	*(uint32_t *)field_of(setting, object) = (uint32_t)(ns / NS_PER_S);
	return 0;
}

static int set_span(const struct setting *setting, const char *text, void *object)
{
	int64_t ns;
	int r = parse_duration_ns(text, &ns);

	if (r < 0)
		return r;
	if (ns < 0)
		return -EINVAL;
	*(int64_t *)field_of(setting, object) = ns;
	return 0;
}

static int set_level(const struct setting *setting, const char *text, void *object)
{
	return log_level_parse(text, field_of(setting, object));
}

/* What it means is found out when it is listened at. */
static int set_address(const struct setting *setting, const char *text, void *object)
{
	if (text[0] != '/' && !strchr(text, ':'))
		return -EINVAL;
	if (strlen(text) >= setting->bytes)
		return -ERANGE;
	strncpy(field_of(setting, object), text, setting->bytes); /* zeroes the rest */
	return 0;
}

static int set_create_rule(const struct setting *setting, const char *text, void *object)
{
	struct options *options = object;
	int r;

	(void)setting;
	if (options->n_create_rules == OPTIONS_CREATE_RULES_MAX)
		return -E2BIG;
	r = create_rule_parse(text, &options->create_rules[options->n_create_rules]);
	options->n_create_rules += r == 0;
	return r;
}

const struct setting_type setting_socket_mode = { set_mode, "an octal mode that includes 0600" };
const struct setting_type setting_count = { set_count, "a number" };
const struct setting_type setting_size = { set_size, "a size such as 64M or 2G" };
const struct setting_type setting_seconds = {
	set_seconds, "a span of time such as 30s or 1h, in whole seconds",
};
const struct setting_type setting_span = { set_span, "a span of time such as 30s or 1h" };
const struct setting_type setting_level = { set_level, "error, warning, notice, info or debug" };
const struct setting_type setting_address = {
	set_address, "an address such as 127.0.0.1:9464, or a path",
};
const struct setting_type setting_create_rule = {
	set_create_rule, "PREFIX:user=NAME, PREFIX:group=NAME or PREFIX:unit=NAME.service",
};
