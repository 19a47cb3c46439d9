import { readFile } from "node:fs/promises";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, expect, test } from "vitest";

let acme: MaintenanceTenant;
beforeAll(async () => {
  acme = await aMaintenanceTenant(await sharedWeft());
});

const create = "mutation ($input: CreateComplianceReportInput!) { createComplianceReport(input: $input) { complianceReport { id } } }";
const input = { kind: "RETENTION", formats: ["JSON"], requiresSignOff: true };

interface SignOff {
  readonly id: string;
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly tasks: readonly { readonly id: string; readonly title: string; readonly checklist: readonly { readonly key: string }[] }[];
}

const signOffOf = async (user: TestUser, id: string): Promise<SignOff | null> =>
  (
    await user.run<{ complianceReport: { signOff: SignOff | null } }>(
      "query ($id: ID!) { complianceReport(id: $id) { signOff { id state data tasks { id title checklist { key } } } } }",
      { id },
    )
  ).complianceReport.signOff;

test("a report starts a workflow in which another user signs it off, once its definition is published", async () => {
  const { errors } = await acme.admin.send(create, { input });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.requiresSignOff" }] });

  const approver = await acme.tenant.user("approver");
  const source = await readFile(new URL("../../../../../examples/definitions/compliance-review.yaml", import.meta.url), "utf8");
  const { createDefinition } = await acme.admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
    { input: { source } },
  );
  await acme.admin.run("mutation ($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id } } }", {
    input: { id: createDefinition.definition.id },
  });

  // The creator could sign reports of others.
  const creator = await acme.tenant.user("admin", { roles: ["approver"] });
  const { createComplianceReport } = await creator.run<{ createComplianceReport: { complianceReport: { id: string } } }>(create, { input });
  const { id } = createComplianceReport.complianceReport;
  const signOff = await until(() => signOffOf(creator, id), { what: "the sign-off has started", deadlineMs: 30_000 });
  const { complianceReport } = await creator.run<{ complianceReport: { files: { file: { sha256: string } }[] } }>(
    "query ($id: ID!) { complianceReport(id: $id) { files { file { sha256 } } } }",
    { id },
  );
  const sha256 = complianceReport.files[0]?.file.sha256;
  expect(signOff).toMatchObject({ state: "review", data: { title: "Retention", report: id, kind: "RETENTION", sha256 } });
  const [task] = signOff.tasks;
  expect(task?.title).toBe("Read the report Retention and sign it off");
  for (const { key: itemKey } of task?.checklist ?? [])
    await approver.run("mutation ($input: UpdateChecklistItemInput!) { updateChecklistItem(input: $input) { task { id } } }", {
      input: { id: task?.id, itemKey },
    });
  const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";
  const signing = { input: { instanceId: signOff.id, transition: "sign_off" } };
  const { errors: refused } = await creator.send(fire, signing);
  expect(refused?.[0]?.extensions).toMatchObject({
    code: "TRANSITION_REJECTED",
    reasons: expect.arrayContaining([expect.objectContaining({ code: "notSameAs" })]) as unknown,
  });
  expect(await approver.run(fire, signing)).toEqual({ fireTransition: { instance: { state: "signed_off" } } });
  const remove = "mutation ($input: IdInput!) { deleteComplianceReport(input: $input) { id } }";
  expect(await acme.admin.refusal(remove, { input: { id } })).toBe("CONFLICT");
});
