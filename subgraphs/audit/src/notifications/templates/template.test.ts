import { encodeId, newId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  admin = acme.admin;
});

const fields =
  "id kind channel locale publishedNumber latestNumber version versions { number subject body text isPublished createdBy { id } }";
const create = `mutation ($input: CreateNotificationTemplateInput!) { createNotificationTemplate(input: $input) { template { ${fields} } } }`;
const update = `mutation ($input: UpdateNotificationTemplateInput!) { updateNotificationTemplate(input: $input) { template { ${fields} } } }`;
const publish = `mutation ($input: PublishNotificationTemplateInput!) { publishNotificationTemplate(input: $input) { template { ${fields} } } }`;
const unpublish = `mutation ($input: VersionedIdInput!) { unpublishNotificationTemplate(input: $input) { template { ${fields} } } }`;
const remove = "mutation ($input: VersionedIdInput!) { deleteNotificationTemplate(input: $input) { id } }";
const one = `query ($id: ID!) { notificationTemplate(id: $id) { ${fields} } }`;
const preview = `query ($input: PreviewNotificationTemplateInput!) {
  previewNotificationTemplate(input: $input) { subject text html problems { part message line column } } }`;

const body = (text: string): string =>
  `<mjml><mj-body><mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section></mj-body></mjml>`;
const source = { subject: "{{ tenant.name }}: {{ params.task }}", body: body("Hi {{ recipient.name }}") };
const place = { kind: "TASK_ASSIGNED", channel: "EMAIL", locale: "de-at" };

interface Template {
  readonly id: string;
  readonly version: number;
  readonly publishedNumber: number | null;
  readonly latestNumber: number;
  readonly versions: readonly { readonly number: number; readonly subject: string; readonly isPublished: boolean }[];
}

async function created(user: TestUser, input: object = {}): Promise<Template> {
  const { createNotificationTemplate } = await user.run<{ createNotificationTemplate: { template: Template } }>(create, {
    input: { ...place, ...source, ...input },
  });
  return createNotificationTemplate.template;
}

test("a template has versions, of which one is published, and an earlier one can be published again", async () => {
  const { id, ...first } = await created(admin);
  expect(first).toMatchObject({ locale: "de-AT", publishedNumber: null, latestNumber: 1, versions: [{ number: 1, text: null }] });
  const [published] = Object.values(
    await admin.run<Record<string, { template: Template }>>(publish, { input: { id, expectedVersion: first.version } }),
  );
  expect(published?.template).toMatchObject({ publishedNumber: 1, versions: [{ number: 1, isPublished: true }] });
  const { updateNotificationTemplate } = await admin.run<{ updateNotificationTemplate: { template: Template } }>(update, {
    input: { id, subject: "New: {{ params.task }}" },
  });
  expect(updateNotificationTemplate.template).toMatchObject({
    publishedNumber: 1,
    latestNumber: 2,
    versions: [
      { number: 2, subject: "New: {{ params.task }}", isPublished: false, createdBy: { id: admin.id } },
      { number: 1, subject: source.subject, isPublished: true },
    ],
  });
  await admin.run(publish, { input: { id } });
  expect(await admin.run(one, { id })).toMatchObject({ notificationTemplate: { publishedNumber: 2 } });
  await admin.run(publish, { input: { id, number: 1 } });
  expect(await admin.run(one, { id })).toMatchObject({ notificationTemplate: { publishedNumber: 1 } });
  await admin.run(unpublish, { input: { id } });
  expect(await admin.run(one, { id })).toMatchObject({ notificationTemplate: { publishedNumber: null } });
  expect(await admin.run(remove, { input: { id } })).toEqual({ deleteNotificationTemplate: { id } });
  expect(await admin.send(one, { id })).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
});

test("a template with problems is refused with all of them and their places", async () => {
  const input = { ...place, locale: "nl", subject: "{{ nothing }}", body: body("{{ title | raw }}"), text: "{% if title %}" };
  expect(await admin.send(create, { input })).toMatchObject({
    errors: [
      {
        extensions: {
          code: "BAD_USER_INPUT",
          problems: [
            { path: "input.subject", message: "Line 1, column 4: There is no variable nothing." },
            { path: "input.body", message: "Line 1, column 48: Undefined filter: raw." },
            { path: "input.text", message: "Line 1, column 1: Tag {% if title %} not closed." },
          ],
        },
      },
    ],
  });
});

test("a kind and locale have one template, and a call with an idempotency key creates one", async () => {
  const { id } = await created(admin, { locale: "fr", idempotencyKey: "once" });
  expect((await created(admin, { locale: "fr", idempotencyKey: "once" })).id).toBe(id);
  expect(await admin.send(create, { input: { ...place, ...source, locale: "FR" } })).toMatchObject({
    errors: [{ extensions: { code: "CONFLICT" } }],
  });
});

test("of two changes to the same version one succeeds", async () => {
  const { id, version } = await created(admin, { locale: "it" });
  const answers = await Promise.all(["A", "B"].map((subject) => admin.send(update, { input: { id, subject, expectedVersion: version } })));
  expect(answers.map(({ errors }) => errors?.[0]?.extensions?.["code"] ?? "done").toSorted()).toEqual(["CONFLICT", "done"]);
});

test("a channel without templates, a tag that is none, and a version that does not exist are refused", async () => {
  for (const input of [{ locale: "deutsch!" }, { channel: "IN_APP" }])
    expect(await admin.send(create, { input: { ...place, ...source, ...input } })).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
    });
  const { id } = await created(admin, { locale: "es" });
  expect(await admin.send(publish, { input: { id, number: 7 } })).toMatchObject({
    errors: [{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.number" }] } }],
  });
});

test("a preview shows examples or one of the viewer's notifications, and problems as data", async () => {
  const input = { kind: "TASK_ASSIGNED", ...source };
  expect(await admin.run(preview, { input })).toMatchObject({
    previewNotificationTemplate: { subject: "[organization]: [task]", text: "Hi [recipient]", problems: [] },
  });
  expect(await admin.run(preview, { input: { ...input, subject: "{{ x }}" } })).toMatchObject({
    previewNotificationTemplate: {
      subject: null,
      html: null,
      problems: [{ part: "SUBJECT", message: "There is no variable x.", line: 1, column: 4 }],
    },
  });
});

const sendTest = "mutation ($input: SendTestNotificationInput!) { sendTestNotification(input: $input) { subject template { id } } }";

test("a test goes to the sender's own address only, with an unpublished version, and at most once per minute", async () => {
  const tenant = await weft.tenant("Tested");
  const { id } = await created(tenant.admin);
  const { sendTestNotification } = await tenant.admin.run<{ sendTestNotification: { subject: string } }>(sendTest, { input: { id } });
  expect(sendTestNotification.subject).toMatch(/: \[task\]$/);
  expect(await tenant.admin.refusal(sendTest, { input: { id } })).toBe("RATE_LIMITED");
  await weft.weft.worker.idle();
  const [mail, ...others] = await weft.mails(tenant.admin.login);
  expect(others).toEqual([]);
  expect(mail?.subject).toBe(`[Test] ${sendTestNotification.subject}`);
  expect(mail?.text).toContain("text/html");
  expect(mail?.text).not.toContain("[recipient]");
});

test("a test needs a template of the own organization, a version of it, and a notification of its kind", async () => {
  const { id } = await created(admin, { locale: "fi" });
  const other = await weft.tenant("Other");
  expect(await other.admin.refusal(sendTest, { input: { id } })).toBe("NOT_FOUND");
  expect(await admin.refusal(sendTest, { input: { id, number: 9 } })).toBe("BAD_USER_INPUT");
  expect(await admin.refusal(sendTest, { input: { id, notificationId: encodeId("notification", newId()) } })).toBe("NOT_FOUND");
});

test("templates of another organization do not exist, and users without the permission see none", async () => {
  const { id } = await created(admin, { locale: "pt" });
  const other = await weft.tenant("Other");
  expect(await other.admin.send(one, { id })).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  const requester = await acme.user("requester");
  expect(await requester.send("{ notificationTemplates { edges { node { id } } } }")).toMatchObject({
    errors: [{ extensions: { code: "FORBIDDEN" } }],
  });
});

test("every change is in the audit trail", async () => {
  const { id } = await created(admin, { locale: "sv" });
  await admin.run(publish, { input: { id } });
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
    `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }, first: 10) { edges { node { action } } } }`,
    { id },
  );
  expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual([
    "notificationTemplate.create",
    "notificationTemplate.publish",
  ]);
});
