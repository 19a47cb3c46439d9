import { Forbidden, networkOf, Unauthenticated } from "@weft/shared";
import type { Config } from "@weft/shared";
import { GraphQLError, Kind, visit } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { perMinute } from "./counters.js";
import type { Counters } from "./counters.js";
import { introspectionRefusal } from "./no-introspection.js";

/** What nobody in particular may ask for, and how much of it. */
export interface Anonymous {
  /**
   * Counts a request without a valid token and its bytes, before anything of it is read.
   * @throws RateLimited when its address has had its share of this minute
   */
  count(address: string, bytes: number): Promise<void>;
  /**
   * Refuses a document that asks for more than the root fields that need no login, before it is validated and planned. It is validated as a whole, so each of its
   * operations counts, not only the one that runs, and every fragment has to belong to one.
   * @throws Unauthenticated, Forbidden (introspection where there is none), RateLimited (too much introspection), GraphQLError (a fragment that is never used)
   */
  assertMayRun(document: DocumentNode, address: string): Promise<void>;
}

export interface AnonymousOptions {
  /** `Mutation.login`, …: see `fieldsWithoutLogin`. */
  readonly openFields: ReadonlySet<string>;
  readonly allowIntrospection: boolean;
  readonly counters: Counters;
  readonly limits: Pick<Config["limits"], "anonymousOperationsPerMinute" | "anonymousBytesPerMinute" | "anonymousIntrospectionsPerMinute">;
}

const introspection: ReadonlySet<string> = new Set(["__schema", "__type"]);

/** Requests without a valid token cost little before they are refused, and an address (of IPv6 a network) has a bounded number of them. */
export function createAnonymous({ openFields, allowIntrospection, counters, limits }: AnonymousOptions): Anonymous {
  const operations = perMinute(
    counters.counter("anonymous-operations"),
    (allowed) => `Your address has sent ${allowed} requests without a login in a minute.`,
  );
  const bytes = perMinute(
    counters.counter("anonymous-bytes"),
    (allowed) => `Your address has sent ${allowed} bytes without a login in a minute.`,
  );
  const introspections = perMinute(
    counters.counter("anonymous-introspections"),
    (allowed) => `Your address has read the schema ${allowed} times in a minute without a login.`,
  );

  return {
    count: async (address, size) => {
      const key = networkOf(address);
      await operations({ key, points: 1, allowed: limits.anonymousOperationsPerMinute });
      await bytes({ key, points: size, allowed: limits.anonymousBytesPerMinute });
    },
    assertMayRun: async (document, address) => {
      const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
      const fields = operations.flatMap(({ operation, selectionSet }) => {
        const type = `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`;
        return [...rootFieldsOf(document, selectionSet)].map((name) => ({ type, name }));
      });
      const closed = fields.find(
        ({ type, name }) => name !== "__typename" && !introspection.has(name) && !openFields.has(`${type}.${name}`),
      );
      if (closed) {
        const open = [...openFields].map((field) => field.slice(field.indexOf(".") + 1));
        throw new Unauthenticated(
          `"${closed.name}" needs a login: send the access token as "Authorization: Bearer …". Without one the operations of a document may ask for ${open.join(", ")} and nothing else.`,
        );
      }
      const unused = unusedFragment(document, operations);
      if (unused !== undefined)
        throw new GraphQLError(`Fragment "${unused}" is never used.`, { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
      if (!fields.some(({ name }) => introspection.has(name))) return;
      if (!allowIntrospection) throw new Forbidden(introspectionRefusal);
      await introspections({ key: networkOf(address), points: 1, allowed: limits.anonymousIntrospectionsPerMinute });
    },
  };
}

/** A fragment that no operation reaches: what is in it would be validated, and no root field vouches for it. */
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
 * Names of the fields at the root of an operation, those inside fragments too. What `@skip` leaves out is among them: it is validated and planned all the same.
 */
export function rootFieldsOf(document: DocumentNode, root: SelectionSetNode): Set<string> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const names = new Set<string>();
  const spread = new Set<string>();
  const walk = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment.selectionSet);
      }
    }
  };
  walk(root);
  return names;
}
