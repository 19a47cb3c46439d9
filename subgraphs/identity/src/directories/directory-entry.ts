import type { Entry } from "ldapts";
import { isBinaryAttribute, isDn, type LdapConfiguration } from "../identity-providers/ldap-configuration.js";
import { AnswerRefused } from "../single-sign-on/answer-refused.js";
import { MAX_GROUPS } from "../single-sign-on/user-claims.js";

/** A user as the entry of a directory describes them. */
export interface DirectoryEntry {
  readonly dn: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
  /** Null if the entry has none, or several. */
  readonly username: string | null;
  /** Of the entry itself. Null if groups are searched for, or give no roles. */
  readonly groups: ReadonlySet<string> | null;
}

/** Returns the attributes to ask for. */
export const attributesOf = (configuration: LdapConfiguration): string[] => {
  const { subjectAttribute, emailAttribute, nameAttribute, usernameAttribute, groupsAttribute } = configuration;
  return [
    ...new Set([
      subjectAttribute,
      emailAttribute,
      nameAttribute,
      usernameAttribute,
      ...(groupsAttribute === null ? [] : [groupsAttribute]),
    ]),
  ];
};

/**
 * Returns the user of an entry. Null if its DN is none, or the attribute that identifies users has not exactly one value: somebody else could have another
 * one of several. @throws AnswerRefused (not all groups are known)
 */
export function readDirectoryEntry(entry: Entry, configuration: LdapConfiguration): DirectoryEntry | null {
  const subject = subjectOf(entry, configuration.subjectAttribute);
  // The library takes some words for other ways to bind, and an attribute of this name for the DN.
  if (subject === null || typeof entry.dn !== "string" || !isDn(entry.dn)) return null;
  const { groupsAttribute } = configuration;
  const usernames = textsOf(entry, configuration.usernameAttribute);
  return {
    dn: entry.dn,
    subject,
    email: textsOf(entry, configuration.emailAttribute)[0] ?? null,
    name: textsOf(entry, configuration.nameAttribute)[0] ?? null,
    username: usernames.length === 1 ? (usernames[0] ?? null) : null,
    groups: groupsAttribute === null ? null : groupsIn(entry, groupsAttribute),
  };
}

function groupsIn(entry: Entry, attribute: string): ReadonlySet<string> {
  // Servers that limit the values of an attribute name the part in its place (`memberOf;range=0-1499`). Roles would be taken from the user by mistake.
  const isPart = Object.keys(entry).some((name) => name.toLowerCase().startsWith(`${attribute.toLowerCase()};range=`));
  const groups = new Set(textsOf(entry, attribute));
  if (isPart || groups.size > MAX_GROUPS) throw new AnswerRefused("The directory gives only a part of the user's groups, or too many.");
  return groups;
}

function subjectOf(entry: Entry, attribute: string): string | null {
  const [value, ...more] = valuesOf(entry, attribute);
  if (value === undefined || more.length > 0 || value.length === 0) return null;
  if (isBinaryAttribute(attribute)) return Buffer.from(value).toString("hex");
  return typeof value === "string" ? value : null;
}

/** Returns the value by which a subject is searched for. */
export const subjectValue = (attribute: string, subject: string): string | Buffer =>
  isBinaryAttribute(attribute) ? Buffer.from(subject, "hex") : subject;

/** Names of attributes have no case. */
function valuesOf(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const found = Object.keys(entry).find((key) => key !== "dn" && key.toLowerCase() === attribute.toLowerCase());
  const value = found === undefined ? undefined : entry[found];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Values that are not valid UTF-8 count as missing. */
export const textsOf = (entry: Entry, attribute: string): string[] =>
  valuesOf(entry, attribute).filter((value) => typeof value === "string" && value !== "") as string[];
