import { ApiClient, ApiRequestError, type ApiError } from "@weft/standalone/api-client";
import { CliError, exitCodes, type CliProblem } from "./cli-error.js";
import type { Io } from "./io.js";
import { Credentials, type Credential } from "./login/credentials.js";
import { refreshOperation } from "./login/operations.js";
import { type Target, userFolder } from "./settings/settings.js";

const TIMEOUT_MS = 60_000;
/** An access token that expires sooner is renewed before it is used. */
const RENEW_BEFORE_MS = 30_000;
const unavailableCodes = new Set(["UNAUTHENTICATED", "SERVICE_UNAVAILABLE", "TENANT_SUSPENDED"]);

/** The API as one user sees it. */
export interface Server {
  readonly url: string;
  /** @throws CliError */
  run<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** A valid access token, or the API key. */
  token(): Promise<string>;
}

/** Sends operations without credentials. */
export const anonymous = (url: string): Pick<Server, "run"> => ({
  run: (query, variables) => translated(url, () => new ApiClient(url, undefined, bounded).run(query, variables)),
});

/** Opens the API with the API key of the environment, or the credentials of `weft login`. */
export function openServer(io: Io, { url, isFromProject }: Target): Server {
  const credentials = new Credentials(userFolder(io.env));
  const token = async (): Promise<string> => {
    const key = io.env["WEFT_API_KEY"]?.trim();
    if (key) {
      // A file that came with the repository must not decide who receives the key.
      if (isFromProject)
        throw new CliError(
          `WEFT_API_KEY is not sent to ${url}, because only the project's file names it. Set WEFT_URL or use --url.`,
          exitCodes.usage,
          "URL_OF_PROJECT",
        );
      return key;
    }
    const found = credentials.find(url);
    if (!found)
      throw new CliError(
        `You are not logged in to ${url}. Run \`weft login\`, or set WEFT_API_KEY.`,
        exitCodes.unavailable,
        "NOT_LOGGED_IN",
      );
    return found.kind === "apiKey" ? found.key : renewed(credentials, url, found);
  };
  return {
    url,
    token,
    run: async (query, variables) => {
      const accessToken = await token();
      return translated(url, () => new ApiClient(url, accessToken, bounded).run(query, variables));
    },
  };
}

const isFresh = (credential: Credential): boolean =>
  credential.kind === "apiKey" || Date.parse(credential.expiresAt) - Date.now() > RENEW_BEFORE_MS;

async function renewed(credentials: Credentials, url: string, found: Extract<Credential, { kind: "session" }>): Promise<string> {
  if (isFresh(found)) return found.accessToken;
  return credentials.alone(async () => {
    const current = credentials.find(url);
    if (current?.kind === "session" && isFresh(current)) return current.accessToken;
    const { refreshToken } = current?.kind === "session" ? current : found;
    const { refreshSession: next } = await anonymous(url).run<{
      refreshSession: { accessToken: string; accessTokenExpiresAt: string; refreshToken: string };
    }>(refreshOperation, {
      input: { refreshToken },
    });
    credentials.write(url, {
      ...found,
      accessToken: next.accessToken,
      expiresAt: next.accessTokenExpiresAt,
      refreshToken: next.refreshToken,
    });
    return next.accessToken;
  });
}

/** Ends requests that hang, and follows no redirects: they would take the credentials elsewhere. */
const bounded: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set("apollographql-client-name", "weft-cli");
  return fetch(input, { ...init, headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
};

/** Turns what can go wrong with a request into an error of the command line. */
async function translated<T>(url: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ApiRequestError) throw refusalOf(error.errors);
    if (error instanceof SyntaxError)
      throw new CliError(`${url} does not answer as Weft does. Check the URL (--url or WEFT_URL).`, exitCodes.unavailable, "NOT_WEFT");
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : error instanceof Error ? error.message : String(error);
    throw new CliError(
      `${url} cannot be reached: ${cause || "no answer"}. Check that Weft runs there, and the URL (--url or WEFT_URL).`,
      exitCodes.unavailable,
      "UNREACHABLE",
    );
  }
}

/** What a user can do about an error, by its code. */
const hints: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: " Run `weft login`.",
  PROFILE_VIOLATION:
    " An administrator can allow it with the setting automation.securityProfile; `weft profile show elevated` shows which profile allows programs.",
};

/** An error of the API, which the caller may want to look at. */
export class ServerRefusal extends CliError {
  constructor(
    readonly error: ApiError,
    problems: readonly CliProblem[],
  ) {
    const code = error.extensions?.code ?? "ERROR";
    super(`${error.message}${hints[code] ?? ""}`, unavailableCodes.has(code) ? exitCodes.unavailable : exitCodes.failed, code, problems);
  }
}

function refusalOf(errors: readonly ApiError[]): ServerRefusal {
  const problems = errors.flatMap((error) => (error.extensions?.["problems"] ?? []) as readonly CliProblem[]);
  const [first = { message: "The API refused the operation." }] = errors;
  return new ServerRefusal(first, problems);
}
