import { appendEvents, BadUserInput, Conflict, Forbidden, quote, textProblems, writeAudit } from "@weft/shared";
import type { Context, Problem } from "@weft/shared";
import type { UpdateProfileInput } from "./profile.input.js";
import { nameProblems } from "../user-problems.js";
import { indexUser, lockUser, updateUserRow } from "../user.store.js";
import type { UserRow } from "../user.store.js";

const columns = ["name", "title", "phone", "locale", "timeZone", "avatarUrl"] as const;
type Changes = Partial<Pick<UserRow, (typeof columns)[number]>>;

/**
 * Updates the viewer's own profile, which requires no permission. Login names and rights are changed by `updateUser`.
 * @throws BadUserInput, Forbidden, Conflict (version)
 */
export async function updateProfile(ctx: Context, input: UpdateProfileInput): Promise<UserRow> {
  const { userId, userType } = ctx.viewer;
  // The name of an operator user identifies it as such, and it remains after the operator's session.
  if (userType === "OPERATOR") throw new Forbidden("Platform operators have no profile here.");
  const { changes, problems } = changesOf(input);
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await lockUser(tx, userId);
    if (!before) throw new Error(`The viewer ${userId} is not a user.`);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version) {
      throw new Conflict(`The user has version ${before.version}, not ${input.expectedVersion}.`, { currentVersion: before.version });
    }
    const changed = columns.filter((column) => changes[column] !== undefined && changes[column] !== before[column]);
    if (changed.length === 0) return before;
    const after = await updateUserRow(tx, { id: userId, changes, raisesRights: false });
    if (changed.includes("name")) await indexUser(tx, userId);
    await writeAudit(tx, ctx.meta, [{ action: "user.updateProfile", entityType: "user", entityId: userId, before, after }]);
    await appendEvents(tx, ctx.meta, [{ type: "user.updated", subjectId: userId, subjectVersion: after.version, payload: { changed } }]);
    return after;
  });
}

function changesOf(input: UpdateProfileInput): { changes: Changes; problems: Problem[] } {
  const changes: Changes = {};
  const problems: Problem[] = [];
  if (typeof input.name === "string") {
    changes.name = input.name.trim();
    problems.push(...nameProblems(changes.name));
  }
  for (const [field, read] of Object.entries(readers) as [keyof typeof readers, (text: string) => string | null][]) {
    const given = input[field];
    if (given === undefined) continue;
    const text = given?.trim() ?? "";
    const value = text === "" ? null : read(text);
    if (text !== "" && value === null)
      problems.push({ path: `input.${field}`, message: `${quote(text)} is not a valid ${expected[field]}.` });
    else changes[field] = value;
  }
  return { changes, problems };
}

const expected = {
  title: "title: use one line of at most 200 visible characters",
  phone: "phone number: use 3 to 32 digits, spaces, and + ( ) . / -",
  locale: "locale, such as en or de-CH",
  timeZone: "time zone, such as Europe/Zurich or UTC",
  avatarUrl: "URL of a picture: use https, without a user name, at most 2000 characters",
} as const;

/** Returns the stored form of a text, or null if it is invalid. */
const readers = {
  title: (text: string) => (textProblems("input.title", text, { max: 200 }).length > 0 ? null : text),
  phone: (text: string) => (/^[+(]?\d[\d ()./-]{1,30}$/.test(text) ? text : null),
  locale: (text: string) => {
    try {
      return text.length > 35 ? null : (Intl.getCanonicalLocales(text)[0] ?? null);
    } catch {
      return null;
    }
  },
  timeZone: (text: string) => {
    try {
      // The constructor also accepts offsets, which are not time zones of a place.
      return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat("en", { timeZone: text }) ? text : null;
    } catch {
      return null;
    }
  },
  avatarUrl: (text: string) => {
    if (text.length > 2000 || !URL.canParse(text)) return null;
    const { protocol, username, password, href } = new URL(text);
    return protocol === "https:" && username === "" && password === "" && href.length <= 2000 ? href : null;
  },
} as const;
