import {
  type DocumentNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { fragmentsByName } from "../fragments-of.js";

type Path = readonly (string | number)[];
type Selected = readonly [type: GraphQLNamedType, selections: SelectionSetNode];

/** A selected field, and what is selected of its value. Several fields of the answer's object can have the same key. */
interface Place {
  readonly coordinate: string | undefined;
  readonly selected: Selected[];
}

/** Fields that every type or the type of queries has, without being among its fields. */
const metaFields: ReadonlySet<string> = new Set(["__typename", "__schema", "__type"]);

/**
 * Returns a function that finds the coordinate of the field at a path of the answer, for example `Request.costs`. The path has aliases and indexes, and ends
 * where the error is. Without a path, it is that of the first root field. Coordinates are those of the schema, never names that a client has made up.
 *
 * Also for documents that were refused because they are too large: each fragment is read at most once for a key, however often it is spread, and an answer
 * with thousands of errors in a list asks for few different places.
 */
export function coordinatesIn(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (path: Path | undefined) => string | undefined {
  const root = schema.getRootType(operation.operation);
  if (!root) return () => undefined;
  const fragments = fragmentsByName(document);
  const start: Place = { coordinate: undefined, selected: [[root, operation.selectionSet]] };
  const known = new Map<string, Place>();

  /** Finds the fields with a key, also behind fragments. The first one says where it is. Without a key, it is the first field of all. */
  function find(selected: readonly Selected[], key: string | undefined): Place | undefined {
    const read = new Set<string>();
    let found: Place | undefined;
    const look = (type: GraphQLNamedType, { selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (found && key === undefined) return;
        if (selection.kind === Kind.FIELD) {
          const name = selection.name.value;
          if (key !== undefined && (selection.alias?.value ?? name) !== key) continue;
          const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
          if (!field && !metaFields.has(name)) continue;
          found ??= { coordinate: `${type.name}.${name}`, selected: [] };
          const value = field && getNamedType(field.type);
          if (selection.selectionSet && isCompositeType(value)) found.selected.push([value, selection.selectionSet]);
        } else {
          const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
          const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
          if (!fragment || (name !== undefined && read.has(name))) continue;
          if (name !== undefined) read.add(name);
          const condition = fragment.typeCondition?.name.value;
          look((condition === undefined ? undefined : schema.getType(condition)) ?? type, fragment.selectionSet);
        }
      }
    };
    for (const [type, selections] of selected) look(type, selections);
    return found;
  }

  /** Where a key is not found, the field around it is the answer. */
  function placeAt(keys: readonly string[]): Place {
    const key = keys.at(-1);
    if (key === undefined) return start;
    const name = keys.join(".");
    let place = known.get(name);
    if (!place) {
      const around = placeAt(keys.slice(0, -1));
      known.set(name, (place = find(around.selected, key) ?? around));
    }
    return place;
  }

  return (path) => {
    const keys = path?.filter((key) => typeof key === "string") ?? [];
    return (keys.length === 0 ? find(start.selected, undefined) : placeAt(keys))?.coordinate;
  };
}

/**
 * Returns the keys under which an operation selects some fields, by coordinate. Each place is the aliases from the root to the field. A field of an
 * interface has the coordinate of the interface.
 */
export function placesOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly (readonly string[])[]> {
  const fragments = fragmentsByName(document);
  const found = new Map<string, (readonly string[])[]>();
  /** What is selected of a type at a place: the same fragment says nothing more. */
  const read = new Set<string>();
  const look = (type: GraphQLNamedType, { selections }: SelectionSetNode, around: readonly string[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const place = [...around, selection.alias?.value ?? name];
        const coordinate = `${type.name}.${name}`;
        if (wanted.has(coordinate)) found.set(coordinate, [...(found.get(coordinate) ?? []), place]);
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
        const value = field && getNamedType(field.type);
        if (selection.selectionSet && isCompositeType(value)) look(value, selection.selectionSet, place);
      } else {
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (!fragment) continue;
        const condition = fragment.typeCondition?.name.value;
        const narrowed = (condition === undefined ? undefined : schema.getType(condition)) ?? type;
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          const key = [selection.name.value, narrowed.name, ...around].join(" ");
          if (read.has(key)) continue;
          read.add(key);
        }
        look(narrowed, fragment.selectionSet, around);
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root) look(root, operation.selectionSet, []);
  return found;
}
