import type { InProcessFetch } from "@weft/gateway";
import { ApiClient, type ApiError } from "@weft/standalone";
import { createClient } from "graphql-ws";
import { internalCallsOf } from "./internal-calls.js";
import { until } from "./until.js";

const loginOperation = `mutation TestLogin($login: String!, $password: String!) {
  login(input: { login: $login, password: $password }) { accessToken refreshToken user { id } }
}`;

/** Reason why a subscription's socket was closed. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** An open subscription in a test. */
export interface Feed<T> {
  /** Payloads so far, in order of arrival. */
  readonly payloads: readonly T[];
  readonly errors: readonly ApiError[];
  /** Set when the socket is closed. */
  readonly closed: SocketClose | null;
  /** Waits, with a deadline, until the payloads satisfy the condition. */
  until(condition: (payloads: readonly T[]) => boolean, deadlineMs?: number): Promise<readonly T[]>;
  untilClosed(deadlineMs?: number): Promise<SocketClose>;
  stop(): Promise<void>;
}

interface LoggedIn {
  readonly login: { readonly accessToken: string; readonly refreshToken: string; readonly user: { readonly id: string } };
}

/** A logged-in user in a test. */
export class TestUser extends ApiClient {
  private constructor(
    url: string,
    readonly login: string,
    readonly password: string,
    /** TypeID */
    readonly id: string,
    readonly token: string,
    readonly refreshToken: string,
    send: InProcessFetch = fetch,
  ) {
    super(url, token, send);
  }

  /** The same user, for operations that only the gateway calls (`@GatewayOnly`). Their rules apply to the user as those of all others. */
  get internally(): TestUser {
    const { url, login, password, id, token, refreshToken } = this;
    return new TestUser(url, login, password, id, token, refreshToken, internalCallsOf(url));
  }

  static async login(url: string, login: string, password: string): Promise<TestUser> {
    const { login: session } = await new ApiClient(url).run<LoggedIn>(loginOperation, { login, password });
    return TestUser.#of(url, { login, password, session });
  }

  static #of(
    url: string,
    { login, password, session }: { readonly login: string; readonly password: string; readonly session: LoggedIn["login"] },
  ): TestUser {
    return new TestUser(url, login, password, session.user.id, session.accessToken, session.refreshToken);
  }

  /** Logs in a user for whom an administrator has chosen the password. In production it is temporary, so the user appends a character to it. */
  static async firstLogin(url: string, login: string, password: string): Promise<TestUser> {
    const api = new ApiClient(url);
    const result = await api.send<LoggedIn>(loginOperation, { login, password });
    if (result.data?.login) return TestUser.#of(url, { login, password, session: result.data.login });
    const resetToken = result.errors?.[0]?.extensions?.["resetToken"];
    if (typeof resetToken !== "string") throw new Error(`The login failed: ${JSON.stringify(result.errors)}.`);
    const chosen = `${password}!`;
    await api.run("mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { slug } }", {
      input: { token: resetToken, password: chosen },
    });
    return TestUser.login(url, login, chosen);
  }

  /** Returns the user of an access token, who cannot log in again. */
  static async withToken(url: string, token: string): Promise<TestUser> {
    const { me } = await new ApiClient(url, token).run<{ me: { id: string; email: string } }>("{ me { id email } }");
    return new TestUser(url, me.email, "", me.id, token, "");
  }

  /** Opens another session of the same user. */
  again(): Promise<TestUser> {
    return this.at(this.url);
  }

  /** Opens a session of the same user at another Weft with a clone of the database. */
  at(url: string): Promise<TestUser> {
    return TestUser.login(url, this.login, this.password);
  }

  /** Returns the code of the first error. Fails if the operation succeeded. */
  async refusal(query: string, variables: Record<string, unknown> = {}): Promise<string> {
    return (await this.refused(query, variables)).extensions?.code ?? "no code";
  }

  /** Returns the first error. Fails if the operation succeeded. */
  async refused(query: string, variables: Record<string, unknown> = {}): Promise<ApiError> {
    const result = await this.send(query, variables);
    const [error] = result.errors ?? [];
    if (error === undefined) throw new Error(`This should have been refused, but the answer was ${JSON.stringify(result.data)}.`);
    return error;
  }

  /** Subscribes over a separate socket. `field` selects the payload in the data. Resolves when the connection is acknowledged. */
  async subscribe<T>(field: string, query: string, variables: Record<string, unknown> = {}): Promise<Feed<T>> {
    const payloads: T[] = [];
    const errors: ApiError[] = [];
    let closed: SocketClose | null = null;
    const client = createClient({
      url: new URL("/graphql", this.url.replace(/^http/, "ws")).href,
      connectionParams: { authorization: `Bearer ${this.token}` },
      lazy: false,
      // Read closes from `closed`. Without this handler they would be printed.
      onNonLazyError: () => {},
      retryAttempts: 0,
    });
    const connected = new Promise<void>((resolve, reject) => {
      client.on("connected", () => resolve());
      client.on("closed", (event) => {
        const { code, reason } = event as { code: number; reason: string };
        closed ??= { code, reason };
        reject(new Error(`The socket was closed with ${code} ${reason}.`));
      });
    });
    client.subscribe<Record<string, T>>(
      { query, variables },
      {
        next: (result) => {
          errors.push(...((result.errors ?? []) as readonly ApiError[]));
          const payload = result.data?.[field];
          if (payload !== undefined && payload !== null) payloads.push(payload);
        },
        error: (error) => {
          if (Array.isArray(error)) errors.push(...(error as ApiError[]));
        },
        complete: () => {},
      },
    );
    await connected;
    return {
      payloads,
      errors,
      get closed() {
        return closed;
      },
      async until(condition, deadlineMs = 20_000) {
        await until(() => condition(payloads), {
          what: `the subscription has seen what it waits for; so far ${JSON.stringify(payloads)} ${JSON.stringify(errors)}`,
          deadlineMs,
        });
        return payloads;
      },
      async untilClosed(deadlineMs = 20_000) {
        await until(() => closed !== null, { what: "the socket is closed", deadlineMs });
        return closed ?? { code: 0, reason: "" };
      },
      stop: async () => client.dispose(),
    };
  }
}
