/**
 * Email addresses and phone numbers of a user, of which an identity provider can have several, each with a type. Weft itself uses one of each: the primary
 * one, else the one of the type work, else the first. It is in the user's own column, which the user or an administrator can change, and its item in the
 * list has no value. Therefore the list never contradicts it.
 */
import { isDeepStrictEqual } from "node:util";
import type { identity } from "@weft/drizzle";
import { textProblems } from "@weft/shared";
import type { Problem } from "@weft/shared";
import type { Item } from "../protocol/value-list.js";

type Contacts = readonly identity.ProviderContact[];

/** Email addresses, and phone numbers, of a user. Providers have up to five. */
const maxContacts = 20;

/** What most users have. It is not stored. */
const usual: Contacts = [{ type: "work", primary: true }];

/** Returns the values to show. Null if there are none. @param own value of the user's own column */
export function shownContacts(stored: Contacts | null, own: string | null): readonly Item[] | null {
  const items = (stored ?? usual).flatMap(({ value = own, ...rest }) => (value === null ? [] : [{ value, ...rest }]));
  return items.length === 0 ? null : items;
}

export interface ReadContacts {
  /** The value for the user's own column. Undefined if there is none. */
  readonly own: string | undefined;
  /** What to store. Null for what most users have. */
  readonly stored: Contacts | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads the values of a resource. Those without a value are ignored, and at most one is primary. The value for the user's own column is not checked.
 * @param problemsOf problems of another value
 */
export function readContacts(
  resource: Readonly<Record<string, unknown>>,
  attribute: "emails" | "phoneNumbers",
  problemsOf: (value: string, path: string) => readonly Problem[],
): ReadContacts {
  const items = ((resource[attribute] ?? []) as readonly Item[]).filter(({ value }) => typeof value === "string");
  if (items.length > maxContacts)
    return { own: undefined, stored: null, problems: [{ path: attribute, message: `There are more than ${maxContacts} values.` }] };
  const own = preferred(items);
  const stored = items.map((item): identity.ProviderContact => {
    const { value, type, primary } = item as identity.ProviderContact;
    return {
      ...(item !== own && { value: value ?? "" }),
      ...(type !== undefined && { type }),
      ...(primary !== undefined && { primary: primary && item === own }),
    };
  });
  const problems = stored.flatMap(({ value, type }, index) => [
    ...(value === undefined ? [] : problemsOf(value, `${attribute}[${index}].value`)),
    ...textProblems(`${attribute}[${index}].type`, type, { max: 50 }),
  ]);
  return {
    own: own?.["value"] as string | undefined,
    stored: stored.length === 0 || isDeepStrictEqual(stored, usual) ? null : stored,
    problems,
  };
}

/** Returns the item that Weft uses. */
const preferred = (items: readonly Item[]): Item | undefined =>
  items.find(({ primary }) => primary === true) ?? items.find(({ type }) => String(type).toLowerCase() === "work") ?? items[0];
