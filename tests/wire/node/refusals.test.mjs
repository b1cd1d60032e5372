// What each method rejects with; nothing here changes the account.
import assert from "node:assert/strict";
import test from "node:test";
import { CALLS, client, newAccount, refusal, strictUrl, thingOf } from "./sdk.mjs";

const account = newAccount();
const other = newAccount();
const NOBODY = "0123456789abcdef";

for (const [name, call] of Object.entries(CALLS)) {
  const thing = thingOf(name, account);

  test(`${name} with a token that does not live is 401`, async () => {
    for (const token of ["mlsn.wrong", account.paused]) {
      const refused = await refusal(call(client(token), thing));
      assert.equal(refused.statusCode, 401);
      assert.deepEqual(refused.body, { message: "Unauthenticated." });
      assert.equal("x-apiquota-remaining" in refused.headers, false);
    }
  });

  test(`${name} without the scope is 403`, async () => {
    const refused = await refusal(call(client(account.quiet), thing));
    assert.equal(refused.statusCode, 403);
    assert.deepEqual(refused.body, { message: "This action is unauthorized. #MS40301" });
  });

  if (thing === undefined) continue;
  test(`${name} about what is not there is 404`, async () => {
    for (const missing of [NOBODY, thingOf(name, other)]) {
      const refused = await refusal(call(client(account.token), missing));
      assert.equal(refused.statusCode, 404);
      assert.deepEqual(refused.body, { message: "Resource not found." });
    }
  });
}

test("the recorded bad grant is 422 word for word", async () => {
  const bad = { role: "member", permissions: ["email_send"], templates: [], domains: [] };
  const { user } = client(account.token);
  const invite = () => user.create({ email: "new@acme.test", ...bad });
  for (const ask of [invite, () => user.update(NOBODY, bad)]) {
    const refused = await refusal(ask());
    assert.equal(refused.statusCode, 422);
    assert.deepEqual(refused.body, {
      message: "The selected role is invalid. (and 2 more errors)",
      errors: {
        role: ["The selected role is invalid."],
        templates: ["Templates require a read own templates permission. #MS42224"],
        "permissions.0": ["The selected permissions.0 is invalid."],
      },
    });
  }
});

test("a limit out of bounds, a taken address, no scopes and the last admin are 422", async () => {
  const { user, token } = client(account.token);
  const taken = { email: "eve@acme.test", role: "Admin" };
  const cases = [
    ["limit", () => user.list({ limit: 9 }), "The limit must be at least 10."],
    ["email", () => user.create(taken), "The email has already been taken."],
    [
      "scopes",
      () => token.create({ name: "ci", scopes: [] }),
      "The scopes field is required. #MS42209",
    ],
    [
      "user",
      () => user.delete(account.admin),
      "The last admin of the account cannot be changed.",
    ],
  ];
  for (const [field, ask, message] of cases) {
    const refused = await refusal(ask());
    assert.equal(refused.statusCode, 422);
    assert.deepEqual(refused.body, { message, errors: { [field]: [message] } });
  }
});

test("above the rate limit every method is 429", async () => {
  const sdk = client(other.token, strictUrl);
  await sdk.others.getApiQuota();
  for (const [name, call] of Object.entries(CALLS)) {
    const refused = await refusal(call(sdk, thingOf(name, other)));
    assert.equal(refused.statusCode, 429, name);
    assert.match(refused.body.message, /reached its rate limit of 1 .* #MS42903$/);
    assert.ok(Number(refused.headers["retry-after"]) > 1);
    assert.equal(refused.headers["x-ratelimit-limit"], "1");
    assert.equal(refused.headers["x-ratelimit-remaining"], "0");
  }
});
