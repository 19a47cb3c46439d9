import type { Actor } from "../model/actor.js";
import { NAME, PERMISSION, ROLE, readObject, readRoles, readText, readTexts, type Reading } from "../document/reader.js";
import { readMoment as parseMoment } from "../calendar/durations.js";
import { didYouMean, quote, type Path, type ProblemList } from "../model/problems.js";
import type { People } from "./reading.js";

const KEYS = ["id", "roles", "permissions", "teams", "vendor", "onBehalfOf"];
const MAX_PEOPLE = 50;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads `olga: [requester]`, or `olga: { roles: [requester], teams: [...] }`. A person's ID is the name, unless another is given. */
export function readPeople(reading: Reading, value: unknown, path: Path): People {
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length > MAX_PEOPLE) problems.add(path, "TOO_LARGE", `There are ${entries.length} people; the maximum is ${MAX_PEOPLE}.`);
  const people = new Map<string, Actor>();
  for (const [name, body] of entries.slice(0, MAX_PEOPLE)) {
    if (problems.isFull()) break;
    const where = [...path, name];
    if (!NAME.test(name)) problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid name of a person. Names look like olga.`);
    else {
      const actor = readPerson(reading, name, body, where);
      if (actor) people.set(name, actor);
    }
  }
  return people;
}

function readPerson(reading: Reading, name: string, value: unknown, path: Path): Actor | null {
  const { problems, options } = reading;
  if (typeof value === "string" || Array.isArray(value)) {
    // A person can have no role.
    if (Array.isArray(value) && value.length === 0) return actorOf(name, { roles: [] });
    const roles = readTexts(problems, { [name]: value }, name, path.slice(0, -1), (role, where) => checkRole(reading, role, where));
    return actorOf(name, { roles });
  }
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const id = readText(problems, source, "id", path, { maxChars: 64, pattern: ID, like: "usr_…" }) ?? name;
  const permissions = readTexts(problems, source, "permissions", path, (permission, where) => {
    const known = options.knownPermissions;
    if (!PERMISSION.test(permission) || (known && !known.includes(permission)))
      problems.add(where, "UNKNOWN_PERMISSION", `There is no permission ${quote(permission)}.${didYouMean(permission, known ?? [])}`);
  });
  const teamIds = readTexts(problems, source, "teams", path, (team, where) => {
    if (!ID.test(team)) problems.add(where, "BAD_VALUE", `${quote(team)} is not a valid ID.`);
  });
  const vendorId = readText(problems, source, "vendor", path, { maxChars: 64, pattern: ID, like: "vnd_…" });
  const onBehalfOf = readText(problems, source, "onBehalfOf", path, { maxChars: 64, pattern: ID, like: "olga" });
  return actorOf(id, { roles: readRoles(reading, source, path), permissions, teamIds, vendorId, onBehalfOf });
}

function checkRole({ problems, options: { knownRoles } }: Reading, role: string, path: Path): void {
  if (!ROLE.test(role) || (knownRoles && !knownRoles.includes(role)))
    problems.add(path, "UNKNOWN_ROLE", `The role ${quote(role)} does not exist.${didYouMean(role, knownRoles ?? [])}`);
}

type Has = {
  readonly roles: readonly string[];
  readonly permissions?: readonly string[];
  readonly teamIds?: readonly string[];
  readonly vendorId?: string | null;
  readonly onBehalfOf?: string | null;
};

function actorOf(id: string, { roles, permissions = [], teamIds = [], vendorId = null, onBehalfOf = null }: Has): Actor {
  const managesTasks = permissions.includes("task.assign");
  return {
    id,
    roles,
    permissions,
    principals: { userIds: [id], teamIds, vendorId },
    managesTasks,
    ...(onBehalfOf !== null && { onBehalfOf }),
  };
}

/** Reads a date-time of the clock, in ISO 8601. */
export function readMoment(problems: ProblemList, value: unknown, path: Path): string | null {
  const moment = typeof value === "string" ? parseMoment(value) : null;
  if (moment === null)
    problems.add(path, "BAD_VALUE", `${quote(value)} is not a valid date-time. Use ISO 8601, for example 2026-03-01T09:00:00Z.`);
  return moment;
}
