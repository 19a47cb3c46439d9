import { CliError, exitCodes, usageError } from "../cli-error.js";
import type { Io, Result } from "../io.js";
import { Credentials } from "../login/credentials.js";
import { completeOperation, loginOperation } from "../login/operations.js";
import type { IdentityOutput, LogoutOutput } from "../output/outputs.js";
import { anonymous, openServer, ServerRefusal } from "../server.js";
import { type Target, userFolder } from "../settings/settings.js";

export interface LoginOptions {
  readonly user?: string;
  readonly apiKey?: boolean;
  readonly passwordStdin?: boolean;
  readonly code?: string;
  readonly insecure?: boolean;
}

interface Session {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
  readonly mustEnrolSecondFactor: boolean;
}

/** Logs in with a password and perhaps a second factor, or with an API key, and stores the credentials for this URL. */
export async function login(io: Io, target: Target, options: LoginOptions): Promise<Result<IdentityOutput>> {
  const { url } = target;
  if (new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname) && options.insecure !== true)
    throw usageError(
      `${url} is not encrypted: everyone on the way could read your password. Use https, or --insecure in a private network.`,
    );
  const credentials = new Credentials(userFolder(io.env));
  // Before anything is asked: a file that cannot be used would lose the session.
  const known = credentials.find(url);
  if (options.apiKey === true) credentials.write(url, { kind: "apiKey", key: await readSecret(io, options, "WEFT_API_KEY", "API key") });
  else {
    const made = await byPassword(io, target, options, known?.kind === "session" ? known.deviceToken : undefined);
    const { accessToken, accessTokenExpiresAt: expiresAt, refreshToken, deviceToken } = made;
    credentials.write(url, { kind: "session", accessToken, expiresAt, refreshToken, deviceToken });
    if (made.mustEnrolSecondFactor)
      io.say("Your organization requires a second factor. Set one up in the application first; until then, other commands are refused.");
  }
  try {
    return await whoami({ ...io, env: { ...io.env, WEFT_API_KEY: undefined } }, target);
  } catch (error) {
    if (options.apiKey === true) credentials.write(url, known);
    throw error;
  }
}

async function byPassword(io: Io, { url, tenant }: Target, options: LoginOptions, deviceToken: string | undefined): Promise<Session> {
  const user = options.user ?? io.env["WEFT_USER"] ?? (io.isInteractive ? await io.ask("Email or user name: ") : "");
  if (user === "") throw usageError("Pass the user with --user, or set WEFT_USER.");
  const password = await readSecret(io, options, "WEFT_PASSWORD", "Password");
  const server = anonymous(url);
  try {
    const input = { login: user, password, ...(tenant !== null && { tenant }), ...(deviceToken !== undefined && { deviceToken }) };
    return (await server.run<{ login: Session }>(loginOperation, { input })).login;
  } catch (error) {
    const mfaToken = error instanceof ServerRefusal && error.code === "MFA_REQUIRED" ? error.error.extensions?.["mfaToken"] : undefined;
    if (typeof mfaToken !== "string") throw asLoginFailure(error);
    const given = options.code ?? io.env["WEFT_SECOND_FACTOR"];
    if (given === undefined && !io.isInteractive)
      throw new CliError(
        "A second factor is required. Pass the code with --code, or use an API key.",
        exitCodes.unavailable,
        "MFA_REQUIRED",
      );
    const code = (given ?? (await io.ask("Code of your authenticator app, or a recovery code: "))).trim();
    const input = { mfaToken, ...(/^\d{6}$/.test(code) ? { code } : { recoveryCode: code }) };
    return (await server.run<{ completeLogin: Session }>(completeOperation, { input })).completeLogin;
  }
}

/** A wrong password is no reason to run `weft login` again with the same one, but still means that nobody is logged in. */
function asLoginFailure(error: unknown): unknown {
  if (!(error instanceof ServerRefusal) || error.exitCode === exitCodes.unavailable)
    return error instanceof ServerRefusal ? new CliError(error.error.message, exitCodes.unavailable, error.code, error.problems) : error;
  return new CliError(error.error.message, exitCodes.unavailable, error.code, error.problems);
}

async function readSecret(io: Io, { passwordStdin }: LoginOptions, variable: string, what: string): Promise<string> {
  const given = io.env[variable];
  const read =
    passwordStdin === true
      ? (await io.readStandardInput()).split(/\r?\n/, 1)[0]
      : (given ?? (io.isInteractive ? await io.ask(`${what}: `, { isHidden: true }) : undefined));
  if (!read)
    throw usageError(
      `The ${what === "Password" ? "password" : what} is missing. Set ${variable}, or pass it on standard input with --password-stdin.`,
    );
  return read;
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.");

/** Says who is logged in. */
export async function whoami(io: Io, target: Target): Promise<Result<IdentityOutput>> {
  const { me } = await openServer(io, target).run<{
    me: { id: string; email: string | null; name: string; tenant: { slug: string; name: string }; roles: { key: string }[] | null };
  }>("query WhoAmI { me { id email name tenant { slug name } roles { key } } }");
  const { id, email, name, tenant } = me;
  const roles = (me.roles ?? []).map(({ key }) => key);
  return {
    data: { url: target.url, user: { id, email, name }, tenant: { slug: tenant.slug, name: tenant.name }, roles },
    text: `${name}${email === null ? "" : ` <${email}>`} of ${tenant.name} (${tenant.slug}) at ${target.url}\nRoles: ${roles.join(", ") || "none"}`,
  };
}

/** Ends the session on the server and deletes the credentials. They are deleted even if the server cannot be reached. */
export async function logout(io: Io, target: Target): Promise<Result<LogoutOutput>> {
  const credentials = new Credentials(userFolder(io.env));
  const found = credentials.find(target.url);
  if (!found) return { data: { url: target.url, wasLoggedIn: false }, text: `You were not logged in to ${target.url}.` };
  if (found.kind === "session")
    await openServer({ ...io, env: { ...io.env, WEFT_API_KEY: undefined } }, target)
      .run("mutation Logout { logout { __typename } }")
      .catch((error: unknown) =>
        io.say(`The session could not be ended on the server: ${error instanceof Error ? error.message : String(error)}`),
      );
  credentials.write(target.url, null);
  return { data: { url: target.url, wasLoggedIn: true }, text: `Logged out of ${target.url}.` };
}
