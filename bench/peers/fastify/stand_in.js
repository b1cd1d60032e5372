// What a team writes in an afternoon to test against: users in memory, and a way to forget them.

import Fastify from "fastify";

const app = Fastify();
const size = Number(process.env.USERS || 1);
let users = [];

function reset() {
  users = Array.from({ length: size }, (_, number) => ({
    id: String(number + 1),
    email: `u${number}@twin.test`,
    role: number ? "Manager" : "Admin",
  }));
}

app.get("/v1/users", async () => ({ data: users.slice(0, 25), meta: { total: users.length } }));
app.post("/v1/users", async (request) => {
  const user = { id: String(users.length + 1), ...request.body };
  users.push(user);
  return { data: user };
});
app.post("/reset", async () => {
  reset();
  return {};
});

reset();
const url = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(JSON.stringify({ url }));
