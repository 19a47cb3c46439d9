import type { ApiResult } from "@weft/standalone";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import type { TestUser } from "../test-user.js";
import { callerOf, isExternal, operationOf, type RootField, rootFieldsOf, selectionOf } from "./api-schema.js";

/** Fields by which people identify an object, best first. */
const names = ["number", "key", "code", "tag", "name", "title"];

/** Data that one person was shown. */
export class Sights {
  /** Results by `Type.field`: seen, null, empty, or the code of the refusal. Fields that were never reached are missing. */
  readonly fields = new Map<string, Set<string>>();
  /** Names of the visible objects by ID, by type. */
  readonly objects = new Map<string, Map<string, string>>();
  /** All answers, as text. */
  readonly texts: string[] = [];

  /** Records the answer of a root field, all of whose objects have their `__typename`. */
  see({ kind, name }: RootField, answer: ApiResult): void {
    this.texts.push(JSON.stringify(answer));
    this.#look({ __typename: `${kind[0]?.toUpperCase()}${kind.slice(1)}`, [name]: answer.data?.[name] ?? null }, [], answer);
  }

  #look(value: unknown, path: readonly (string | number)[], answer: ApiResult): void {
    if (Array.isArray(value)) return value.forEach((each, index) => this.#look(each, [...path, index], answer));
    if (typeof value !== "object" || value === null || !("__typename" in value)) return;
    const { __typename: type, ...members } = value as Record<string, unknown>;
    if (typeof members["id"] === "string") this.#remember(String(type), members["id"], members);
    for (const [name, member] of Object.entries(members)) {
      const field = `${String(type)}.${name}`;
      this.fields.set(field, (this.fields.get(field) ?? new Set()).add(outcomeOf(member, [...path, name], answer)));
      this.#look(member, [...path, name], answer);
    }
  }

  #remember(type: string, id: string, members: Record<string, unknown>): void {
    const known = this.objects.get(type) ?? new Map<string, string>();
    this.objects.set(type, known);
    const name = names.map((each) => members[each]).find((each) => typeof each === "string");
    if (name !== undefined || !known.has(id)) known.set(id, name ?? "");
  }
}

/** A path from a root field to objects of one type: field names, each on a type. */
interface Way {
  readonly root: RootField;
  readonly steps: readonly { readonly on: string; readonly field: string }[];
}

/**
 * Queries every field of every type, once for each edge between types on which something is visible. For example, both `Request.building` and
 * `Asset.building`, because they can show different data.
 * @param options `variables` of a root field that return data for this person; the visible data is added to `sights`
 */
export async function tour(
  schema: GraphQLSchema,
  { who, sights, variables }: { who: TestUser; sights: Sights; variables: (root: RootField) => Record<string, unknown> },
): Promise<void> {
  const taken = new Set<string>();
  const waiting: Way[] = rootFieldsOf(schema)
    .filter(({ kind }) => kind === "query")
    .map((root) => ({ root, steps: [] }));
  for (let way = waiting.shift(); way !== undefined; way = waiting.shift()) await follow(way);

  async function follow(way: Way): Promise<void> {
    const declared = getNamedType(endOf(schema, way).type);
    if (!isCompositeType(declared)) return void (await ask(way, ""));
    const types = isObjectType(declared) ? [declared] : typesIn(await ask(way, " { __typename }"), way);
    for (const type of types) {
      await ask(way, everythingOf(type, isAbstractType(declared)));
      for (const field of askable(type)) {
        const edge = `${type.name}.${field.name}`;
        if (taken.has(edge) || !isCompositeType(getNamedType(field.type)) || !sights.fields.get(edge)?.has("seen")) continue;
        taken.add(edge);
        waiting.push({ ...way, steps: [...way.steps, { on: type.name, field: field.name }] });
      }
    }
  }

  async function ask(way: Way, selection: string): Promise<ApiResult> {
    const { root, steps } = way;
    const inner = steps.toReversed().reduce((text, { on, field }) => {
      const type = schema.getType(on) as GraphQLObjectType;
      return ` { __typename ... on ${on} { ${field}${pageOf(type.getFields()[field])}${text} } }`;
    }, selection);
    const given = { ...(isPaged(root.field) && { first: 20 }), ...variables(root) };
    const answer = await callerOf(root, who).send(operationOf(root, inner, Object.keys(given)), given);
    const broken = answer.errors?.find(({ extensions }) =>
      /^(GRAPHQL_|INTERNAL|SERVICE_|RATE_|QUERY_LIMIT|LIMIT_)/.test(extensions?.code ?? "GRAPHQL_"),
    );
    if (broken) throw new Error(`The tour along ${root.name} ${JSON.stringify(steps)} failed: ${JSON.stringify(broken)}`);
    sights.see(root, answer);
    return answer;
  }

  function typesIn(answer: ApiResult, { root, steps }: Way): GraphQLObjectType[] {
    let values: unknown[] = [answer.data?.[root.name]].flat();
    for (const { field } of steps) values = values.flatMap((value) => (value as Record<string, unknown> | null)?.[field] ?? []);
    const found = new Set(values.flatMap((value) => (value as { __typename?: string } | null)?.__typename ?? []));
    return [...found].map((name) => schema.getType(name)).filter(isObjectType);
  }
}

function outcomeOf(value: unknown, path: readonly (string | number)[], { errors = [] }: ApiResult): string {
  if (Array.isArray(value) && value.length === 0) return "empty";
  if (value !== null && value !== undefined) return "seen";
  // A non-null field nulls its parents, so the refusal can concern a field further below. In a subscription it has no path.
  const refusal = errors.find((error) => !error.path || path.every((step, index) => error.path?.[index] === step));
  return refusal?.extensions?.code ?? "null";
}

/** Returns the fields that can be queried. `@external` fields are resolved by their owner. */
const askable = (type: GraphQLObjectType): GraphQLField<unknown, unknown>[] =>
  Object.values(type.getFields()).filter((field) => !isExternal(field) && !field.args.some(isRequiredArgument));

const isPaged = (field: GraphQLField<unknown, unknown> | undefined): boolean => field?.args.some(({ name }) => name === "first") === true;
const pageOf = (field: GraphQLField<unknown, unknown> | undefined): string => (isPaged(field) ? "(first: 5)" : "");

/** Returns a selection of all fields of a type and the leaves of the objects that they lead to. */
function everythingOf(type: GraphQLObjectType, isMember: boolean): string {
  const fields = askable(type).map((field) => `${field.name}${pageOf(field)}${selectionOf(field.type, 0)}`);
  return isMember ? ` { __typename ... on ${type.name} { ${fields.join(" ")} } }` : ` { __typename ${fields.join(" ")} }`;
}

function endOf(schema: GraphQLSchema, { root, steps }: Way): GraphQLField<unknown, unknown> {
  const last = steps.at(-1);
  const field = last && (schema.getType(last.on) as GraphQLObjectType).getFields()[last.field];
  return field ?? root.field;
}
