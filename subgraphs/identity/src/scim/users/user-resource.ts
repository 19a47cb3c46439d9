import { isDeepStrictEqual } from "node:util";
import { BadUserInput, encodeId, quote, textProblems } from "@weft/shared";
import type { Problem } from "@weft/shared";
import { etagOf } from "../protocol/preconditions.js";
import type { Resource } from "../protocol/read-resource.js";
import { userSchema } from "../protocol/schemas.js";
import { expectedValues, profileReaders } from "../../users/profile/profile-values.js";
import { readUserToMake } from "../../users/creation/make-user.js";
import type { UserRow } from "../../users/user.service.js";
import { emailProblems } from "../../users/user-problems.js";
import { readContacts, shownContacts } from "./contacts.js";

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
  const emails = readContacts(resource, "emails", emailProblems);
  const phones = readContacts(resource, "phoneNumbers", (text, path) => textProblems(path, text, { max: 100 }));
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
    phone: read("phoneNumbers", "phone", phones.own),
    // The standard writes de-CH, but de_CH is common.
    locale: read("locale", "locale", locale?.replaceAll("_", "-")),
    timeZone: read("timezone", "timeZone", timezone),
  };
  if (all.length > 0) throw new BadUserInput(all);
  const { email: address, username, name: display } = user;
  return {
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
}

/** Returns the fields that differ from the row. */
export function changesOf(row: UserRow, fields: UserFields): Partial<UserFields> {
  const entries = Object.entries(fields) as [keyof UserFields, UserFields[keyof UserFields]][];
  return Object.fromEntries(entries.filter(([field, value]) => !isDeepStrictEqual(row[field], value)));
}

/** Null if there is no part. */
function joined(givenName: string | null, familyName: string | null): string | null {
  const parts = [givenName, familyName].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" ");
}

const withoutNull = (values: Resource): Resource => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
