/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_S3_LISTING_H
#define STORE_S3_LISTING_H

#include "store/store.h"

/* One page of ListObjectsV2 with encoding-type=url. (Amazon S3 API Reference, "ListObjectsV2".) */
struct s3_page {
	const char *prefix;		/* cut from each key; keys with a further "/" are left out */
	struct store_listing *listing;	/* what is found is added */
	char *next;			/* continuation token; NULL on the last page; the caller frees */
};

int s3_page_read(struct s3_page *page, const char *xml, size_t len, struct err *err);

#endif
