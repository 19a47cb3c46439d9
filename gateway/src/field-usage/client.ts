import type { IncomingHttpHeaders } from "node:http";

/** The program that sends an operation, as it names itself. Empty if it does not. */
export interface Client {
  readonly name: string;
  readonly version: string;
}

/** Names of the headers, and of the members of connection_init, as Apollo Client and others send them. */
const nameHeader = "apollographql-client-name";
const versionHeader = "apollographql-client-version";

/** Longest name and version. Both are stored, and shown to administrators. */
const maxName = 100;
const maxVersion = 50;

const unnamed: Client = { name: "", version: "" };

/** Returns the client of a request. */
export const clientOf = (headers: IncomingHttpHeaders): Client => clientNamed(headers[nameHeader], headers[versionHeader]);

/** Returns the client of a socket: the members of connection_init have the names of the headers, in any capitalization. */
export function clientOfParams(params: Readonly<Record<string, unknown>> | undefined): Client {
  const given = new Map(Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return clientNamed(given.get(nameHeader), given.get(versionHeader));
}

/** A version says nothing without a name. */
function clientNamed(name: unknown, version: unknown): Client {
  const clean = shortText(name, maxName);
  return clean === "" ? unnamed : { name: clean, version: shortText(version, maxVersion) };
}

/** Without control characters, which PostgreSQL does not store and terminals execute, and without half of a character, which no JSON of it can hold. */
const shortText = (value: unknown, max: number): string =>
  typeof value === "string" ? value.slice(0, max).replaceAll(/\p{C}/gu, "").trim() : "";
