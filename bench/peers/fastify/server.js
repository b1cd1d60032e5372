// The ordinary stack of a Node team that cares for speed: Fastify, pg, prepared statements.

import { createHash } from "node:crypto";
import Fastify from "fastify";
import pg from "pg";
import { pageQuery, userPage } from "./documents.js";
import { addEvaluations } from "./evaluations.js";
import { paginate } from "./pagination.js";
import { countUsers, findToken, thingsOfAccount, usersOfPage } from "./queries.js";

const { DATABASE_URL, PUBLIC_URL, PORT, TOTAL } = process.env;
// As many connections as the load has, so that no request waits for one.
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 32 });
const path = `${PUBLIC_URL}/v1/users`;
const app = Fastify();

async function rows(query, values) {
  const result = await pool.query({ ...query, values });
  return result.rows;
}

async function findReader(request, reply) {
  const [scheme, text = ""] = (request.headers.authorization ?? "").split(" ");
  const digest = createHash("sha256").update(text).digest();
  const [token] = scheme === "Bearer" ? await rows(findToken, [digest]) : [];
  if (token?.status !== "unpause") {
    return reply.code(401).send({ message: "Unauthenticated." });
  }
  if (!token.scopes.includes("users_read") && !token.scopes.includes("users_full")) {
    return reply.code(403).send({ message: "This action is unauthorized. #MS40301" });
  }
  request.token = token;
}

app.decorateRequest("token", null);
app.get(
  "/v1/users",
  {
    onRequest: findReader,
    schema: { querystring: pageQuery, response: { 200: userPage } },
  },
  async (request) => {
    const { page, limit } = request.query;
    const { account_id: account } = request.token;
    // Both ways to know the total: what is written first, and what a team comes to later.
    const [users, [things], [{ total }]] = await Promise.all([
      rows(usersOfPage, [account, limit, (page - 1) * limit]),
      rows(thingsOfAccount, [account]),
      TOTAL === "count" ? rows(countUsers, [account]) : [request.token],
    ]);
    const domains = new Map(things.domains);
    const templates = new Map(things.templates);
    for (const user of users) {
      user.domains = user.domains.map((key) => domains.get(key));
      user.templates = user.templates.map((key) => templates.get(key));
    }
    return { data: users, ...paginate(path, page, limit, users.length, total) };
  },
);

addEvaluations(app, rows);

await app.listen({ host: "127.0.0.1", port: Number(PORT) });
