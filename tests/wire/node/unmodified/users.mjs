// The SDK as its readme has it, at the address it has by itself. Run beside a twin, with --tls.
import assert from "node:assert/strict";
import { once } from "node:events";
import https from "node:https";
import test from "node:test";
import { connect } from "node:tls";
import { MailerSend } from "mailersend";
import { UserModule } from "mailersend/lib/modules/User.module.js";

const twin = process.env.GUESTLIST_TWIN_URL;
const sdk = new MailerSend({ apiKey: process.env.MAILERSEND_API_KEY });

const called = new Set();
const user = new Proxy(sdk.user, {
  get(module, name) {
    called.add(name);
    return module[name].bind(module);
  },
});

async function control(path, options) {
  const answer = await fetch(`${twin}/_twin${path}`, options);
  assert.equal(answer.status, 200);
  return answer.json();
}

test("the SDK has its own address", () => {
  assert.equal(sdk.user.baseUrl, "https://api.mailersend.com/v1");
});

test("every call on users and invites is answered by the twin", async () => {
  const made = await user.create({ email: "eve@acme.test", role: "Manager" });
  const invite = made.body.data.id;
  assert.equal(made.statusCode, 200);
  assert.deepEqual((await user.listInvites()).body.data, [made.body.data]);
  assert.deepEqual((await user.singleInvite(invite)).body, made.body);
  assert.deepEqual((await user.resendInvite(invite)).body.data.id, invite);
  const { data: letters } = await control("/outbox");
  assert.deepEqual(letters.map(({ to }) => to), ["eve@acme.test", "eve@acme.test"]);

  const { user_id: eve } = await control(`/invites/${invite}/accept`, { method: "POST" });
  assert.equal((await user.single(eve)).body.data.email, "eve@acme.test");
  assert.equal((await user.update(eve, { role: "Designer" })).body.data.role, "Designer");
  assert.equal((await user.list()).body.data.length, 2);
  assert.equal((await user.delete(eve)).statusCode, 204);
  assert.equal((await user.list()).body.data.length, 1);

  const second = (await user.create({ email: "dan@acme.test", role: "Admin" })).body.data.id;
  assert.equal((await user.deleteInvite(second)).statusCode, 204);
  await assert.rejects(user.singleInvite(second), { statusCode: 404 });
  await assert.rejects(user.update(eve, { role: "member" }), { statusCode: 422 });
});

test("every method of the module was called", () => {
  const methods = Object.getOwnPropertyNames(UserModule.prototype);
  const missed = methods.filter((name) => name !== "constructor" && !called.has(name));
  assert.deepEqual(missed, []);
});

test("Node's other clients come to the twin, and those of other hosts and ports do not", async () => {
  const headers = { Authorization: `Bearer ${process.env.MAILERSEND_API_KEY}` };
  const [answer] = await once(https.get("https://api.mailersend.com/v1/users", { headers }), "response");
  assert.equal(answer.statusCode, 200);
  answer.resume();
  const socket = connect(443, "api.mailersend.com", { ALPNProtocols: ["http/1.1"] });
  await once(socket, "secureConnect");
  assert.equal(socket.alpnProtocol, "http/1.1");
  socket.end();
  const { hostname, port } = new URL(process.env.GUESTLIST_TWIN_TLS_URL);
  assert.notEqual(port, "443");
  await assert.rejects(once(connect({ host: hostname, port: 1 }), "secureConnect"), { port: 1 });
});
