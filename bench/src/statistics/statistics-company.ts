import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import type { TestTenant } from "@weft/testkit/test-tenant";
import type { TestUser } from "@weft/testkit/test-user";
import { countFacts, countPresent, factsOf, writeCells, type Cells, type Step } from "@weft/workflows";

const definition = `weft: 1
key: order
name: Order
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review: { transitions: { approve: { to: check } } }
  check: { transitions: { accept: { to: done }, reject: { to: rejected } } }
  done: { final: completed }
  rejected: { final: rejected }
`;

const YEAR = 365 * 86_400_000;
/** Number of instances whose cells are added up before they are written. */
const BATCH = 20_000;
/** Number of cells in a statement. */
const SLICE = 2_000;

/** A tenant with the roll-up of a year of instances. */
export interface StatisticsCompany {
  readonly name: string;
  readonly admin: TestUser;
  /** The instances in the order of their start. */
  readonly instances: readonly Lifetime[];
  /** When they were counted, in milliseconds since 1970. */
  readonly countedAt: number;
}

/** When an instance was started and left each state, in milliseconds since 1970. Times after `now` have not happened. */
interface Lifetime {
  readonly started: number;
  readonly submitted: number;
  readonly approved: number;
  readonly ended: number;
  readonly isRejected: boolean;
}

/** Opens a tenant, and writes the roll-up of this many instances that were started evenly over a year. */
export async function openStatisticsCompany(
  { databases }: Pick<Services, "databases">,
  tenant: TestTenant,
  { name, count }: { readonly name: string; readonly count: number },
): Promise<StatisticsCompany> {
  const definitionId = decodeId("definition", await tenant.definition(definition));
  const now = Date.now();
  const instances = Array.from({ length: count }, (_, n) => lifetimeOf(n, now - Math.round(YEAR * (1 - n / count))));
  for (let start = 0; start < count; start += BATCH) {
    const cells: Cells = new Map();
    for (const one of instances.slice(start, start + BATCH)) countOne(cells, definitionId, one, now);
    const all = [...cells];
    for (let first = 0; first < all.length; first += SLICE)
      await asTenant(databases.app, { tenantId: tenant.id }, "write", (tx) => writeCells(tx, new Map(all.slice(first, first + SLICE))));
  }
  return { name, admin: tenant.admin, instances, countedAt: now };
}

/** Every tenth is rejected. A stay takes minutes, hours or days, depending on the state. */
function lifetimeOf(n: number, started: number): Lifetime {
  const submitted = started + 60_000 + ((n * 7_919_003) % 7_200_000);
  const approved = submitted + 600_000 + ((n * 104_729_011) % 172_800_000);
  const ended = approved + 60_000 + ((n * 12_997_093) % 86_400_000);
  return { started, submitted, approved, ended, isRejected: n % 10 === 7 };
}

/** Counts an instance with the functions of the consumer, as far as its life has happened. */
function countOne(cells: Cells, definitionId: string, { started, submitted, approved, ended, isRejected }: Lifetime, now: number): void {
  const last = isRejected ? "rejected" : "done";
  const all: readonly [at: number, transition: string | null, toState: string][] = [
    [started, null, "draft"],
    [submitted, "submit", "review"],
    [approved, "approve", "check"],
    [ended, isRejected ? "reject" : "accept", last],
  ];
  const happened = all.filter(([at]) => at <= now);
  const steps = happened.map(([at, transition, toState], index): Step => ({
    version: index + 1,
    kind: index === 0 ? "START" : "TRANSITION",
    transition,
    toState,
    at,
    taskId: null,
    actorId: definitionId,
  }));
  const isFinished = ended <= now;
  const instance = {
    id: definitionId,
    definitionId,
    teamId: null,
    environment: "PROD",
    state: happened.at(-1)?.[2] ?? "draft",
    status: isFinished ? "COMPLETED" : "RUNNING",
    version: steps.length,
    createdAt: started,
    finishedAt: isFinished ? ended : null,
    final: isFinished ? (isRejected ? "rejected" : "completed") : null,
  };
  countFacts(cells, instance, factsOf(steps, null, isFinished ? instance : null).facts);
  if (!isFinished) countPresent(cells, instance, 1);
}

/** Numbers of a period, as the statistics answer them. */
export interface Numbers {
  readonly started: number;
  readonly completed: number;
  readonly rejected: number;
  readonly unfinished: number;
  /** Time from start to end in seconds. */
  readonly medianSeconds: number | null;
  /** Number of departures by state and transition. */
  readonly departures: Readonly<Record<string, number>>;
}

/** Counts a period in the plainest way: from the instances, one by one. */
export function recount({ instances, countedAt: now }: StatisticsCompany, from: number, to: number): Numbers {
  const isIn = (at: number): boolean => at >= from && at < to && at <= now;
  const count = (isCounted: (one: Lifetime) => boolean): number => instances.filter(isCounted).length;
  const durations = instances.flatMap(({ started, ended }) => (isIn(ended) ? [ended - started] : [])).toSorted((a, b) => a - b);
  const median = durations[Math.max(1, Math.ceil(durations.length / 2)) - 1];
  return {
    started: count(({ started }) => isIn(started)),
    completed: count(({ ended, isRejected }) => isIn(ended) && !isRejected),
    rejected: count(({ ended, isRejected }) => isIn(ended) && isRejected),
    unfinished: count(({ ended }) => ended > now),
    medianSeconds: median === undefined ? null : median / 1_000,
    departures: {
      "draft/submit": count(({ submitted }) => isIn(submitted)),
      "review/approve": count(({ approved }) => isIn(approved)),
      "check/accept": count(({ ended, isRejected }) => isIn(ended) && !isRejected),
      "check/reject": count(({ ended, isRejected }) => isIn(ended) && isRejected),
    },
  };
}
