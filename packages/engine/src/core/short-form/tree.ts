/** Changes of a syntax tree that keep the comments of its author. */
import { isMap, isNode, isScalar, Pair, Scalar, type Node, type YAMLMap } from "yaml";

export const pairOf = (map: YAMLMap, name: string): Pair | undefined => map.items.find((pair) => nameOf(pair) === name);

export const nameOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : "");

export function mapOf(map: YAMLMap, name: string): YAMLMap | null {
  const value = pairOf(map, name)?.value;
  return isMap(value) ? value : null;
}

/** A pair in place of another one. */
export function insteadOf(old: Pair, name: string, value: Node): Pair {
  if (isNode(old.value)) copyComments(old.value, value);
  return new Pair(keyInsteadOf(old, name), value);
}

/** The name of a pair in place of another one. */
export function keyInsteadOf(old: Pair, name: string): Scalar {
  const key = new Scalar(name);
  if (isNode(old.key)) copyComments(old.key, key);
  return key;
}

function copyComments(from: Node, to: Node): void {
  to.comment = from.comment ?? null;
  to.commentBefore = from.commentBefore ?? null;
  to.spaceBefore = from.spaceBefore ?? false;
}

export function removePair(map: YAMLMap, pair: Pair): void {
  map.items = map.items.filter((one) => one !== pair);
}

export function replacePair(map: YAMLMap, old: Pair, ...next: readonly Pair[]): void {
  map.items = map.items.flatMap((one) => (one === old ? next : [one]));
}
