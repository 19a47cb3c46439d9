import type { TestUser } from "../test-user.js";

/** Automation whose runs wait for an hour. */
export const restingDefinition = `weft: 1
kind: automation
key: resting
name: Resting
steps: [{ id: rest, type: wait, with: { for: 1h } }]
`;

/** Automation whose runs fail at once, with a line in their log: no private address is ever reached. */
export const refusedDefinition = `weft: 1
kind: automation
key: refused
name: Refused
inputs: { path: { type: string, default: "" } }
steps: [{ id: send, type: http, with: { url: "http://10.0.0.1/{{ inputs.path }}" } }]
`;

async function start(admin: Pick<TestUser, "run">, definitionKey: string): Promise<string> {
  const mutation = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { runs { id } } } }";
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { runs: { id: string }[] } } }>(mutation, {
    input: { definitionKey },
  });
  return startWorkflow.instance.runs[0]?.id ?? "";
}

/** Starts a run of `restingDefinition`. Returns its ID. */
export const newRestingRun = (admin: Pick<TestUser, "run">): Promise<string> => start(admin, "resting");

/** Starts a run of `restingDefinition` and pauses it. Returns its ID. */
export async function newPausedRun(admin: Pick<TestUser, "run">): Promise<string> {
  const id = await newRestingRun(admin);
  await admin.run("mutation ($id: ID!) { pauseRun(input: { id: $id }) { run { id } } }", { id });
  return id;
}

/** Starts a run of `refusedDefinition` and waits until it has failed. Returns its ID. */
export async function newFailedRun(admin: Pick<TestUser, "run">): Promise<string> {
  const id = await start(admin, "refused");
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { run } = await admin.run<{ run: { status: string } }>("query ($id: ID!) { run(id: $id) { status } }", { id });
    if (run.status === "FAILED") return id;
    if (Date.now() > deadline) throw new Error(`The run ${id} is still ${run.status}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
