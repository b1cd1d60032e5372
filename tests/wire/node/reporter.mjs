// A line of JSON for each test, from which pytest tells of it.
import { inspect } from "node:util";

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const error = data.details?.error;
    yield `${JSON.stringify({
      name: data.name,
      passed: type === "test:pass",
      skipped: data.skip !== undefined || data.todo !== undefined,
      told: error ? inspect(error.cause ?? error) : "",
    })}\n`;
  }
}
