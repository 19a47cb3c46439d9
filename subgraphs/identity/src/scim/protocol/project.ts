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

/** A selection that has been read. */
export interface Projection {
  /** Names in lower case. Empty: all that are not excluded. */
  readonly wanted: ReadonlySet<string>;
  /** Wanted attributes, also those of which only a part is wanted. */
  readonly wantedInPart: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

/** Reads a selection. Once for all resources of an answer, because it can be long. */
export function projectionOf({ attributes, excludedAttributes }: Selection): Projection {
  const wanted = namesOf(attributes);
  return {
    wanted,
    wantedInPart: new Set([...wanted].map((name) => name.split(".")[0] ?? name)),
    excluded: wanted.size > 0 ? new Set() : namesOf(excludedAttributes),
  };
}

/** Returns whether a top-level attribute is part of the answer, at least in part. */
export function isSelected({ wanted, wantedInPart, excluded }: Projection, name: string): boolean {
  const key = name.toLowerCase();
  return always.has(key) || (wanted.size > 0 ? wantedInPart.has(key) : !excluded.has(key));
}

/** Returns the resource with the attributes that the client asks for. */
export function project(resource: Resource, projection: Projection): Resource {
  const { wanted, excluded } = projection;
  if (wanted.size + excluded.size === 0) return resource;
  const projected: Resource = {};
  for (const [name, value] of Object.entries(resource)) {
    if (!isSelected(projection, name)) continue;
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
