import { setTimeout as delay } from "node:timers/promises";
import { createWeftClient, type WeftClient } from "@weft/client";
import { sharedWeft, until, type SharedWeft, type TestTenant } from "@weft/testkit";
import { automation, aWorker, becomes, sending, started, type ExternalWorker } from "@weft/testkit/tenants/external-worker";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createWorker, StepFailure, type StepHandler, type Worker, type WorkerOptions } from "./worker.js";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Answer {
  readonly takeSteps?: { readonly steps: readonly { readonly step: string }[] };
  readonly completeSteps?: { readonly reports: readonly unknown[] };
}

interface Scene {
  readonly tenant: TestTenant;
  readonly account: ExternalWorker;
  readonly client: WeftClient;
  /** Starts a worker. @param through its client, if it is not `client` */
  readonly work: (handlers: Readonly<Record<string, StepHandler>>, options?: WorkerOptions, through?: WeftClient) => Worker;
  readonly errors: unknown[];
  /** Starts a worker, and tells how many results it reports with each call, and which steps it gets by `takeSteps`. */
  readonly counted: (handle: StepHandler) => { readonly reports: number[]; readonly taken: string[] };
}

async function aScene(definition: string): Promise<Scene> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  const account = await aWorker(tenant);
  const errors: unknown[] = [];
  const client = createWeftClient({ url: weft.url, apiKey: account.user.token });
  const work: Scene["work"] = (handlers, options = {}, through = client) => {
    const worker = createWorker(through, handlers, { waitSeconds: 2, onError: (error) => errors.push(error), ...options });
    onTestFinished(() => worker.stop(0));
    return worker;
  };
  return {
    tenant,
    account,
    errors,
    client,
    work,
    counted: (send) => {
      const [reports, taken]: [number[], string[]] = [[], []];
      const mutate = (async (...call: Parameters<typeof client.mutate>) => {
        const answer = (await client.mutate(...call)) as Answer;
        if (answer.completeSteps) reports.push(answer.completeSteps.reports.length);
        for (const { step } of answer.takeSteps?.steps ?? []) taken.push(step);
        return answer;
      }) as typeof client.mutate;
      work({ send }, {}, { ...client, mutate });
      return { reports, taken };
    },
  };
}

describe("a worker", () => {
  test("does a step with its input, adds to the log, and reports the outputs", async () => {
    const { tenant, work, errors } = await aScene(sending("bill", ""));
    const instanceId = await started(tenant.admin, "bill", { invoice: 7 });
    work({
      send: ({ input, attempt, idempotencyKey, log }) => {
        log(`invoice ${String(input["invoice"])}\nsecond line`);
        return Promise.resolve({ receipt: `R${String(input["invoice"])}`, attempt, hasKey: idempotencyKey.length > 0 });
      },
    });
    const run = await becomes(tenant.admin, instanceId, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(run.steps[0]?.outputs).toEqual({ receipt: "R7", attempt: 1, hasKey: true });
    const { run: seen } = await tenant.admin.run<{ run: { logs: { edges: { node: { text: string } }[] } } }>(
      "query ($id: ID!) { run(id: $id) { logs(first: 10) { edges { node { text } } } } }",
      { id: run.id },
    );
    expect(seen.logs.edges.map(({ node }) => node.text.trim())).toEqual(expect.arrayContaining(["invoice 7", "second line"]));
    expect(errors).toEqual([]);
  });

  test("fails a step with a code, and another attempt follows if the step allows it", async () => {
    const { tenant, work } = await aScene(sending("charge", "retry: { attempts: 2, delay: 1s, on: [BUSY] }"));
    const instanceId = await started(tenant.admin, "charge");
    work({
      send: ({ attempt }) =>
        attempt === 1 ? Promise.reject(new StepFailure("BUSY", "Come back later.")) : Promise.reject(new Error("It is broken.")),
    });
    const run = await becomes(tenant.admin, instanceId, "the run has failed", ({ status }) => status === "FAILED");
    expect(run.steps[0]).toMatchObject({ attempts: 2, error: { code: "FAILED", message: "It is broken." } });
  });

  test("of results that are reported together, a refused one fails its step for good, and the others are recorded", async () => {
    const { tenant, account, errors, work } = await aScene(sending("large", "retry: { attempts: 3, delay: 1s }"));
    const [small, large, other] = await Promise.all([1, 2, 3].map((invoice) => started(tenant.admin, "large", { invoice })));
    const begun = Promise.withResolvers<void>();
    let count = 0;
    work({
      send: async ({ input }) => {
        if (++count === 3) begun.resolve();
        await begun.promise;
        return { receipt: "R".repeat(input["invoice"] === 2 ? 300_000 : 1) };
      },
    });
    for (const id of [small, other]) await becomes(tenant.admin, id ?? "", "it has succeeded", ({ status }) => status === "SUCCEEDED");
    const run = await becomes(tenant.admin, large ?? "", "it has failed", ({ status }) => status === "FAILED");
    expect(run.steps[0]).toMatchObject({ attempts: 1, error: { code: "BAD_USER_INPUT" } });
    expect(errors).toEqual([expect.objectContaining({ code: "BAD_USER_INPUT" })]);
    expect(await account.take("send")).toEqual([]);
  });

  test("reports the results of steps that end together in one call", async () => {
    const { tenant, counted } = await aScene(sending("together", ""));
    const instances = await Promise.all(Array.from({ length: 4 }, () => started(tenant.admin, "together")));
    const begun = Promise.withResolvers<void>();
    let count = 0;
    const calls = counted(async () => {
      if (++count === instances.length) begun.resolve();
      await begun.promise;
    });
    for (const id of instances) await becomes(tenant.admin, id, "each has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(calls.reports).toEqual([4]);
  });

  test("gets the steps that follow with the answer to its report", async () => {
    const ids = ["first", "second", "third"];
    const { tenant, counted } = await aScene(
      automation("chain", ids.map((id) => `  - { id: ${id}, type: worker, with: { task: send } }\n`).join("")),
    );
    const done: string[] = [];
    const calls = counted(({ step }) => Promise.resolve(void done.push(step)));
    const instanceId = await started(tenant.admin, "chain");
    await becomes(tenant.admin, instanceId, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
    expect([done, calls.taken]).toEqual([ids, ["first"]]);
  });

  test("gives back at once what follows a report that was on its way when it ended", async () => {
    const { tenant, account, work, client } = await aScene(
      automation("ending", ["first", "second"].map((id) => `  - { id: ${id}, type: worker, with: { task: send } }\n`).join("")),
    );
    await started(tenant.admin, "ending");
    const [answered, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const mutate = (async (...call: Parameters<typeof client.mutate>) => {
      const answer = (await client.mutate(...call)) as Answer;
      if (answer.completeSteps) {
        answered.resolve();
        await ended.promise;
      }
      return answer;
    }) as typeof client.mutate;
    const done: string[] = [];
    const worker = work({ send: ({ step }) => Promise.resolve(void done.push(step)) }, {}, { ...client, mutate });
    await answered.promise;
    const stopping = worker.stop();
    ended.resolve();
    await stopping;
    expect(done).toEqual(["first"]);
    expect(await account.take("send")).toMatchObject([{ step: "second" }]);
  });

  test("does as many steps at once as it may, and the rest when one is done", async () => {
    const { tenant, work } = await aScene(sending("crowd", ""));
    const instances = await Promise.all(Array.from({ length: 5 }, () => started(tenant.admin, "crowd")));
    let [now, most] = [0, 0];
    const worker = work(
      {
        send: async () => {
          most = Math.max(most, ++now);
          await delay(50);
          now--;
        },
      },
      { concurrency: 2 },
    );
    for (const id of instances) await becomes(tenant.admin, id, "each has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(most).toBe(2);
    await until(() => worker.inFlight === 0, { what: "nothing is left" });
  });

  test("stops the work when the run is cancelled", { tags: "slow" }, async () => {
    const { tenant, work, errors } = await aScene(sending("long", ""));
    const instanceId = await started(tenant.admin, "long");
    const begun = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<string>();
    work(
      {
        send: ({ signal }) =>
          new Promise((resolve) => {
            begun.resolve();
            signal.addEventListener("abort", () => {
              stopped.resolve(String(signal.reason));
              resolve();
            });
          }),
      },
      { leaseSeconds: 3 },
    );
    await begun.promise;
    await tenant.admin.run("mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }", { id: instanceId });
    expect(await stopped.promise).toContain("CANCELLED");
    expect(errors).toEqual([]);
  });

  test("gives back what it has not done when it ends, so that another worker does it at once", async () => {
    const { tenant, work } = await aScene(sending("handed-over", ""));
    const instanceId = await started(tenant.admin, "handed-over");
    const begun = Promise.withResolvers<void>();
    const first = work({
      send: ({ signal }) =>
        new Promise((_, reject) => {
          begun.resolve();
          signal.addEventListener("abort", () => reject(new Error("stopped")));
        }),
    });
    await begun.promise;
    await first.stop(50);
    work({ send: () => Promise.resolve({ by: "second" }) });
    const run = await becomes(tenant.admin, instanceId, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(run.steps[0]?.outputs).toEqual({ by: "second" });
  });

  test("gets no step of another tenant, with the same task", async () => {
    const [one, other] = [
      await aScene(sending("ours", "")),
      await aScene(automation("theirs", "  - { id: send, type: worker, with: { task: send } }\n")),
    ];
    const seen: string[] = [];
    one.work({ send: ({ instanceId }) => Promise.resolve(void seen.push(instanceId)) });
    await started(other.tenant.admin, "theirs");
    const ours = await started(one.tenant.admin, "ours");
    await becomes(one.tenant.admin, ours, "ours is done", ({ status }) => status === "SUCCEEDED");
    await delay(300);
    expect(seen).toEqual([ours]);
  });
});
