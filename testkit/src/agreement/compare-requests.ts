import type { ApiResult } from "@weft/standalone";
import type { RandomSource } from "../random-source.js";
import type { TestUser } from "../test-user.js";
import { codesOf } from "../isolation/answers.js";
import { until } from "../until.js";
import { type Condition, someCondition } from "./conditions.js";
import { orders, outOfOrder, type RequestOrder } from "./orders.js";
import type { Person } from "./random-requests.js";
import type { RequestRow } from "./request-rows.js";

const list = `query ($filter: RequestFilter, $orderBy: RequestOrder, $first: Int, $after: String, $last: Int, $before: String, $viewId: ID) {
  requests(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before, viewId: $viewId) {
    totalCount edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Listed {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

interface Asked {
  readonly filter?: unknown;
  readonly orderBy?: RequestOrder;
  readonly viewId?: string;
}

interface Read {
  readonly ids: readonly string[];
  readonly count: number;
}

/** Reads all pages of the list in its order, from its start or from its end. Null if the list is refused. */
async function readList(user: TestUser, asked: Asked, { size, isBackwards }: { size: number; isBackwards: boolean }): Promise<Read | null> {
  const ids: string[] = [];
  let count = 0;
  for (let at: string | null = null, isMore = true; isMore;) {
    const page: object = isBackwards ? { last: size, before: at } : { first: size, after: at };
    const answer: ApiResult<{ requests: Listed | null }> = await user.send(list, { ...asked, ...page });
    if (codesOf(answer).some((code) => code !== "FORBIDDEN")) throw new Error(JSON.stringify(answer.errors));
    const found: Listed | null | undefined = answer.data?.requests;
    if (!found) return null;
    const here = found.edges.map(({ node }) => node.id);
    ids.splice(isBackwards ? 0 : ids.length, 0, ...here);
    count = found.totalCount;
    at = isBackwards ? found.pageInfo.startCursor : found.pageInfo.endCursor;
    isMore = isBackwards ? found.pageInfo.hasPreviousPage : found.pageInfo.hasNextPage;
  }
  return { ids, count };
}

type Exported = Readonly<Record<string, unknown>>;

const columns = ["id", "number", "state", "status", "version", "priority", "createdAt", "updatedAt"] as const;

/** Returns the rows of an export. */
async function exported(user: TestUser, { filter, orderBy, viewId }: Asked): Promise<Exported[]> {
  const { exportRequests } = await user.run<{ exportRequests: { export: { id: string } } }>(
    "mutation ($input: ExportRequestsInput!) { exportRequests(input: $input) { export { id } } }",
    { input: { filter, orderBy, viewId, columns, format: "JSON_LINES" } },
  );
  type Done = { status: string; message: string | null; file: { download: { url: string } } | null };
  const done = await until(
    async () => {
      const answer = await user.run<{ export: Done }>("query ($id: ID!) { export(id: $id) { status message file { download { url } } } }", {
        id: exportRequests.export.id,
      });
      return answer.export.status === "RUNNING" ? null : answer.export;
    },
    { what: "the export has ended" },
  );
  if (done.status !== "COMPLETED" || !done.file) throw new Error(`The export of ${user.login} ended as ${JSON.stringify(done)}.`);
  const response = await fetch(new URL(done.file.download.url, user.url));
  const text = await response.text();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Exported);
}

/** A saved view for all users of the tenant. */
export interface SavedCondition {
  readonly id: string;
  readonly condition: Condition;
  readonly orderBy: RequestOrder;
}

const someOrder = (random: RandomSource): RequestOrder => ({
  field: random.pick(Object.keys(orders)),
  direction: random.pick(["ASC", "DESC"]),
});

export async function saveCondition(user: TestUser, random: RandomSource, name: string): Promise<SavedCondition> {
  let condition = someCondition(random, user);
  while (condition.isPersonal) condition = someCondition(random, user);
  const orderBy = someOrder(random);
  const { saveView } = await user.run<{ saveView: { view: { id: string } } }>(
    "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
    { input: { list: "REQUESTS", name, visibility: "TENANT", filter: condition.filter, orderBy } },
  );
  return { id: saveView.view.id, condition, orderBy };
}

/** Requests as a user sees them through `nodes`, which everything else is compared with. */
export interface Sight {
  readonly person: Person;
  readonly rows: ReadonlyMap<string, RequestRow>;
}

const isAllowed = ({ isForStaff, isOfWorkflow }: Condition, { isOfVendor, seesWorkflows }: Person): boolean =>
  !(isForStaff && isOfVendor) && !(isOfWorkflow && !seesWorkflows);

/** Describes what is wrong with requests that a list returned for a condition and an order. */
function wrongIn({ ids, count }: Read, { rows }: Sight, condition: Condition, orderBy: RequestOrder): string[] {
  const expected = new Set([...rows.values()].filter((row) => condition.holds(row)).map(({ id }) => id));
  const named = (id: string): string => `${rows.get(id)?.number ?? "an unknown request"} ${id}`;
  const found = ids.flatMap((id) => rows.get(id) ?? []);
  const disorder = outOfOrder(found, orderBy);
  return [
    ...ids.filter((id) => !expected.has(id)).map((id) => `has ${named(id)}`),
    ...[...expected].filter((id) => !ids.includes(id)).map((id) => `does not have ${named(id)}`),
    ...(new Set(ids).size === ids.length ? [] : ["has a request twice"]),
    ...(count === ids.length ? [] : [`counts ${count} of ${ids.length}`]),
    ...(disorder === null ? [] : [disorder]),
  ];
}

/** Compares the instance that a request shows with the request itself. */
export const differentFromInstance = ({ person, rows }: Sight): string[] =>
  [...rows.values()].flatMap((row) =>
    row.workflow === null || (["state", "status", "version", "updatedAt"] as const).every((name) => row[name] === row.workflow?.[name])
      ? []
      : [`${person.name}: ${JSON.stringify(row)}`],
  );

/** Compares lists with random filters, orders and page sizes, and their counts. */
export async function differencesInLists(sight: Sight, random: RandomSource, howMany: number): Promise<string[]> {
  const { person, rows } = sight;
  const wrong: string[] = [];
  for (let n = 0; n < howMany; n++) {
    const condition = someCondition(random, person.user);
    const orderBy = someOrder(random);
    const size = random.pick([7, 30, 100]);
    const read = await readList(person.user, { filter: condition.filter, orderBy }, { size, isBackwards: random.chance(0.3) });
    const name = `${person.name}: the list with ${JSON.stringify({ filter: condition.filter, orderBy })} of ${rows.size} requests`;
    if (read === null) wrong.push(...(isAllowed(condition, person) ? [`${name} is refused`] : []));
    else if (!isAllowed(condition, person)) wrong.push(`${name} is not refused`);
    else wrong.push(...wrongIn(read, sight, condition, orderBy).map((each) => `${name} ${each}`));
  }
  return wrong;
}

/** Compares the list of a saved view and the number on its badge. */
export async function differencesInView(sight: Sight, { id, condition, orderBy }: SavedCondition): Promise<string[]> {
  const { person } = sight;
  const name = `${person.name}: the view ${JSON.stringify({ filter: condition.filter, orderBy })}`;
  if (person.isOfVendor) {
    // Views are only for users of the organization.
    const code = await person.user.refusal(list, { viewId: id, first: 1 });
    return code === "BAD_USER_INPUT" ? [] : [`${name} is refused with ${code}`];
  }
  const read = await readList(person.user, { viewId: id }, { size: 100, isBackwards: false });
  const { savedView } = await person.user.run<{ savedView: { count: number | null } }>(
    "query ($id: ID!) { savedView(id: $id) { count } }",
    { id },
  );
  if (!isAllowed(condition, person)) return read === null && savedView.count === null ? [] : [`${name} is not refused`];
  if (read === null) return [`${name} is refused`];
  const badge = Math.min(read.count, 1_000) === savedView.count ? [] : [`counts ${savedView.count} on its badge`];
  return [...wrongIn(read, sight, condition, orderBy), ...badge].map((each) => `${name} ${each}`);
}

/** Compares an export with the list of the same filter and order, and its rows with the requests. */
export async function differencesInExport({ person, rows }: Sight, random: RandomSource, view: SavedCondition | null): Promise<string[]> {
  const condition = view?.condition ?? someCondition(random, person.user);
  if (!isAllowed(condition, person)) return [];
  const asked: Asked = view ? { viewId: view.id } : { filter: condition.filter, orderBy: someOrder(random) };
  const got = await exported(person.user, asked);
  const read = await readList(person.user, asked, { size: 100, isBackwards: false });
  const expected = (read?.ids ?? []).map((id) => {
    const row = rows.get(id);
    return Object.fromEntries(columns.map((name) => [name, row?.[name]]));
  });
  const [mine, theirs] = [got, expected].map((lines) => lines.map((line) => JSON.stringify(columns.map((name) => line[name]))));
  if (JSON.stringify(mine) === JSON.stringify(theirs)) return [];
  const at = (mine ?? []).findIndex((line, index) => line !== theirs?.[index]);
  return [
    `${person.name}: the export with ${JSON.stringify(asked)} has ${mine?.length} rows, the list ${theirs?.length}; ${mine?.[at]} is ${theirs?.[at]}`,
  ];
}
