import { aMaintenanceTenant, startTestWeft } from "@weft/testkit";
import { expect, test } from "vitest";
import { submitStatements } from "./submit-boundaries.js";

test("the fault tests kill at every statement of submitRequest", async () => {
  const weft = await startTestWeft();
  const acme = await aMaintenanceTenant(weft);
  const submit = async () => {
    const { id } = await acme.request("draft");
    await weft.weft.worker.idle();
    const query = "mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) { request { id } } }";
    return weft.statements(() => acme.requester.run(query, { input: { id, idempotencyKey: id } }));
  };
  // The first submission fills the process's caches.
  await submit();
  const names = (await submit()).map((text) => /^\/\* (\w+) \*\//.exec(text)?.[1]);
  await weft.stop();
  expect(names.slice(0, submitStatements.length)).toEqual(submitStatements);
});
