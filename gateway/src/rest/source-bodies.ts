/**
 * Bodies that differ from the operation's input and payload: those of logins, whose names come from OAuth 2.0 (RFC 6749), and those for which workflow
 * systems with a REST API have common forms.
 */

import { BadUserInput } from "@weft/shared/errors";

export type Json = Readonly<Record<string, unknown>>;

/** A body as a schema of OpenAPI. */
export interface BodySchema extends Json {
  readonly type: "object";
  readonly properties: Json;
  readonly required: readonly string[];
}

export interface Adapter {
  /** Returns the operation's input. */
  readonly input?: (body: Json) => Json;
  /** Changes the schema of the input. */
  readonly inputSchema?: (schema: BodySchema) => BodySchema;
  /** Returns the body for the result of the operation. */
  readonly output?: (result: Json) => Json;
  readonly outputSchema?: (schema: BodySchema) => BodySchema;
  /** Whether the body can also be a form. */
  readonly takesForm?: true;
}

const text = (description: string): Json => ({ type: "string", description });

/** Members of a form that an OAuth 2.0 client sends and a login does not need. */
const oauthMembers: ReadonlySet<string> = new Set(["grant_type", "scope", "client_id", "client_secret"]);

/** Members that can hold the name of a login. */
const loginNames = ["login", "username", "email"] as const;

/** @throws BadUserInput if a body has members that mean the same in two ways */
function assertOneForm(body: Json, others: readonly string[], used: string): void {
  const both = others.filter((name) => name in body);
  if (both.length > 0) throw new BadUserInput(both.map((path) => ({ path, message: `Send either ${path} or ${used}.` })));
}

/** @returns the tokens with the names of RFC 6749, section 5.1, and all other members unchanged */
function tokensOf({ accessToken, accessTokenExpiresAt, refreshToken, ...others }: Json): Json {
  const seconds = Math.max(0, Math.floor((Date.parse(String(accessTokenExpiresAt)) - Date.now()) / 1_000));
  return { access_token: accessToken, token_type: "Bearer", expires_in: seconds, refresh_token: refreshToken, ...others };
}

function tokensSchema(schema: BodySchema): BodySchema {
  const { accessToken: _access, accessTokenExpiresAt: _expiry, refreshToken: _refresh, ...others } = schema.properties;
  const properties = {
    access_token: text("To be sent as `Authorization: Bearer …`."),
    token_type: { type: "string", const: "Bearer" },
    expires_in: { type: "integer", description: "Seconds." },
    refresh_token: text("For `POST /auth/refresh`. It can be used once."),
    ...others,
  };
  return {
    ...schema,
    properties,
    required: ["access_token", "token_type", "expires_in", "refresh_token", ...schema.required.filter((name) => name in others)],
  };
}

const tokens: Adapter = { output: tokensOf, outputSchema: tokensSchema };

/** By method and path. */
export const adapters: Readonly<Record<string, Adapter>> = {
  "POST /auth/register": {
    ...tokens,
    input: (body) => {
      if (!("organization_name" in body)) return body;
      assertOneForm(body, ["name", "admin"], "organization_name");
      const { email, username, password, full_name: name, organization_name: organization, ...others } = body;
      return { ...others, name: organization, admin: { name, email, username, password } };
    },
    inputSchema: ({ properties: { slug } }) => ({
      type: "object",
      properties: {
        organization_name: text("Display name of the organization."),
        slug,
        full_name: text("Name of the first administrator."),
        email: text("Email address of the first administrator."),
        username: text("Default: the email address."),
        password: text("Password of the first administrator."),
      },
      required: ["organization_name", "full_name", "email", "password"],
    }),
  },
  "POST /auth/login": {
    ...tokens,
    takesForm: true,
    input: (body) => {
      const [used = "login"] = loginNames.filter((name) => name in body);
      assertOneForm(
        body,
        loginNames.filter((name) => name !== used),
        used,
      );
      if ((body["grant_type"] ?? "password") !== "password")
        throw new BadUserInput([
          { path: "grant_type", message: "Only the grant password is a login. To renew a session, use /auth/refresh." },
        ]);
      const { username, email, login = username ?? email, ...others } = body;
      return { ...Object.fromEntries(Object.entries(others).filter(([name]) => !oauthMembers.has(name))), login };
    },
    inputSchema: ({ properties: { login: _login, ...properties }, required, ...schema }) => ({
      ...schema,
      properties: { username: text("Username or email address."), ...properties },
      required: ["username", ...required.filter((name) => name !== "login")],
    }),
  },
  "POST /auth/login/complete": tokens,
  "POST /auth/refresh": {
    ...tokens,
    input: ({ refresh_token: refreshToken, ...others }) => ({ refreshToken, ...others }),
    inputSchema: (schema) => ({
      ...schema,
      properties: { refresh_token: text("The refresh token of the session.") },
      required: ["refresh_token"],
    }),
  },
  "POST /users": {
    input: (body) => ({ ...("username" in body && { name: body["username"] }), ...body }),
    inputSchema: (schema) => ({ ...schema, required: schema.required.filter((name) => name !== "name") }),
  },
  "GET /status": {
    output: (user) => ({ status: "ok", user }),
    outputSchema: (schema) => ({
      type: "object",
      properties: { status: { type: "string", const: "ok" }, user: schema },
      required: ["status", "user"],
    }),
  },
};
