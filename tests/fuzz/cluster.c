/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "cluster/cluster_json.h"
#include "tests/fuzz/fuzz.h"

/* A cluster.json that is read is written, and reads again as the same bytes. */
static struct cluster *
read_bytes(const char *dir, const void *data, size_t len, struct err *err)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/cluster.json", dir);
	f = fopen(path, "w");
	MUST(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
	return cluster_read(dir, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char dir[] = "/dev/shm/vetch-fuzz-XXXXXX";
	static bool made;
	struct err err = { 0 };
	struct cluster *cluster;

	if (!made)
		MUST(mkdtemp(dir));
	made = true;
	cluster = read_bytes(dir, data, len, &err);
	if (!cluster) {
		MUST(err.text[0]);
		return 0;
	}
	MUST(cluster_write(dir, cluster, &err) == 0);
	cluster_free(cluster);
	cluster = cluster_read(dir, &err);
	MUST(cluster);
	cluster_free(cluster);
	return 0;
}
