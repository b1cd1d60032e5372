/** What went wrong, in the twin's words. */
export class TwinError extends Error {
  constructor(message: string, options?: { status?: number; cause?: unknown });
  /** HTTP's; 0 where nothing was answered. */
  readonly status: number;
}

export interface StartOptions {
  /** The same seed and calls give the same ids, tokens and times; the clock stands still. */
  seed?: string | number;
  /** What it begins with, as an import reads it, or the path of a file that says so. */
  world?: World | string;
  /** Left out: any that is free. */
  port?: number;
  /** The program, with arguments before `twin` if need be; `guestlist` where it is left out. */
  command?: string | string[];
  /** More options of `guestlist twin`. */
  args?: string[];
  /** Milliseconds until it must be ready: 60,000. */
  timeout?: number;
}

/** A twin of one's own, which ends with this process, or before it by `stop`. */
export function start(options?: StartOptions): Promise<Twin>;

/** The twin that runs at `url`, or where GUESTLIST_TWIN_URL says. */
export function connect(options?: { url?: string }): Promise<Twin>;

/** In the format of `guestlist import`. */
export interface World {
  accounts: AccountDocument[];
}

/** In the format of `guestlist import`; what is left out is made up. */
export interface AccountDocument {
  /** What its ids follow from beside the seed, as the test's name; else from the order of calls. */
  realm?: string;
  name?: string;
  seats?: number;
  users?: object[];
  domains?: object[];
  templates?: object[];
  invites?: object[];
  tokens?: object[];
  [key: string]: unknown;
}

export interface Token {
  name?: string;
  /** An e-mail address. */
  owner?: string;
  token: string;
}

/** Of one account, or of the whole twin. */
declare abstract class Controls {
  readonly url: string;
  /** What official clients are pointed at: the URL with `/v1`. */
  readonly baseUrl: string;
  /** An Admin's, with every scope, unless the world says otherwise. */
  readonly token: string;
  /** What another process needs, to ask with `token`. */
  readonly env: Record<string, string>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly outbox: Outbox;

  /** Has every call of a `MailerSend` go to the twin, and gives it back. */
  point<Client extends object>(client: Client): Client;

  /** The click that no test can make; who has no sign-in yet says a name. */
  accept(inviteId: string, who?: { name?: string; last_name?: string }): Promise<Accepted>;
  decline(inviteId: string): Promise<{ email: string }>;

  /** Oldest first; waits up to `timeout` milliseconds for the first that fits. */
  requests(wanted?: Asked & { timeout?: number }): Promise<Exchange[]>;
  /** How much may be asked; with `limits`, from now on. */
  quota(limits?: Limits): Promise<Quota>;

  /** To the start: rows, letters, clock and ids. The whole twin loses the accounts made since. */
  reset(): Promise<void>;
  snapshot(name?: string): Promise<void>;
  /** To a snapshot, as often as you like. */
  restore(name?: string): Promise<void>;
  world(): Promise<World>;
}

export interface Accepted {
  user_id: string;
  email: string;
}

/** A twin: `token` is of the first account of its start. */
export class Twin extends Controls {
  private constructor();
  readonly seed: string;
  /** One for a test, in a realm of its own. */
  account(document?: AccountDocument): Promise<Account>;
  /** Ends it, where it was started here. */
  stop(): Promise<void>;
}

/** An account that a twin made. */
export class Account extends Controls {
  private constructor();
  readonly id: string;
  readonly name: string;
  readonly tokens: Token[];
  /** Throws it away, where a twin outlives many of them. */
  drop(): Promise<void>;
}

export interface Instant {
  now: Date;
  frozen: boolean;
}

export interface Clock {
  read(): Promise<Instant>;
  /** Stands still, now or at a later instant. */
  freeze(at?: Date | string): Promise<Instant>;
  /** Goes forward; what falls due on the way falls due in order. */
  advance(by: Span | { to: Date | string }): Promise<Instant>;
  /** Runs on from where it is. */
  resume(): Promise<Instant>;
}

export interface Span {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

export interface Letter {
  number: number;
  at: string;
  kind: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  link: string | null;
}

export interface Wanted {
  to?: string;
  /** As in `invitation`. */
  kind?: string;
  /** Only letters with a higher number. */
  after?: number;
}

export interface Outbox {
  /** Oldest first. */
  list(wanted?: Wanted): Promise<Letter[]>;
  /** The newest that fits; waits up to `timeout` milliseconds for one: 5,000, at most 60,000. */
  waitFor(wanted?: Wanted & { timeout?: number }): Promise<Letter>;
  clear(): Promise<void>;
}

/** When, and what: a `kind`, or an answer with `status`, `body` and `headers`. See docs/twin.md. */
export interface Fault {
  method?: string;
  /** A route of the API, a path, or its beginning and a `*`. */
  path?: string;
  /** The first request that meets it, of those that fit: 1. */
  nth?: number;
  times?: number | "always";
  /** From 0 to 1, by the twin's seed. */
  chance?: number;
  /** Whether the request reached the server and was done; `before` where it is left out. */
  commit?: "before" | "after";
  kind?:
    | "rate_limited"
    | "quota"
    | "create_lock"
    | "unauthenticated"
    | "forbidden"
    | "server_error"
    | "bad_gateway"
    | "unavailable"
    | "timeout"
    | "latency"
    | "drip"
    | "truncated"
    | "dropped";
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  retry_after?: number;
  seconds?: number;
  bytes_per_second?: number;
  bytes?: number;
  reset?: boolean;
}

export interface Faults {
  /** Adds them; all or, where one is wrong, none. Answers with what is left. */
  plan(...faults: Fault[]): Promise<Fault[]>;
  /** What is left. */
  list(): Promise<Fault[]>;
  clear(): Promise<void>;
}

export interface Asked {
  method?: string;
  path?: string;
  status?: number;
  /** Only those with a higher number. */
  after?: number;
}

/** A request and its answer; secrets are shortened. */
export interface Exchange {
  number: number;
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
  body_is_cut: boolean;
  /** A `status` of null: the connection was dropped. */
  answer: {
    status: number | null;
    headers: Record<string, string>;
    body: unknown;
    body_is_cut: boolean;
  };
  /** What it met. */
  fault: Fault | null;
  /** What is odd about it. */
  notes: string[];
}

/** What is left out stays, null takes it away. */
export interface Limits {
  daily?: number | null;
  rate?: { requests: number; seconds?: number } | null;
}

export interface Quota {
  daily: number | null;
  remaining: number | null;
  reset: string;
  rate: { requests: number; seconds: number; remaining: number } | null;
}
