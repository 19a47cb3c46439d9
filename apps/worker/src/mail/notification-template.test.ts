import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { askedDefinition, askUsers } from "@weft/testkit/tenants/asked-definition";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";

// Only the SMTP server is a fake.

const taken: string[] = [];
let smtp: SMTPServer;
let weft: TestWeft;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, callback) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => (raw += chunk));
      stream.on("end", () => {
        taken.push(raw);
        callback(null);
      });
    },
  });
  smtp.listen(0, "127.0.0.1");
  await once(smtp.server, "listening");
  const { port } = smtp.server.address() as AddressInfo;
  const settings = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "no-reply@weft.example", WEFT_PUBLIC_URL: "https://app.example" };
  weft = await startTestWeft({ settings });
});

afterAll(async () => {
  await weft.stop();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

interface Story {
  readonly acme: TestTenant;
  readonly olga: TestUser;
  /** Asks Olga, and returns the mail. */
  readonly ask: (title: string) => Promise<string>;
}

/** A tenant in which Olga, who reads German, is asked. */
async function aStory(): Promise<Story> {
  const acme = await weft.tenant("Acme");
  await acme.definition(askedDefinition);
  const olga = await acme.user("operations");
  await olga.run('mutation { updateProfile(input: { locale: "de-AT" }) { user { id } } }');
  await olga.run(
    "mutation { updateNotificationPreferences(input: { preferences: [{ kind: TASK_OPENED, channel: EMAIL, isEnabled: true }] }) { notificationPreferences { timeZone } } }",
  );
  const ask = async (title: string): Promise<string> => {
    taken.length = 0;
    await askUsers(acme.admin, { title, whom: [olga.id] });
    await weft.weft.worker.idle();
    expect(taken).toHaveLength(1);
    return taken[0] ?? "";
  };
  return { acme, olga, ask };
}

async function publish({ acme }: Story, locale: string, template: { subject: string; body: string }): Promise<void> {
  const { createNotificationTemplate } = await acme.admin.run<{ createNotificationTemplate: { template: { id: string } } }>(
    "mutation ($input: CreateNotificationTemplateInput!) { createNotificationTemplate(input: $input) { template { id } } }",
    { input: { kind: "TASK_OPENED", channel: "EMAIL", locale, ...template } },
  );
  await acme.admin.run("mutation ($id: ID!) { publishNotificationTemplate(input: { id: $id }) { template { id } } }", {
    id: createNotificationTemplate.template.id,
  });
}

const subjectOf = (mail: string): string => /^Subject: (.*)\r$/m.exec(mail)?.[1] ?? "";
const body = (inner: string): string =>
  `<mjml><mj-body><mj-section><mj-column><mj-text>${inner}</mj-text></mj-column></mj-section></mj-body></mjml>`;

test("a message uses the published template of the nearest language, and the built-in one without any", { tags: "slow" }, async () => {
  const story = await aStory();
  expect(subjectOf(await story.ask("One"))).toBe("One");
  await publish(story, "en", { subject: "English: {{ params.task }}", body: body("Hello") });
  expect(subjectOf(await story.ask("Two"))).toBe("English: Two");
  await publish(story, "de", { subject: "Deutsch: {{ params.task }}", body: body("Hallo {{ recipient.name }}") });
  const mail = await story.ask("Three <b>");
  expect(subjectOf(mail)).toBe("Deutsch: Three <b>");
  expect(mail).toMatch(/^List-Unsubscribe:\s+</m);
  expect(mail).toMatch(/Content-Type: text\/plain/);
  expect(mail).toMatch(/Content-Type: text\/html/);
});

test("a template that cannot be rendered does not lose the message", { tags: "slow" }, async () => {
  const story = await aStory();
  const loop = "{% for i in (1..100000) %}{% for j in (1..100000) %}{% assign x = title | append: title %}{% endfor %}{% endfor %}";
  await publish(story, "de-AT", { subject: "Never", body: body(loop) });
  expect(subjectOf(await story.ask("Four"))).toBe("Four");
});
