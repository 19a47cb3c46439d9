/** Patterns of hosts: `api.example.com`, or `*.example.com`, which matches every host below it, but not `example.com` itself. */

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const HOST = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);

/** Whether a text is a pattern: a host in lower case, or `*.` followed by one. IPv6 addresses are not supported. */
export const isDomainPattern = (text: string): boolean => HOST.test(text.startsWith("*.") ? text.slice(2) : text);

/** Whether everything that `other` matches is matched by `pattern`. Both can be hosts. */
export function coversDomain(pattern: string, other: string): boolean {
  if (pattern === other) return true;
  if (!pattern.startsWith("*.")) return false;
  const host = other.startsWith("*.") ? other.slice(2) : other;
  const below = pattern.slice(1);
  return host.endsWith(below) && host.length > below.length;
}

/** Whether one of the patterns matches the host. Null: all hosts do. */
export const allowsHost = (patterns: readonly string[] | null, host: string): boolean =>
  patterns === null || patterns.some((pattern) => coversDomain(pattern, withoutDot(host.toLowerCase())));

/** `example.com.` is the same host as `example.com`. */
const withoutDot = (host: string): string => (host.endsWith(".") ? host.slice(0, -1) : host);

/** Patterns that match exactly the hosts that both match: sorted, and without those that others cover. */
export function intersectDomains(one: readonly string[], other: readonly string[]): readonly string[] {
  const both = one.flatMap((left) =>
    other.flatMap((right) => (coversDomain(left, right) ? [right] : coversDomain(right, left) ? [left] : [])),
  );
  return minimalDomains(both);
}

/** The same hosts with the fewest patterns, sorted. */
export function minimalDomains(patterns: readonly string[]): readonly string[] {
  const distinct = [...new Set(patterns)].sort();
  return distinct.filter((pattern) => !distinct.some((other) => other !== pattern && coversDomain(other, pattern)));
}
