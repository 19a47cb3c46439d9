/**
 * Email addresses and phone numbers of a user, of which an identity provider can have several, each with a type. Weft itself uses one of each: the primary
 * one, else the one of the type work, else the first. It is in the user's own column, which the user or an administrator can change, and its item in the
 * list has no value. Therefore the list never contradicts it. Every stored list has exactly one such item, which is not shown while the column is empty.
 */
import { isDeepStrictEqual } from "node:util";
import type { identity } from "@weft/drizzle";
import type { Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Item } from "../protocol/value-list.js";

type Contact = identity.ProviderContact;
type Contacts = readonly Contact[];

/** Email addresses, and phone numbers, of a user. Providers have up to five. */
const maxContacts = 20;

/** What most users have. It is not stored. */
const usual: Contacts = [{ type: "work", primary: true }];

/** Returns the values to show. Null if there are none. @param own value of the user's own column */
export function shownContacts(stored: Contacts | null, own: string | null): readonly Item[] | null {
  const items = (stored ?? usual).flatMap(({ value = own, ...rest }) => (value === null ? [] : [{ value, ...rest }]));
  return items.length === 0 ? null : items;
}

/** What a request leaves as it is. */
export interface KeptContacts {
  /** Values that are not in the user's own column. Those that the request keeps do not move there. */
  readonly others: Contacts;
  /** The item of the own column, if that is empty, because the user has deleted the value. */
  readonly hidden: Contact | undefined;
}

const nothingKept: KeptContacts = { others: [], hidden: undefined };

/** Returns what a request that changes only some of the values keeps of them. @param own value of the user's own column */
export function keptContacts(stored: Contacts | null, own: string | null): KeptContacts {
  return {
    others: (stored ?? []).filter(({ value }) => value !== undefined && value !== own),
    hidden: own === null ? stored?.find(({ value }) => value === undefined) : undefined,
  };
}

export interface ReadContacts {
  /** The value for the user's own column. Undefined if there is none. */
  readonly own: string | undefined;
  /** What to store. Null for what most users have. */
  readonly stored: Contacts | null;
  readonly problems: readonly Problem[];
}

interface Reading {
  /** Problems of a value that is not for the user's own column. */
  readonly problemsOf: (value: string, path: string) => readonly Problem[];
  /** Whether a value can be in the user's own column. */
  readonly canBeOwn: (value: string) => boolean;
  readonly kept?: KeptContacts | undefined;
}

/** Reads the values of a resource. Those without a value are ignored, and at most one is primary. */
export function readContacts(
  resource: Readonly<Record<string, unknown>>,
  attribute: "emails" | "phoneNumbers",
  { problemsOf, canBeOwn, kept = nothingKept }: Reading,
): ReadContacts {
  const items = ((resource[attribute] ?? []) as readonly Item[]).filter(({ value }) => typeof value === "string");
  if (items.length > maxContacts)
    return { own: undefined, stored: null, problems: [{ path: attribute, message: `There are more than ${maxContacts} values.` }] };
  const isKept = (item: Item): boolean =>
    kept.others.some(
      ({ value, type, primary: was }) => item["value"] === value && item["type"] === type && (was === true || !isPrimary(item)),
    );
  // A new value of the type of a deleted one takes its place.
  const hidden = items.some((item) => !isKept(item) && isOfType(item, kept.hidden?.type)) ? undefined : kept.hidden;
  const own = preferred(
    items.filter((item) => canBeOwn(String(item["value"])) && !isKept(item)),
    hidden,
  );
  const primary = items.find(isPrimary);
  const stored = items.map((item): Contact => {
    const { value, type, primary: given } = item as Contact;
    return {
      ...(item !== own && { value: value ?? "" }),
      ...(type !== undefined && { type }),
      ...(given !== undefined && { primary: item === primary }),
    };
  });
  const problems = stored.flatMap(({ value, type }, index) => [
    ...(value === undefined ? [] : problemsOf(value, `${attribute}[${index}].value`)),
    ...textProblems(`${attribute}[${index}].type`, type, { max: 50 }),
  ]);
  if (own === undefined && items.length > 0) stored.push(hidden ? { ...hidden, ...(primary && { primary: false }) } : {});
  return {
    own: own?.["value"] as string | undefined,
    stored: stored.length === 0 || isDeepStrictEqual(stored, usual) ? null : stored,
    problems,
  };
}

const isPrimary = ({ primary }: Item): boolean => primary === true;
const isOfType = ({ type }: Item, wanted: string | undefined): boolean =>
  wanted !== undefined && typeof type === "string" && type.toLowerCase() === wanted.toLowerCase();

/** Returns the item that Weft uses. Undefined if there is none, or if it is the one that the user has deleted. */
function preferred(items: readonly Item[], hidden: Contact | undefined): Item | undefined {
  const primary = items.find(isPrimary);
  if (primary || hidden?.primary === true) return primary;
  return items.find((item) => isOfType(item, "work")) ?? (hidden ? undefined : items[0]);
}
