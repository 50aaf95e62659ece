/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_LOGIN_H
#define UI_LOGIN_H

struct app;

/* Asks on row 23 for the password of the connection's etcd user, then connects with it. It stays in
 * locked memory until the console ends, and goes to jobs by their stdin. Esc leaves the console
 * without a connection, and says so. */
void login_ask(struct app *app);

#endif
