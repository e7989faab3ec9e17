/* SPDX-License-Identifier: MIT */
/*
 * list.h - intrusive doubly linked lists; an empty list and an unlinked node point at themselves
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define list_entry(node, type, member)                                                             \
	((type *)(void *)((char *)(node) - offsetof(type, member)))

/* The body may remove @node. */
#define list_each(node, after, head)                                                               \
	for (struct list *node = (head)->next, *after = node->next; node != (head);                \
	     node = after, after = node->next)

static inline void list_init(struct list *list)
{
	list->prev = list->next = list;
}

static inline bool list_is_empty(const struct list *list)
{
	return list->next == list;
}

static inline void list_append(struct list *list, struct list *node)
{
	node->prev = list->prev;
	node->next = list;
	list->prev->next = node;
	list->prev = node;
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* Return: the first node, taken out, or NULL. */
static inline struct list *list_take(struct list *list)
{
	struct list *node = list->next;

	if (node == list)
		return NULL;
	list_remove(node);
	return node;
}
