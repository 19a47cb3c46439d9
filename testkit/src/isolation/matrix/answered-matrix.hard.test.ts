import { afterAll, beforeAll, expect, test } from "vitest";
import { postgres } from "@weft/pg-driver";
import { encodeId } from "@weft/shared/ids";
import { expectTables } from "../../expected-tables.js";
import { startTestWeft, type TestWeft } from "../../test-weft.js";
import { until } from "../../until.js";
import { answeredMatrix, refusalsOf, withCommitted } from "./answered-matrix.js";
import { composedApi, rootFieldsOf } from "../api-schema.js";
import { everyRole } from "./matrix-people.js";
import { makeFixture, submittedRequest } from "../fixture.js";

/** The queries that correspond to subscriptions only return results at a cursor. The metadata of a SAML provider needs an address that is new in each run. */
const mirrors = rootFieldsOf(composedApi()).flatMap(({ kind, name }) => (kind === "subscription" || name === "samlMetadata" ? [name] : []));

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1", WEFT_AUDIT_SECONDS: 1 } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test("every operation answers every role as the committed matrix says", async () => {
  const fixture = await makeFixture(await weft.tenant(), owner);
  const people = await everyRole(fixture);
  const { admin, operations, requester, otherRequester, vendorUser } = fixture;
  // Each of them has an event to receive, and so does a user without a column in the matrix.
  const employees = people.filter(({ user, isElsewhere, again }) => user !== vendorUser && user !== requester && !isElsewhere && !again);
  for (const { user } of employees) {
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
  const tables = await answeredMatrix(weft, fixture, people);
  expectTables("operations", withCommitted(tables));
  const rows = tables.flatMap(({ rows: named }) => Object.entries(named));
  expect(rows.length).toBeGreaterThan(80);
  const troubled = rows.filter(([, cells]) => cells.some((cell) => /INTERNAL|UNAVAILABLE|LIMIT|GRAPHQL_|no code/.test(cell)));
  expect(troubled, "answers that say nothing of rights").toEqual([]);
  const neverDone = rows.filter(([, cells]) => !cells.some((cell) => /yes|all|some|none|in part/.test(cell))).map(([name]) => name);
  expect(
    neverDone.filter((name) => !mirrors.includes(name)),
    "nobody is answered: is the case's input valid?",
  ).toEqual([]);
  await expectRecorded();
}, 600_000);

interface RecordedRefusal {
  readonly tenantId: string;
  readonly actorId: string;
  readonly code: string;
  readonly operation: string;
  readonly at: string;
}

/** Every refusal has an entry in the audit trail, and each person, code and field at most one a minute. */
async function expectRecorded(): Promise<void> {
  const wanted = [...refusalsOf(weft)].filter((refusal) => / (?:FORBIDDEN|NOT_FOUND|REAUTH_REQUIRED|TRANSITION_REJECTED) /.test(refusal));
  expect(wanted.length).toBeGreaterThan(100);
  const recorded = () => owner<RecordedRefusal[]>`
    select tenant_id as "tenantId", actor_id as "actorId", details->>'code' as code, details->>'operation' as operation, at::text
      from audit.entries where outcome = 'REFUSED' and class <> 'REFUSED_LOGIN' order by at`;
  const missing = async (): Promise<string[]> => {
    const found = new Set((await recorded()).map(({ actorId, code, operation }) => `${encodeId("user", actorId)} ${code} ${operation}`));
    return wanted.filter((refusal) => !found.has(refusal));
  };
  await until(async () => (await missing()).length === 0, { what: "every refusal is recorded", everyMs: 500 }).catch(() => undefined);
  expect(await missing()).toEqual([]);
  const kinds = Map.groupBy(await recorded(), ({ tenantId, actorId, code, operation }) => [tenantId, actorId, code, operation].join(" "));
  const tooSoon = [...kinds].filter(([, entries]) =>
    entries.some(({ at }, index) => {
      const before = entries[index - 1];
      return before !== undefined && Date.parse(at) - Date.parse(before.at) < 60_000;
    }),
  );
  expect(tooSoon).toEqual([]);
}
