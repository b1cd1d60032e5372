// The official Node SDK, pointed at the server under test, and a call of each of its methods.
import assert from "node:assert/strict";
import { MailerSend } from "mailersend";

export const url = process.env.WIRE_URL;
export const strictUrl = process.env.WIRE_STRICT_URL;
export const publicUrl = process.env.WIRE_PUBLIC_URL;
const accounts = JSON.parse(process.env.WIRE_ACCOUNTS);

export function newAccount() {
  const account = accounts.pop();
  assert.ok(account, "this file has more tests than accounts: see test_node_sdk.py");
  return account;
}

// The base URL is private in TypeScript only.
export function client(apiKey, baseUrl = url) {
  const made = new MailerSend({ apiKey });
  const { domain, template } = made.email;
  for (const module of [made.user, made.token, made.others, domain, template]) {
    module.baseUrl = baseUrl;
  }
  return made;
}

export const CALLS = {
  "user.list": (sdk) => sdk.user.list(),
  "user.single": (sdk, user) => sdk.user.single(user),
  "user.create": (sdk) => sdk.user.create({ email: "new@acme.test", role: "Admin" }),
  "user.update": (sdk, user) => sdk.user.update(user, { role: "Designer" }),
  "user.delete": (sdk, user) => sdk.user.delete(user),
  "user.listInvites": (sdk) => sdk.user.listInvites(),
  "user.singleInvite": (sdk, invite) => sdk.user.singleInvite(invite),
  "user.resendInvite": (sdk, invite) => sdk.user.resendInvite(invite),
  "user.deleteInvite": (sdk, invite) => sdk.user.deleteInvite(invite),
  "token.list": (sdk) => sdk.token.list(),
  "token.single": (sdk, token) => sdk.token.single(token),
  "token.create": (sdk) => sdk.token.create({ name: "ci", scopes: ["users_read"] }),
  "token.update": (sdk, token) => sdk.token.update(token, { name: "new", status: "pause" }),
  "token.updateSettings": (sdk, token) => sdk.token.updateSettings(token, { status: "pause" }),
  "token.delete": (sdk, token) => sdk.token.delete(token),
  "email.domain.list": (sdk) => sdk.email.domain.list(),
  "email.domain.single": (sdk, domain) => sdk.email.domain.single(domain),
  "email.domain.delete": (sdk, domain) => sdk.email.domain.delete(domain),
  "email.template.list": (sdk) => sdk.email.template.list(),
  "email.template.single": (sdk, template) => sdk.email.template.single(template),
  "email.template.delete": (sdk, template) => sdk.email.template.delete(template),
};

// What the call would succeed on; undefined where it is about no thing.
export function thingOf(name, account) {
  if (/list|create/i.test(name)) return undefined;
  if (name.startsWith("token.")) return account.token_id;
  if (name.startsWith("email.domain.")) return account.domains[0];
  if (name.startsWith("email.template.")) return account.templates[0];
  return name.endsWith("Invite") ? account.invite : account.custom;
}

// What the SDK rejects with: its headers, body and statusCode.
export async function refusal(answer) {
  return answer.then(
    (unexpected) => assert.fail(`answered ${unexpected.statusCode}`),
    (refused) => refused,
  );
}
