import { Kind, getNamedType, isCompositeType, isInterfaceType, isObjectType } from "graphql";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLSchema, SelectionSetNode } from "graphql";
import { type Amount, applicabilityOf, SelectionAmount, sum } from "./amounts.js";
import { amountOfField, declaredSizes, isSizedByParent } from "./cost.js";
import { defaultsOf, sizeKey, sizesOfField } from "./page-size.js";
import type { SizeSource, SizeVariables, Variables } from "./page-size.js";
import { deepestNesting } from "./text.js";

/** The size of a selection, with fragments expanded. */
export interface Measure extends Amount {
  readonly depth: number;
  /** Depth of nested selections, including those of fragments. Validators and planners recurse to this depth. */
  readonly nesting: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly selections: number;
  readonly authentications: number;
}

/** The same while it is being measured. */
interface Counts extends Record<Exclude<keyof Measure, keyof Amount>, number> {
  readonly amount: SelectionAmount;
}

/** Mutations that test a secret. */
export const authenticationMutations: ReadonlySet<string> = new Set([
  "login",
  "completeLogin",
  "loginWithPasskey",
  "loginWithDirectory",
  "registerPasskey",
  "removePasskey",
  "reauthenticate",
  "enrolTotp",
  "confirmTotp",
  "startPasskeyRegistration",
  "removeTotp",
  "regenerateRecoveryCodes",
  "refreshSession",
  "registerOrganization",
  "acceptInvitation",
  "verifyEmail",
  "changePassword",
  "requestPasswordReset",
  "resetPassword",
  "startSingleSignOn",
  "receiveSingleSignOn",
  "receiveSamlResponse",
  "receiveLogoutToken",
  "completeSingleSignOn",
  "completeTaskByLink",
  "submitRequestByLink",
  "registerVendor",
  "unsubscribeFromNotifications",
]);

/** Queries that authenticate by a token of their own. Each opens transactions of its own, and root fields of a query run at the same time. */
const authenticationQueries: ReadonlySet<string> = new Set(["taskByLink"]);

type MeasuredDocument = readonly (Measure & { readonly operationName: string | undefined })[];

interface Known {
  readonly schema: GraphQLSchema;
  /** Variables from which sizes come. */
  readonly sources: readonly SizeSource[];
  /** Measures by these sizes. */
  readonly measured: Map<string, MeasuredDocument>;
}

/** Measures of documents. Parsed documents are cached by their text, and clients send the same ones repeatedly, with few sizes. */
const known = new WeakMap<DocumentNode, Known>();
const maxSizes = 20;

const keyOf = (sources: readonly SizeSource[], variables: Variables): string => sources.map((source) => sizeKey(source, variables)).join();

/**
 * Measures each operation of a document, and each fragment on its own, because unused fragments are validated too. Every selection set is visited
 * once, however often it is spread: linear in the size of the document. A document is measured once for the same page sizes.
 */
export function measureDocument(schema: GraphQLSchema, document: DocumentNode, variables: Variables): MeasuredDocument {
  const before = known.get(document);
  const same = before?.schema === schema ? before : undefined;
  const found = same?.measured.get(keyOf(same.sources, variables));
  if (found) return found;
  const sources = new Map<string, SizeSource>();
  const onSource = (source: SizeSource): void => void sources.set([source.variable, ...source.path].join("."), source);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const walk = new Walk(schema, fragments, { variables: { ...defaultsOf(definition), ...variables }, onSource });
      const root = schema.getRootType(definition.operation) ?? undefined;
      const counts = walk.selectionSet(definition.selectionSet, root);
      counts.directives = sum(counts.directives, definition.directives?.length ?? 0);
      measured.push({ ...measureOf(counts), operationName: definition.name?.value });
    }
  }
  const walk = new Walk(schema, fragments, { variables, onSource });
  // The limits for root fields do not apply to fragments. Fragments are only limited where they could overload the validator.
  for (const name of fragments.keys())
    measured.push({ ...measureOf(walk.fragment(name)), rootFields: 0, authentications: 0, nodes: 0, cost: 0, operationName: undefined });
  const entry: Known = same ?? { schema, sources: [...sources.values()], measured: new Map() };
  if (entry.measured.size >= maxSizes) entry.measured.clear();
  entry.measured.set(keyOf(entry.sources, variables), measured);
  known.set(document, entry);
  return measured;
}

class Walk {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #sizes: SizeVariables;
  readonly #mutations: GraphQLNamedType | undefined;
  readonly #queries: GraphQLNamedType | undefined;
  readonly #done = new Map<string, Counts>();
  #level = 0;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, sizes: SizeVariables) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#sizes = sizes;
    this.#mutations = schema.getMutationType() ?? undefined;
    this.#queries = schema.getQueryType() ?? undefined;
  }

  selectionSet(set: SelectionSetNode, parent: GraphQLNamedType | undefined): Counts {
    const counts = nothing();
    if (this.#level >= deepestNesting) {
      // The document is refused, so deeper levels need not be measured. Nested fragments can go deeper than the text itself.
      counts.nesting = deepestNesting + 1;
      return counts;
    }
    this.#level++;
    for (const selection of set.selections) {
      counts.directives = sum(counts.directives, selection.directives?.length ?? 0);
      if (selection.kind === Kind.FIELD) {
        this.#field(counts, selection, parent);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition ? this.#schema.getType(selection.typeCondition.name.value) : parent;
        const below = this.selectionSet(selection.selectionSet, condition);
        merge(counts, { ...below, nesting: 1 + below.nesting });
        counts.amount.addFragment(below.amount, applicabilityOf(this.#schema, condition, parent));
      } else {
        const fragment = this.fragment(selection.name.value);
        merge(counts, fragment);
        counts.amount.addFragment(fragment.amount, applicabilityOf(this.#schema, this.#conditionOf(selection.name.value), parent));
      }
    }
    this.#level--;
    return counts;
  }

  /**
   * Returns the size that a spread of the fragment adds. Memoized by name: the fragment's type condition determines the parent type, not the place of
   * the spread.
   */
  fragment(name: string): Counts {
    const known = this.#done.get(name);
    if (known) return known;
    const definition = this.#fragments.get(name);
    // Used while the fragment itself is being measured. This ends cycles, which validation refuses later.
    this.#done.set(name, nothing());
    if (!definition) return nothing();
    const counts = this.selectionSet(definition.selectionSet, this.#conditionOf(name));
    counts.nesting++;
    counts.directives = sum(counts.directives, definition.directives?.length ?? 0);
    this.#done.set(name, counts);
    return counts;
  }

  #conditionOf(fragment: string): GraphQLNamedType | undefined {
    const definition = this.#fragments.get(fragment);
    return definition && this.#schema.getType(definition.typeCondition.name.value);
  }

  #field(counts: Counts, field: FieldNode, parent: GraphQLNamedType | undefined): void {
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
    const type = definition ? getNamedType(definition.type) : undefined;
    counts.selections = sum(counts.selections, 1);
    counts.rootFields = sum(counts.rootFields, 1);
    if (field.alias) counts.aliases = sum(counts.aliases, 1);
    const isAuthentication =
      (parent === this.#mutations && authenticationMutations.has(field.name.value)) ||
      (parent === this.#queries && authenticationQueries.has(field.name.value));
    // An unknown field is refused as such, whatever its name is: those that only the gateway calls are unknown to clients.
    if (definition !== undefined && isAuthentication) {
      counts.authentications = sum(counts.authentications, 1);
    }
    const below = field.selectionSet ? this.selectionSet(field.selectionSet, isCompositeType(type) ? type : undefined) : leaf;
    counts.depth = Math.max(counts.depth, 1 + below.depth);
    counts.nesting = Math.max(counts.nesting, 1 + below.nesting);
    counts.aliases = sum(counts.aliases, below.aliases);
    counts.directives = sum(counts.directives, below.directives);
    counts.selections = sum(counts.selections, below.selections);
    if (!definition || !parent) {
      const { nodes } = largestOwn(below);
      counts.amount.add({ nodes, cost: parent === this.#queries ? (introspectionCosts[field.name.value] ?? 0) : 0 });
      return;
    }
    const sizes = sizesOfField(field, definition, declaredSizes(this.#schema, parent, definition.name), this.#sizes);
    const amount = below.amount.largest((object) => amountOfField(this.#schema, { parent, definition, sizes }, object));
    if (isSizedByParent(this.#schema, parent, definition.name)) counts.amount.addItem(definition.name, amount);
    else counts.amount.add(amount);
  }
}

/** What reading the schema costs: of the whole, the answer has megabytes. */
const introspectionCosts: Readonly<Record<string, number>> = { __schema: 50, __type: 5 };

const nothing = (): Counts => ({
  depth: 0,
  nesting: 0,
  rootFields: 0,
  aliases: 0,
  directives: 0,
  selections: 0,
  authentications: 0,
  amount: new SelectionAmount(),
});

const leaf: Counts = nothing();

const largestOwn = ({ amount }: Counts): Amount => amount.largest(({ own }) => own);

function measureOf(counts: Counts): Measure {
  const { amount: _, ...measure } = counts;
  return { ...measure, ...largestOwn(counts) };
}

/** Merges what does not depend on the types of objects. */
function merge(into: Counts, from: Counts): void {
  into.depth = Math.max(into.depth, from.depth);
  into.nesting = Math.max(into.nesting, from.nesting);
  into.rootFields = sum(into.rootFields, from.rootFields);
  into.aliases = sum(into.aliases, from.aliases);
  into.directives = sum(into.directives, from.directives);
  into.selections = sum(into.selections, from.selections);
  into.authentications = sum(into.authentications, from.authentications);
}
