// Every method on API tokens, and what there is of domains, templates and the quota.
import assert from "node:assert/strict";
import test from "node:test";
import token from "mailersend/lib/models/Token.js";
import { TokenModule } from "mailersend/lib/modules/Token.module.js";
import { CALLS, client, newAccount } from "./sdk.mjs";

const ids = ({ body }) => body.data.map((thing) => thing.id);

test("every method of the module is called here", () => {
  const named = Object.getOwnPropertyNames(TokenModule.prototype);
  const methods = named.filter((name) => name !== "constructor");
  assert.deepEqual(methods.filter((name) => !(`token.${name}` in CALLS)), []);
});

test("a token is made and opens what it says", async () => {
  const account = newAccount();
  const sdk = client(account.token);
  const asked = new token.Token("ci", ["users_read", "users_full"], account.domains[0]);
  const { statusCode, body } = await sdk.token.create(asked);
  assert.equal(statusCode, 200);
  assert.equal(body.data.domain.id, account.domains[0]);
  const other = client(body.data.accessToken);
  assert.equal((await other.user.single(account.custom)).body.data.id, account.custom);
  const shown = await sdk.token.single(body.data.id);
  assert.deepEqual(shown.body.data.scopes, ["users_read", "users_full"]);
  assert.equal("accessToken" in shown.body.data, false);
});

test("every scope that the SDK knows can be given", async () => {
  const scopes = Object.values(token.TokenScopeType);
  const made = await client(newAccount().token).token.create({ name: "all", scopes });
  assert.deepEqual(made.body.data.scopes, scopes);
  assert.equal(made.body.data.has_full, true);
});

test("a token is listed, renamed, paused, woken and deleted", async () => {
  const sdk = client(newAccount().token);
  const before = ids(await sdk.token.list());
  const { id } = (await sdk.token.create({ name: "ci", scopes: ["users_read"] })).body.data;
  const renamed = await sdk.token.update(id, { name: "new", status: "pause" });
  assert.equal(renamed.body.data.name, "new");
  assert.equal(renamed.body.data.status, "pause");
  const woken = await sdk.token.updateSettings(id, { status: "unpause" });
  assert.equal(woken.body.data.status, "unpause");
  const listed = await sdk.token.list({ page: 1, limit: 10 });
  assert.deepEqual(ids(listed).filter((one) => !before.includes(one)), [id]);
  const deleted = await sdk.token.delete(id);
  assert.equal(deleted.statusCode, 200);
  assert.equal(deleted.body, "");
  assert.deepEqual(ids(await sdk.token.list()), before);
});

for (const [kind, removed] of [["domain", 204], ["template", 200]]) {
  test(`a ${kind} is listed, shown and deleted`, async () => {
    const account = newAccount();
    const sdk = client(account.token);
    const [first, second] = account[`${kind}s`];
    const module = sdk.email[kind];
    assert.deepEqual(ids(await module.list({ page: 1, limit: 10 })), [first, second]);
    assert.equal((await module.single(first)).body.data.id, first);
    assert.equal((await module.delete(first)).statusCode, removed);
    assert.deepEqual(ids(await module.list()), [second]);
    const admin = (await sdk.user.single(account.admin)).body.data;
    assert.deepEqual(admin[`${kind}s`].map(({ id }) => id), [second]);
  });
}

test("the quota is unlimited", async () => {
  const { body } = await client(newAccount().token).others.getApiQuota();
  assert.equal(body.quota, -1);
  assert.match(body.reset, /^\d{4}-\d\d-\d\dT00:00:00Z$/);
});
