import { decodeId } from "@weft/shared/ids";
import type { TestTenant } from "@weft/testkit/test-tenant";
import type { TestUser } from "@weft/testkit/test-user";
import type { postgres } from "@weft/pg-driver";
import { fillTasks, type Fill } from "@weft/testkit/cost/filled-tasks";
import type { Sample } from "../rounds.js";
import { median } from "../statistics.js";

const page = (given: string): string =>
  `{ tasks(first: 20, ${given}) { pageInfo { hasNextPage endCursor } edges { node { id title status dueAt priority } } } }`;

/**
 * Users of the queues: an approver, to whom a tenth of all tasks is offered; a clerk, who is named in twenty and whose team is offered a fiftieth; a
 * manager, who sees all.
 */
type Person = "approver" | "clerk" | "manager";

interface Operation {
  readonly by: readonly Person[];
  /** `cursor` is some way down the tasks that are offered to the person; null: none are. */
  readonly query: (cursor: string | null) => string;
}

const offered = (given = ""): Operation => ({ by: ["approver", "clerk"], query: () => page(`queue: OFFERED_TO_ME${given}`) });
const everybody: readonly Person[] = ["approver", "clerk", "manager"];

/** Everyday queries on queues. */
export const queueOperations: Readonly<Record<string, Operation>> = {
  "offered to me": offered(),
  "offered to me, newest first": offered(", orderBy: { field: CREATED_AT, direction: DESC }"),
  "offered to me, by deadline": offered(", orderBy: { field: DUE_AT }"),
  "offered to me, by priority": offered(", orderBy: { field: PRIORITY, direction: DESC }"),
  "offered to me, what is high": offered(", filter: { priority: { in: [HIGH, URGENT] } }"),
  "offered to me, not claimed": offered(", filter: { status: { eq: OPEN } }"),
  "offered to me, deep in it": {
    by: ["approver", "clerk"],
    query: (cursor) => page(`queue: OFFERED_TO_ME, after: ${JSON.stringify(cursor)}`),
  },
  mine: { by: ["clerk"], query: () => page("queue: MINE") },
  "my team's": { by: ["clerk"], query: () => page("queue: TEAM") },
  "my team's, by deadline": { by: ["clerk"], query: () => page("queue: TEAM, orderBy: { field: DUE_AT }") },
  unassigned: { by: everybody, query: () => page("queue: UNASSIGNED") },
  "unassigned, by priority": { by: everybody, query: () => page("queue: UNASSIGNED, orderBy: { field: PRIORITY, direction: DESC }") },
  overdue: { by: everybody, query: () => page("queue: OVERDUE") },
  "for nobody": { by: ["manager"], query: () => page("queue: NO_CANDIDATES") },
  "badges of an approver": { by: ["approver"], query: () => badges },
  "badges of a clerk": { by: ["clerk"], query: () => badges },
  "badges of a manager": { by: ["manager"], query: () => badges },
};

const badges = "{ taskCounts { mine offeredToMe team unassigned overdue noCandidates } }";

export interface QueueCompany {
  readonly name: string;
  readonly people: Readonly<Record<Person, { readonly user: TestUser; readonly cursor: string | null }>>;
}

/** Opens a tenant with this many tasks, and users who read them. */
export async function openQueueCompany(
  owner: postgres.Sql,
  tenant: TestTenant,
  { name, ...filling }: { readonly name: string } & Omit<Fill, "clerk" | "team">,
): Promise<QueueCompany> {
  const team = decodeId("team", await tenant.team("reviewers"));
  const users = {
    approver: await tenant.user("approver"),
    clerk: await tenant.assignee({ teams: ["reviewers"] }),
    manager: await tenant.user("workflow_manager"),
  };
  await fillTasks(owner, tenant.id, { ...filling, clerk: decodeId("user", users.clerk.id), team });
  const people: [Person, QueueCompany["people"][Person]][] = [];
  for (const person of everybody) {
    const { tasks } = await users[person].run<{ tasks: { pageInfo: { endCursor: string | null } } }>(
      `{ tasks(queue: ${person === "manager" ? "UNASSIGNED" : "OFFERED_TO_ME"}, first: 100) { pageInfo { endCursor } } }`,
    );
    people.push([person, { user: users[person], cursor: tasks.pageInfo.endCursor }]);
  }
  return { name, people: Object.fromEntries(people) as QueueCompany["people"] };
}

/**
 * Returns the median of each operation, by company name. Requests alternate between companies. Checks that pages have the same length in all
 * companies.
 */
export async function queuesInTurn(companies: readonly QueueCompany[], repeats: number): Promise<Map<string, Sample>> {
  const samples = new Map<string, Record<string, number>>(companies.map(({ name }) => [name, {}]));
  const present = await Promise.all(companies.map(loggedInAnew));
  for (const [operation, { by, query }] of Object.entries(queueOperations)) {
    const times = new Map<string, number[]>(companies.map(({ name }) => [name, []]));
    for (let i = 0; i < repeats; i++) {
      const sizes = new Set<string>();
      for (const { name, people } of present) {
        const before = performance.now();
        const found = [];
        for (const person of by) found.push(await askPage(people[person].user, query(people[person].cursor)));
        times.get(name)?.push((performance.now() - before) / by.length);
        sizes.add(found.join(", "));
      }
      // If a page were shorter in one of the companies, the comparison would be meaningless.
      if (sizes.size > 1) throw new Error(`"${operation}" gave ${[...sizes].join(" and ")} tasks.`);
    }
    for (const [name, each] of times) Object.assign(samples.get(name) ?? {}, { [operation]: median(each) });
  }
  return samples;
}

/** A round can start after a token has expired. */
async function loggedInAnew({ name, people }: QueueCompany): Promise<QueueCompany> {
  const anew = everybody.map(async (person) => [person, { ...people[person], user: await people[person].user.again() }] as const);
  return { name, people: Object.fromEntries(await Promise.all(anew)) as QueueCompany["people"] };
}

/** Returns the number of tasks in the answer. */
async function askPage(user: TestUser, query: string): Promise<number> {
  const { tasks } = await user.run<{ tasks?: { edges: object[] } }>(query);
  return tasks?.edges.length ?? 0;
}
