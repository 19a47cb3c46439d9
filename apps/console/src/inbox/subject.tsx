import { Trans, useLingui } from "@lingui/react/macro";
import type { Task } from "@weft/react";
import { valueText, words } from "../formats/values";

/** What a task is about, as far as the console shows it beside the task. */
export const subjectFields = `subject {
  ... on Request { number data createdBy { name } type { name } }
  ... on Project { name code }
}`;

export interface SubjectOfTask {
  readonly subject:
    | (NonNullable<Task["subject"]> & {
        readonly number?: string;
        readonly data?: Readonly<Record<string, unknown>>;
        readonly createdBy?: { readonly name: string } | null;
        readonly type?: { readonly name: string };
        readonly name?: string;
        readonly code?: string;
      })
    | null;
}

/** The request or project of a task. */
export function Subject({ subject }: { readonly subject: NonNullable<SubjectOfTask["subject"]> }) {
  const { i18n } = useLingui();
  const { number, type, data, createdBy, name, code } = subject;
  const title = [type?.name ?? null, number ?? code ?? null, name ?? null].filter(Boolean).join(" ");
  if (title === "") return null;
  const values = Object.entries(data ?? {});
  return (
    <section className="card" aria-labelledby="subject">
      <h2 id="subject">{title}</h2>
      <dl className="facts">
        {createdBy && (
          <div>
            <dt>
              <Trans>From</Trans>
            </dt>
            <dd>{createdBy.name}</dd>
          </div>
        )}
        {values.map(([key, value]) => (
          <div key={key}>
            <dt>{words(key)}</dt>
            <dd>{valueText(value, i18n.locale)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
