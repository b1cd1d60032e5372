// What the live API was recorded to refuse (contract.md), fetched through a twin by the official
// SDK: statuses, documents and headers.
import assert from "node:assert/strict";
import test from "node:test";
import { start } from "guestlist-twin";
import { MailerSend } from "mailersend";

const MIDNIGHT = /^\d{4}-\d\d-\d\dT00:00:00Z$/;
const MISSING = "0123456789degjkl";
const UNAUTHENTICATED = { message: "Unauthenticated." };
const NOT_FOUND = { message: "Resource not found." };
const FORBIDDEN = { message: "This action is unauthorized. #MS40301" };
const BAD_GRANT = { role: "member", permissions: ["email_send"], templates: [], domains: [] };
const BAD_GRANT_REFUSED = {
  message: "The selected role is invalid. (and 2 more errors)",
  errors: {
    role: ["The selected role is invalid."],
    templates: ["Templates require a read own templates permission. #MS42224"],
    "permissions.0": ["The selected permissions.0 is invalid."],
  },
};

const twin = await start({ command: JSON.parse(process.env.TWIN_COMMAND), seed: "refusals" });
const account = await twin.account({
  users: [
    { email: "ana@acme.test", role: "Admin" },
    { email: "bo@acme.test", role: "Manager" },
  ],
  invites: [{ email: "eve@acme.test", role: "Manager" }],
  tokens: [
    { name: "all", scopes: ["users_full", "tokens_full", "domains_full", "templates_full"] },
    { name: "quiet", scopes: ["email_full"] },
    { name: "reading", scopes: ["users_read"] },
  ],
});
const [all, quiet, reading] = account.tokens.map(({ token }) => clientOf(token));
const stranger = clientOf("mlsn.nobodys");

function clientOf(apiKey) {
  return account.point(new MailerSend({ apiKey }));
}

// Of each kind of thing: what cannot be about one that there is not.
const READS = {
  "GET /users": ({ user }) => user.list(),
  "GET /invites": ({ user }) => user.listInvites(),
  "GET /token": ({ token }) => token.list(),
  "GET /domains": ({ email }) => email.domain.list(),
  "GET /templates": ({ email }) => email.template.list(),
};
const WRITES = {
  "POST /users": ({ user }) => user.create({ email: "new@acme.test", role: "Manager" }),
  "POST /token": ({ token }) => token.create({ name: "ci", scopes: ["users_read"] }),
};
// The look-up of users comes after their checks, so it is counted: with quota headers.
const USERS = {
  "GET /users/{id}": ({ user }) => user.single(MISSING),
  "PUT /users/{id}": ({ user }) => user.update(MISSING, { role: "Manager" }),
  "DELETE /users/{id}": ({ user }) => user.delete(MISSING),
};
// These are looked up by the route, before anything is counted.
const BOUND = {
  "GET /invites/{id}": ({ user }) => user.singleInvite(MISSING),
  "POST /invites/{id}/resend": ({ user }) => user.resendInvite(MISSING),
  "DELETE /invites/{id}": ({ user }) => user.deleteInvite(MISSING),
  "GET /token/{id}": ({ token }) => token.single(MISSING),
  "PUT /token/{id}": ({ token }) => token.update(MISSING, { name: "" }),
  "PUT /token/{id}/settings": ({ token }) => token.updateSettings(MISSING, { status: "asleep" }),
  "DELETE /token/{id}": ({ token }) => token.delete(MISSING),
  "GET /domains/{id}": ({ email }) => email.domain.single(MISSING),
  "DELETE /domains/{id}": ({ email }) => email.domain.delete(MISSING),
  "GET /templates/{id}": ({ email }) => email.template.single(MISSING),
  "DELETE /templates/{id}": ({ email }) => email.template.delete(MISSING),
};

async function refused(asked, { status, body, counted, remaining = "-1" }) {
  const answer = await asked.then(
    ({ statusCode }) => assert.fail(`answered ${statusCode}`),
    (rejection) => rejection,
  );
  assert.equal(answer.statusCode, status);
  assert.deepEqual(answer.body, body);
  assert.equal(answer.headers["content-type"], "application/json");
  assert.equal(answer.headers["cache-control"], "no-cache, private");
  assert.equal(answer.headers["www-authenticate"], undefined);
  assert.equal(answer.headers["x-apiquota-remaining"], counted ? remaining : undefined);
  assert.match(answer.headers["x-apiquota-reset"] ?? "", counted ? MIDNIGHT : /^$/);
  return answer;
}

for (const [name, ask] of Object.entries({ ...READS, ...WRITES, ...USERS, ...BOUND })) {
  test(`${name} without a live token`, async () => {
    await refused(ask(stranger), { status: 401, body: UNAUTHENTICATED, counted: false });
  });
}

for (const [name, ask] of Object.entries({ ...READS, ...WRITES, ...USERS })) {
  test(`${name} without the scope`, async () => {
    await refused(ask(quiet), { status: 403, body: FORBIDDEN, counted: true });
  });
}

test("users are not changed by who may only read them", async () => {
  const { "GET /users/{id}": _, ...changes } = USERS;
  for (const ask of [WRITES["POST /users"], ...Object.values(changes)]) {
    await refused(ask(reading), { status: 403, body: FORBIDDEN, counted: true });
  }
});

for (const [name, ask] of Object.entries(USERS)) {
  test(`${name} of nobody`, async () => {
    await refused(ask(all), { status: 404, body: NOT_FOUND, counted: true });
  });
}

for (const [name, ask] of Object.entries(BOUND)) {
  test(`${name} of nothing, before its body is looked at`, async () => {
    await refused(ask(all), { status: 404, body: NOT_FOUND, counted: false });
  });
}

for (const [name, ask] of Object.entries({
  "POST /users": ({ user }) => user.create({ email: "new@acme.test", ...BAD_GRANT }),
  "PUT /users/{id} of nobody": ({ user }) => user.update(MISSING, BAD_GRANT),
})) {
  test(`${name} with the recorded bad grant`, async () => {
    await refused(ask(all), { status: 422, body: BAD_GRANT_REFUSED, counted: true });
  });
}

const INVITE = { email: "new@acme.test", role: "Custom User", permissions: ["read-activity"] };
for (const [changed, field, ...messages] of [
  [{ email: undefined }, "email", "The email field is required. #MS42209"],
  [
    { email: 7 },
    "email",
    "The email must be a string. #MS42221",
    "The email must be a valid email address. #MS42208",
  ],
  [{ email: "no" }, "email", "The email must be a valid email address. #MS42208"],
  [{ email: "eve@acme.test" }, "email", "The email has already been taken."],
  [{ email: "bo@acme.test" }, "email", "The email has already been taken."],
  [{ role: undefined }, "role", "The role field is required. #MS42209"],
  [{ role: "custom" }, "role", "The selected role is invalid."],
  [
    { permissions: [] },
    "permissions",
    "The permissions field is required when role is custom user. #MS42232",
  ],
  [{ permissions: "read" }, "permissions", "The permissions must be an array."],
  [{ permissions: ["x"] }, "permissions.0", "The selected permissions.0 is invalid."],
  [{ domains: "all" }, "domains", "The domains must be an array."],
  [{ domains: [MISSING] }, "domains.0", "The selected domains.0 is invalid."],
  [
    { permissions: ["read-own-templates"], templates: [MISSING] },
    "templates.0",
    "The selected templates.0 is invalid.",
  ],
  [
    { requires_periodic_password_change: "maybe" },
    "requires_periodic_password_change",
    "The requires periodic password change field must be true or false.",
  ],
]) {
  test(`POST /users with ${JSON.stringify(changed)}`, async () => {
    const message = messages.length > 1 ? `${messages[0]} (and 1 more error)` : messages[0];
    const body = { message, errors: { [field]: messages } };
    await refused(all.user.create({ ...INVITE, ...changed }), { status: 422, body, counted: true });
  });
}

for (const [asked, message] of [
  [{ limit: 9 }, "The limit must be at least 10."],
  [{ limit: 101 }, "The limit must not be greater than 100."],
  [{ limit: "all" }, "The limit must be an integer."],
  [{ page: 0 }, "The page must be at least 1."],
  [{ page: "last" }, "The page must be an integer."],
]) {
  test(`a list with ${JSON.stringify(asked)}`, async () => {
    const body = { message, errors: { [Object.keys(asked)[0]]: [message] } };
    // One after the other: whoever is refused while nobody looks, node:test calls unhandled.
    await refused(all.user.list(asked), { status: 422, body, counted: true });
    await refused(all.user.listInvites(asked), { status: 422, body, counted: true });
  });
}

// By itself a twin has no lock: a client that creates twice in a second would meet it by chance.
test("a create soon after another is locked, before its body is looked at", async () => {
  const message =
    "You cannot create a resource at the moment. Please wait a while before retrying.";
  for (const create of [
    () => all.token.create({ name: "", scopes: [] }),
    () => all.user.create({ email: "new@acme.test", ...BAD_GRANT }),
  ]) {
    await account.faults.plan({ method: "POST", kind: "create_lock" });
    const { headers } = await refused(create(), { status: 429, body: { message }, counted: true });
    assert.equal(headers["retry-after"], undefined);
    await assert.rejects(create(), { statusCode: 422 });
  }
});

test("above the rate limit everything waits", async () => {
  const message =
    "Your account reached its rate limit of 60 requests/min. Please wait before trying again." +
    " #MS42903";
  await account.faults.plan({ kind: "rate_limited", retry_after: 7 });
  const limited = { status: 429, body: { message }, counted: true };
  const { headers } = await refused(all.user.list(), limited);
  assert.equal(headers["retry-after"], "7");
  assert.deepEqual(
    [headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]],
    ["60", "0"],
  );
  assert.equal((await all.user.list()).headers["x-ratelimit-limit"], undefined);
});

test("above the quota everything waits for tomorrow", async () => {
  const message =
    "Your account reached its API daily quota limit. Upgrade to increase it. #MS42901";
  await account.quota({ daily: 0 });
  const spent = { status: 429, body: { message }, counted: true, remaining: "0" };
  await refused(all.user.list(), spent);
  await account.quota({ daily: null });
  await account.faults.plan({ kind: "quota" });
  await refused(all.user.list(), spent);
});

test("nothing that was refused changed anything", async () => {
  const [users, invites] = [await all.user.list(), await all.user.listInvites()];
  assert.deepEqual(users.body.data.map(({ email }) => email), ["ana@acme.test", "bo@acme.test"]);
  assert.deepEqual(invites.body.data.map(({ email }) => email), ["eve@acme.test"]);
});
