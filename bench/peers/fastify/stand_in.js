"use strict";

// What a team writes in an afternoon to test against: users in memory, and a way to forget them.

const fastify = require("fastify")();

const FIRST = { email: "admin@twin.test", role: "Admin" };
let users = [];

function reset() {
  users = [{ id: "1", ...FIRST }];
}

function users_of(size) {
  for (let number = users.length; number < size; number += 1) {
    users.push({ id: String(number + 1), email: `u${number}@twin.test`, role: "Manager" });
  }
}

fastify.get("/v1/users", async () => ({ data: users.slice(0, 25), meta: { total: users.length } }));
fastify.post("/v1/users", async (request) => {
  const user = { id: String(users.length + 1), ...request.body };
  users.push(user);
  return { data: user };
});
fastify.post("/reset", async () => {
  reset();
  users_of(Number(process.env.USERS || 1));
  return {};
});

reset();
users_of(Number(process.env.USERS || 1));
fastify.listen({ port: 0, host: "127.0.0.1" }).then((url) => console.log(JSON.stringify({ url })));
