import { BadUserInput, quote } from "@weft/shared/errors";
import { HttpRefusal } from "../http/refusal.js";
import { type Query, readQuery } from "./query-parameters.js";
import type { RestRoute } from "./route.js";
import type { Json } from "./source-bodies.js";

/** What of a request becomes variables. */
export interface RestInput {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: Query;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: string | undefined;
}

/**
 * Returns the variables of the operation that a request stands for.
 * @throws BadUserInput, HttpRefusal if the request has a parameter, a body or a header that the address does not take
 */
export function variablesOf(route: RestRoute, { params, query, body, idempotencyKey, ifMatch }: RestInput): Json {
  const { operation } = route;
  const variables = readQuery(route.hasBody ? none : route.queryParameters, query);
  const given = { ...bodyOf(route, body), ...params, ...keyOf(route, idempotencyKey), ...versionOf(route, ifMatch) };
  const own = new Set(operation.field.args.map(({ name }) => name));
  const { takesInput: isInput, arguments: known } = operation;
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  if (!isInput && unknown.length > 0)
    throw new BadUserInput(unknown.map((path) => ({ path, message: `There is no member ${quote(path)} here.` })));
  const members = Object.entries(given);
  const arguments_ = Object.fromEntries(members.filter(([name]) => !isInput || own.has(name)));
  if (!isInput) return { ...variables, ...arguments_ };
  const input = Object.fromEntries(members.filter(([name]) => !own.has(name)));
  return { ...variables, ...arguments_, input: { ...(variables["input"] as Json | undefined), ...input } };
}

const none = new Map<string, never>();

function bodyOf({ hasBody, adapter, operation: { pathParameters } }: RestRoute, body: unknown): Json {
  if (!hasBody) {
    if (body !== undefined && body !== null) throw new HttpRefusal(400, "This address takes no body. Send parameters in the query string.");
    return {};
  }
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || Array.isArray(body)) throw new BadUserInput([{ path: "", message: "The body must be a JSON object." }]);
  const members = Object.keys(body);
  const problems = members.flatMap((name) => {
    if (pathParameters.includes(name)) return [{ path: name, message: `${quote(name)} is in the path. Do not repeat it in the body.` }];
    if (name === "idempotencyKey") return [{ path: name, message: "Send it as the header Idempotency-Key." }];
    return name === "expectedVersion" ? [{ path: name, message: "Send it as the header If-Match." }] : [];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  const input = body as Json;
  return adapter.input?.(input) ?? input;
}

function keyOf({ operation }: RestRoute, key: string | undefined): Json {
  // What only reads can be repeated without a key.
  if (key === undefined || operation.kind === "query") return {};
  if (!operation.arguments.has("idempotencyKey")) throw new HttpRefusal(400, "This address takes no Idempotency-Key.");
  return { idempotencyKey: key };
}

/** Only the version counts, so that the tag is also understood if something on the way has marked it as weak. */
const entityTag = /^(?:W\/)?"(\d{1,10})(?:-[\w-]*)?"$/;

function versionOf({ operation }: RestRoute, ifMatch: string | undefined): Json {
  if (ifMatch === undefined || ifMatch === "*") return {};
  if (!operation.arguments.has("expectedVersion")) throw new HttpRefusal(400, "This address takes no If-Match.");
  const version = entityTag.exec(ifMatch)?.[1];
  if (version === undefined)
    throw new HttpRefusal(400, "Send If-Match with the ETag of the object, or with its version in quotation marks.");
  return { expectedVersion: Number(version) };
}
