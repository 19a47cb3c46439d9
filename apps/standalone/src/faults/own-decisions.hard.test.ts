import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { randomSource } from "@weft/testkit/random-source";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// X12 through the API: users delegate, assign, substitute for each other, claim, release, vote, and roll back at random. Whatever is accepted, nobody
// has decided on their own request.

const SEQUENCES = 60;
const STEPS = 24;

const definition = `
weft: 1
key: four-eyes
name: Four eyes
data: { properties: { reviewers: { type: array, items: { type: string } } } }
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review:
    tasks:
      sign: { title: Sign, count: 2, candidates: { roles: [operations] } }
      each: { title: Each, for: data.reviewers }
    decide: { approve: 2, reject: all, otherwise: back }
    transitions:
      approve: { to: second, allow: { notSameAs: [owner, draft.submit] } }
      reject: { to: draft, allow: { notSameAs: owner } }
      back: { to: draft }
      withdraw: { to: draft, allow: { owner: true } }
  second:
    task: { title: Release, candidates: { roles: [operations], owner: true } }
    transitions:
      release: { to: done, allow: { notSameAs: [owner, review.approve] } }
      return: { to: draft }
  done: { final: completed }
`;

const operations = {
  claim: "mutation ($task: ID!) { claimTask(input: { id: $task }) { task { id } } }",
  release: "mutation ($task: ID!) { releaseTask(input: { id: $task }) { task { id } } }",
  delegate: "mutation ($task: ID!, $user: ID!) { delegateTask(input: { id: $task, userId: $user }) { task { id } } }",
  assign: "mutation ($task: ID!, $user: ID) { assignTask(input: { id: $task, userId: $user }) { task { id } } }",
  complete:
    "mutation ($task: ID!, $transition: String!) { completeTask(input: { id: $task, transition: $transition }) { instance { state } } }",
  fire: "mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { instance { state } } }",
  rollback: `mutation ($id: ID!, $version: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $version, data: CURRENT, reason: "Again" }) { instance { state } } }`,
  away: "mutation ($user: ID!, $from: DateTime!, $until: DateTime!) { setAbsence(input: { substituteId: $user, startsAt: $from, endsAt: $until }) { absence { id } } }",
};
const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "four-eyes", data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state version status tasks { id status assignee { id } } } }`;

let weft: TestWeft;
let tenant: TestTenant;
let people: TestUser[];
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  tenant = await weft.tenant();
  await tenant.definition(definition);
  people = await Promise.all(
    Array.from({ length: 6 }, (_, index) => tenant.user(index < 4 ? "operations" : "workflow_manager", { roles: ["workflow_manager"] })),
  );
}, 120_000);
afterAll(() => weft.stop());

type Instance = {
  state: string;
  version: number;
  status: string;
  tasks: { id: string; status: string; assignee: { id: string } | null }[];
};

/** Actions to try in a state, weighted so that sequences make progress. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  draft: ["submit", "submit", "submit", "submit", "away", "rollback"],
  review: [
    ...Array.from({ length: 9 }, () => "approve"),
    "delegate",
    "delegate",
    "claim",
    "claim",
    "release",
    "assign",
    "away",
    "withdraw",
    "reject",
  ],
  second: ["release!", "release!", "release!", "delegate", "claim", "assign", "return", "away", "rollback"],
};

async function live(seed: number, tally: Map<string, number>): Promise<void> {
  const random = randomSource(seed);
  const owner = random.pick(people);
  const reviewers = [random.pick(people).id, random.pick(people).id];
  const { startWorkflow } = await owner.run<{ startWorkflow: { instance: { id: string } } }>(start, { data: { reviewers } });
  const { id } = startWorkflow.instance;
  for (let step = 0; step < STEPS; step++) {
    const { workflowInstance: now } = await tenant.admin.run<{ workflowInstance: Instance }>(read, { id });
    if (now.status !== "RUNNING") break;
    const open = now.tasks.filter(({ status }) => status === "OPEN" || status === "CLAIMED");
    const verb = random.pick(verbs[now.state] ?? []);
    const [user, chosen] = [random.pick(people).id, open.length === 0 ? null : random.pick(open)];
    const task = chosen?.id ?? "";
    // Often the user who claimed it.
    const who = (random.below(3) > 0 ? people.find(({ id: holder }) => holder === chosen?.assignee?.id) : undefined) ?? random.pick(people);
    const send = (query: string, variables: Record<string, unknown>) => who.send(query, variables);
    const tried = async () => {
      switch (verb) {
        case "delegate":
        case "assign":
        case "claim":
        case "release":
          return send(operations[verb], { task, user });
        case "away":
          return send(operations.away, {
            user,
            from: new Date(Date.now() - 60_000).toISOString(),
            until: new Date(Date.now() + 600_000).toISOString(),
          });
        case "rollback":
          return send(operations.rollback, { id, version: 1 + random.below(now.version) });
        default: {
          const transition = verb.replace("!", "");
          return task !== "" && random.below(5) > 0
            ? send(operations.complete, { task, transition })
            : send(operations.fire, { id, transition });
        }
      }
    };
    const { errors } = await tried();
    const code = errors?.[0]?.extensions?.code ?? "OK";
    tally.set(`${verb} ${code}`, (tally.get(`${verb} ${code}`) ?? 0) + 1);
    expect(
      ["OK", "TRANSITION_REJECTED", "CONFLICT", "BAD_USER_INPUT", "FORBIDDEN", "NOT_FOUND"],
      `${verb}: ${JSON.stringify(errors)}`,
    ).toContain(code);
  }
}

/** Returns everybody involved in each decision, from the rows, and the users that had to be excluded. */
const own = `
  with deeds as (
    select h.instance_id, h.version, h.kind, h.transition, h.from_state, i.owner_id,
           array_remove(array[h.actor_id, h.on_behalf_of, t.completed_by, t.on_behalf_of, t.assignee_id] || coalesce(t.delegated_from, '{}'), null) as people,
           (select max(e.version) from workflows.history e where e.tenant_id = h.tenant_id and e.instance_id = h.instance_id
              and e.version < h.version and e.kind in ('START', 'TRANSITION', 'ROLLBACK')) as entry
      from workflows.history h
      join workflows.instances i on i.tenant_id = h.tenant_id and i.id = h.instance_id
      left join workflows.tasks t on t.tenant_id = h.tenant_id and t.id = h.task_id
     where h.kind in ('VOTE', 'TRANSITION') and not h.is_automatic)
  select 'own' as rule, d.* from deeds d where d.transition in ('approve', 'reject', 'release') and d.owner_id = any(d.people)
  union all select 'submit', d.* from deeds d where d.transition = 'approve'
    and exists (select from deeds b where b.instance_id = d.instance_id and b.version < d.version and b.transition = 'submit' and b.people && d.people)
  union all select 'approve', d.* from deeds d where d.transition = 'release'
    and exists (select from deeds b where b.instance_id = d.instance_id and b.version < d.version and b.transition = 'approve' and b.people && d.people)
  union all select 'twice', d.* from deeds d where d.from_state = 'review' and d.transition in ('approve', 'reject')
    and exists (select from deeds b where b.instance_id = d.instance_id and b.version < d.version and b.entry = d.entry and b.from_state = 'review' and b.people && d.people)`;

test("no user decides on their own request or votes twice, however work is reassigned", async () => {
  const tally = new Map<string, number>();
  for (let seed = 1; seed <= SEQUENCES; seed += 2) await Promise.all([live(seed, tally), live(seed + 1, tally)]);
  const sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    expect(await sql.unsafe(own)).toEqual([]);
  } finally {
    await sql.end();
  }
  const done = Object.fromEntries([...tally].filter(([key]) => key.endsWith(" OK")));
  // The sequences must make progress. Otherwise this test would prove nothing.
  for (const verb of ["submit", "approve", "release!", "delegate", "claim", "assign", "away"])
    expect(done[`${verb} OK`] ?? 0, JSON.stringify([...tally])).toBeGreaterThan(3);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
}, 600_000);
