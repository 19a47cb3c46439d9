import { isDeepStrictEqual } from "node:util";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { etagOf } from "../protocol/preconditions.js";
import type { Resource } from "../protocol/read-resource.js";
import { userSchema } from "../protocol/schemas.js";
import { expectedValues, profileReaders } from "../../users/profile/profile-values.js";
import { readUserToMake } from "../../users/creation/make-user.js";
import type { UserRow } from "../../users/user.service.js";
import { emailProblems } from "../../users/user-problems.js";
import { keptContacts, readContacts, shownContacts } from "./contacts.js";
import type { KeptContacts } from "./contacts.js";

/** What SCIM knows of a user, in stored form. */
export type UserFields = Pick<
  UserRow,
  | "email"
  | "username"
  | "name"
  | "externalId"
  | "givenName"
  | "familyName"
  | "title"
  | "phone"
  | "locale"
  | "timeZone"
  | "providerEmails"
  | "providerPhones"
>;

type Item = Readonly<Record<string, unknown>>;

/** Returns the part of a resource that clients can change. Attributes without a value are absent. */
export function userContent(row: UserRow): Resource {
  const { externalId, username, name, givenName, familyName, title, locale, timeZone, status } = row;
  return withoutNull({
    externalId,
    userName: username,
    displayName: name,
    name: withoutNull({ formatted: name, givenName, familyName }),
    emails: shownContacts(row.providerEmails, row.email),
    phoneNumbers: shownContacts(row.providerPhones, row.phone),
    title,
    locale,
    timezone: timeZone,
    active: status !== "DISABLED",
  });
}

/**
 * The same for a PATCH. A name that consists of its parts is omitted, so that it follows a change of them, unless the client sends another one.
 */
export function patchableContent(row: UserRow): Resource {
  const { displayName, name, ...rest } = userContent(row);
  const { formatted: _whole, ...parts } = name as Resource;
  return row.name === joined(row.givenName, row.familyName) ? { ...rest, name: parts } : { ...rest, displayName, name };
}

/** Returns the resource of a user. @param baseUrl URL of the endpoint, without a slash at its end */
export function userResource(row: UserRow, baseUrl: string): Resource {
  const id = encodeId("user", row.id);
  return {
    schemas: [userSchema.id],
    id,
    ...userContent(row),
    meta: {
      resourceType: "User",
      created: row.createdAt,
      lastModified: row.updatedAt,
      location: `${baseUrl}/Users/${id}`,
      version: etagOf(row.version),
    },
  };
}

/** Returns the fields of a user as a client wants them. @throws BadUserInput */
export function fieldsOf(resource: Resource): UserFields {
  const { fields, problems } = readFields(resource);
  if (problems.length > 0) throw new BadUserInput(problems);
  return fields;
}

/** A resource before and after a request. */
export interface Edited {
  readonly from: Resource;
  readonly to: Resource;
  /** Whether the request names only what it changes. */
  readonly isPartial: boolean;
}

/**
 * Returns the fields that a request changes. Attributes that are the same as before are neither checked nor written, so that what is stored can never
 * prevent a change of something else, such as a deactivation.
 * @throws BadUserInput
 */
export function changedFieldsOf(row: UserRow, { from, to, isPartial }: Edited): Partial<UserFields> {
  const isTouched = (attribute: string): boolean =>
    (attribute === "name" ? ["name", "displayName"] : [attribute]).some((name) => !isDeepStrictEqual(from[name], to[name]));
  const { fields, problems } = readFields(to, isPartial ? keptContacts(row.providerPhones, row.phone) : undefined);
  const own = problems.filter(({ path }) => isTouched(attributeOf(path)));
  if (own.length > 0) throw new BadUserInput(own);
  const touched = Object.entries(fieldsByAttribute).flatMap(([attribute, names]) => (isTouched(attribute) ? names : []));
  return changesOf(row, Object.fromEntries(touched.map((name) => [name, fields[name]])));
}

const fieldsByAttribute: Readonly<Record<string, readonly (keyof UserFields)[]>> = {
  externalId: ["externalId"],
  userName: ["username"],
  name: ["name", "givenName", "familyName"],
  emails: ["email", "providerEmails"],
  phoneNumbers: ["phone", "providerPhones"],
  title: ["title"],
  locale: ["locale"],
  timezone: ["timeZone"],
};

/** Paths of problems that are those of other inputs for users. */
const attributesByPath: Readonly<Record<string, string>> = { "input.email": "emails", "input.username": "userName", "input.name": "name" };

const attributeOf = (path: string): string => attributesByPath[path] ?? path.replace(/[.[].*$/, "");

/** @param keptPhones what the request keeps of the phone numbers */
function readFields(resource: Resource, keptPhones?: KeptContacts): { readonly fields: UserFields; readonly problems: readonly Problem[] } {
  const {
    userName,
    displayName,
    externalId,
    name = {},
  } = resource as Readonly<Record<string, string | undefined>> & { readonly name?: Item };
  const { givenName, familyName, formatted } = name as Readonly<Record<string, string | undefined>>;
  if (userName === undefined) throw new BadUserInput([{ path: "userName", message: "The user name is missing." }]);
  const shown = displayName ?? formatted ?? joined(givenName ?? null, familyName ?? null) ?? userName;
  // Many providers send the address only as the name of the login.
  const emails = readContacts(resource, "emails", { problemsOf: emailProblems, canBeOwn: () => true });
  const phones = readContacts(resource, "phoneNumbers", {
    problemsOf: (text, path) => textProblems(path, text, { max: 100 }),
    // Providers also send extensions and names of lines.
    canBeOwn: (text) => profileReaders.phone(text) !== null,
    kept: keptPhones,
  });
  const email = emails.own ?? userName;
  const { user, problems } = readUserToMake({ email, username: userName, name: shown, type: "EMPLOYEE" });
  const all: Problem[] = [
    ...problems,
    ...emails.problems,
    ...phones.problems,
    ...textProblems("externalId", externalId, { max: 200 }),
    ...textProblems("name.givenName", givenName, { max: 200 }),
    ...textProblems("name.familyName", familyName, { max: 200 }),
  ];
  const read = (attribute: string, field: keyof typeof profileReaders, text: string | undefined): string | null => {
    if (text === undefined) return null;
    const value = profileReaders[field](text);
    if (value === null) all.push({ path: attribute, message: `${quote(text)} is not a valid ${expectedValues[field]}.` });
    return value;
  };
  const { title, locale, timezone } = resource as Readonly<Record<string, string | undefined>>;
  const profile = {
    title: read("title", "title", title),
    phone: phones.own ?? null,
    // The standard writes de-CH, but de_CH is common.
    locale: read("locale", "locale", locale?.replaceAll("_", "-")),
    timeZone: read("timezone", "timeZone", timezone),
  };
  const { email: address, username, name: display } = user;
  const fields = {
    email: address,
    username,
    name: display,
    externalId: externalId ?? null,
    givenName: givenName ?? null,
    familyName: familyName ?? null,
    providerEmails: emails.stored,
    providerPhones: phones.stored,
    ...profile,
  };
  return { fields, problems: all };
}

/** Returns the fields that differ from the row. */
export function changesOf(row: UserRow, fields: Partial<UserFields>): Partial<UserFields> {
  const entries = Object.entries(fields) as [keyof UserFields, UserFields[keyof UserFields]][];
  return Object.fromEntries(entries.filter(([field, value]) => !isDeepStrictEqual(row[field], value)));
}

/** Null if there is no part. */
function joined(givenName: string | null, familyName: string | null): string | null {
  const parts = [givenName, familyName].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" ");
}

const withoutNull = (values: Resource): Resource => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
