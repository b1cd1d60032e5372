// `guestlist twin`, started from a Node test or found where it already runs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { asker, read, Twin, TwinError } from "./controls.js";

export { Account, Twin, TwinError } from "./controls.js";

const KEEPER = fileURLToPath(new URL("keeper.js", import.meta.url));
// Of what a program says before it fails.
const SAID = 64 * 1024;

/** A twin of one's own, which ends with this process, or before it by `stop`. */
export async function start(options = {}) {
  const { seed, world, port = 0, command = "guestlist", args = [], timeout = 60_000 } = options;
  const given = await written(world);
  try {
    const more = [...(seed === undefined ? [] : ["--seed", String(seed)]), ...given.args, ...args];
    const child = kept([command, "twin", "--port", String(port), ...more].flat());
    const { url, token, env, seed: told } = await ready(child, timeout);
    for (const handle of [child, ...child.stdio]) handle.unref();
    return new Twin(url, { token, env, seed: told, end: () => end(child) });
  } finally {
    await given.clear();
  }
}

/** The twin that runs there, as under `guestlist twin run`. */
export async function connect({ url = process.env.GUESTLIST_TWIN_URL } = {}) {
  if (!url) throw new TwinError("Where is it? Give a url, or set GUESTLIST_TWIN_URL.");
  const base = url.replace(/\/+$/, "");
  const { seed, accounts } = await asker(base)("GET", "");
  return new Twin(base, { token: accounts[0]?.token ?? "", seed, env: {} });
}

/** A world as the program takes it: in a file. */
async function written(world) {
  if (world === undefined) return { args: [], clear: async () => {} };
  if (typeof world === "string") return { args: ["--world", world], clear: async () => {} };
  const folder = await mkdtemp(path.join(tmpdir(), "guestlist-twin-"));
  const file = path.join(folder, "world.json");
  await writeFile(file, JSON.stringify(world));
  return { args: ["--world", file], clear: () => rm(folder, { recursive: true }) };
}

/** A process that ends with this one. */
function kept(command) {
  // What this one loads or measures is nothing to its keeper.
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env;
  const child = spawn(process.execPath, [KEEPER, ...command], { env, windowsHide: true });
  child.stdin.on("error", () => {}); // it is gone already
  return child;
}

/** What the program tells when it is ready, in one line of JSON. */
function ready(child, timeout) {
  let timer;
  return new Promise((resolve, reject) => {
    let told = "";
    let said = "";
    const fail = (why) => {
      child.stdin.end();
      reject(new TwinError(`${why}\n${said}`.trim()));
    };
    timer = setTimeout(() => fail(`The twin was not ready after ${timeout} ms.`), timeout);
    child.once("close", (code) => fail(`The twin ended (${code}) before it was ready.`));
    child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-SAID)));
    child.stdout.setEncoding("utf8").on("data", (text) => {
      told += text;
      if (!told.includes("\n")) return;
      const found = read(told);
      if (found?.url) resolve(found);
      else fail(`This is no line of a twin: ${told}`);
    });
  }).finally(() => clearTimeout(timer));
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.ref();
  child.stdin.end();
  await ended;
}
