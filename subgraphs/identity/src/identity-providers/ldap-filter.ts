/** Search filters with placeholders (RFC 4515). Values are put into the parsed filter, never into its text, so that no character of them has a meaning. */
import { type Problem, quote } from "@weft/shared/errors";
import { AndFilter, EqualityFilter, ExtensibleFilter, type Filter, FilterParser, NotFilter, OrFilter, PresenceFilter } from "ldapts";

const MAX_LENGTH = 1_000;
const MAX_PLACEHOLDERS = 5;
/** The parser reads each escaped byte as a character. */
const escapedByte = /\\[89a-f][0-9a-f]/i;

/** Name of a placeholder, such as `login` of `{login}`. */
export type Placeholder = "login" | "dn" | "username";

/** What takes the place of a placeholder. `ANY`: every value, so that an attribute must only be there. */
export type FilterValue = string | typeof ANY;
export const ANY = Symbol("any value");

const textOf = (name: Placeholder): string => `{${name}}`;

/** Returns the problems of a filter that must contain at least one of these placeholders, each as the whole value of a comparison. */
export function filterProblems(path: string, text: string, placeholders: readonly Placeholder[]): Problem[] {
  const problem = (message: string): Problem[] => [{ path, message }];
  if (text.length > MAX_LENGTH) return problem(`It has ${text.length} characters; at most ${MAX_LENGTH} are allowed.`);
  const example = `(uid=${textOf(placeholders[0] ?? "login")})`;
  const isBalanced = text.split("(").length === text.split(")").length;
  if (!text.startsWith("(") || !text.endsWith(")") || !isBalanced)
    return problem(`${quote(text)} is not a valid filter. Use for example ${example}.`);
  if (escapedByte.test(text)) return problem("Write letters that are not ASCII as they are, not as escaped bytes.");
  let filter: Filter;
  try {
    filter = FilterParser.parseString(text);
  } catch {
    return problem(`${quote(text)} is not a valid filter. Use for example ${example}.`);
  }
  const names = placeholders.map(textOf);
  const found = placeholdersIn(filter, names, { isNegated: false });
  const list = names.join(" or ");
  if (found.length === 0) return problem(`The filter must contain ${list} as the value of a comparison, for example ${example}.`);
  if (found.length > MAX_PLACEHOLDERS) return problem(`The filter can contain ${list} at most ${MAX_PLACEHOLDERS} times.`);
  if (found.some(({ isNegated }) => isNegated)) return problem(`${list} must not be in a part of the filter that is negated with "!".`);
  const written = names.reduce((sum, name) => sum + text.split(name).length - 1, 0);
  return written === found.length ? [] : problem(`${list} must be the whole value of a comparison, for example ${example}.`);
}

interface Found {
  readonly isNegated: boolean;
}

function placeholdersIn(filter: Filter, names: readonly string[], { isNegated }: Found): Found[] {
  if (filter instanceof AndFilter || filter instanceof OrFilter)
    return filter.filters.flatMap((each) => placeholdersIn(each, names, { isNegated }));
  if (filter instanceof NotFilter) return placeholdersIn(filter.filter, names, { isNegated: true });
  const isComparison = filter instanceof EqualityFilter || (filter instanceof ExtensibleFilter && filter.matchType !== "");
  return isComparison && names.includes(String(filter.value)) ? [{ isNegated }] : [];
}

/** Returns a stored filter with values in the place of its placeholders. */
export const fillFilter = (text: string, values: Partial<Record<Placeholder, FilterValue>>): Filter =>
  filled(FilterParser.parseString(text), new Map(Object.entries(values).map(([name, value]) => [`{${name}}`, value])));

function filled(filter: Filter, values: ReadonlyMap<string, FilterValue>): Filter {
  if (filter instanceof AndFilter) return new AndFilter({ filters: filter.filters.map((each) => filled(each, values)) });
  if (filter instanceof OrFilter) return new OrFilter({ filters: filter.filters.map((each) => filled(each, values)) });
  if (filter instanceof NotFilter) return new NotFilter({ filter: filled(filter.filter, values) });
  if (filter instanceof EqualityFilter) {
    const value = values.get(String(filter.value));
    if (value === ANY) return new PresenceFilter({ attribute: filter.attribute });
    return value === undefined ? filter : new EqualityFilter({ attribute: filter.attribute, value });
  }
  if (filter instanceof ExtensibleFilter) {
    const value = values.get(filter.value);
    if (value === ANY) return new PresenceFilter({ attribute: filter.matchType });
    const { rule, matchType, dnAttributes } = filter;
    return value === undefined ? filter : new ExtensibleFilter({ rule, matchType, dnAttributes, value });
  }
  return filter;
}

/** Returns a filter for the entries that match both a filter and a value of an attribute. */
export const withValue = (filter: Filter, attribute: string, value: string | Buffer): Filter =>
  new AndFilter({ filters: [new EqualityFilter({ attribute, value }), filter] });
