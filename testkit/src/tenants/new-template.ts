import type { TestUser } from "../test-user.js";

let created = 0;

/** Creates a template of notifications for a new locale. Returns its ID. */
export async function newTemplate(admin: TestUser, kind?: string): Promise<string> {
  const { createNotificationTemplate } = await admin.run<{ createNotificationTemplate: { template: { id: string } } }>(
    "mutation ($input: CreateNotificationTemplateInput!) { createNotificationTemplate(input: $input) { template { id } } }",
    { input: { ...templateInput(), ...(kind !== undefined && { kind }) } },
  );
  return createNotificationTemplate.template.id;
}

/** Returns the input of a template for a locale that has none yet. */
export function templateInput(): Record<string, unknown> {
  const locale = `de-x-t${(created += 1)}`;
  const body = "<mjml><mj-body><mj-section><mj-column><mj-text>{{ title }}</mj-text></mj-column></mj-section></mj-body></mjml>";
  return { kind: "TASK_ASSIGNED", channel: "EMAIL", locale, subject: "{{ title }}", body };
}
