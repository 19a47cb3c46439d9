import { ApiClient, type ApiResult } from "./api-client.js";
import { demoPassword } from "@weft/shared";
import { loadExampleOperations } from "./examples.js";
import { follow } from "./story-feed.js";
import { type AuditVerdict, type Scene, type StoryPart, storyParts, type StoryStep, storySteps } from "./story-steps.js";

/** How the story went: what a test or a person can check. */
export interface StoryResult {
  readonly requestId: string;
  readonly instanceId: string;
  readonly finalState: string;
  /** Moves as the subscriber saw them, in order: `draft → triage`. */
  readonly seen: readonly string[];
  readonly auditIsValid: boolean;
}

/**
 * Plays a maintenance request from draft to closed against a running Weft, through the public API, as five people of a demo organisation, with a
 * subscription open that prints each move. Throws with the failing step's answer when something is not as it should be.
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
  print("Five people have logged in: a requester, operations, a manager, a vendor's technician, an administrator.");

  const scene: Scene = {};
  let feed: ReturnType<typeof follow> | undefined;
  for (const step of storySteps) {
    if (step.operation === "verify-audit-trail") continue;
    const answer = await take(step, people[step.by], operation, scene);
    const line = told(step, answer, scene);
    if (line !== undefined) print(line);
    if (feed !== undefined || scene.request === undefined) continue;
    const { accessToken = "" } = people.administrator;
    feed = follow(url, accessToken, operation("workflow-transitioned"), { instanceId: scene.request.workflow.id }, (move) =>
      print(
        `  live: ${move.from ?? "–"} → ${move.to} (${move.transition ?? "–"} by ${move.actor?.name ?? "somebody"}, version ${move.version})`,
      ),
    );
    await feed.ready;
  }

  const { request, state = "nowhere" } = scene;
  if (feed === undefined || request === undefined) throw new Error("The story made no request.");
  const moves = await feed.until((seen) => seen.some((move) => move.to === "closed"));
  const audit = await verifiedAudit(people.administrator, operation("verify-audit-trail"));
  print(
    `${request.number} is ${state}; ${audit.verifiedEntries} audit entries verified: the chain is ${audit.isValid ? "intact" : "BROKEN"}.`,
  );
  return {
    requestId: request.id,
    instanceId: request.workflow.id,
    finalState: state,
    seen: moves.map((move) => `${move.from} → ${move.to}`),
    auditIsValid: audit.isValid,
  };
}

/** The text of an operation of `examples/operations` by its name; a text that is no name is the operation itself. */
export async function exampleOperations(): Promise<(name: string) => string> {
  const operations = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
  return (name) => {
    const source = name.includes("{") ? name : operations.get(name);
    if (source === undefined) throw new Error(`examples/operations has no ${name}.`);
    return source;
  };
}

/** Logs in as somebody of a demo organisation. */
export async function logIn(url: string, login: string): Promise<ApiClient> {
  const operation = await exampleOperations();
  const { login: session } = await new ApiClient(url).run<{ login: { accessToken: string } }>(operation("login"), {
    login,
    password: demoPassword(login),
  });
  return new ApiClient(url, session.accessToken);
}

/** Takes a step as its person; throws when the answer is another than the story's. */
export async function take(step: StoryStep, who: ApiClient, operation: (name: string) => string, scene: Scene): Promise<ApiResult> {
  const answer = await who.send(operation(step.operation), step.variables(scene));
  const code = answer.errors?.[0]?.extensions?.code;
  if (code !== step.refusal)
    throw new Error(`To ${step.title} should give ${step.refusal ?? "no error"}, but the answer was ${JSON.stringify(answer)}.`);
  step.keep?.(answer.data as never, scene);
  return answer;
}

/** What a listener is told of a step. */
function told(step: StoryStep, { errors }: ApiResult, { request, asset, building, vendor }: Scene): string | undefined {
  if (step.refusal !== undefined) return `The requester tries to decide on the own request: ${step.refusal}: ${errors?.[0]?.message}`;
  if (step.operation === "create-request") return `${request?.number} is a draft about ${asset?.name} in ${building?.name}.`;
  if (step.operation === "assign-request")
    return `Assigned to ${vendor?.name}: from now on its people see ${request?.number}, and nothing else.`;
  return undefined;
}

/** Entries of the last second may be unsealed: asks again until none is, for at most ten seconds. */
async function verifiedAudit(admin: ApiClient, query: string): Promise<AuditVerdict> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { verifyAuditTrail } = await admin.run<{ verifyAuditTrail: AuditVerdict }>(query);
    if (verifyAuditTrail.unsealedEntries === 0 || Date.now() > deadline) return verifyAuditTrail;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
