import type { Resource } from "./read-resource.js";

/** The attributes that a client asks for (RFC 7644, section 3.9). */
export interface Selection {
  readonly attributes?: string | null | undefined;
  readonly excludedAttributes?: string | null | undefined;
}

/** Attributes that are always part of a resource. */
const always: ReadonlySet<string> = new Set(["id", "schemas"]);

const namesOf = (text: string | null | undefined): ReadonlySet<string> =>
  new Set(
    (text ?? "")
      .split(",")
      // The name of an attribute follows the last colon of its schema.
      .map((name) =>
        name
          .trim()
          .replace(/^urn:.*:(?=[^:]*$)/i, "")
          .toLowerCase(),
      )
      .filter((name) => name !== ""),
  );

/** Returns whether a top-level attribute is part of the answer, at least in part. */
export function isSelected({ attributes, excludedAttributes }: Selection, name: string): boolean {
  const key = name.toLowerCase();
  if (always.has(key)) return true;
  const wanted = namesOf(attributes);
  if (wanted.size > 0) return [...wanted].some((one) => one === key || one.startsWith(`${key}.`));
  return !namesOf(excludedAttributes).has(key);
}

/** Returns the resource with the attributes that the client asks for. */
export function project(resource: Resource, selection: Selection): Resource {
  const wanted = namesOf(selection.attributes);
  const excluded = wanted.size > 0 ? new Set<string>() : namesOf(selection.excludedAttributes);
  if (wanted.size + excluded.size === 0) return resource;
  const projected: Resource = {};
  for (const [name, value] of Object.entries(resource)) {
    if (!isSelected(selection, name)) continue;
    const key = name.toLowerCase();
    const isWhole = always.has(key) || wanted.has(key);
    projected[name] = isWhole ? value : partsOf(value, (part) => isPart(`${key}.${part.toLowerCase()}`));
  }
  return projected;

  function isPart(path: string): boolean {
    return wanted.size > 0 ? wanted.has(path) : !excluded.has(path);
  }
}

function partsOf(value: unknown, isKept: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => partsOf(one, isKept));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => isKept(name)));
}
