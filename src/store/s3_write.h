/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_S3_WRITE_H
#define STORE_S3_WRITE_H

#include "store/s3_client.h"

/* A large object written by multipart upload, its parts in parallel from a fixed number of
 * buffers; one PUT where it fits one part. (Amazon S3 User Guide, "Multipart upload".) */
struct store_write *s3_write_new(struct s3 *s3, const char *name, uint64_t hint, struct err *err);

#endif
