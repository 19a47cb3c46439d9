import { setTimeout as delay } from "node:timers/promises";
import { ApiClient, type ApiResult } from "../api-client.js";
import { demoPassword } from "@weft/shared/demo";
import { patiently } from "../patient-fetch.js";
import { loadExampleOperations } from "../examples.js";
import { follow, type StorySlaChange, type StoryTransition } from "./story-feed.js";
import { type AuditResult, type Scene, type StoryPart, storyParts, type StoryStep, storySteps, type Upload } from "./story-steps.js";

/** The result of the story, for a test or a user to check. */
export interface StoryResult {
  readonly requestId: string;
  readonly instanceId: string;
  readonly finalState: string;
  /** Transitions in the order in which the subscriber received them: `draft → triage`. */
  readonly seen: readonly string[];
  /** Service levels that reached a warning, in the order in which the subscriber received them. */
  readonly warnings: readonly string[];
  readonly auditIsValid: boolean;
}

/**
 * Runs a maintenance request from draft to closed against a running Weft, through the public API, as five users of a demo organization. A
 * subscription prints each transition, another one each change of its service levels. Throws with the response of the failing step if anything is not as expected.
 */
export async function playStory(
  url: string,
  print: (line: string) => void = () => {},
  domain = "acme.com",
  vendorDomain = "northwind.com",
): Promise<StoryResult> {
  const operation = await exampleOperations();
  const people = {} as Record<StoryPart, ApiClient>;
  for (const part of Object.keys(storyParts) as StoryPart[])
    people[part] = await logIn(url, `${storyParts[part]}@${part === "vendor" ? vendorDomain : domain}`);
  print("Logged in five users: a requester, operations, a manager, a vendor's technician, and an administrator.");

  const scene: Scene = {};
  // An open subscription would keep the process of a failed story running.
  using open = new DisposableStack();
  let feed: ReturnType<typeof follow<StoryTransition>> | undefined;
  let levels: ReturnType<typeof follow<StorySlaChange>> | undefined;
  for (const step of storySteps) {
    if (step.operation === "verify-audit-trail") continue;
    const answer = await take(step, people[step.by], operation, scene);
    const line = lineOf(step, answer, scene);
    if (line !== undefined) print(line);
    // An organization with service levels warns three seconds after the assignment.
    if (step.operation === "assign-request" && (await hasServiceLevels(people.administrator, scene)))
      await levels?.reach((changes) => changes.some(({ change }) => change === "WARNING"));
    if (feed !== undefined || scene.request === undefined) continue;
    const { accessToken = "" } = people.administrator;
    const variables = { instanceId: scene.request.workflow.id };
    feed = open.use(
      follow({ url, accessToken, query: operation("workflow-transitioned"), variables }, (transition) =>
        print(
          `  live: ${transition.from ?? "–"} → ${transition.to} (${transition.transition ?? "–"} by ${transition.actor?.name ?? "somebody"}, version ${transition.version})`,
        ),
      ),
    );
    levels = open.use(
      follow({ url, accessToken, query: operation("sla-changed"), variables }, ({ change, clock }) =>
        print(`  live: service level "${clock.title}": ${change.toLowerCase()}, ${Math.round(clock.remainingSeconds / 3600)} hours left`),
      ),
    );
    await Promise.all([feed.ready, levels.ready]);
  }

  const { request, state = "nowhere" } = scene;
  if (feed === undefined || request === undefined) throw new Error("The story did not create a request.");
  const transitions = await feed.until((seen) => seen.some((transition) => transition.to === "closed"));
  const changes = (await levels?.until(() => true)) ?? [];
  const audit = await verifiedAudit(people.administrator, operation("verify-audit-trail"));
  print(
    `${request.number} is ${state}; ${audit.verifiedEntries} audit entries verified: the chain is ${audit.isValid ? "intact" : "BROKEN"}.`,
  );
  return {
    requestId: request.id,
    instanceId: request.workflow.id,
    finalState: state,
    seen: transitions.map((transition) => `${transition.from} → ${transition.to}`),
    warnings: changes.filter(({ change }) => change === "WARNING").map(({ clock }) => clock.title),
    auditIsValid: audit.isValid,
  };
}

/**
 * Returns a function that finds the text of an operation in `examples/operations` by its name. A text that is not a name is returned as the operation
 * itself.
 */
export async function exampleOperations(): Promise<(name: string) => string> {
  const operations = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
  return (name) => {
    const source = name.includes("{") ? name : operations.get(name);
    if (source === undefined) throw new Error(`examples/operations has no operation named ${name}.`);
    return source;
  };
}

/** Logs in as a user of a demo organization. */
export async function logIn(url: string, login: string): Promise<ApiClient> {
  // A demo that has just started refuses changes until its data is complete.
  const send = patiently(fetch);
  const operation = await exampleOperations();
  const { login: session } = await new ApiClient(url, undefined, send).run<{ login: { accessToken: string } }>(operation("login"), {
    login,
    password: demoPassword(login),
  });
  return new ApiClient(url, session.accessToken, send);
}

async function hasServiceLevels(admin: ApiClient, { request }: Scene): Promise<boolean> {
  const query = "query StoryLevels($id: ID!) { workflowInstance(id: $id) { slaStatus { id } } }";
  const { workflowInstance } = await admin.run<{ workflowInstance: { slaStatus: object[] } }>(query, { id: request?.workflow.id });
  return workflowInstance.slaStatus.length > 0;
}

/** Takes a step as its user. Throws if the response differs from the one that the story expects. */
export async function take(step: StoryStep, who: ApiClient, operation: (name: string) => string, scene: Scene): Promise<ApiResult> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answer = await who.send(operation(step.operation), step.variables(scene));
    const code = answer.errors?.[0]?.extensions?.code;
    if (code !== step.refusal)
      throw new Error(
        `The step "${step.title}" should return ${step.refusal ?? "no error"}, but the response was ${JSON.stringify(answer)}.`,
      );
    try {
      step.keep?.(answer.data as never, scene);
    } catch (error) {
      if (step.waits !== true || Date.now() > deadline) throw error;
      await delay(200);
      continue;
    }
    if (step.sends) await send(who, step.sends(answer.data as never));
    return answer;
  }
}

/** Uploads bytes to a link. */
async function send({ url: weft }: ApiClient, { url, bytes }: Upload): Promise<void> {
  const response = await fetch(new URL(url, weft), { method: "PUT", body: bytes });
  if (!response.ok) throw new Error(`The upload was refused with ${response.status}: ${await response.text()}`);
}

/** Returns the line to print for a step. */
function lineOf(step: StoryStep, { errors }: ApiResult, { request, asset, building, vendor }: Scene): string | undefined {
  if (step.refusal !== undefined) return `The requester tries to decide on their own request: ${step.refusal}: ${errors?.[0]?.message}`;
  if (step.operation === "create-request") return `${request?.number} is a draft about ${asset?.name} in ${building?.name}.`;
  if (step.operation === "assign-request")
    return `Assigned to ${vendor?.name}. From now on its users can see ${request?.number}, and nothing else.`;
  return undefined;
}

/** Verifies the audit trail. Entries of the last second may be unsealed, so this retries until all are sealed, for at most ten seconds. */
async function verifiedAudit(admin: ApiClient, query: string): Promise<AuditResult> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { verifyAuditTrail } = await admin.run<{ verifyAuditTrail: AuditResult }>(query);
    if (verifyAuditTrail.unsealedEntries === 0 || Date.now() > deadline) return verifyAuditTrail;
    await delay(200);
  }
}
