import { isJsonObject, type Json, type JsonObject } from "./json.js";

/**
 * Calls `found` with each object at a path of the plan, in order, and with its place. `@` in the path stands for every item of a list.
 *
 * @param found the place is valid only during the call
 */
export function walkPath(
  data: JsonObject,
  path: readonly string[],
  found: (object: JsonObject, place: readonly (string | number)[]) => void,
): void {
  const place: (string | number)[] = [];
  const step = (name: string | number, value: Json, depth: number): void => {
    place.push(name);
    visit(value, depth);
    place.pop();
  };
  const visit = (value: Json, depth: number): void => {
    const name = path[depth];
    if (Array.isArray(value)) (value as readonly Json[]).forEach((item, index) => step(index, item, name === "@" ? depth + 1 : depth));
    else if (!isJsonObject(value)) return;
    else if (name === undefined) found(value, place);
    else if (Object.hasOwn(value, name)) step(name, value[name], depth + 1);
  };
  visit(data, 0);
}
