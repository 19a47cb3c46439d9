import { afterAll, beforeAll, test } from "vitest";
import postgres from "postgres";
import { expectTables } from "../expected-tables.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { answeredMatrix, everyRole } from "./answered-matrix.js";
import { makeWorld, submittedRequest } from "./world.js";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test("every operation answers every role as the committed matrix says", async () => {
  const world = await makeWorld(await weft.tenant(), owner);
  const people = await everyRole(world);
  const { admin, operations, requester, otherRequester, vendorUser } = world;
  // Each has something to be told of, and so has somebody who is no column.
  for (const { user } of people.filter((person) => person.user !== vendorUser && person.user !== requester)) {
    if (user === null) continue;
    const { requestId } = await submittedRequest(user === admin ? otherRequester : requester);
    await (user === operations ? admin : operations).run(
      "mutation ($id: ID!, $userId: ID!) { assignRequest(input: { id: $id, assignee: { userId: $userId } }) { request { id } } }",
      { id: requestId, userId: user.id },
    );
    if (user !== admin) continue;
    await operations.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }', {
      id: (await submittedRequest(otherRequester)).instanceId,
    });
  }
  await weft.weft.worker.idle();
  expectTables("operations", await answeredMatrix(weft, world, people));
}, 60_000);
