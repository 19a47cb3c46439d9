import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, expect, test } from "vitest";
import { begunReport, endedReport, figureOf, madeReport, rowsOf } from "@weft/testkit/tenants/made-report";
import { newErasure, newHold, newPerson, otherAdministrator } from "@weft/testkit/tenants/new-privacy-request";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const definition = `weft: 1
key: written
name: Written
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

test("changes of rights are shown, and failed logins are not among them", async () => {
  const acme = await weft.tenant();
  const user = await acme.user("viewer");
  await user.send("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", {
    input: { login: user.login, password: "not the password" },
  });
  const failures = '{ auditEntries(filter: { action: { eq: "session.loginFailed" } }) { totalCount } }';
  await until(async () => (await acme.admin.run<{ auditEntries: { totalCount: number } }>(failures)).auditEntries.totalCount > 0, {
    what: "the failed login is audited",
  });
  await acme.role("changed", ["building.read"]);
  const document = await madeReport(weft, acme.admin, { kind: "CHANGES", timeZone: "UTC" });
  const actions = rowsOf(document, "changes").map(({ action }) => action);
  expect(actions).toContain("role.create");
  expect(actions).not.toContain("session.loginFailed");
  expect(figureOf(document, "changesOfRights")).toBe(
    rowsOf(document, "changes").filter(({ entityType }) => ["USER", "TEAM", "ROLE", "API_KEY", "ABSENCE"].includes(String(entityType)))
      .length,
  );
  const perDay = document.charts.find(({ key }) => key === "changesByDay");
  expect(perDay?.bars).toHaveLength(31);
  expect(perDay?.bars.at(-1)).toEqual({ label: document.snapshotAt.slice(0, 10), value: actions.length });
});

test("the end of a legal hold, the approval of an erasure and the deletion of a report are changes, and a new report is none", async () => {
  const acme = await weft.tenant();
  const { admin } = acme;
  const second = await otherAdministrator(acme);
  const vendor = await acme.vendor();
  await admin.run("mutation ($input: EndLegalHoldInput!) { endLegalHold(input: $input) { legalHold { id } } }", {
    input: { id: await newHold(admin, vendor.user.id), reason: "Settled" },
  });
  await second.run("mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id } } }", {
    input: { id: await newErasure(admin, await newPerson(admin, vendor.id)) },
  });
  const { id: first } = await endedReport(admin, await begunReport(admin, { kind: "RETENTION" }));
  await admin.run("mutation ($input: IdInput!) { deleteComplianceReport(input: $input) { id } }", { input: { id: first } });
  const document = await madeReport(weft, admin, { kind: "CHANGES", timeZone: "UTC" });
  const actions = rowsOf(document, "changes").map(({ action }) => action);
  for (const action of ["legalHold.create", "legalHold.end", "privacyRequest.create", "privacyRequest.approve", "complianceReport.delete"])
    expect(actions).toContain(action);
  expect(actions).not.toContain("complianceReport.create");
});

test("a version that somebody rewrites and publishes is published by one of its authors", async () => {
  const acme = await weft.tenant();
  const editor = await acme.user("admin");
  const { createDefinition } = await acme.admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
    { input: { source: definition } },
  );
  const { id } = createDefinition.definition;
  await editor.run("mutation ($input: UpdateDefinitionInput!) { updateDefinition(input: $input) { definition { id } } }", {
    input: { id, source: definition.replace("name: Written", "name: Rewritten") },
  });
  await editor.run("mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id } } }", {
    input: { id },
  });
  const document = await madeReport(weft, acme.admin, { kind: "DEFINITIONS" });
  expect([figureOf(document, "published"), figureOf(document, "publishedByAuthor")]).toEqual([1, 1]);
  const [row] = rowsOf(document, "publications");
  expect(row).toMatchObject({ key: "written", publishedBy: expect.stringContaining("admin") as string });
  expect(String(row?.["authors"]).split(", ")).toHaveLength(2);
});
