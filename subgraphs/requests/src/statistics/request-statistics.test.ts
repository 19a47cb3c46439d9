import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { beforeAll, expect, test } from "vitest";

const ticket = `weft: 1
key: ticket
name: Ticket
data: { type: object, properties: { summary: { type: string }, priority: { type: string } } }
initial: draft
states:
  draft: { transitions: { submit: { to: open }, cancel: { to: cancelled } } }
  open: { transitions: { finish: { to: done }, refuse: { to: refused }, cancel: { to: cancelled } } }
  done: { final: completed }
  refused: { final: rejected }
  cancelled: { final: cancelled }
`;

const query = `query ($filter: RequestStatisticsFilter, $groupBy: RequestStatisticsGrouping) { requestStatistics(filter: $filter, groupBy: $groupBy) {
  from to timeZone open
  totals { created closed cancelled cycleTime { count averageSeconds medianSeconds p90Seconds } }
  previous { created closed cancelled }
  groups { type { key } building { code } priority status team { id } open totals { created closed cancelled } }
  throughput { date created closed cancelled } } }`;

const fireTransition = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }";

interface Totals {
  readonly created: number;
  readonly closed: number;
  readonly cancelled: number;
}
interface Answer {
  readonly from: string;
  readonly to: string;
  readonly open: number;
  readonly totals: Totals & { readonly cycleTime: { count: number; averageSeconds: number; medianSeconds: number; p90Seconds: number } };
  readonly previous: Totals;
  readonly groups: readonly {
    type: { key: string } | null;
    building: { code: string } | null;
    priority: string | null;
    status: string | null;
    team: { id: string } | null;
    open: number;
    totals: Totals;
  }[];
  readonly throughput: readonly (Totals & { readonly date: string })[];
}

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const ask = async (who: TestUser, filter: object = {}, groupBy?: string): Promise<Answer> =>
  (await who.run<{ requestStatistics: Answer }>(query, { filter, groupBy })).requestStatistics;

async function aTenant() {
  const tenant = await weft.tenant();
  await tenant.definition(ticket);
  const typeIds: Record<string, string> = {};
  for (const key of ["repair", "question"]) {
    const { createRequestType } = await tenant.admin.run<{ createRequestType: { requestType: { id: string } } }>(
      "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }",
      {
        input: {
          key,
          name: key,
          definitionKey: "ticket",
          numberPrefix: key.slice(0, 1).toUpperCase(),
          fields: ["summary", "priority"],
          submitTransition: "submit",
          cancelTransition: "cancel",
        },
      },
    );
    typeIds[key] = createRequestType.requestType.id;
  }
  const buildingIds: string[] = [];
  for (const code of ["A", "B"]) {
    const { createBuilding } = await tenant.admin.run<{ createBuilding: { building: { id: string } } }>(
      "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
      { input: { code, name: code } },
    );
    buildingIds.push(createBuilding.building.id);
  }
  return { tenant, typeIds, buildingIds };
}

async function create(who: TestUser, input: object): Promise<{ id: string; instanceId: string }> {
  const { createRequest } = await who.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "repair", data: { summary: "It drips" }, ...input } },
  );
  return { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
}

const fire = (who: TestUser, instanceId: string, transition: string) => who.run(fireTransition, { input: { instanceId, transition } });

/** A number generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Row {
  readonly type: string;
  readonly building: string | null;
  readonly priority: string | null;
  readonly status: string;
  readonly team: string | null;
  readonly created: Date;
  readonly finished: Date | null;
}

/** Counts the rows of a period in the plainest way. */
function recount(rows: readonly Row[], from: Date, to: Date) {
  const isIn = (at: Date | null) => at !== null && at >= from && at < to;
  const ended = rows.filter(({ finished }) => isIn(finished));
  return {
    created: rows.filter(({ created }) => isIn(created)).length,
    closed: ended.filter(({ status }) => status !== "CANCELLED").length,
    cancelled: ended.filter(({ status }) => status === "CANCELLED").length,
    open: rows.filter(({ finished }) => finished === null).length,
    seconds: ended.map(({ created, finished }) => ((finished?.getTime() ?? 0) - created.getTime()) / 1_000).toSorted((a, b) => a - b),
  };
}

test("equals a recount of all rows after random operations, in all groups and filters", { tags: "slow", timeout: 30_000 }, async () => {
  const { tenant, typeIds, buildingIds } = await aTenant();
  const teamId = await tenant.team("north");
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  const random = generator(7);
  let offset = 0;
  const advance = async (ms: number) => {
    offset += ms;
    await owner`update identity.tenants set clock_offset_ms = ${offset}, is_sandbox = true where tenant_id = ${tenant.id}`;
  };
  const requests: { id: string; instanceId: string }[] = [];
  for (let step = 0; step < 45; step++) {
    await advance(random(2 * 86_400_000));
    const one = requests[random(requests.length)];
    const what = random(8);
    if (what < 4 || !one)
      requests.push(
        await create(tenant.admin, {
          typeKey: ["repair", "question"][random(2)],
          buildingId: [...buildingIds, null][random(3)],
          data: { summary: "It drips", ...(random(3) > 0 && { priority: ["low", "urgent"][random(2)] }) },
        }),
      );
    // Many are not possible in the present state, and change nothing.
    else if (what < 7) {
      for (const transition of [["submit"], ["submit", "finish"], ["finish"], ["submit", "refuse"], ["refuse"]][random(5)] ?? []) {
        await advance(random(3_000_000));
        await tenant.admin.send(fireTransition, { input: { instanceId: one.instanceId, transition } });
      }
    } else await tenant.admin.send("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id: one.id });
  }
  // Requests have no team of their own; their workflows get one by assignment.
  await owner`update workflows.instances set team_id = ${decodeId("team", teamId)} where tenant_id = ${tenant.id} and right(id::text, 1) in ('1', '5', '9', 'd')`;
  await advance(60_000);
  const rows = await owner<Row[]>`select y.key as type, b.code as building, i.data->>'priority' as priority, i.status, i.team_id as team,
      r.created_at as created, i.finished_at as finished
    from requests.requests r join requests.request_types y on y.tenant_id = r.tenant_id and y.id = r.type_id
    left join requests.buildings b on b.tenant_id = r.tenant_id and b.id = r.building_id
    join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id where r.tenant_id = ${tenant.id}`;
  await owner.end();
  const timeZone = "Asia/Kathmandu";

  const compare = async (filter: object, where: (row: Row) => boolean): Promise<Answer> => {
    const answer = await ask(tenant.admin, { timeZone, ...filter });
    const [from, to] = [new Date(answer.from), new Date(answer.to)];
    const own = rows.filter(where);
    const { seconds, open, ...totals } = recount(own, from, to);
    expect(answer.open).toBe(open);
    expect(answer.totals).toMatchObject(totals);
    const { count, averageSeconds, medianSeconds, p90Seconds } = answer.totals.cycleTime;
    expect(count).toBe(seconds.length);
    if (count > 0) {
      const at = (q: number) => seconds[Math.max(1, Math.ceil(q * count)) - 1];
      // Time in the database has microseconds, in JavaScript milliseconds.
      expect(Math.abs(medianSeconds - (at(0.5) ?? Number.NaN))).toBeLessThan(0.002);
      expect(Math.abs(p90Seconds - (at(0.9) ?? Number.NaN))).toBeLessThan(0.002);
      expect(Math.abs(averageSeconds - seconds.reduce((sum, one) => sum + one, 0) / count)).toBeLessThan(0.002);
    }
    const before = recount(own, new Date(from.getTime() - (to.getTime() - from.getTime())), from);
    expect(answer.previous).toEqual({ created: before.created, closed: before.closed, cancelled: before.cancelled });
    const dayOf = (at: Date) => new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short" }).format(at);
    for (const day of answer.throughput) {
      const onDay = (at: Date | null) => at !== null && at >= from && at < to && dayOf(at) === day.date;
      expect(day).toEqual({
        date: day.date,
        created: own.filter(({ created }) => onDay(created)).length,
        closed: own.filter(({ finished, status }) => onDay(finished) && status !== "CANCELLED").length,
        cancelled: own.filter(({ finished, status }) => onDay(finished) && status === "CANCELLED").length,
      });
    }
    return answer;
  };
  const all = await compare({}, () => true);
  expect(all.totals.closed).toBeGreaterThan(0);
  expect(all.totals.cancelled).toBeGreaterThan(0);
  expect(all.previous.created).toBeGreaterThan(0);
  await compare({ from: new Date(Date.parse(all.to) - 9 * 86_400_000 - 5_000_000).toISOString() }, () => true);
  await compare({ typeId: typeIds["question"] }, ({ type }) => type === "question");
  await compare({ buildingId: buildingIds[1] }, ({ building }) => building === "B");
  await compare({ priority: "urgent" }, ({ priority }) => priority === "urgent");
  await compare({ status: "RUNNING" }, ({ status }) => status === "RUNNING");
  await compare({ teamId }, ({ team }) => team !== null);

  for (const [groupBy, keyOf, shownKey] of [
    ["TYPE", (row: Row) => row.type, (group: Answer["groups"][number]) => group.type?.key],
    ["BUILDING", (row: Row) => row.building, (group: Answer["groups"][number]) => group.building?.code],
    ["PRIORITY", (row: Row) => row.priority, (group: Answer["groups"][number]) => group.priority],
    ["STATUS", (row: Row) => row.status, (group: Answer["groups"][number]) => group.status],
    ["TEAM", (row: Row) => row.team, (group: Answer["groups"][number]) => group.team && decodeId("team", group.team.id)],
  ] as const) {
    const { groups } = await ask(tenant.admin, {}, groupBy);
    const counted = rows.filter(
      ({ finished, created }) => finished === null || (finished >= new Date(all.from) && created < new Date(all.to)),
    );
    expect(new Set(groups.map(shownKey))).toEqual(new Set(counted.map(keyOf).filter((key) => key !== null)));
    for (const group of groups) {
      const { created, closed, cancelled, open } = recount(
        rows.filter((row) => keyOf(row) === shownKey(group)),
        new Date(all.from),
        new Date(all.to),
      );
      expect({ ...group.totals, open: group.open }).toEqual({ created, closed, cancelled, open });
    }
  }
});

test("users see statistics of the requests that they can see, and users of vendors and neighbors none of them", async () => {
  const { tenant } = await aTenant();
  const [rita, otto] = [await tenant.user("requester"), await tenant.user("requester")];
  const { instanceId } = await create(rita, {});
  await create(otto, {});
  await fire(rita, instanceId, "submit");
  expect((await ask(tenant.admin)).totals.created).toBe(2);
  const own = "{ requestStatistics { open totals { created } throughput { created } } }";
  const { requestStatistics } = await rita.run<{ requestStatistics: Answer }>(own);
  expect(requestStatistics).toMatchObject({ open: 1, totals: { created: 1 } });
  expect(requestStatistics.throughput.reduce((sum, { created }) => sum + created, 0)).toBe(1);
  expect(await (await tenant.vendor()).user.refusal(own)).toBe("FORBIDDEN");
  const neighbor: TestTenant = await weft.tenant();
  expect(await neighbor.admin.run(own)).toMatchObject({ requestStatistics: { open: 0, totals: { created: 0 } } });
});

test("a period, a time zone or an ID that makes no sense is refused, and so are groups that the user cannot read", async () => {
  const { tenant, typeIds } = await aTenant();
  const small =
    "query ($filter: RequestStatisticsFilter, $groupBy: RequestStatisticsGrouping) { requestStatistics(filter: $filter, groupBy: $groupBy) { open } }";
  const pathOf = async (filter: object) => {
    const { extensions } = await tenant.admin.refused(small, { filter });
    return (extensions as { problems?: { path: string }[] }).problems?.[0]?.path;
  };
  expect(await pathOf({ timeZone: "Mars/Base" })).toBe("filter.timeZone");
  expect(await pathOf({ from: "2020-01-01T00:00:00Z" })).toBe("filter.from");
  expect(await pathOf({ typeId: tenant.admin.id })).toBe("filter.typeId");
  expect(await pathOf({ buildingId: typeIds["repair"] })).toBe("filter.buildingId");
  await tenant.admin.run(
    'mutation { createRole(input: { key: "reader", name: "Reader", permissions: [{ permission: "request.read", scope: TENANT }] }) { role { id } } }',
  );
  const reader = await tenant.user("reader");
  await create(tenant.admin, {});
  expect(await reader.run(small)).toEqual({ requestStatistics: { open: 1 } });
  expect(await reader.refusal(small, { filter: { typeId: typeIds["repair"] } })).toBe("FORBIDDEN");
  expect(await reader.refusal(small, { groupBy: "BUILDING" })).toBe("FORBIDDEN");
});
