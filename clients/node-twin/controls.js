// What a test can do to a twin: `/_twin/...`, in words of JavaScript.

// A test that puts something else in their place means its own requests, not these.
const { fetch, JSON, URL, URLSearchParams } = globalThis;

/** What went wrong, in the twin's words; `status` is HTTP's, 0 where nothing was answered. */
export class TwinError extends Error {
  constructor(message, { status = 0, cause } = {}) {
    super(message, cause && { cause });
    this.name = "TwinError";
    this.status = status;
  }
}

/** Asks one twin, with a token for an account of its own or without one for the whole. */
export function asker(url, token) {
  return async (method, path, body) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    if (body) headers["content-type"] = "application/json";
    const { status, text } = await sent(url, path, { method, headers, body: JSON.stringify(body) });
    const told = read(text);
    if (told === undefined) throw new TwinError(`What answers at ${url} is no twin.`, { status });
    if (status >= 400) throw new TwinError(told.message, { status });
    return told;
  };
}

async function sent(url, path, request) {
  try {
    const answer = await fetch(`${url}/_twin${path}`, request);
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    throw new TwinError(`Nothing answers at ${url}: ${cause.cause?.message ?? cause.message}.`, {
      cause,
    });
  }
}

/** Undefined where it is no JSON. */
export function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function query(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

class Clock {
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  async read() {
    return instant(await this.#ask("GET", "/clock"));
  }

  async freeze(at) {
    return instant(await this.#ask("POST", "/clock/freeze", at && { at }));
  }

  /** By `days`, `hours`, `minutes` and `seconds`, or `to` an instant. */
  async advance(by) {
    return instant(await this.#ask("POST", "/clock/advance", by));
  }

  async resume() {
    return instant(await this.#ask("POST", "/clock/resume"));
  }
}

const instant = ({ now, frozen }) => ({ now: new Date(now), frozen });

class Outbox {
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  async list(wanted = {}) {
    return (await this.#ask("GET", `/outbox${query(wanted)}`)).data;
  }

  /** The newest letter that fits, as soon as there is one. */
  async waitFor({ timeout = 5_000, ...wanted } = {}) {
    const found = await this.list({ ...wanted, wait: timeout / 1_000 });
    if (found.length) return found.at(-1);
    const others = (await this.list()).map(({ kind, to }) => `${kind} to ${to}`);
    throw new TwinError(
      `No letter fits ${JSON.stringify(wanted)} after ${timeout} ms;` +
        ` there are: ${others.join(", ") || "none"}.`,
    );
  }

  async clear() {
    await this.#ask("POST", "/outbox/clear");
  }
}

/** What is planned to go wrong. */
class Faults {
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  /** All of them or, where one is wrong, none. */
  async plan(...faults) {
    return (await this.#ask("POST", "/faults", { faults })).faults;
  }

  /** What is left of them. */
  async list() {
    return (await this.#ask("GET", "/faults")).faults;
  }

  async clear() {
    await this.#ask("POST", "/faults/clear");
  }
}

/** Of one account, or of the whole twin. */
class Controls {
  #ask;

  constructor(url, token, env, ask) {
    this.url = url;
    this.baseUrl = `${url}/v1`;
    this.token = token;
    this.env = {
      ...env,
      GUESTLIST_TWIN_URL: url,
      MAILERSEND_API_BASE_URL: this.baseUrl,
      MAILERSEND_API_KEY: token,
      MAILERSEND_API_TOKEN: token,
    };
    this.#ask = ask;
    this.clock = new Clock(ask);
    this.faults = new Faults(ask);
    this.outbox = new Outbox(ask);
  }

  /** Has every call of an official client go to the twin, and gives the client back. */
  point(client) {
    let found = 0;
    for (const module of modules(client)) {
      module.baseUrl = this.baseUrl;
      found += 1;
    }
    if (!found) throw new TwinError("That is no MailerSend: nothing in it has a baseUrl.");
    return client;
  }

  /** The click that no test can make; answers with who they are then. */
  accept(inviteId, who = {}) {
    return this.#ask("POST", `/invites/${encodeURIComponent(inviteId)}/accept`, who);
  }

  decline(inviteId) {
    return this.#ask("POST", `/invites/${encodeURIComponent(inviteId)}/decline`);
  }

  /** What was asked and answered, oldest first; waits for the first that fits. */
  async requests({ timeout = 0, ...wanted } = {}) {
    const wait = timeout / 1_000 || undefined;
    return (await this.#ask("GET", `/requests${query({ ...wanted, wait })}`)).data;
  }

  /** How much may be asked; with `limits`, from now on. */
  quota(limits) {
    return this.#ask(limits ? "POST" : "GET", "/quota", limits);
  }

  async reset() {
    await this.#ask("POST", "/reset");
  }

  async snapshot(name) {
    await this.#ask("POST", "/snapshot", name && { name });
  }

  async restore(name) {
    await this.#ask("POST", "/restore", name && { name });
  }

  world() {
    return this.#ask("GET", "/world");
  }
}

function* modules(client) {
  for (const part of Object.values(client)) {
    if (typeof part?.baseUrl !== "string") continue;
    yield part;
    yield* modules(part);
  }
}

/** An account that the twin made, in a realm of its own. */
export class Account extends Controls {
  #ask;

  constructor(url, env, { id, name, token, tokens }) {
    const ask = asker(url, token);
    super(url, token, env, ask);
    this.id = id;
    this.name = name;
    this.tokens = tokens;
    this.#ask = ask;
  }

  /** Throws it away, where a twin outlives many of them. */
  async drop() {
    await this.#ask("POST", "/accounts/drop");
  }
}

/** A twin: `token` is of the first account of its start. */
export class Twin extends Controls {
  #ask;
  #end;

  constructor(url, { token, seed, env, end = async () => {} }) {
    const ask = asker(url);
    super(url, token, env, ask);
    this.seed = seed;
    this.#ask = ask;
    this.#end = end;
  }

  /** One for a test; `document` is as an import reads it, what it leaves out is made up. */
  async account(document = {}) {
    return new Account(this.url, this.env, await this.#ask("POST", "/accounts", document));
  }

  /** Ends it, where it was started here. */
  async stop() {
    await this.#end();
  }
}
