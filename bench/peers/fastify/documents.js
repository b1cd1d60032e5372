// The schema of the answer: Fastify compiles it into a serializer.

const text = { type: "string" };
const textOrNull = { type: ["string", "null"] };
const integer = { type: "integer" };
const integerOrNull = { type: ["integer", "null"] };
const truth = { type: "boolean" };
const list = (items) => ({ type: "array", items });
const object = (properties) => ({ type: "object", properties });

const domain = object({ id: text, name: text, created_at: text, updated_at: text });
const template = object({
  id: text,
  name: text,
  description: textOrNull,
  type: text,
  created_at: text,
});
const user = object({
  id: text,
  avatar: textOrNull,
  email: text,
  last_name: text,
  name: text,
  "2fa": truth,
  created_at: text,
  updated_at: text,
  role: text,
  permissions: list(text),
  domains: list(domain),
  templates: list(template),
});
const links = object({ first: text, last: text, prev: textOrNull, next: textOrNull });
const meta = object({
  current_page: integer,
  from: integerOrNull,
  last_page: integer,
  links: list(object({ url: textOrNull, label: text, active: truth })),
  path: text,
  per_page: integer,
  to: integerOrNull,
  total: integer,
});

export const userPage = object({ data: list(user), links, meta });

export const pageQuery = {
  type: "object",
  properties: {
    page: { type: "integer", minimum: 1, default: 1 },
    limit: { type: "integer", minimum: 10, maximum: 100, default: 25 },
  },
};
