import type { InProcessFetch } from "@weft/gateway";
import type { ApiResult } from "@weft/standalone";
import { getNullableType, isListType } from "graphql";
import { type AnsweredTable, expectedTables, isUpdate } from "../../expected-tables.js";
import { drawn } from "../../sizes.js";
import type { TestUser } from "../../test-user.js";
import type { TestWeft } from "../../test-weft.js";
import { composedApi, operationFor, type RootField, rootFieldsOf } from "../api-schema.js";
import { mutationCaseOf } from "../cases.js";
import { newTaskLink } from "../cases/tasks.js";
import { beginning, connectWithoutToken, firstMessage } from "../first-message.js";
import type { Person } from "./matrix-people.js";
import { inputOf, lookupTries, saysToAskAgain, type Variables, whenRightsAreStill } from "../tries.js";
import type { Fixture } from "../fixture.js";

const roots = rootFieldsOf(composedApi());
const titles = { query: "Queries as answered", mutation: "Mutations as answered", subscription: "Subscriptions as answered" } as const;
const ofKind = (kind: RootField["kind"]) => roots.filter((root) => root.kind === kind);

/**
 * Runs operations of the API as each of these people and returns the results: every operation for `pnpm expected` and in a whole run, else those that
 * the run draws. Queries run first, because mutations fill the tenant.
 */
export async function answeredMatrix(weft: TestWeft, fixture: Fixture, people: readonly Person[]): Promise<AnsweredTable[]> {
  const found = await foundBy(fixture);
  await weft.weft.worker.idle();
  const queries = await tableOf("query", (root) => queryRow(weft, fixture, root, { people, found }));
  const subscriptions = await tableOf("subscription", (root) => subscriptionRow(weft, fixture, root, people));
  const mutations = await tableOf("mutation", (root) => mutationRow(weft, fixture, root, people));
  return [queries, mutations, subscriptions];

  async function tableOf(kind: RootField["kind"], rowOf: (root: RootField) => Promise<string[]>): Promise<AnsweredTable> {
    const rows: Record<string, string[]> = {};
    const waiting = isUpdate ? ofKind(kind) : drawn(ofKind(kind), { of: 4 });
    const work = async (): Promise<void> => {
      for (let root = waiting.shift(); root !== undefined; root = waiting.shift()) rows[root.name] = await rowOf(root);
    };
    await Promise.all(Array.from({ length: 4 }, work));
    return { title: titles[kind], head: ["operation", ...people.map(({ name }) => name)], rows };
  }
}

/**
 * Returns the tables with the committed rows of the operations that the run did not try.
 *
 * @throws Error if an operation was neither tried nor committed
 */
export function withCommitted(tables: readonly AnsweredTable[]): AnsweredTable[] {
  const committed = new Map(expectedTables("operations").map(({ title, rows }) => [title, rows]));
  return tables.map((table) => {
    const kind = (Object.keys(titles) as RootField["kind"][]).find((each) => titles[each] === table.title) ?? "query";
    const untried = ofKind(kind).filter(({ name }) => !(name in table.rows));
    const rows = untried.map(({ name }): [string, readonly string[]] => {
      const row = committed.get(table.title)?.[name];
      if (row === undefined) throw new Error(`${name} has no row in testkit/expected/operations.md: run \`pnpm expected\`.`);
      return [name, row];
    });
    return { ...table, rows: { ...table.rows, ...Object.fromEntries(rows) } };
  });
}

async function send(weft: TestWeft, person: Person, root: RootField, variables: Variables): Promise<ApiResult> {
  const result = await sendOnce(weft, person, root, variables);
  return saysToAskAgain(result.errors) ? send(weft, person, root, variables) : result;
}

async function sendOnce(weft: TestWeft, { user, address }: Person, root: RootField, variables: Variables): Promise<ApiResult> {
  const headers = {
    "content-type": "application/json",
    "x-forwarded-for": address,
    ...(user && { authorization: `Bearer ${user.token}` }),
  };
  const sending: InProcessFetch = root.isInternal ? weft.weft.gateway.internalFetch : fetch;
  const body = JSON.stringify({ query: operationFor(root, 0), variables });
  const response = await sending(new URL("/graphql", weft.url), { method: "POST", headers, body });
  const result = (await response.json()) as ApiResult;
  if (user) noteRefusals(refusalsOf(weft), { userId: user.id, root, result });
  return result;
}

/** Refusals of a person: user ID, code and root field. */
const refusals = new WeakMap<TestWeft, Set<string>>();

/** Returns the refusals of root fields that a Weft has answered to people with a login, each as `usr_… CODE Mutation.field`. */
export function refusalsOf(weft: TestWeft): Set<string> {
  const known = refusals.get(weft) ?? new Set<string>();
  refusals.set(weft, known);
  return known;
}

function noteRefusals(
  noted: Set<string>,
  { userId, root, result }: { readonly userId: string; readonly root: RootField; readonly result: ApiResult },
): void {
  const type = root.kind === "query" ? "Query" : "Mutation";
  for (const { path = [root.name], extensions } of result.errors ?? [])
    if (path.length === 1) noted.add(`${userId} ${extensions?.code ?? ""} ${type}.${path[0]}`);
}

const cellOf = (mine: string | null, others: string | null): string =>
  mine === null || others === null || mine === others ? (mine ?? others ?? "–") : `${mine} · ${others}`;

/** Arguments of queries that find an object by something other than its ID. Other tests use values that find nothing. */
const foundBy = async (fixture: Fixture): Promise<Readonly<Record<string, Variables>>> => ({
  assetByTag: { tag: "HVAC-1" },
  requestFormByLink: { token: fixture.formLinkToken },
  taskByLink: { token: await newTaskLink(fixture) },
});

interface QueryTries {
  readonly people: readonly Person[];
  readonly found: Readonly<Record<string, Variables>>;
}

async function queryRow(weft: TestWeft, fixture: Fixture, root: RootField, { people, found }: QueryTries): Promise<string[]> {
  const isList = root.field.args.some(({ name }) => name === "first") || isListType(getNullableType(root.field.type));
  const ask = async (person: Person, variables: Variables | null): Promise<ApiResult | null> =>
    variables && send(weft, person, root, { ...(isList && { first: 100 }), ...variables });
  const answers: { mine: ApiResult | null; others: ApiResult | null }[] = [];
  for (const person of people) {
    const tries = lookupTries(fixture, root, person);
    const mine = await ask(person, found[root.name] ?? tries.mine);
    answers.push({ mine, others: isBarred(root, mine) && !person.isElsewhere ? mine : await ask(person, tries.others) });
  }
  const itemsAmong = (some: typeof answers): Set<string | number> =>
    new Set(some.flatMap(({ mine, others }) => [...(itemsOf(root, mine) ?? []), ...(itemsOf(root, others) ?? [])]));
  const inside = itemsAmong(answers.filter((_, index) => !people[index]?.isElsewhere));
  // Only operators can list tenants.
  const all = inside.size === 0 ? itemsAmong(answers) : inside;
  const result = (answer: ApiResult | null): string | null => {
    const items = itemsOf(root, answer);
    if (answer === null || items === null) return answer && resultOf(root, answer);
    const seen = new Set(items.filter((item) => all.has(item)));
    const share = items.length === 0 ? "none" : seen.size === all.size ? "all" : seen.size > 0 ? "some" : "own";
    return answer.errors ? `${share} in part` : share;
  };
  return answers.map(({ mine, others }) => cellOf(result(mine), result(others)));
}

interface Item {
  readonly id?: string;
}

/** Returns the items of a list, each by its ID or its index. Null if the answer is not a list or was refused. */
function itemsOf({ name }: RootField, answer: ApiResult | null): readonly (string | number)[] | null {
  const value = answer?.data?.[name] as { readonly edges?: readonly { readonly node: Item }[] } | readonly Item[] | null | undefined;
  if (name === "nodes" || typeof value !== "object" || value === null) return null;
  const items = "edges" in value ? value.edges?.map(({ node }) => node) : Array.isArray(value) ? (value as readonly Item[]) : undefined;
  return items?.map(({ id }, index) => id ?? index) ?? null;
}

/** Refused because of the user, before the object is looked up. The result is the same for everything in the tenant. */
const isBarred = (root: RootField, answer: ApiResult | null): boolean =>
  answer !== null && ["FORBIDDEN", "UNAUTHENTICATED"].includes(resultOf(root, answer));

/** Returns the result for a user: done, done except for refused fields, or the code of the refusal. */
function resultOf({ name }: RootField, { data, errors }: ApiResult): string {
  const value = data?.[name] ?? null;
  if (value === null || (Array.isArray(value) && value.every((each) => each === null))) return errors?.[0]?.extensions?.code ?? "null";
  return errors ? "in part" : "yes";
}

async function mutationRow(weft: TestWeft, fixture: Fixture, root: RootField, people: readonly Person[]): Promise<string[]> {
  const given = mutationCaseOf(root.name);
  const takesActor = given.input.length > 1;
  // A refused operation leaves the input unchanged, so the next person can try it.
  let kept: Variables | null = null;
  const attempt = async (person: Person, input: Variables | null): Promise<{ result: string; isRefused: boolean } | null> => {
    if (input === null) return null;
    const self = given.inOwnSession && person.user ? { ...person, user: await (person.again?.() ?? person.user.again()) } : person;
    const result = resultOf(root, await send(weft, self, root, root.field.args.length === 0 ? {} : { input }));
    return { result, isRefused: ["FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"].includes(result) };
  };
  const cells: string[] = [];
  let isOpen = false;
  for (const person of people) {
    // An operation that succeeds without a login does not depend on the user. Trying it with a single login is enough.
    if (isOpen && person.user !== fixture.admin) {
      cells.push("open");
      continue;
    }
    const passing = async (): Promise<Person> => {
      const { another } = person;
      if (given.inOwnLogin && another) return { ...person, user: await whenRightsAreStill(another) };
      return given.inOwnTenant && person.user === fixture.admin ? { ...person, user: (await weft.tenant("Passing")).admin } : person;
    };
    // Nobody can end the platform's own tenant, so it is never tried.
    const self = takesActor && !(given.inOwnTenant && person.isElsewhere) ? await passing() : null;
    const mine = self?.user ? await attempt(self, await inputOf(root, fixture, self.user)) : null;
    const maker = async (): Promise<TestUser> => {
      if (given.inOwnTenant) return (await weft.tenant("Passing")).admin;
      // Others use the same requester, whose login must stay as it is.
      if (given.inOwnLogin) return whenRightsAreStill(() => fixture.tenant.user("viewer"));
      return takesActor ? fixture.otherRequester : fixture.admin;
    };
    kept ??= await inputOf(root, fixture, await maker());
    // Nobody changes the password of others, so there is nothing more to try.
    const isSettled = mine !== null && (given.inOwnLogin === true || (mine.result === "FORBIDDEN" && !person.isElsewhere));
    const others = isSettled ? mine : await attempt(await passing(), kept);
    if (!others?.isRefused) kept = null;
    isOpen ||= person.user === null && others?.result === "yes";
    cells.push(cellOf(mine?.result ?? null, others?.result ?? null));
  }
  return cells;
}

/** Returns, for each person, whether a subscription that starts before all events is refused or delivers something. */
async function subscriptionRow(weft: TestWeft, fixture: Fixture, root: RootField, people: readonly Person[]): Promise<string[]> {
  const listen = async ({ user, receivesNoEventsOf }: Person, variables: Variables | null): Promise<string | null> => {
    if (variables === null) return null;
    if (user === null) return connectWithoutToken(weft);
    if (receivesNoEventsOf?.includes(root.name)) return "–";
    const heard = await firstMessage(weft, { root, user, depth: 0, variables: { after: beginning(weft, fixture, root), ...variables } });
    return heard.errors?.[0]?.extensions?.code ?? "yes";
  };
  return Promise.all(
    people.map(async (person) => {
      const { mine, others } = lookupTries(fixture, root, person);
      return cellOf(await listen(person, mine), await listen(person, others));
    }),
  );
}
