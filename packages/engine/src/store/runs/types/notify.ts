/** Notifies the owner of a run and users with roles, in the way of the action `notify` of definitions. */
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type WriteMeta } from "@weft/platform/events";
import { businessOf } from "../../outcome/events.js";
import { findInstances } from "../../model/snapshot.js";
import { nobody } from "../../model/people.js";
import type { LoadedRun } from "../loaded-run.js";
import { stepFailure } from "../step-report.js";
import type { TransactionalStep } from "../transactional-step.js";

const MAX_TITLE_CHARS = 200;

/** Titles are subjects of mails, so they have one line. */
const inOneLine = (text: string): string =>
  text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_TITLE_CHARS)
    .toWellFormed();

export type RunNotice = { readonly to: readonly string[]; readonly title: string };

/** Writes the event that notifies. `to`: `owner`, and keys of roles. */
export async function notifyOfRun(tx: Tx, meta: WriteMeta, loaded: LoadedRun, { to, title }: RunNotice): Promise<void> {
  const { row } = loaded;
  // The events of an instance have its versions in their order, so this one has that which the run may have just led to.
  const [read = loaded] = loaded.read ? [loaded.read] : await findInstances(tx, [row.instanceId]);
  const { head } = read;
  const event: AnyNewEvent = {
    type: "workflow.notified",
    subjectId: head.id,
    subjectVersion: head.version,
    related: businessOf(head),
    payload: {
      instanceId: head.id,
      definitionKey: head.definitionKey,
      version: head.version,
      status: head.status,
      state: row.state,
      title: inOneLine(title),
      notified: {
        ...nobody,
        userIds: to.includes("owner") ? [head.ownerId] : [],
        roles: [...new Set(to.filter((one) => one !== "owner"))],
      },
    },
  };
  await appendEvents(tx, meta, [event]);
}

export const notifyStep: TransactionalStep = {
  isOneWrite: true,
  begin: async (tx, meta, { loaded, input }) => {
    const { to, title } = input as { readonly to: readonly string[]; readonly title: string };
    if (inOneLine(title) === "") return stepFailure("INPUT_INVALID", "with.title: The title is empty.", true);
    await notifyOfRun(tx, meta, loaded, { to, title });
    return { kind: "succeeded", outputs: {} };
  },
};
