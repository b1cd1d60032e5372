// The schemas of questions and answers.

const text = { type: "string" };
const needed = (properties) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const list = (items) => ({ type: "array", items });

export const evaluationBody = needed({
  subject: needed({ type: { const: "user" }, id: text }),
  action: needed({ name: text }),
  resource: needed({ type: { enum: ["account", "domain", "template"] }, id: text }),
});
export const evaluationsBody = needed({ evaluations: { ...list(evaluationBody), maxItems: 1000 } });
export const evaluation = needed({
  decision: { type: "boolean" },
  context: needed({ reason: text }),
});
export const evaluations = needed({ evaluations: list(evaluation) });
