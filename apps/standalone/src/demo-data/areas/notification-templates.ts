import type { Stage } from "../stage.js";
import type { DemoArea } from "../area.js";

const create = `mutation DemoTemplate($input: CreateNotificationTemplateInput!) {
  createNotificationTemplate(input: $input) { template { id publishedNumber } }
}`;
const publish = "mutation DemoTemplate($id: ID!) { publishNotificationTemplate(input: { id: $id }) { template { id } } }";

interface Created {
  readonly createNotificationTemplate: { template: { id: string; publishedNumber: number | null } };
}

const mail = (greeting: string, text: string, link: string): string => `<mjml><mj-body><mj-section><mj-column>
<mj-text font-size="18px">${greeting}</mj-text>
<mj-text>${text}</mj-text>
<mj-button href="{{ url }}">${link}</mj-button>
</mj-column></mj-section></mj-body></mjml>`;

const english = (text: string): string => mail("Hello {{ recipient.name }},", text, "Open in Weft");
const german = (text: string): string => mail("Guten Tag, {{ recipient.name }},", text, "In Weft öffnen");

const templates = [
  {
    kind: "TASK_ASSIGNED",
    locale: "en",
    subject: "{{ tenant.name }}: {{ params.task }} is yours",
    body: english("The task “{{ params.task }}” was assigned to you."),
  },
  {
    kind: "TASK_ASSIGNED",
    locale: "de",
    subject: "{{ tenant.name }}: {{ params.task }} gehört Ihnen",
    body: german("Die Aufgabe „{{ params.task }}“ wurde Ihnen zugewiesen."),
  },
  {
    kind: "TASK_OVERDUE",
    locale: "en",
    subject: "{{ tenant.name }}: {{ params.task }} is overdue",
    body: english("The task “{{ params.task }}” was due {{ params.dueAt | date: '%-d %B %Y, %H:%M' }} UTC."),
  },
  {
    kind: "TASK_OVERDUE",
    locale: "de",
    subject: "{{ tenant.name }}: {{ params.task }} ist überfällig",
    body: german("Die Aufgabe „{{ params.task }}“ war fällig am {{ params.dueAt | date: '%d.%m.%Y, %H:%M' }} Uhr (UTC)."),
  },
];

/** Acme's own emails for two kinds of notifications, in English and German. */
export const notificationTemplates: DemoArea = {
  name: "notification templates",
  async prepare(stage: Stage) {
    const { api } = stage.as("admin");
    for (const template of templates) {
      const idempotencyKey = `demo:template:${template.kind}:${template.locale}`;
      const { createNotificationTemplate } = await api.run<Created>(create, { input: { ...template, channel: "EMAIL", idempotencyKey } });
      const { id, publishedNumber } = createNotificationTemplate.template;
      if (publishedNumber === null) await api.run(publish, { id });
    }
  },
  stories: () => [],
};
