import { entityIdTypes } from "@weft/shared/ids";
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import type { ApiResult } from "@weft/standalone";
import { besideFilter } from "../beside-filter.js";
import type { TestUser } from "../../test-user.js";
import { codesOf } from "../answers.js";
import type { RootField } from "../api-schema.js";
import { queryArguments } from "../cases.js";
import type { RandomSource } from "../../random-source.js";
import type { Seen, ReadPath } from "./read-path.js";

interface Listed {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly totalCount: number;
  readonly pageInfo: Record<"endCursor" | "startCursor", string | null> & Record<"hasNextPage" | "hasPreviousPage", boolean>;
}

/** Returns the type of the objects in a list: of a connection's nodes, or of a plain list. */
export function listedType({ field }: RootField): string | undefined {
  const named = getNamedType(field.type);
  if (named.name.endsWith("Connection") && isObjectType(named)) return named.name.slice(0, -"Connection".length);
  return isListType(field.type) || String(field.type).includes("[") ? named.name : undefined;
}

/** Returns the read paths through a list: all pages, in a random order each time, and all pages with a filter that is true for every object. */
export function listReadPaths(root: RootField): ReadPath[] {
  const typeName = listedType(root) ?? "";
  const type = entityIdTypes[typeName];
  if (type === undefined) return [];
  const fields = [`Query.${root.name}`];
  const isPaged = root.field.args.some(({ name }) => name === "first");
  if (!isPaged) {
    return [
      {
        name: `the list ${root.name}`,
        types: [type],
        fields,
        seen: async (user) => {
          const answer = await user.send(`{ ${root.name} { id } }`);
          return isRefused(answer)
            ? null
            : { ids: ((answer.data as Record<string, { id: string }[]>)[root.name] ?? []).map(({ id }) => id) };
        },
      },
    ];
  }
  const ways: ReadPath[] = [
    {
      name: `the list ${root.name} in any order`,
      types: [type],
      fields,
      seen: async (user, { random, fixture }) => {
        let paging: Paging = {
          pageSize: 1 + random.below(7),
          isBackwards: random.below(3) === 0,
          orderBy: orderOf(root.field, random),
          filter: undefined,
        };
        let seen = await readPages(user, root, paging);
        const required = seen === null ? listRequiredBy[String(paging.orderBy?.field)] : undefined;
        if (required !== undefined) {
          const refused = paging.orderBy?.field;
          paging = { ...paging, orderBy: undefined };
          seen = await readPages(user, root, paging);
          if (seen && !isRefused(await user.send(`{ ${required}(first: 1) { __typename } }`)))
            throw new Error(`${root.name} refused the order ${refused} to ${user.login}, whom ${required} does not refuse.`);
        }
        // The list shows the parts of an object. They are compared with the parts that a user with full access sees.
        const all = neededBy(root) === "" ? undefined : await readPages(fixture.admin, root, { ...paging, pageSize: 100 });
        return seen && all ? { ...seen, among: all.ids } : seen;
      },
    },
  ];
  const conditions = neededBy(root) === "" ? conditionsOf(root.field) : [];
  if (conditions.length > 0) {
    ways.push({
      name: `the list ${root.name} with a filter that holds for everything`,
      types: [type],
      fields,
      seen: async (user, { random }) => {
        // A filter on a field that this person cannot filter by returns nothing, so the next condition is tried.
        for (const condition of random.some(conditions, 0.3).concat(conditions)) {
          const [name = ""] = Object.keys(condition);
          const filter = { ...besideFilter[`${root.name}.${name}`], or: [condition, { not: condition }] };
          const seen = await readPages(user, root, { pageSize: 100, isBackwards: false, orderBy: undefined, filter });
          if (seen !== null) return seen;
        }
        return null;
      },
    });
  }
  return ways;
}

const isRefused = (answer: ApiResult): boolean => {
  const codes = codesOf(answer);
  if (codes.some((code) => code !== "FORBIDDEN")) throw new Error(JSON.stringify(answer));
  return codes.length > 0;
};

/** Returns the required arguments of the list for use in a document. */
const neededBy = ({ name, field }: RootField): string =>
  field.args
    .filter(isRequiredArgument)
    .map((argument) => `, ${argument.name}: ${JSON.stringify(queryArguments[name]?.[argument.name])}`)
    .join("");

interface Order {
  readonly field: string;
  readonly name?: string;
  readonly direction: string;
}

interface Paging {
  readonly pageSize: number;
  readonly isBackwards: boolean;
  readonly orderBy: Order | undefined;
  readonly filter: unknown;
}

async function readPages(user: TestUser, root: RootField, { pageSize, isBackwards, orderBy, filter }: Paging): Promise<Seen | null> {
  const typeOf = (name: string): string => String(root.field.args.find((argument) => argument.name === name)?.type);
  const extra = Object.entries({ orderBy, filter }).filter(([, value]) => value !== undefined);
  const declared = extra.map(([name]) => `, $${name}: ${typeOf(name)}`).join("");
  const passed = extra.map(([name]) => `, ${name}: $${name}`).join("");
  const [size, cursor] = isBackwards ? ["last", "before"] : ["first", "after"];
  const query = `query ($size: Int, $cursor: String${declared}) { ${root.name}(${size}: $size, ${cursor}: $cursor${passed}${neededBy(root)}) {
    totalCount edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  const ids: string[] = [];
  let count: number | undefined;
  for (let at: string | null = null, isMore = true; isMore;) {
    const answer = await user.send(query, { size: pageSize, cursor: at, ...Object.fromEntries(extra) });
    if (isRefused(answer)) return null;
    const page = (answer.data as Record<string, Listed>)[root.name] as Listed;
    ids.push(...page.edges.map(({ node }) => node.id));
    count ??= page.totalCount;
    at = isBackwards ? page.pageInfo.startCursor : page.pageInfo.endCursor;
    isMore = isBackwards ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage;
  }
  if (new Set(ids).size !== ids.length) throw new Error(`${root.name} gave an object twice.`);
  return { ids, ...(count !== undefined && { count }) };
}

/** Orders that are refused to users to whom another list is refused, with that list. */
const listRequiredBy: Readonly<Record<string, string>> = { SLA_DUE_AT: "workflowInstances" };

function orderOf(field: GraphQLField<unknown, unknown>, random: RandomSource): Order | undefined {
  const type = field.args.find(({ name }) => name === "orderBy")?.type;
  const order = type && getNamedType(type);
  if (!order || !isInputObjectType(order)) return undefined;
  const values = getNamedType(order.getFields()["field"]?.type as GraphQLInputType);
  if (!isEnumType(values)) throw new Error(`${order.name}.field is no enum.`);
  // Assets are ordered by a custom field only within a type.
  const names = values.getValues().filter(({ name }) => name !== "FIELD" || order.name !== "AssetOrder");
  const picked = random.pick(names).name;
  return { field: picked, ...(picked === "FIELD" && { name: "zone" }), direction: random.pick(["ASC", "DESC"]) };
}

/** Returns one condition for each field of the filter, which is true for some objects. */
function conditionsOf(field: GraphQLField<unknown, unknown>): Record<string, unknown>[] {
  const type = field.args.find(({ name }) => name === "filter")?.type;
  const filter = type && getNamedType(type);
  if (!filter || !isInputObjectType(filter)) return [];
  return Object.values(filter.getFields())
    .filter(({ name }) => !["and", "or", "not"].includes(name))
    .map(({ name, type: operators }) => ({ [name]: someCondition(operators) }));
}

/** Returns a condition on a filter field that is true for some objects, whatever the data. */
export function someCondition(type: GraphQLInputType): Record<string, unknown> {
  const operators = getNamedType(type);
  if (!isInputObjectType(operators)) throw new Error(`${operators.name} has no operators.`);
  const known = operators.getFields();
  // For a filter within a filter. The last field of each can be null.
  const { and, or: _or, not: _not, ...nested } = known;
  const inner = and && Object.values(nested).at(-1);
  if (inner) return { [inner.name]: someCondition(inner.type) };
  // For data filters: a field that `memberDefinition` indexes. For custom fields: one that the fixture declares.
  if (known["isNull"]) return { ...(known["field"] && { field: "name" }), ...(known["name"] && { name: "zone" }), isNull: true };
  if (known["isEmpty"]) return { isEmpty: true };
  const operand = known["eq"] && getNamedType(known["eq"].type);
  if (operand && isEnumType(operand)) return { eq: operand.getValues()[0]?.name };
  if (operand?.name === "Boolean") return { eq: true };
  if (known["contains"]) return { contains: "a" };
  return { eq: operand?.name === "String" ? "a" : 1 };
}
