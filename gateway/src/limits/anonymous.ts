import { Forbidden, Unauthenticated } from "@weft/shared/errors";
import type { Config } from "@weft/platform/config";
import { networkOf } from "@weft/platform/fairness";
import { type Counters, perMinute } from "@weft/api/limits";
import { GraphQLError, Kind, visit } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { type CountedRequest, countedRequests } from "./addresses/counted-requests.js";
import { introspectionRefusal } from "./introspection-refusal.js";

/** Limits what requests without a login can ask for, and how much. */
export interface Anonymous {
  /**
   * Counts a request without a token and its bytes, before any of it is read.
   * @throws RateLimited if its address has no room for it in this minute
   */
  begin(address: string, bytes: number): Promise<CountedRequest>;
  /** The request was answered, or its client is gone. */
  ended(request: CountedRequest): Promise<void>;
  /**
   * Counts a request that has failed, for example because its token is not valid.
   * @throws RateLimited if its address has used up its limit for this minute
   */
  count(address: string, bytes: number): Promise<void>;
  /**
   * Counts nothing, for routes where only refused requests count.
   * @throws RateLimited if the address has used up its limit for this minute
   */
  assertAllowed(address: string): Promise<void>;
  /**
   * Gives back what the requests of a login or a renewal counted, which has succeeded: the users of a company can share an address. Up to 20 times a minute for
   * each user at the address, so that one of them cannot log in again and again without limit.
   * @param data of the response; nothing is given back unless it contains an access token
   * @param requests that led to it, this one included
   */
  loggedIn(request: CountedRequest, data: unknown, requests: number): Promise<void>;
  /**
   * Refuses a document that asks for root fields that require a login, before it is validated and planned. The document is validated as a whole.
   * Therefore all its operations count, not only the one that runs, and every fragment must be used by an operation.
   * @throws Unauthenticated, Forbidden (introspection is disabled), RateLimited (too much introspection), GraphQLError (an unused fragment)
   */
  assertMayRun(document: DocumentNode, address: string): Promise<void>;
}

export interface AnonymousOptions {
  /** `Mutation.login`, …: see `fieldsWithoutLogin`. */
  readonly openFields: () => ReadonlySet<string>;
  readonly allowIntrospection: boolean;
  readonly counters: Pick<Counters, "counter" | "windows">;
  /** Returns the user of an access token. Rejects if it is not one of ours. */
  readonly userOf: (token: string) => Promise<string | null>;
  readonly limits: Pick<Config["limits"], "anonymousOperationsPerMinute" | "anonymousBytesPerMinute" | "anonymousIntrospectionsPerMinute">;
}

/** Logins and renewals of a user per minute that do not count for the address. */
const freeLogins = 20;

const introspection: ReadonlySet<string> = new Set(["__schema", "__type"]);

/**
 * Creates the limits for requests without a valid token. They cost little before they are refused, and their number per address (for IPv6, per
 * network) is limited.
 */
export function createAnonymous({ openFields, allowIntrospection, counters, userOf, limits }: AnonymousOptions): Anonymous {
  const counted = countedRequests({ windows: counters.windows, limits });
  const logins = counters.counter("anonymous-logins");
  const introspections = perMinute(
    counters.counter("anonymous-introspections"),
    (allowed) => `Your address exceeded the limit of ${allowed} schema reads per minute without a login.`,
  );

  return {
    begin: (address, bytes) => counted.begin(address, bytes),
    ended: (request) => counted.ended(request),
    count: (address, bytes) => counted.count(address, bytes),
    assertAllowed: (address) => counted.assertRoom(address),
    loggedIn: async (request, data, requests) => {
      const token = accessTokenIn(data);
      const userId = token === undefined ? null : await userOf(token).catch(() => null);
      if (userId === null) return;
      const { consumedPoints } = await logins.consume(`${request.network} ${userId}`, 1);
      if (consumedPoints <= freeLogins) await counted.giveBack(request, requests);
    },
    assertMayRun: async (document, address) => {
      const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
      const fields = operations.flatMap(({ operation, selectionSet }) => {
        const type = `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`;
        return [...rootFieldsOf(document, selectionSet)].map((name) => ({ type, name }));
      });
      const open = openFields();
      const closed = fields.find(({ type, name }) => name !== "__typename" && !introspection.has(name) && !open.has(`${type}.${name}`));
      if (closed)
        throw new Unauthenticated(
          `"${closed.name}" requires a login. Call the mutation login, then send its access token as "Authorization: Bearer …".`,
        );
      const unused = unusedFragment(document, operations);
      if (unused !== undefined)
        throw new GraphQLError(`Fragment "${unused}" is never used.`, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
      if (!fields.some(({ name }) => introspection.has(name))) return;
      if (!allowIntrospection) throw new Forbidden(introspectionRefusal);
      await introspections({ key: networkOf(address), points: 1, allowed: limits.anonymousIntrospectionsPerMinute });
    },
  };
}

/** Returns the access token of a payload that opened or renewed a session, if the client asked for it. */
function accessTokenIn(data: unknown): string | undefined {
  for (const payload of Object.values(data ?? {})) {
    const token = (payload as { readonly accessToken?: unknown } | null)?.accessToken;
    if (typeof token === "string") return token;
  }
  return undefined;
}

/** Returns a fragment that no operation uses. Validation would process its content, although it was not checked as part of any root field. */
function unusedFragment(document: DocumentNode, operations: readonly OperationDefinitionNode[]): string | undefined {
  const unused = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) unused.set(definition.name.value, definition);
  }
  if (unused.size === 0) return undefined;
  const reached: (OperationDefinitionNode | FragmentDefinitionNode)[] = [...operations];
  for (const definition of reached) {
    visit(definition, {
      FragmentSpread: ({ name: { value: name } }) => {
        const fragment = unused.get(name);
        if (fragment) reached.push(fragment);
        unused.delete(name);
      },
    });
  }
  return unused.keys().next().value;
}

/**
 * Returns the names of the root fields of an operation, including those in fragments. Fields omitted by `@skip` are included, because they are
 * validated and planned too.
 */
export const rootFieldsOf = (document: DocumentNode, root: SelectionSetNode): Set<string> =>
  new Set(responseKeysOfRootFields(document, root).keys());

/** Returns the same with the response keys of each: an operation that calls a field under several aliases calls it that often. */
export function responseKeysOfRootFields(document: DocumentNode, root: SelectionSetNode): ReadonlyMap<string, ReadonlySet<string>> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const found = new Map<string, Set<string>>();
  const spread = new Set<string>();
  const walk = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const keys = found.get(selection.name.value) ?? new Set();
        found.set(selection.name.value, keys.add((selection.alias ?? selection.name).value));
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD && !spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment.selectionSet);
      }
    }
  };
  walk(root);
  return found;
}
