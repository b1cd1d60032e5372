// Decisions, asked and answered in AuthZEN's documents. The table of roles and permissions is held
// in memory, as it is the program's own; who holds what is read from the database each time.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { evaluation, evaluationBody, evaluations, evaluationsBody } from "./decisions.js";
import { changePermissions, findGrantOn, findGrants } from "./grants.js";

const rules = JSON.parse(readFileSync(process.env.RULES, "utf8"));
const aboutWhat = new Map(
  Object.entries(rules.permissions).flatMap(([kind, names]) => names.map((name) => [name, kind])),
);
const givenBy = new Map(
  Object.entries(rules.roles).map(([role, given]) => [
    role,
    Array.isArray(given) ? new Set(given) : given,
  ]),
);

export function addEvaluations(app, rows) {
  app.post(
    "/access/v1/evaluation",
    { schema: { body: evaluationBody, response: { 200: evaluation } } },
    async (request, reply) => {
      const { subject, action, resource } = request.body;
      const about = aboutWhat.get(action.name);
      const values = [digestOf(request), subject.id, action.name, resource.id];
      if (resource.type === "account") values.push(about);
      const [found] = await rows(findGrantOn[resource.type], values);
      return mayRead(found, reply) ? judge(found, action.name, about, resource.type) : reply;
    },
  );
  app.post(
    "/access/v1/evaluations",
    { schema: { body: evaluationsBody, response: { 200: evaluations } } },
    async (request, reply) => {
      const asked = request.body.evaluations;
      const [found] = await rows(findGrants, [
        digestOf(request),
        asked.map(({ subject }) => subject.id),
        asked.map(({ action }) => action.name),
        asked.map(({ resource }) => resource.type),
        asked.map(({ resource }) => resource.id),
        asked.map(({ action }) => aboutWhat.get(action.name) ?? null),
      ]);
      if (!mayRead(found, reply)) return reply;
      const grants = found.grants.split("\n");
      return {
        evaluations: asked.map(({ action, resource }, place) =>
          judge(readGrant(grants[place]), action.name, aboutWhat.get(action.name), resource.type),
        ),
      };
    },
  );
  app.put("/v1/users/:id", async (request, reply) => {
    const { role, permissions } = request.body;
    const values = [digestOf(request), request.params.id, role, permissions];
    const [user] = await rows(changePermissions, values);
    return user ? { data: user } : reply.code(404).send({ message: "Not found." });
  });
}

function digestOf(request) {
  const [scheme, text = ""] = (request.headers.authorization ?? "").split(" ");
  return createHash("sha256").update(scheme === "Bearer" ? text : "").digest();
}

function mayRead(found, reply) {
  if (found?.status !== "unpause") {
    reply.code(401).send({ message: "Unauthenticated." });
    return false;
  }
  if (!found.scopes.includes("users_read") && !found.scopes.includes("users_full")) {
    reply.code(403).send({ message: "This action is unauthorized. #MS40301" });
    return false;
  }
  return true;
}

// Role, and three letters: whether the permission is listed, the resource known, and listed.
function readGrant(text) {
  const [role, flags] = text.split(",");
  return {
    role: role || null,
    listed: flags[0] === "t",
    known: flags[1] === "t",
    there: flags[2] === "t",
  };
}

function judge({ role, listed, known, there }, permission, about, type) {
  if (role === null) return no("There is no such user.");
  if (!known) return no(`There is no such ${type}.`);
  const narrowed = about === "domain" || about === "template";
  const fits = type === "account" || type === (narrowed ? about : about && "template");
  if (!fits || (about === "account" && type !== "account")) {
    return no(`${permission} is not about a ${type}.`);
  }
  const given = givenBy.get(role);
  const held = given === "all" || (given === "listed" ? listed : given.has(permission));
  if (!held) return no(`${role} does not hold ${permission}.`);
  if (given === "listed" && narrowed && !there) {
    return no(`${role} holds ${permission}, but not on this ${type}.`);
  }
  return { decision: true, context: { reason: `${role} holds ${permission} on this ${type}.` } };
}

function no(reason) {
  return { decision: false, context: { reason } };
}
