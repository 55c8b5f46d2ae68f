// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU plugin that counts which code the guest runs: instructions per block
 * of code, from one sethostname() of the guest to the next.
 *
 * usage: -plugin profile.so,mark=ADDRESS,out=PREFIX
 *
 * ADDRESS is that of the guest's __x64_sys_sethostname, in hexadecimal. Each
 * second call of it writes PREFIX.N: address and instructions, a block a line.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is used of qemu-plugin.h, which is not packaged. An API of version 1 is
 * what QEMU 4.2 to 8.2 have.
 */
#define EXPORT __attribute__((visibility("default")))
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef void (*tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_cb)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, exec_cb cb,
					  int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

EXPORT int qemu_plugin_version = 1;

/* Translations of the same code share one. */
struct block {
	struct block *next;
	uint64_t addr;
	uint64_t n;
};

#define BUCKETS (1 << 16)

static struct block *blocks[BUCKETS];
static const char *prefix = "profile";
static uint64_t mark;
/* The first call is that of tests/vm/init. */
static int calls = -1;

static struct block *block_get(uint64_t addr)
{
	struct block **bucket = &blocks[(addr ^ addr >> 16) % BUCKETS];
	struct block *b;

	for (b = *bucket; b; b = b->next)
		if (b->addr == addr)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->addr = addr;
	b->next = *bucket;
	*bucket = b;
	return b;
}

static void profile_write(void)
{
	struct block *b;
	char name[4096];
	FILE *f;
	int i;

	snprintf(name, sizeof(name), "%s.%d", prefix, calls / 2);
	f = fopen(name, "w");
	for (i = 0; f && i < BUCKETS; i++)
		for (b = blocks[i]; b; b = b->next)
			if (b->n)
				fprintf(f, "%" PRIx64 " %" PRIu64 "\n", b->addr,
					b->n);
	if (f)
		fclose(f);
}

static void profile_mark(unsigned int cpu, void *data)
{
	struct block *b;
	int i;

	if (++calls % 2 == 0)
		profile_write();
	for (i = 0; i < BUCKETS; i++)
		for (b = blocks[i]; b; b = b->next)
			b->n = 0;
}

static void profile_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);

	if (addr == mark)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, profile_mark, 0, NULL);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &block_get(addr)->n,
						 qemu_plugin_tb_n_insns(tb));
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
			       int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "mark=", 5))
			mark = strtoull(argv[i] + 5, NULL, 16);
		else if (!strncmp(argv[i], "out=", 4))
			prefix = strdup(argv[i] + 4);
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, profile_translated);
	return 0;
}
