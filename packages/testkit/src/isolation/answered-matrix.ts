import { type ShippedRoleKey, shippedRoles } from "@weft/identity";
import { eventCursors } from "@weft/shared";
import type { ApiResult } from "@weft/standalone";
import { isListType, getNullableType } from "graphql";
import { openLive } from "../live-client.js";
import type { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";
import type { AnsweredTable } from "../expected-tables.js";
import { operationFor, type RootField, rootFieldsOf, composedApi } from "./api-schema.js";
import { lookupCases, mutationCases, queryArguments } from "./cases.js";
import { typeOfId, type World } from "./world.js";

/** Somebody who tries everything: a column of the matrix. */
export interface Person {
  readonly name: string;
  /** Null for somebody who is not logged in. */
  readonly user: TestUser | null;
  /** From where; each from elsewhere, so that what is limited per address is not taken for a right. Weft must trust 127.0.0.1 as a proxy. */
  readonly address: string;
}

/** The people of a world, one for each role that every tenant starts with, and nobody. */
export async function everyRole({ tenant, admin, operations, requester, vendorUser }: World): Promise<Person[]> {
  const there: Partial<Record<ShippedRoleKey, TestUser>> = { admin, operations, requester, vendor_user: vendorUser };
  const people: Pick<Person, "name" | "user">[] = [{ name: "logged out", user: null }];
  for (const role of Object.keys(shippedRoles) as ShippedRoleKey[])
    people.push({ name: `\`${role}\``, user: there[role] ?? (await tenant.user(role)) });
  return people.map((person, index) => ({ ...person, address: `10.${index}.0.1` }));
}

const roots = rootFieldsOf(composedApi());
const titles = { query: "Queries as answered", mutation: "Mutations as answered", subscription: "Subscriptions as answered" } as const;
const ofKind = (kind: RootField["kind"]) => roots.filter((root) => root.kind === kind);

type Variables = Record<string, unknown>;
/** The same operation about what is one's own, and about what is somebody else's; null: there is no such thing. */
interface Tries {
  readonly mine: Variables | null;
  readonly others: Variables | null;
}

/** Every operation of the API as each of these people is answered. Queries first: mutations fill the tenant. */
export async function answeredMatrix(weft: TestWeft, world: World, people: readonly Person[]): Promise<AnsweredTable[]> {
  const queries = await tableOf("query", (root) => queryRow(weft, world, root, people));
  const subscriptions = await tableOf("subscription", (root) => subscriptionRow(weft, world, root, people));
  const mutations = await tableOf("mutation", (root) => mutationRow(weft, world, root, people));
  return [queries, mutations, subscriptions];

  async function tableOf(kind: RootField["kind"], rowOf: (root: RootField) => Promise<string[]>): Promise<AnsweredTable> {
    const rows: Record<string, string[]> = {};
    const waiting = ofKind(kind);
    const work = async (): Promise<void> => {
      for (let root = waiting.shift(); root !== undefined; root = waiting.shift()) rows[root.name] = await rowOf(root);
    };
    await Promise.all(Array.from({ length: 4 }, work));
    return { title: titles[kind], head: ["operation", ...people.map(({ name }) => name)], rows };
  }
}

async function send(weft: TestWeft, { user, address }: Person, query: string, variables: Variables): Promise<ApiResult> {
  const headers = {
    "content-type": "application/json",
    "x-forwarded-for": address,
    ...(user && { authorization: `Bearer ${user.token}` }),
  };
  const response = await fetch(new URL("/graphql", weft.url), { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return (await response.json()) as ApiResult;
}

const cellOf = (mine: string | null, others: string | null): string =>
  mine === null || others === null || mine === others ? (mine ?? others ?? "–") : `${mine} · ${others}`;

async function queryRow(weft: TestWeft, world: World, root: RootField, people: readonly Person[]): Promise<string[]> {
  const isList = root.field.args.some(({ name }) => name === "first") || isListType(getNullableType(root.field.type));
  const ask = async (person: Person, variables: Variables | null): Promise<ApiResult | null> =>
    variables && send(weft, person, operationFor(root, 0), { ...(isList && { first: 100 }), ...variables });
  const answers: { mine: ApiResult | null; others: ApiResult | null }[] = [];
  for (const person of people) {
    const { mine, others } = lookupTries(world, root, person);
    answers.push({ mine: await ask(person, mine), others: await ask(person, others) });
  }
  const all = new Set(answers.flatMap(({ mine, others }) => [mine, others]).flatMap((answer) => itemsOf(root, answer) ?? [])).size;
  const verdict = (answer: ApiResult | null): string | null => {
    const items = itemsOf(root, answer);
    if (answer === null || items === null) return answer && verdictOf(root, answer);
    return `${items.length === 0 ? "none" : items.length < all ? "some" : "all"}${answer.errors ? " in part" : ""}`;
  };
  return answers.map(({ mine, others }) => cellOf(verdict(mine), verdict(others)));
}

interface Item {
  readonly id?: string;
}

/** The things of a list, each by its id or its place; null for what is no list, or was refused. */
function itemsOf({ name }: RootField, answer: ApiResult | null): readonly (string | number)[] | null {
  const value = answer?.data?.[name] as { readonly edges?: readonly { readonly node: Item }[] } | readonly Item[] | null | undefined;
  if (name === "nodes" || typeof value !== "object" || value === null) return null;
  const items = "edges" in value ? value.edges?.map(({ node }) => node) : Array.isArray(value) ? (value as readonly Item[]) : undefined;
  return items?.map(({ id }, index) => id ?? index) ?? null;
}

/** What somebody is told: done, done but for fields that are refused, or the code of the refusal. */
function verdictOf({ name }: RootField, { data, errors }: ApiResult): string {
  const value = data?.[name] ?? null;
  if (value === null || (Array.isArray(value) && value.every((each) => each === null))) return errors?.[0]?.extensions?.code ?? "null";
  return errors ? "in part" : "yes";
}

/** With what concerns oneself, or the request that the requester made and the vendor works on; and with what concerns neither. */
export function lookupTries(world: World, { name, idPaths, field }: RootField, { user }: Pick<Person, "user">): Tries {
  const paths = idPaths.filter((path) => !path.startsWith("filter."));
  const given = queryArguments[name] ?? {};
  if (!paths.some((path) => field.args.some((argument) => argument.name === path))) return { mine: given, others: null };
  const mine: Variables = { ...given };
  const others: Variables = { ...given };
  let isHidden = false;
  for (const path of paths) {
    const { own, with: more } = lookupCases[`${name}.${path}`] ?? {};
    const value = own?.(world);
    const [id = ""] = [value].flat() as string[];
    const isUser = id !== "" && typeOfId(id) === "user";
    const listed = (one: string): unknown => (Array.isArray(value) ? [one] : one);
    const hidden = hiddenLike(world, id);
    mine[path] = isUser ? (user ?? world.admin).id : (givenLike(world, id) ?? value);
    others[path] = hidden === undefined ? value : listed(hidden);
    if (more) Object.assign(mine, more(user ?? world.admin));
    isHidden ||= hidden !== undefined;
  }
  return { mine, others: isHidden ? others : null };
}

function givenLike({ given, hiddenFromRequester, ids }: World, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "instance") return given.instanceId;
  return type === "task" ? ids.get(type)?.find((id) => !hiddenFromRequester.includes(id)) : undefined;
}

/** Somebody else's thing of the same type; undefined where the world has only one. */
function hiddenLike({ hiddenFromRequester, hiddenFromVendor, otherRequester, ids }: World, like: string): string | undefined {
  const type = typeOfId(like);
  if (type === "user") return otherRequester.id;
  const hidden = [...hiddenFromRequester, ...hiddenFromVendor].find((id) => id !== like && typeOfId(id) === type);
  return hidden ?? ids.get(type)?.findLast((id) => id !== like);
}

async function mutationRow(weft: TestWeft, world: World, root: RootField, people: readonly Person[]): Promise<string[]> {
  const given = mutationCases[root.name];
  if (given === undefined) throw new Error(`${root.name} has no case: add it to packages/testkit/src/isolation/cases.ts.`);
  const takesActor = given.input.length > 1;
  const operation = operationFor(root, 1);
  // Who was refused has left the input as it was: the next may try it.
  let kept: Variables | null = null;
  const attempt = async (person: Person, input: Variables | null): Promise<{ verdict: string; isRefused: boolean } | null> => {
    if (input === null) return null;
    const self = given.inOwnSession && person.user ? { ...person, user: await person.user.again() } : person;
    const verdict = verdictOf(root, await send(weft, self, operation, root.field.args.length === 0 ? {} : { input }));
    return { verdict, isRefused: ["FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"].includes(verdict) };
  };
  const cells: string[] = [];
  for (const person of people) {
    const admin = person.user === world.admin;
    const inPassing = given.inOwnTenant && admin ? (await weft.tenant("Passing")).admin : null;
    const self = inPassing ? { ...person, user: inPassing } : person;
    const mine = takesActor && self.user ? await attempt(self, await inputOf(root, world, self.user)) : null;
    kept ??= await inputOf(root, world, takesActor ? world.otherRequester : world.admin);
    const others = await attempt(self, kept);
    if (!others?.isRefused) kept = null;
    cells.push(cellOf(mine?.verdict ?? null, others?.verdict ?? null));
  }
  return cells;
}

/** A valid input, of things that `maker` has made; what a vendor's person is given stands for what he cannot make. Null when there is none. */
export async function inputOf({ name }: RootField, world: World, maker: TestUser): Promise<Variables | null> {
  const input = (await mutationCases[name]?.input(world, maker).catch(() => null)) ?? null;
  if (input !== null || maker !== world.vendorUser || name !== "fireTransition") return input;
  return { instanceId: world.given.instanceId, transition: "start" };
}

/** Whether a subscription that begins before all that happened is refused, or tells something. */
async function subscriptionRow(weft: TestWeft, world: World, root: RootField, people: readonly Person[]): Promise<string[]> {
  const listen = async ({ user }: Person, variables: Variables | null): Promise<string | null> => {
    if (variables === null) return null;
    if (user === null) return connectionOfNobody(weft);
    const heard = await firstHeard(weft, { root, user, depth: 0, variables: { after: beginning(weft, world), ...variables } });
    return heard.errors?.[0]?.extensions?.code ?? "yes";
  };
  return Promise.all(
    people.map(async (person) => {
      const { mine, others } = lookupTries(world, root, person);
      return cellOf(await listen(person, mine), await listen(person, others));
    }),
  );
}

/** The cursor of live events before everything that happened in a tenant. */
export const beginning = ({ keys }: TestWeft, { tenant }: World): string => eventCursors(keys).encode(tenant.id, 0);

interface Listening {
  readonly root: RootField;
  readonly user: TestUser;
  readonly depth: number;
  readonly variables: Variables;
}

/** The first thing that a subscription says, a payload or its refusal. Fails when it says nothing: whoever listens needs something to hear. */
export async function firstHeard(weft: TestWeft, { root, user, depth, variables }: Listening): Promise<ApiResult> {
  const socket = await openLive(weft.url, { token: user.token });
  try {
    socket.send({ id: "1", type: "subscribe", payload: { query: operationFor(root, depth), variables } });
    const { type, payload } = await socket
      .message(({ id }) => id === "1", 10_000)
      .catch((cause: unknown) => {
        throw new Error(`${root.name} told ${user.login} nothing: let something happen in this world that it tells of.`, { cause });
      });
    return type === "error" ? { errors: payload as NonNullable<ApiResult["errors"]> } : (payload as ApiResult);
  } finally {
    socket.close();
  }
}

async function connectionOfNobody(weft: TestWeft): Promise<string> {
  const socket = await openLive(weft.url);
  socket.send({ type: "connection_init", payload: {} });
  const code = await socket.closed();
  return code === 4401 ? "UNAUTHENTICATED" : `closed with ${code}`;
}
