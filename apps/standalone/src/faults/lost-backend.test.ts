import {
  aMaintenanceTenant,
  brokenInvariants,
  fireTransition,
  type MaintenanceTenant,
  startTestWeft,
  type TestWeft,
  until,
} from "@weft/testkit";
import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// F6: a backend is terminated inside a transaction, through the API. The driver's own tests cover what it must not do then.

let weft: TestWeft;
let acme: MaintenanceTenant;
let globex: MaintenanceTenant;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await aMaintenanceTenant(weft);
  globex = await aMaintenanceTenant(weft);
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const readInstance = "query ($id: ID!) { workflowInstance(id: $id) { state version tasks { status } } }";

/** Returns the backends that wait, inside their transaction, for the backend with this PID. */
const waitingFor = (pid: number) => owner<{ pid: number }[]>`select pid from pg_stat_activity where ${pid} = any(pg_blocking_pids(pid))`;

test(
  "F6: the request of a terminated backend fails with SERVICE_UNAVAILABLE, writes nothing, and leaves nothing visible to others",
  { tags: "slow" },
  async () => {
    const request = await acme.request("triage");
    const uuid = decodeId("instance", request.instanceId, "id");
    const input = { instanceId: request.instanceId, transition: "escalate", idempotencyKey: "once" };
    for (let round = 0; round < 3; round++) {
      const held = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<number>();
      const holder = owner.begin(async (sql) => {
        const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid from workflows.instances where id = ${uuid} for update`;
        locked.resolve(row?.pid ?? 0);
        await held.promise;
      });
      const holderPid = await locked.promise;
      // Holds a transaction open, waiting to write, while the other tenant works on the same pool.
      const fired = acme.operations.send(fireTransition, { input });
      const others = Array.from({ length: 10 }, () => globex.request("triage"));
      const pid = await until(async () => (await waitingFor(holderPid))[0]?.pid, { what: "the writer waits" });
      await owner`select pg_terminate_backend(${pid}, 5000)`;
      const answer = await fired;
      held.resolve();
      await holder;
      expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(["SERVICE_UNAVAILABLE"]);
      await Promise.all(others);
      const { workflowInstance } = await acme.admin.run<{ workflowInstance: object }>(readInstance, { id: request.instanceId });
      expect(workflowInstance).toEqual({ state: "triage", version: 2, tasks: [{ status: "OPEN" }] });
    }
    const { fireTransition: retried } = await acme.operations.run<{ fireTransition: { instance: object } }>(fireTransition, { input });
    expect(retried.instance).toMatchObject({ state: "approval", version: 3 });
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);

test("F6: the next requests do not notice backends that died while idle", { tags: "slow" }, async () => {
  await owner`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and application_name like 'weft %' and state = 'idle'`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => acme.admin.send("{ me { id } requests(first: 1) { edges { node { id } } } }")),
  );
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
});
