import { aMaintenanceTenant, brokenInvariants, startTestWeft, type TestWeft } from "@weft/testkit";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hierarchyStatements } from "./hierarchy-boundaries.js";
import { completeTask, houseData, houseDefinitions, houseOf, startHouse, type StartedHouse } from "./house-definitions.js";
import { calendarsForgottenMs, submitStatements } from "./submit-boundaries.js";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());

const namesOf = (texts: readonly string[]) => texts.map((text) => /^\/\* (\w+) \*\//.exec(text)?.[1]);

test("the fault tests kill at every statement of submitRequest", { tags: "slow" }, async () => {
  const acme = await aMaintenanceTenant(weft);
  const submit = async () => {
    const { id } = await acme.request("draft");
    await weft.weft.worker.idle();
    await delay(calendarsForgottenMs);
    const query = "mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id } } }";
    return weft.statements(() => acme.requester.run(query, { input: { id, idempotencyKey: id } }));
  };
  // The first submission fills the process's caches.
  await submit();
  expect(namesOf(await submit()).slice(0, submitStatements.length)).toEqual(submitStatements);
});

test("the fault tests kill at every statement of a completion that writes a hierarchy", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  for (const text of houseDefinitions) await tenant.definition(text);
  const complete = async () => {
    const { id, taskId } = houseOf(await tenant.admin.run<StartedHouse>(startHouse, { data: houseData }));
    await weft.weft.worker.idle();
    return weft.statements(() => tenant.admin.run(completeTask, { input: { id: taskId, transition: "finish", idempotencyKey: id } }));
  };
  await complete();
  expect(namesOf(await complete()).slice(0, hierarchyStatements.length)).toEqual(hierarchyStatements);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
