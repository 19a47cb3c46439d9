import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serveHttp } from "./http-server.js";

/** What an engine has created for a lease, and how it deletes it again. */
export interface CreatedSecret {
  readonly data: Readonly<Record<string, unknown>>;
  readonly revoke?: () => Promise<void>;
}

interface LeaseEngine {
  readonly seconds: number;
  /** Time after which a lease can't be renewed any more. Absent: it can always. */
  readonly maxSeconds?: number;
  readonly create: () => Promise<CreatedSecret>;
}

interface KnownToken {
  readonly seconds: number;
  readonly maxSeconds: number;
  readonly createdAt: number;
  expiresAt: number;
}

interface KnownLease {
  readonly engine: LeaseEngine;
  readonly secret: CreatedSecret;
  readonly token: string;
  readonly createdAt: number;
  expiresAt: number;
}

interface Login {
  readonly mount: string;
  readonly accepts: (body: Readonly<Record<string, unknown>>) => boolean;
  readonly seconds: number;
  readonly maxSeconds: number;
}

/**
 * A server with a part of the HTTP API of HashiCorp Vault: tokens that expire, logins, the key-value store of version 2, engines that create secrets for
 * leases, their renewal and end, and the seal. Only the storage is a fake: status codes, headers and bodies are those of Vault 1.18.
 */
export class VaultServer {
  readonly tokens = new Map<string, KnownToken>();
  readonly leases = new Map<string, KnownLease>();
  readonly #versions = new Map<string, { version: number; data: Readonly<Record<string, unknown>> | null }>();
  readonly #engines = new Map<string, LeaseEngine>();
  readonly #logins: Login[] = [];
  /** Requests as `GET secret/data/weft`. */
  readonly requests: string[] = [];
  /** Paths that no policy allows. */
  readonly denied = new Set<string>();
  isSealed = false;
  url = "";
  close: () => Promise<void> = async () => undefined;

  static async start(): Promise<VaultServer> {
    const vault = new VaultServer();
    const server = await serveHttp((request, response) => void vault.#answer(request, response));
    vault.url = server.url;
    vault.close = () => server.close();
    return vault;
  }

  /** Adds a token. @param seconds validity. 0: it does not expire */
  addToken(token: string, { seconds = 0, maxSeconds = seconds }: { readonly seconds?: number; readonly maxSeconds?: number } = {}): void {
    const now = Date.now();
    this.tokens.set(token, {
      seconds,
      maxSeconds,
      createdAt: now,
      expiresAt: seconds === 0 ? Number.POSITIVE_INFINITY : now + seconds * 1_000,
    });
  }

  /** Ends a token and, as Vault does, the leases that were got with it. */
  async revokeToken(token: string): Promise<void> {
    this.tokens.delete(token);
    for (const [id, lease] of this.leases) if (lease.token === token) await this.#end(id);
  }

  /** Writes the next version of a secret of the key-value store: `secret/data/NAME`. Null deletes the latest version. */
  write(path: string, data: Readonly<Record<string, unknown>> | null): void {
    this.#versions.set(path, { version: (this.#versions.get(path)?.version ?? 0) + 1, data });
  }

  addEngine(path: string, engine: LeaseEngine): void {
    this.#engines.set(path, engine);
  }

  /**
   * Adds an engine that creates users of a database: `v-weft-1` and so on.
   * @returns the settings of a process that uses them, and what the engine has created and deleted
   */
  addDatabase(times: Pick<LeaseEngine, "seconds" | "maxSeconds">) {
    const revoked: string[] = [];
    let created = 0;
    this.addEngine("database/creds/weft", {
      ...times,
      create: async () => {
        const username = `v-weft-${++created}`;
        return { data: { username, password: `p${created}` }, revoke: async () => void revoked.push(username) };
      },
    });
    const settings = { DATABASE_URL: "postgres://weft_app@db/weft", DATABASE_URL_VAULT: "database/creds/weft" };
    return { settings, revoked, created: () => created };
  }

  addLogin(login: Login): void {
    this.#logins.push(login);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: object | null): void =>
      void response.writeHead(status, { "content-type": "application/json" }).end(body === null ? "" : JSON.stringify(body));
    const refuse = (status: number, ...errors: string[]): void => send(status, { errors });
    const path = (request.url ?? "").replace(/^\/v1\//, "");
    this.requests.push(`${request.method} ${path}`);
    const text = (await request.toArray()).join("");
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    if (this.isSealed) return refuse(503, "Vault is sealed");
    if (request.headers["x-vault-request"] !== "true") return refuse(412, "missing 'X-Vault-Request' header");
    const login = this.#logins.find(({ mount }) => path === `auth/${mount}/login`);
    if (login !== undefined) return this.#logIn(login, body, { send, refuse });
    const token = String(request.headers["x-vault-token"] ?? "");
    const known = this.tokens.get(token);
    if (known !== undefined && known.expiresAt <= Date.now()) await this.revokeToken(token);
    if (!this.tokens.has(token) || this.denied.has(path)) return refuse(403, "1 error occurred:\n\t* permission denied\n\n");
    if (path === "auth/token/lookup-self") return send(200, wrapped({ policies: ["default", "weft"] }));
    if (path === "auth/token/revoke-self") {
      await this.revokeToken(token);
      return send(204, null);
    }
    if (path === "auth/token/renew-self" && known) return this.#renewToken(token, known, send);
    if (path === "sys/leases/renew") return this.#renewLease(String(body["lease_id"]), { send, refuse });
    if (path === "sys/leases/revoke") {
      await this.#end(String(body["lease_id"]));
      return send(204, null);
    }
    const engine = this.#engines.get(path);
    if (engine !== undefined) return this.#create({ path, engine, token }, send);
    const found = this.#versions.get(path);
    if (found === undefined) return refuse(404);
    const metadata = {
      created_time: "2026-01-01T00:00:00Z",
      custom_metadata: null,
      deletion_time: "",
      destroyed: false,
      version: found.version,
    };
    if (found.data === null) return send(404, wrapped({ data: null, metadata: { ...metadata, deletion_time: "2026-01-02T00:00:00Z" } }));
    send(200, wrapped({ data: found.data, metadata }));
  }

  #logIn({ accepts, seconds, maxSeconds }: Login, body: Readonly<Record<string, unknown>>, { send, refuse }: Answers): void {
    if (!accepts(body)) return refuse(400, "invalid role or secret ID");
    const token = `hvs.${randomUUID()}`;
    this.addToken(token, { seconds, maxSeconds });
    send(200, { ...wrapped(null), auth: { client_token: token, policies: ["weft"], lease_duration: seconds, renewable: true } });
  }

  #renewToken(token: string, known: KnownToken, send: Answers["send"]): void {
    const seconds = Math.min(known.seconds, remaining(known.createdAt, known.maxSeconds));
    known.expiresAt = Date.now() + seconds * 1_000;
    send(200, {
      ...wrapped(null),
      auth: { client_token: token, policies: ["weft"], lease_duration: Math.floor(seconds), renewable: true },
    });
  }

  #renewLease(id: string, { send, refuse }: Answers): void {
    const lease = this.leases.get(id);
    if (lease === undefined || lease.expiresAt <= Date.now()) return refuse(400, "lease not found");
    const { seconds, maxSeconds = Number.POSITIVE_INFINITY } = lease.engine;
    const granted = Math.min(seconds, remaining(lease.createdAt, maxSeconds));
    lease.expiresAt = Date.now() + granted * 1_000;
    send(200, { request_id: "r", lease_id: id, renewable: true, lease_duration: Math.floor(granted) });
  }

  async #create(
    { path, engine, token }: { readonly path: string; readonly engine: LeaseEngine; readonly token: string },
    send: Answers["send"],
  ) {
    const secret = await engine.create();
    const id = `${path}/${randomUUID()}`;
    const now = Date.now();
    this.leases.set(id, { engine, secret, token, createdAt: now, expiresAt: now + engine.seconds * 1_000 });
    send(200, { ...wrapped(secret.data), lease_id: id, renewable: true, lease_duration: engine.seconds });
  }

  async #end(id: string): Promise<void> {
    const lease = this.leases.get(id);
    this.leases.delete(id);
    await lease?.secret.revoke?.();
  }
}

interface Answers {
  readonly send: (status: number, body: object | null) => void;
  readonly refuse: (status: number, ...errors: string[]) => void;
}

const remaining = (createdAt: number, maxSeconds: number): number => Math.max(0, (createdAt - Date.now()) / 1_000 + maxSeconds);

const wrapped = (data: object | null) => ({
  request_id: randomUUID(),
  lease_id: "",
  renewable: false,
  lease_duration: 0,
  data,
  wrap_info: null,
  warnings: null,
  auth: null,
});
