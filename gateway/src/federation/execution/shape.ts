import {
  type GraphQLCompositeType,
  type GraphQLOutputType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { isJsonObject, type Json, type JsonObject } from "./json.js";
import { leafCheckOf } from "./leaf.js";
import { collectFields, type ResponseField, type Scope, type Selections } from "./selections.js";

/** Stands for a null that its parent cannot have, so that the parent becomes null too. */
const invalid = Symbol("invalid");
type Completed = Json | typeof invalid;
type Complete = (value: Json) => Completed;

/** A field of the response of objects of one type. */
interface ShapedField {
  readonly name: string;
  readonly complete: (object: JsonObject) => Completed;
}

/**
 * The shape of the response of an operation, or of the objects in one place of it: which fields in which order, and what becomes null. The fields are
 * collected once for each type of object that occurs.
 */
export class Shape {
  readonly #selections: readonly Selections[];
  readonly #declared: GraphQLCompositeType;
  readonly #scope: Scope;
  readonly #fields = new Map<string | undefined, readonly ShapedField[] | null>();

  /** @param declared type of the objects in the schema, often an interface */
  constructor(selections: readonly Selections[], declared: GraphQLCompositeType, scope: Scope) {
    this.#selections = selections;
    this.#declared = declared;
    this.#scope = scope;
  }

  /** Returns the response of an object with the values of the merged data, or null if a field that cannot be null has no value. */
  complete(object: JsonObject): JsonObject | null {
    const typename = object["__typename"];
    const fields = this.#fieldsOf(typeof typename === "string" && typename !== "" ? typename : undefined);
    if (!fields) return null;
    const response: JsonObject = {};
    for (const { name, complete } of fields) {
      const completed = complete(object);
      if (completed === invalid) return null;
      response[name] = completed;
    }
    return response;
  }

  /** Returns null for a type that clients cannot see. */
  #fieldsOf(typename: string | undefined): readonly ShapedField[] | null {
    const known = this.#fields.get(typename);
    if (known !== undefined) return known;
    const type = typename === undefined ? this.#declared : this.#scope.schema.getType(typename);
    const made = isCompositeType(type)
      ? collectFields(this.#selections, { ...this.#scope, typename, parentType: type }).map((field) => this.#shaped(field))
      : null;
    this.#fields.set(typename, made);
    return made;
  }

  #shaped({ name, node, parentType, selections }: ResponseField): ShapedField {
    const fieldName = node.name.value;
    if (fieldName === "__typename") return { name, complete: this.#typename(name, parentType) };
    const definition = "getFields" in parentType ? parentType.getFields()[fieldName] : undefined;
    if (!definition) throw new Error(`The type ${parentType.name} has no field ${fieldName}.`);
    const complete = this.#completion(definition.type, selections);
    // No response name is a property that every object has (see `compileOperation`), so what is missing is undefined.
    return { name, complete: (object) => complete(object[name]) };
  }

  #typename(name: string, parentType: GraphQLCompositeType): ShapedField["complete"] {
    const { schema } = this.#scope;
    return (object) => {
      const value = object[name] ?? object["__typename"];
      const type = (typeof value === "string" ? schema.getType(value) : undefined) ?? parentType;
      return isObjectType(type) ? type.name : invalid;
    };
  }

  #completion(type: GraphQLOutputType, selections: readonly Selections[]): Complete {
    if (isNonNullType(type)) {
      const complete = this.#completion(type.ofType, selections);
      return (value) => complete(value) ?? invalid;
    }
    if (isListType(type)) return listOf(this.#completion(type.ofType, selections), type);
    if (isLeafType(type)) {
      const isValid = leafCheckOf(type);
      return (value) => (value !== undefined && value !== null && isValid(value) ? value : null);
    }
    const shape = new Shape(selections, type, this.#scope);
    return (value) => {
      if (value === undefined || value === null) return null;
      if (!isJsonObject(value)) throw new Error(`Invalid non-object value returned by subgraph for composite type ${type.name}`);
      return shape.complete(value);
    };
  }
}

function listOf(complete: Complete, type: GraphQLOutputType): Complete {
  return (value) => {
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) throw new Error(`Invalid non-list value returned by subgraph for list type ${String(type)}`);
    const items = value as readonly Json[];
    const completed: Json[] = [];
    let isInvalid = false;
    for (const item of items) {
      const one = complete(item);
      if (one === invalid) isInvalid = true;
      else completed.push(one);
    }
    return isInvalid ? null : completed;
  };
}
