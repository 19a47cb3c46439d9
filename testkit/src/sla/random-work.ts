/** Random operations on work with SLAs through the API, while the tenant's clock advances. */
import { randomSource, type RandomSource } from "../random-source.js";
import { advanceClock } from "../tenants/advance-clock.js";
import { fireTransition } from "../tenants/maintenance-tenant.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";

const ticket = (reply: string) => `weft: 1
key: ticket
name: Ticket
data: { properties: { priority: { type: string }, note: { type: string } } }
initial: open
slas:
  resolution:
    target:
      - { when: "data.priority == 'urgent'", target: 2 working hours }
      - { target: 8 working hours }
    pause: { states: [waiting], waitingForInformation: true }
    stop: { states: [solved] }
    warn: [50%, 1 working hour]
  ${reply}: { target: PT3H, start: { states: [waiting] }, stop: { states: [open] }, reset: { when: "data.note == 'again'" } }
states:
  open:
    sla: 4 working hours
    task: { title: Solve it, candidates: { roles: [operations] }, sla: PT30M }
    transitions: { prioritize: { to: open, input: { properties: { priority: { type: string } } } }, wait: { to: waiting }, solve: { to: solved }, drop: { to: dropped } }
  waiting: { transitions: { answer: { to: open }, note: { to: waiting, input: { properties: { note: { type: string } } } } } }
  solved: { transitions: { close: { to: closed }, reopen: { to: open } } }
  closed: { final: completed }
  dropped: { final: cancelled }
`;

const mutations = {
  suspend: 'mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Later" }) { instance { id } } }',
  resume: "mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }",
  cancel: 'mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, reason: "No" }) { instance { id } } }',
  rollback:
    'mutation ($id: ID!, $v: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $v, data: CURRENT, reason: "Back" }) { instance { id } } }',
  pauseSla: 'mutation ($id: ID!) { pauseSla(input: { id: $id, reason: "Spare part" }) { clock { id } } }',
  resumeSla: 'mutation ($id: ID!) { resumeSla(input: { id: $id, reason: "Delivered" }) { clock { id } } }',
  claim: "mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }",
  release: "mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }",
  ask: 'mutation ($id: ID!, $askedId: ID!) { askForInformation(input: { id: $id, askedId: $askedId, text: "Which one?" }) { task { id } } }',
  configure: "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
  createPolicy: "mutation ($input: CreateSlaPolicyInput!) { createSlaPolicy(input: $input) { policy { id version } } }",
  updatePolicy: "mutation ($input: UpdateSlaPolicyInput!) { updateSlaPolicy(input: $input) { policy { id version } } }",
  migrate: "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
};

type Work = {
  readonly state: string;
  readonly status: string;
  readonly tasks: { readonly id: string; readonly status: string }[];
  readonly slaStatus: { readonly id: string; readonly isPausedByHand: boolean }[];
};

/** The tenant's clocks begin on a weekday, and advance into weekends. Returns how many instances were started. */
export async function workAtRandom(
  weft: SharedWeft,
  tenant: TestTenant,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): Promise<number> {
  const random = randomSource(seed);
  const { admin } = tenant;
  const olga = await tenant.user("operations");
  const versions = [await tenant.definition(ticket("reply"))];
  const ids: string[] = [];
  const start = async (): Promise<void> => {
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id } } }`,
      { data: { priority: random.pick(["urgent", "low"]) } },
    );
    ids.push(startWorkflow.instance.id);
  };
  const policy = await admin.run<{ createSlaPolicy: { policy: { id: string } } }>(mutations.createPolicy, {
    input: {
      key: "gold",
      name: "Gold",
      definitionKey: "ticket",
      sla: "resolution",
      target: "6 working hours",
      condition: 'data.priority == "low"',
    },
  });
  for (let step = 0; step < steps; step++) {
    if (random.chance(0.6)) await advanceClock(weft, tenant, random.chance(0.1) ? { days: 2 } : { seconds: random.below(5_000) });
    if (step < 3 || random.chance(0.12)) await start();
    else await doSomething({ weft, tenant, random, olga, versions, policyId: policy.createSlaPolicy.policy.id }, random.pick(ids));
  }
  await weft.weft.worker.idle();
  return ids.length;
}

type Doing = {
  readonly weft: SharedWeft;
  readonly tenant: TestTenant;
  readonly random: RandomSource;
  readonly olga: TestUser;
  readonly versions: string[];
  readonly policyId: string;
};

/** Many things are not possible at the moment. A rejection changes nothing. */
async function doSomething({ weft, tenant, random, olga, versions, policyId }: Doing, id: string): Promise<void> {
  const { admin } = tenant;
  const { workflowInstance } = await admin.run<{ workflowInstance: Work }>(
    "query ($id: ID!) { workflowInstance(id: $id) { state status tasks { id status } slaStatus { id isPausedByHand } } }",
    { id },
  );
  const { state, status, tasks, slaStatus } = workflowInstance;
  const fire = (transition: string, input?: object): Promise<unknown> =>
    admin.send(fireTransition, { input: { instanceId: id, transition, ...(input && { input }) } });
  if (status === "SUSPENDED" && random.chance(0.7)) await admin.send(mutations.resume, { id });
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      await fire(
        state === "waiting"
          ? "answer"
          : state === "solved"
            ? random.pick(["reopen", "reopen", "close"])
            : random.pick(["wait", "wait", "solve"]),
      );
      break;
    case 3:
    case 4:
      await fire("prioritize", { priority: random.pick(["urgent", "low"]) });
      break;
    case 5:
      if (state === "open") await fire("wait");
      await fire("note", { note: random.pick(["again", "no"]) });
      break;
    case 6:
      await admin.send(mutations.suspend, { id });
      break;
    case 7:
    case 8: {
      const paused = slaStatus.find(({ isPausedByHand }) => isPausedByHand);
      await admin.send(paused ? mutations.resumeSla : mutations.pauseSla, {
        id: (paused ?? slaStatus[random.below(slaStatus.length)])?.id ?? "",
      });
      break;
    }
    case 9: {
      const open = tasks.find((task) => task.status === "OPEN" || task.status === "CLAIMED");
      if (open?.status === "OPEN") await olga.send(mutations.claim, { id: open.id });
      if (open) await olga.send(random.chance(0.8) ? mutations.ask : mutations.release, { id: open.id, askedId: admin.id });
      break;
    }
    case 10:
      await admin.send(mutations.rollback, { id, v: 1 + random.below(4) });
      break;
    case 11:
      await admin.run(mutations.configure, {
        input: {
          patch: { workingHours: { monday: [{ from: random.pick(["07:00", "08:00", "09:00"]), to: "17:00" }] } },
          message: "Mondays",
        },
      });
      break;
    case 12:
      await admin.run(mutations.updatePolicy, {
        input: { id: policyId, target: random.pick(["3 working hours", "6 working hours", "PT5H"]), message: "Another target" },
      });
      break;
    default:
      if (random.chance(0.2)) await admin.send(mutations.cancel, { id });
      else await migrate({ tenant, versions });
  }
  await weft.weft.worker.idle();
}

/** Migrates everything to a version with another SLA, or back. */
async function migrate({ tenant, versions }: Pick<Doing, "tenant" | "versions">): Promise<void> {
  const { admin } = tenant;
  const [from = ""] = versions.slice(-1);
  if (versions.length < 4) versions.push(await tenant.definition(ticket(versions.length % 2 === 0 ? "reply" : "answer")));
  const to = versions.at(-1) === from ? versions[0] : versions.at(-1);
  await admin.send(mutations.migrate, { input: { from, to } });
}
