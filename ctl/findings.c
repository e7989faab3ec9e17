/* SPDX-License-Identifier: MIT */
/*
 * findings.c - what doctor found, printed
 */
#include "ctl/findings.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/facts.h"

void findings_add(struct findings *findings, enum finding_kind kind, const char *remedy,
		  const char *format, ...)
{
	struct finding *all = reallocarray(findings->all, findings->n + 1, sizeof(*all));
	struct finding finding = { .kind = kind };
	va_list args;

	if (!all) {
		findings->out_of_memory = true;
		return;
	}
	findings->all = all;
	va_start(args, format);
	if (vasprintf(&finding.text, format, args) < 0)
		finding.text = NULL;
	va_end(args);
	finding.remedy = remedy ? strdup(remedy) : NULL;
	if (!finding.text || (remedy && !finding.remedy)) {
		free(finding.text);
		free(finding.remedy);
		findings->out_of_memory = true;
		return;
	}
	all[findings->n++] = finding;
	findings->n_problems += kind == FINDING_PROBLEM;
}

void findings_release(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->all[i].text);
		free(findings->all[i].remedy);
	}
	free(findings->all);
	*findings = (struct findings){ 0 };
}

static const char *kind_name(enum finding_kind kind)
{
	return kind == FINDING_FINE ? "ok" : kind == FINDING_NOTE ? "note" : "problem";
}

static void print_json(const struct findings *findings)
{
	struct json_object *root = json_root();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *finding = &findings->all[i];
		struct json_object *json = json_object_new_object();

		json_object_object_add(json, "kind", json_text(kind_name(finding->kind)));
		json_object_object_add(json, "text", json_text(finding->text));
		if (finding->remedy)
			json_object_object_add(json, "remedy", json_text(finding->remedy));
		json_object_array_add(array, json);
	}
	json_object_object_add(root, "findings", array);
	json_object_object_add(root, "problems",
			       json_object_new_int64((int64_t)findings->n_problems));
	json_print(root, false);
}

static const char *mark(enum finding_kind kind, bool utf8)
{
	if (kind == FINDING_NOTE)
		return "!";
	if (kind == FINDING_FINE)
		return utf8 ? "✔" : "+";
	return utf8 ? "✘" : "x";
}

void findings_print(const struct findings *findings, const struct ctl *ctl)
{
	static const char *const colors[] = { "\033[32m", "\033[33m", "\033[31m" };
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");

	if (ctl->json) {
		print_json(findings);
		return;
	}
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *finding = &findings->all[i];

		if (ctl->quiet && finding->kind == FINDING_FINE)
			continue;
		printf("%s%s%s %s\n", ctl->color ? colors[finding->kind] : "",
		       mark(finding->kind, utf8), ctl->color ? "\033[0m" : "", finding->text);
		if (finding->remedy)
			printf("    %s\n", finding->remedy);
	}
}
