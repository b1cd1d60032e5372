// The package `guestlist-twin`, by itself and with the official SDK.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { connect, start, TwinError } from "guestlist-twin";
import * as controls from "guestlist-twin";
import { MailerSend } from "mailersend";

const command = JSON.parse(process.env.TWIN_COMMAND);
const twin = await start({ command, seed: "node" });

const sdkOf = (account) => account.point(new MailerSend({ apiKey: account.token }));
const emails = async (asked) => (await asked).body.data.map(({ email }) => email);

async function invited({ user }, email = "eve@acme.test") {
  return (await user.create({ email, role: "Manager" })).body.data.id;
}

test("accounts are made as they are wanted, and never meet", async () => {
  const users = [{ email: "ana@acme.test", name: "Ana", role: "Admin" }];
  const [one, other] = [await twin.account({ name: "Acme", users }), await twin.account()];
  assert.equal(one.name, "Acme");
  for (const account of [one, other]) await invited(sdkOf(account));
  assert.deepEqual(await emails(sdkOf(one).user.list()), ["ana@acme.test"]);
  assert.deepEqual(await emails(sdkOf(other).user.list()), ["admin@twin.test"]);
  assert.deepEqual(one.tokens, [{ name: "twin", owner: "ana@acme.test", token: one.token }]);
  await assert.rejects(twin.account({ nam: "Acme" }), { name: "TwinError", status: 422 });
});

test("an invite is accepted, and another declined", async () => {
  const account = await twin.account();
  const sdk = sdkOf(account);
  const who = { name: "Eve", last_name: "Moss" };
  const { user_id: user, email } = await account.accept(await invited(sdk), who);
  assert.equal(email, "eve@acme.test");
  const { name, last_name, role } = (await sdk.user.single(user)).body.data;
  assert.deepEqual([name, last_name, role], ["Eve", "Moss", "Manager"]);
  await account.decline(await invited(sdk, "bo@acme.test"));
  assert.deepEqual(await emails(sdk.user.listInvites()), []);
  await assert.rejects(account.accept("nobodys"), (refused) => {
    assert.ok(refused instanceof TwinError);
    assert.equal(refused.status, 404);
    assert.match(refused.message, /no letter brought a link/i);
    return true;
  });
});

test("letters are listed, waited for and thrown away", async () => {
  const account = await twin.account();
  const sdk = sdkOf(account);
  const coming = account.outbox.waitFor({ to: "eve@acme.test", timeout: 60_000 });
  const id = await invited(sdk);
  const first = await coming;
  assert.equal(first.kind, "invitation");
  assert.ok(first.text.includes(first.link));
  // A page that a browser opens: it is sent on with a cookie, which fetch does not keep.
  assert.equal((await fetch(first.link, { redirect: "manual" })).status, 303);
  await sdk.user.resendInvite(id);
  const second = await account.outbox.waitFor({ to: "eve@acme.test" });
  assert.notEqual(second.link, first.link);
  assert.deepEqual(await account.outbox.list({ after: first.number }), [second]);
  await assert.rejects(
    account.outbox.waitFor({ to: "bo@acme.test", timeout: 1 }),
    /bo@acme\.test.* after 1 ms; there are: invitation to eve@acme\.test/,
  );
  await account.outbox.clear();
  assert.deepEqual(await account.outbox.list(), []);
});

test("the clock of an account stands, goes on and runs", async () => {
  const [account, other] = [await twin.account(), await twin.account()];
  const started = new Date("2026-01-01");
  assert.deepEqual(await account.clock.read(), { now: started, frozen: true });
  const moved = await account.clock.advance({ days: 8, hours: 1 });
  assert.deepEqual(moved, { now: new Date("2026-01-09T01:00:00Z"), frozen: true });
  const at = new Date("2026-03-01T12:00:00Z");
  assert.deepEqual(await account.clock.advance({ to: at }), { now: at, frozen: true });
  assert.equal((await account.clock.resume()).frozen, false);
  assert.equal((await account.clock.freeze(new Date("2027-01-01"))).frozen, true);
  await assert.rejects(account.clock.advance({ days: -1 }), { status: 422 });
  assert.deepEqual((await other.clock.read()).now, started);
});

test("faults are planned, met and cleared", async () => {
  const account = await twin.account();
  const sdk = sdkOf(account);
  const meant = { method: "POST", path: "/v1/users" };
  const left = await account.faults.plan(
    { ...meant, kind: "server_error", commit: "after" },
    { ...meant, status: 418, body: { message: "no" }, times: "always" },
  );
  assert.deepEqual(left.map(({ kind, status }) => kind ?? status), ["server_error", 418]);
  await assert.rejects(invited(sdk), { statusCode: 500 });
  assert.deepEqual(await emails(sdk.user.listInvites()), ["eve@acme.test"]);
  const own = { statusCode: 418, body: { message: "no" } };
  for (const _ of "12") await assert.rejects(invited(sdk, "bo@acme.test"), own);
  assert.deepEqual((await account.faults.list()).map(({ status }) => status), [418]);
  await account.faults.clear();
  assert.ok(await invited(sdk, "bo@acme.test"));
  await assert.rejects(account.faults.plan({ kind: "flood" }), /no kind 'flood'/);
});

test("what was asked is told, with what is odd about it", async () => {
  const account = await twin.account();
  const { user } = sdkOf(account);
  const coming = account.requests({ method: "POST", timeout: 60_000 });
  const { id } = (await user.create({ email: "eve@acme.test", role: "Manager", rol: 1 })).body.data;
  const [asked] = await coming;
  assert.deepEqual([asked.method, asked.path, asked.body.rol], ["POST", "/v1/users", 1]);
  assert.deepEqual([asked.answer.status, asked.answer.body.data.id], [200, id]);
  assert.match(asked.notes[0], /no field rol/);
  await assert.rejects(user.single("nobody"));
  assert.equal((await account.requests()).length, 2);
  const [missed] = await account.requests({ after: asked.number, status: 404 });
  assert.equal(missed.path, "/v1/users/nobody");
});

test("a quota is spent by what is asked", async () => {
  const account = await twin.account();
  const { user } = sdkOf(account);
  assert.equal((await account.quota()).daily, null);
  assert.equal((await account.quota({ daily: 1 })).remaining, 1);
  assert.equal((await user.list()).headers["x-apiquota-remaining"], "0");
  await assert.rejects(user.list(), { statusCode: 429 });
  await account.clock.advance({ days: 1 });
  assert.equal((await user.list()).statusCode, 200);
});

test("an account that is dropped is nobody's any more", async () => {
  const account = await twin.account();
  await account.drop();
  await assert.rejects(sdkOf(account).user.list(), { statusCode: 401 });
  await assert.rejects(account.reset(), { status: 401 });
});

test("everything can be set back, to the start or to a snapshot", async () => {
  const account = await twin.account();
  const sdk = sdkOf(account);
  const id = await invited(sdk);
  await account.snapshot("invited");
  await account.accept(id);
  await account.restore("invited");
  assert.deepEqual(await emails(sdk.user.listInvites()), ["eve@acme.test"]);
  assert.equal((await account.world()).accounts[0].invites[0].id, id);
  await account.reset();
  assert.deepEqual(await emails(sdk.user.listInvites()), []);
  assert.equal(await invited(sdk), id);
});

test("the whole SDK is pointed, and nothing but a client can be", async () => {
  const account = await twin.account({ domains: [{ name: "mail.acme.test" }] });
  const sdk = sdkOf(account);
  const { email, others, sms, token } = sdk;
  for (const module of [email, email.domain, email.template, others, sms, sms.number, token]) {
    assert.equal(module.baseUrl, `${twin.url}/v1`);
  }
  assert.equal((await email.domain.list()).body.data[0].name, "mail.acme.test");
  assert.throws(() => account.point({}), TwinError);
});

test("a twin that runs is found, and is not ended", async () => {
  process.env.GUESTLIST_TWIN_URL = `${twin.url}/`;
  const found = await connect();
  assert.equal(found.token, twin.token);
  assert.deepEqual(await emails(sdkOf(found).user.list()), ["admin@twin.test"]);
  await found.stop();
  assert.equal((await twin.clock.read()).frozen, true);
  delete process.env.GUESTLIST_TWIN_URL;
  await assert.rejects(connect(), /GUESTLIST_TWIN_URL/);
});

test("a twin begins with a world and a seed, and ends when it is told to", async () => {
  const users = [{ email: "ana@acme.test", role: "Admin" }];
  const world = { accounts: [{ name: "Acme", users }] };
  const other = await start({ command, seed: 7, world });
  assert.equal(other.seed, "7");
  assert.equal(other.env.MAILERSEND_API_BASE_URL, `${other.url}/v1`);
  assert.deepEqual((await other.world()).accounts.map(({ name }) => name), ["Acme"]);
  const account = await other.account();
  await other.reset();
  await assert.rejects(account.world(), { status: 401 });
  await other.stop();
  await other.stop();
  await assert.rejects(other.clock.read(), { name: "TwinError", status: 0 });
});

test("why there is no twin is said", async () => {
  const { port } = new URL(twin.url);
  // Left to itself, it would keep this process from its end.
  const node = (script) => [process.execPath, "-e", `${script}; setInterval(() => {}, 1e6)`];
  const refusals = [
    [{ command, port: Number(port) }, /port \d+: Address already in use/],
    [{ command, world: { accounts: [{ nam: "Acme" }] } }, /accounts\[0\]\.nam/],
    [{ command: "no-such-program" }, /no program no-such-program/],
    [{ command: node("console.log('hello')") }, /no line of a twin: hello/],
    [{ command: node(""), timeout: 1 }, /after 1 ms/],
  ];
  for (const [options, message] of refusals) await assert.rejects(start(options), message);
});

test("everything it has is in its types", async () => {
  const file = new URL("node_modules/guestlist-twin/index.d.ts", import.meta.url);
  const types = await readFile(file, "utf8");
  const account = await twin.account();
  const things = [twin, account, twin.clock, twin.outbox, twin.faults];
  const names = things.flatMap((thing) => {
    const methods = [];
    for (let type = thing; type !== Object.prototype; type = Object.getPrototypeOf(type)) {
      methods.push(...Object.getOwnPropertyNames(type));
    }
    return methods;
  });
  for (const name of [...Object.keys(controls), ...names]) {
    assert.match(types, new RegExp(`\\b${name}\\b`), name);
  }
});
