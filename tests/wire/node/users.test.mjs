// Every method on users and their invites.
import assert from "node:assert/strict";
import test from "node:test";
import user from "mailersend/lib/models/User.js";
import { UserModule } from "mailersend/lib/modules/User.module.js";
import { CALLS, client, newAccount, publicUrl, url } from "./sdk.mjs";

const ids = ({ body }) => body.data.map((thing) => thing.id);

test("every method of the module is called here", () => {
  const named = Object.getOwnPropertyNames(UserModule.prototype);
  const methods = named.filter((name) => name !== "constructor");
  assert.deepEqual(methods.filter((name) => !(`user.${name}` in CALLS)), []);
});

test("users are listed, and paged", async () => {
  const account = newAccount();
  const sdk = client(account.token);
  const listed = await sdk.user.list();
  assert.equal(listed.statusCode, 200);
  assert.equal(listed.headers["content-type"], "application/json");
  assert.equal(listed.headers["x-apiquota-remaining"], "-1");
  assert.deepEqual(ids(listed), [account.admin, account.manager, account.custom]);
  const beyond = await sdk.user.list({ page: 2, limit: 10 });
  assert.deepEqual(beyond.body.data, []);
  assert.equal(beyond.body.links.prev, `${publicUrl}/v1/users?page=1`);
});

test("a user is shown", async () => {
  const account = newAccount();
  const { body } = await client(account.token).user.single(account.custom);
  assert.equal(body.data.email, "dan@acme.test");
  assert.equal(body.data["2fa"], false);
  assert.deepEqual(body.data.permissions, ["read-own-templates"]);
  assert.deepEqual(body.data.templates.map(({ id }) => id), [account.templates[0]]);
});

test("a user is invited with everything that can be said", async () => {
  const account = newAccount();
  const sdk = client(account.token);
  const asked = {
    email: "new@acme.test",
    role: user.UserRole.CustomUser,
    permissions: Object.values(user.UserPermission),
    templates: account.templates,
    domains: [account.domains[1]],
    requires_periodic_password_change: true,
  };
  const { statusCode, body } = await sdk.user.create(asked);
  assert.equal(statusCode, 200);
  const { templates, domains, ...rest } = asked;
  assert.deepEqual({ ...body.data, ...rest }, body.data);
  assert.deepEqual(body.data.data, { domains, templates });
  assert.deepEqual((await sdk.user.singleInvite(body.data.id)).body, body);
});

test("each role can be given, however it is spelt", async () => {
  const sdk = client(newAccount().token);
  for (const role of Object.values(user.UserRole)) {
    for (const [number, spelt] of [role, role.toLowerCase(), role.toUpperCase()].entries()) {
      const email = `${role.replace(" ", "-")}${number}@acme.test`;
      const permissions = ["read-invoice"];
      const { body } = await sdk.user.create({ email, role: spelt, permissions });
      assert.equal(body.data.role, role);
      assert.equal(body.data.data, null);
    }
  }
});

test("a user is changed, and then removed", async () => {
  const account = newAccount();
  const sdk = client(account.token);
  const role = user.UserRole.CustomUser;
  const power = { permissions: ["manage-domain"], domains: [account.domains[1]] };
  const changed = await sdk.user.update(account.manager, { role, ...power });
  assert.equal(changed.statusCode, 200);
  assert.equal(changed.body.data.role, role);
  assert.deepEqual(changed.body.data.domains.map(({ id }) => id), power.domains);
  assert.deepEqual((await sdk.user.single(account.manager)).body, changed.body);
  const removed = await sdk.user.delete(account.manager);
  assert.equal(removed.statusCode, 204);
  assert.equal(removed.body, "");
  assert.deepEqual(ids(await sdk.user.list()), [account.admin, account.custom]);
});

test("an invite is listed, shown, resent and cancelled", async () => {
  const account = newAccount();
  const sdk = client(account.token);
  const listed = await sdk.user.listInvites({ limit: 10 });
  assert.deepEqual(ids(listed), [account.invite]);
  assert.equal(listed.body.meta.per_page, 10);
  const shown = await sdk.user.singleInvite(account.invite);
  assert.deepEqual(shown.body.data, listed.body.data[0]);
  const resent = await sdk.user.resendInvite(account.invite);
  assert.equal(resent.statusCode, 200);
  assert.deepEqual(resent.body, shown.body);
  assert.equal((await sdk.user.deleteInvite(account.invite)).statusCode, 204);
  assert.deepEqual((await sdk.user.listInvites()).body.data, []);
});

test("the module alone can be given the address, with a slash at the end or without", async () => {
  const account = newAccount();
  for (const address of [url, `${url}/`]) {
    const answer = await new UserModule(account.token, address).single(account.custom);
    assert.equal(answer.body.data.id, account.custom);
  }
});
