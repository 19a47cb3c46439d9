/** Whom definitions notify: `{ owner: true, roles: [operations] }`. */
import { readFlag, readIds, readObject, readRoles, type Reading } from "../document/reader.js";
import type { Path } from "../model/problems.js";
import { RECIPIENTS, type NoticeRecipients } from "../model/timer.js";

/** Reads whom a level of an escalation or an action notifies. Null if it is absent. */
export function readNotify(reading: Reading, value: unknown, path: Path): NoticeRecipients | null {
  if (value === undefined) return null;
  const source = readObject(reading.problems, value, path, [...RECIPIENTS, "roles", "users", "teams"]);
  if (!source) return null;
  const notify = {
    recipients: RECIPIENTS.filter((one) => readFlag(reading.problems, source, one, path)),
    roles: readRoles(reading, source, path),
    users: readIds(reading, source, path, "users"),
    teams: readIds(reading, source, path, "teams"),
  };
  if (Object.keys(source).every((key) => source[key] === false))
    reading.problems.add(path, "BAD_VALUE", "Nobody would be notified. Use assignee, candidates, owner, lead, roles, users or teams.");
  return notify;
}
