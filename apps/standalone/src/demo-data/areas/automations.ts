import { loadExampleAutomation } from "../../examples.js";
import { seedOperations } from "../../seed/seed-operations.js";
import type { DemoArea } from "../area.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

/** The automations of `examples/automations` that Acme has. One comes after those that it starts. */
const published = ["hello", "deploy-application", "restore-website", "deploy-website", "announce-website", "check-status-page"] as const;

/** What can happen to a version of the website, as types of events. */
const events = {
  deployed: "A version of the website was deployed.",
  restored: "The deployment of a version was undone, and the website has this earlier version again.",
  removed: "An earlier version of the website, which was kept for a while, was removed.",
};

/** Runs of automations in every state: of the website's deployment, of small ones, and one that its security profile refuses. */
export const automations: DemoArea = {
  name: "automations",
  async prepare(stage) {
    for (const [verb, description] of Object.entries(events)) await declareEvent(stage, verb, description);
    for (const name of published) await publishAutomation(stage, name);
  },
  stories: (stage) => [
    hello(stage, 62, "developer", {}),
    hello(stage, 47, "dev", { name: "Acme" }),
    hello(stage, 46.9, "dev", { name: "" }),
    ...deployments.map((planned) => deployment(stage, planned)),
    announcement(stage, 26, "v2.3.1"),
    announcement(stage, 0.25, "v2.5.0"),
    refusedStart(stage),
    refusedHost(stage),
  ],
};

const declareEvent = (stage: Stage, verb: string, description: string): Promise<unknown> =>
  stage
    .as("admin")
    .api.run("mutation DemoEventType($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { type } } }", {
      input: {
        name: `custom.website.${verb}`,
        description,
        payloadSchema: { properties: { version: { type: "string" } }, required: ["version"] },
        idempotencyKey: `demo:event-type:${verb}`,
      },
    });

/** Publishes an automation of `examples/automations`. */
export async function publishAutomation(stage: Stage, name: string): Promise<void> {
  const { api } = stage.as("admin");
  const { createDefinition } = await api.run<{ createDefinition: { definition: { id: string; status: string } } }>(
    seedOperations.createDefinition,
    { input: { source: await loadExampleAutomation(name), idempotencyKey: `demo:automation:${name}` } },
  );
  const { id, status } = createDefinition.definition;
  // The only warning is that the profile of the organization refuses programs.
  if (status === "DRAFT") await api.run(seedOperations.publishDefinition, { input: { id, acceptWarnings: name === "deploy-application" } });
}

async function* hello(stage: Stage, startedAt: number, login: string, inputs: { readonly name?: string }): Story {
  yield startedAt;
  await stage.as(login).untilEnded(await stage.as(login).start("hello-world", inputs));
}

interface Deployment {
  readonly version: string;
  /** Without it, a deployment cannot be undone. */
  readonly previous?: string;
  /** Days ago. */
  readonly startedAt: number;
  readonly end: "works" | "broken" | "broken page" | "rejected" | "cancelled" | "paused" | "look" | "approval";
}

/** The automation keeps each earlier version for 14 days, so the one that was started 9 days ago waits for this time to pass. */
const deployments: readonly Deployment[] = [
  { version: "v2.0.0", previous: "v1.9.4", startedAt: 75, end: "works" },
  { version: "v2.1.0", previous: "v2.0.0", startedAt: 58, end: "works" },
  { version: "v2.2.0", previous: "v2.1.0", startedAt: 44, end: "broken page" },
  { version: "v2.2.1", previous: "v2.1.0", startedAt: 43, end: "works" },
  { version: "v2.2.2", previous: "v2.2.1", startedAt: 38, end: "rejected" },
  { version: "v2.3.0", previous: "v2.2.1", startedAt: 27, end: "broken" },
  { version: "v2.3.1", previous: "v2.2.1", startedAt: 24, end: "works" },
  { version: "v3.0.0", previous: "v2.3.1", startedAt: 16, end: "cancelled" },
  { version: "v2.4.0", previous: "v2.3.1", startedAt: 9, end: "works" },
  { version: "v3.0.1", previous: "v2.4.0", startedAt: 6, end: "paused" },
  { version: "v2.4.1", startedAt: 4, end: "broken" },
  { version: "v2.4.2", previous: "v2.4.0", startedAt: 1.5, end: "look" },
  { version: "v2.5.0", previous: "v2.4.2", startedAt: 0.3, end: "approval" },
];

async function* deployment(stage: Stage, { version, previous, startedAt, end }: Deployment): Story {
  const [operator, operations] = [stage.as("operator"), stage.as("operations")];
  yield startedAt;
  const broken = end === "broken page" ? { broken_pages: ["checkout"] } : {};
  const instance = await operator.start("deploy-website", {
    version,
    ...(previous !== undefined && { previous }),
    keep_for: "14d",
    ...broken,
  });
  await operator.untilAtRest(instance);
  if (end === "broken page" || end === "approval") return;
  yield startedAt - 0.2;
  if (end === "cancelled") return operator.cancelRuns(instance, "Marketing is not ready.");
  if (end === "paused") return operator.pauseRuns(instance);
  if (end === "rejected") return operations.complete(instance, "reject", { comment: "Not on the weekend of the sale." });
  await operations.complete(instance, "approve", { comment: "After the shop has closed." });
  await operator.untilAtRest(instance);
  if (end === "look") return;
  yield startedAt - 0.7;
  for (const item of ["The home page opens", "An order can be placed"]) await operations.checkItem(instance, item);
  await operations.complete(instance, end);
  await operator.untilAtRest(instance);
}

/** Waits for the event that the deployment of the version publishes. */
async function* announcement(stage: Stage, startedAt: number, version: string): Story {
  yield startedAt;
  await stage.as("manager").start("announce-website", { version });
}

/** Programs were not allowed yet, so this automation is refused before anything starts. */
async function* refusedStart(stage: Stage): Story {
  yield 30;
  const { errors } = await stage
    .as("developer")
    .api.send(
      'mutation DemoRefused { startWorkflow(input: { definitionKey: "deploy-application", data: { version: "v2.3.0" } }) { instance { id } } }',
    );
  if (errors?.[0]?.extensions?.code !== "PROFILE_VIOLATION") throw new Error("The demo started an automation with programs.");
}

/** The profile of the definition allows one host only. Which one the step asks is known when it begins. */
async function* refusedHost(stage: Stage): Story {
  yield 12;
  const operator = stage.as("operator");
  await operator.untilEnded(await operator.start("check-status-page", { host: "status.example.org" }));
}
